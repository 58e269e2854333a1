"""Arguments of the commands that take a plan file, and binding it to the engine."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from typing import Any

    from tui_migrate.cli.output import Output
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.plan_file import PlanFile
    from tui_migrate.operations.session import Session


class Bound:
    """A plan file on this engine: the file, its plan between the definitions found, its variables."""

    def __init__(self, file: PlanFile, open_plan: OpenPlan) -> None:
        self.file = file
        self.open_plan = open_plan
        self.variables: Mapping[str, Mapping[str, Any]] = file.to_variables()


def add_plan_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the plan file and what may be taken in place of its definitions."""
    parser.add_argument("plan", metavar="PLAN", help="plan file, ours or the engine's own plan JSON")
    parser.add_argument("--source", metavar="DEFINITION", dest="plan_source", help="source in place of the file's")
    parser.add_argument("--target", metavar="DEFINITION", dest="plan_target", help="target in place of the file's")
    parser.add_argument(
        "--revalidate",
        action="store_true",
        help="where the models differ from those that the plan was made for, judge it anew in place of refusing",
    )


async def bind(session: Session, arguments: argparse.Namespace, output: Output) -> Bound:
    """Read the plan file, find its definitions on the engine, and tell what is worth knowing.

    Raises:
        PlanError: The file can't be read, or was made for other models.
        UsageError: A definition isn't there.
    """
    from pathlib import Path

    from tui_migrate.cli.connect import tenant_of
    from tui_migrate.operations.plan_file import bind_plan_file, read_plan_file

    file = read_plan_file(Path(arguments.plan))
    bound = await bind_plan_file(
        session,
        file,
        revalidate=arguments.revalidate,
        source=arguments.plan_source,
        target=arguments.plan_target,
        tenant=tenant_of(arguments, session),
    )
    for sentence in (*bound.notices, *bound.changes):
        output.say(sentence)
    return Bound(file, bound.open_plan)
