"""Where words go: data to stdout, narration to stderr, progress only where it does not spoil a log."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, TextIO

from tui_migrate.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SHAPE_VERSION = 1
"""Version of every JSON shape that goes to stdout; a change that breaks a reader raises it."""

_PLAIN_PROGRESS_SECONDS = 10.0


class Output:
    """One command's stdout and stderr.

    Args:
        format: `table` for people, `json` one document, `jsonl` one object a line.
        stdout: Where the data goes.
        stderr: Where everything else goes.
    """

    def __init__(self, format: str = "table", *, stdout: TextIO | None = None, stderr: TextIO | None = None) -> None:
        self.format = format
        self.stdout = stdout or sys.stdout
        self.stderr = stderr or sys.stderr
        self._progress_open = False
        self._last_progress = time.monotonic()

    # -- data

    def rows(self, kind: str, columns: Sequence[str], rows: Iterable[dict[str, Any]], **members: Any) -> None:
        """Print a list in the chosen format.

        Args:
            kind: Name of the list, also the member that holds it in JSON, for example `definitions`.
            columns: Members shown as columns of the table, in order.
            rows: One mapping for each row; JSON shows all members, the table only `columns`.
            members: Further top-level members of the JSON document.
        """
        self.end_progress()
        found = list(rows)
        if self.format == "json":
            self._print_json({"kind": f"tui-migrate.{kind}", "version": SHAPE_VERSION, **members, kind: found})
        elif self.format == "jsonl":
            for row in found:
                self._print(_json(row))
        else:
            self._print_table(columns, found)

    def document(self, kind: str, members: dict[str, Any], text: Iterable[str]) -> None:
        """Print one document: `members` as JSON, or `text` lines for people."""
        self.end_progress()
        if self.format == "table":
            for line in text:
                self._print(line)
        elif self.format == "jsonl":
            self._print(_json(members))
        else:
            head = {"kind": f"tui-migrate.{kind}", "version": SHAPE_VERSION}
            self._print_json({**head, **members, **head})

    def text(self, text: str) -> None:
        """Print text to stdout as it is."""
        self.end_progress()
        self._print(text)

    def _print_json(self, document: dict[str, Any]) -> None:
        self._print(_json(document, indent=2))

    def _print(self, text: str) -> None:
        print(text, file=self.stdout)

    def _print_table(self, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="")
        for column in columns:
            numeric = bool(rows) and all(isinstance(row.get(column), int) for row in rows)
            table.add_column(
                Text(column.replace("_", " ").upper()), justify="right" if numeric else "left", no_wrap=True
            )
        for row in rows:
            table.add_row(*(Text(_cell(row.get(column))) for column in columns))
        # A pipe has no width: nothing is cut there, so that every id can be read by a script.
        width = None if self.stdout.isatty() else 10_000
        console = Console(file=self.stdout, width=width, markup=False, highlight=False, emoji=False, no_color=True)
        with console.capture() as captured:
            console.print(table)
        for line in captured.get().splitlines():
            self._print(line.rstrip())

    # -- narration

    def say(self, sentence: str) -> None:
        """Tell the person at stderr one sentence."""
        self.end_progress()
        print(safe(sentence), file=self.stderr, flush=True)

    def progress(self, sentence: str) -> None:
        """Show progress: rewritten in place on a terminal, a plain line every ten seconds elsewhere."""
        text = safe(sentence)
        if self.stderr.isatty():
            print(f"\r\x1b[K{text}", end="", file=self.stderr, flush=True)
            self._progress_open = True
        elif time.monotonic() - self._last_progress >= _PLAIN_PROGRESS_SECONDS:
            self._last_progress = time.monotonic()
            print(text, file=self.stderr, flush=True)

    def end_progress(self) -> None:
        """End a progress line that is still open."""
        if self._progress_open:
            print(file=self.stderr, flush=True)
            self._progress_open = False


def _json(document: Any, *, indent: int | None = None) -> str:
    # Imported here: the screens never need it, and it is a millisecond of their start.
    import json

    return json.dumps(document, ensure_ascii=False, indent=indent)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return safe(", ".join(str(item) for item in value)) or "-"
    return safe(str(value))


def add_format(parser: Any, *formats: str) -> None:
    """Add `--format` with the given choices, the first being the default."""
    choices = formats or ("table", "json", "jsonl")
    parser.add_argument(
        "--format", choices=choices, default=choices[0], help=f"form of the output (default {choices[0]})"
    )
