"""`tui-migrate doctor`: terminal, configuration, journal, engine and rights, each with what to do about it."""

from __future__ import annotations

import os
import sys

from tui_migrate import __version__
from tui_migrate.cli.exit_code import ExitCode, exit_code_of
from tui_migrate.cli.output import add_format
from tui_migrate.errors import TuiMigrateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator

    from tui_migrate.cli.output import Output

    Finding = tuple[str, str, str]
    """What was looked at, `ok`, `notice` or `problem`, and what was found."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_format(parser)


async def run(arguments: argparse.Namespace, output: Output) -> ExitCode:
    """Run the command."""
    findings = [*_terminal()]
    code = ExitCode.DONE
    try:
        findings += _files(arguments)
        async for finding in _engine(arguments):
            findings.append(finding)
    except TuiMigrateError as error:
        findings.append(("engine", "problem", str(error)))
        code = exit_code_of(error)
    rows = [{"what": what, "state": state, "found": found} for what, state, found in findings]
    output.rows("findings", ("what", "state", "found"), rows)
    return code


def _terminal() -> list[Finding]:
    python = ".".join(str(part) for part in sys.version_info[:3])
    term = os.environ.get("TERM", "")
    encoding = (sys.stdout.encoding or "").lower()
    return [
        ("tui-migrate", "ok", f"{__version__} on Python {python}"),
        (
            "terminal",
            "problem" if term in ("", "dumb") else "ok",
            f"TERM={term or '(unset)'} COLORTERM={os.environ.get('COLORTERM', '(unset)')}"
            f"{', inside tmux' if os.environ.get('TMUX') else ''}{', NO_COLOR' if os.environ.get('NO_COLOR') else ''}",
        ),
        (
            "encoding",
            "ok" if encoding == "utf-8" else "notice",
            f"{encoding}" if encoding == "utf-8" else f"{encoding}: the screens draw with ASCII",
        ),
    ]


def _files(arguments: argparse.Namespace) -> list[Finding]:
    from pathlib import Path

    from tui_migrate.cli.connect import open_journal, profile_of
    from tui_migrate.config.load import load_config
    from tui_migrate.config.paths import config_file

    named = getattr(arguments, "config", None)
    config = load_config(Path(named) if named else None, os.environ)
    found = str(config.path) if config.path else f"none; {config_file()} would be read"
    findings: list[Finding] = [("configuration", "ok" if config.path else "notice", found)]
    with open_journal(arguments) as journal:
        unanswered = journal.requests(unanswered=True)
        open_runs = journal.open_runs()
        findings.append(("journal", "ok", str(journal.path)))
    if open_runs:
        names = ", ".join(one.id for one in open_runs[:3])
        findings.append(("journal", "notice", f"{len(open_runs)} open runs: `tui-migrate runs resume {names}`"))
    if unanswered:
        findings.append(("journal", "notice", f"{len(unanswered)} requests whose outcome is unknown"))
    profile = profile_of(arguments)
    findings.append(("profile", "ok", f"{profile.name}: {profile.url}{' (read-only)' if profile.read_only else ''}"))
    return findings


async def _engine(arguments: argparse.Namespace) -> AsyncIterator[Finding]:
    from tui_migrate.cli.connect import open_session

    async with open_session(arguments) as session:
        yield "engine", "ok", f"{session.engine_label} at {session.engine.base_url}"
        history = await session.engine.history_available()
        yield (
            "history",
            "ok" if history else "notice",
            "can be read"
            if history
            else "off or not readable: no start times, fewer forecasts, ended ones are unknown",
        )
        definitions = await session.engine.definition_statistics()
        running = sum(one.instances for one in definitions)
        state = "ok" if definitions else "notice"
        none = "; without the right to read them the engine lists none" if not definitions else ""
        yield "definitions", state, f"{len(definitions)} with {running} running instances{none}"
        for permission, resource, kind, of in (
            ("MIGRATE_INSTANCE", "ProcessDefinition", 6, "*"),
            ("CREATE_BATCH_MIGRATE_PROCESS_INSTANCES", "Batch", 13, None),
        ):
            allowed = await session.engine.check_authorization(permission, resource, kind, of)
            if allowed is not None:
                yield (
                    "rights",
                    "ok" if allowed else "notice",
                    f"{permission} on {resource}: {'yes' if allowed else 'no'}",
                )
