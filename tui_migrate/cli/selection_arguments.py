"""Arguments that choose instances, and what they come to: ids, frozen before anything is sent."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from tui_migrate.cli.output import Output
    from tui_migrate.operations.filter import InstanceFilter
    from tui_migrate.operations.selection import FrozenSelection, Selection
    from tui_migrate.operations.session import Session


def add_selection_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that choose instances; exactly one of them has to be given."""
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--all", action="store_true", dest="all_instances", help="all running instances of the source")
    group.add_argument("--filter", metavar="TEXT", help="those that match, such as 'bk:EU-* activity:ask_papers'")
    group.add_argument("--instances-file", metavar="FILE", help="ids, one a line; - reads them from stdin")
    group.add_argument("--instance-id", metavar="ID", nargs="+", help="these ids")


def filter_of(arguments: argparse.Namespace) -> InstanceFilter | None:
    """Return the filter that was given, if any.

    Raises:
        UsageError: It can't be read; the message names the place.
    """
    from tui_migrate.operations.filter import parse_filter

    return parse_filter(arguments.filter) if arguments.filter is not None else None


def selection_of(arguments: argparse.Namespace) -> Selection:
    """Return the selection that the arguments describe.

    Raises:
        UsageError: The file can't be read or holds no id, or the filter can't be read.
    """
    from tui_migrate.errors import UsageError
    from tui_migrate.operations.selection import Selection

    selection = Selection()
    wanted = filter_of(arguments)
    if wanted is not None:
        selection.select_all_matching(wanted)
    elif arguments.instances_file is not None:
        ids = _ids(arguments.instances_file)
        if not ids:
            raise UsageError(
                f"{arguments.instances_file} holds no instance id. An empty selection would mean all instances, so"
                " nothing was done; say --all if that is what you want."
            )
        selection.add(ids)
    elif arguments.instance_id:
        selection.add(arguments.instance_id)
    return selection


async def freeze_selection(
    session: Session, definition_id: str, arguments: argparse.Namespace, output: Output
) -> FrozenSelection:
    """Turn the arguments into ids and tell what is worth knowing about them."""
    from tui_migrate.operations.selection import freeze

    frozen = await freeze(
        session,
        definition_id,
        selection_of(arguments),
        on_progress=lambda number: output.progress(f"{number} instances found"),
    )
    output.end_progress()
    for note in frozen.notes:
        output.say(note)
    if frozen.gone:
        few = ", ".join(frozen.gone[:3]) + (" …" if len(frozen.gone) > 3 else "")
        output.say(f"{len(frozen.gone)} of the named instances don't run on {definition_id}: {few}.")
    return frozen


def _ids(name: str) -> list[str]:
    import sys
    from pathlib import Path

    from tui_migrate.errors import UsageError

    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"Can't read the instances file {name}: {reason}. It holds one id a line.") from error
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
