"""From the arguments of `run` to prepared runs: plans bound, selections frozen, options read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui_migrate.cli.plan_arguments import bind
from tui_migrate.cli.selection_arguments import freeze_selection
from tui_migrate.errors import UsageError
from tui_migrate.operations.run import WAVE_SIZE, RunOptions, prepare_run

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from tui_migrate.cli.output import Output
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.plan_file import PlanOptions
    from tui_migrate.operations.run import PreparedRun
    from tui_migrate.operations.selection import FrozenSelection
    from tui_migrate.operations.session import Session


async def prepare(session: Session, arguments: argparse.Namespace, output: Output) -> list[PreparedRun]:
    """Return the runs that the arguments ask for: one, or one for each old version.

    Raises:
        UsageError: The arguments don't fit together.
        PlanError: The plan file can't be read or used.
    """
    if arguments.suggestions and arguments.all_versions is None:
        raise UsageError("--suggestions is for --from key:*; a plan file has its mappings (`plan --suggestions`).")
    if (arguments.plan is None) == (arguments.all_versions is None):
        raise UsageError("Name a plan file, or all old versions by --from key:* (one of the two).")
    if arguments.plan is not None:
        bound = await bind(session, arguments, output)
        plans, variables, written = [bound.open_plan], bound.variables, bound.file.options
    else:
        plans, variables, written = await _all_versions(session, arguments, output), {}, None
    options = run_options(arguments, variables, written)
    runs = []
    for plan in plans:
        frozen = await freeze_selection(session, plan.source.id, arguments, output)
        if arguments.plan is None:
            await _tell_check(session, plan, frozen, output)
        runs.append(prepare_run(session, plan, frozen, options))
        if not plan.draft.report.valid:
            output.say(f"The plan from {plan.source.id} is invalid by the rules here: the engine will refuse it.")
    if arguments.no_wait and any(len(one.waves) > 1 for one in runs):
        raise UsageError(
            "--no-wait sends one batch and leaves, but there are several waves. Wait, or raise --wave-size."
        )
    return runs


async def _all_versions(session: Session, arguments: argparse.Namespace, output: Output) -> list[OpenPlan]:
    from tui_migrate.cli.commands.plan import tell_suggestions
    from tui_migrate.cli.connect import tenant_of
    from tui_migrate.operations.versions import is_all_versions, open_versions

    if not is_all_versions(arguments.all_versions):
        raise UsageError(f"--from takes all old versions of a key, such as {arguments.all_versions}:*.")
    versions = await open_versions(
        session, arguments.all_versions, arguments.plan_target, tenant=tenant_of(arguments, session)
    )
    if versions.unopened:
        # Headless all or nothing: what can't be opened is not left out without somebody who sees it.
        raise versions.unopened[0].error
    for plan in versions.plans:
        if arguments.suggestions:
            tell_suggestions(plan, output)
        unmapped = sum(problem.kind in ("unmapped", "waiting") for problem in plan.problems())
        doubt = f"; {unmapped} activities with instances are not mapped" if unmapped else ""
        output.say(f"{plan.source.id}: {plan.running} instances, {len(plan.draft.instructions)} instructions{doubt}.")
    return list(versions.plans)


async def _tell_check(session: Session, plan: OpenPlan, frozen: FrozenSelection, output: Output) -> None:
    """Tell what would become of one version's instances, as the screens' check of all versions does."""
    from tui_migrate.operations.versions import check_version

    checked = await check_version(
        session, plan, frozen=frozen, on_progress=lambda number: output.progress(f"{number} instances forecast")
    )
    output.end_progress()
    summary = checked.summary
    numbers = ((summary.migrates, "would migrate"), (summary.fails, "fail"), (summary.cannot_tell, "can't be told"))
    words = ", ".join(f"{number} {word}" for number, word in numbers if number) or "nothing to migrate"
    output.say(f"{plan.source.id}: {summary.total} selected: {words}, by forecast.")
    for group in summary.groups:
        place = f" at {group.activity_id}" if group.activity_id else ""
        output.say(f"    {len(group.ids)}{place}: {group.sentence}")
    if not checked.report.valid:
        output.say(f"The engine says that the plan from {plan.source.id} is invalid; it will refuse it.")


def run_options(
    arguments: argparse.Namespace, variables: Mapping[str, Mapping[str, Any]], written: PlanOptions | None
) -> RunOptions:
    """Return the options: what the command says, then what the plan file says, then the default."""

    def chosen(name: str, default: Any) -> Any:
        given = getattr(arguments, name)
        if given is not None:
            return given
        value = getattr(written, name, None)
        return default if value is None else value

    asynchronous = False if arguments.sync else getattr(written, "asynchronous", None)
    return RunOptions(
        asynchronous=asynchronous,
        skip_custom_listeners=chosen("skip_custom_listeners", False),
        skip_io_mappings=chosen("skip_io_mappings", False),
        variables={**variables, **dict(read_variable(text) for text in arguments.variable)},
        annotation=chosen("annotation", None),
        wave_size=chosen("wave_size", WAVE_SIZE),
        canary=chosen("canary", 0),
        allowed_failures=chosen("allowed_failures", 0),
    )


_NUMBERS = {"integer": int, "long": int, "short": int, "double": float}


def read_variable(text: str) -> tuple[str, dict[str, Any]]:
    """Read `name=value:Type` into the engine's typed value; without a type it is a String.

    What stands after the last colon is a type only if it looks like one, so that times and addresses stay whole.

    Raises:
        UsageError: There is no name, or the value does not fit the type.
    """
    name, equals, rest = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"{text!r} is no variable: write name=value or name=value:Type.")
    value, colon, kind = rest.rpartition(":")
    if not colon or kind.lower() not in _TYPES:
        return name.strip(), {"value": rest, "type": "String"}
    return name.strip(), {"value": _typed(name, value, kind.lower()), "type": _TYPES[kind.lower()]}


_TYPES = {
    one.lower(): one
    for one in ("String", "Integer", "Long", "Short", "Double", "Boolean", "Date", "Json", "Xml", "Null", "Object")
}


def _typed(name: str, value: str, kind: str) -> Any:
    try:
        if kind in _NUMBERS:
            return _NUMBERS[kind](value)
    except ValueError as error:
        raise UsageError(f"Variable {name}: {value!r} is no {_TYPES[kind]}.") from error
    if kind == "boolean":
        if value.lower() not in ("true", "false"):
            raise UsageError(f"Variable {name}: a Boolean is true or false, not {value!r}.")
        return value.lower() == "true"
    return None if kind == "null" else value
