"""What the journal has of one run: plan, options, waves, requests, events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tui_migrate.tui.bindings import bindings
from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.instances.details import TextModal, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_migrate.operations.records import EventRecord, RequestRecord, RunRecord
    from tui_migrate.tui.widgets.line_list import Piece


class RecordModal(TextModal):
    """One run, whole.

    Args:
        run: The run.
        requests: The changing requests that it sent.
        events: What happened in it.
    """

    BINDINGS = bindings("dialog")

    def __init__(self, run: RunRecord, requests: Sequence[RequestRecord], events: Sequence[EventRecord]) -> None:
        super().__init__(f"Run {shown(run.id, 60)}")
        self.run = run
        self.requests = tuple(requests)
        self.events = tuple(events)

    def lines(self, width: int) -> Iterator[list[Piece]]:
        """Yield everything, newest last."""
        run = self.run
        for label, text in (
            ("engine", f"{run.engine_label} {run.engine_url}"),
            ("who", f"{run.who} {run.profile}"),
            ("from", run.source_id),
            ("to", run.target_id),
            ("began", f"{run.started_at.astimezone():%Y-%m-%d %H:%M:%S}"),
            ("ended", f"{run.ended_at.astimezone():%Y-%m-%d %H:%M:%S}" if run.ended_at else "not yet"),
            ("options", json.dumps(dict(run.options), ensure_ascii=False, default=str)),
            ("account", ", ".join(f"{name} {number}" for name, number in run.counts.items() if number) or "none yet"),
        ):
            yield from wrapped(f"{label:<8} {shown(text, 2000)}", "", width)
        yield [("Waves", "strong")]
        for wave in run.waves:
            batch = f", batch {wave.batch.id}" if wave.batch is not None else ""
            failure = f": {wave.failure.message}" if wave.failure is not None else ""
            text = shown(f"{wave.number + 1}. {wave.size} instances, {wave.status}{batch}{failure}", 1000)
            yield from wrapped(text, "error" if wave.failure is not None else "", width, indent=2)
        yield [("Requests that change the engine", "strong")]
        for one in self.requests:
            outcome = one.outcome or "no answer was read"
            message = f": {one.message}" if one.message else ""
            text = shown(f"{one.sent_at.astimezone():%H:%M:%S} {one.action}, {one.subject}: {outcome}{message}", 1000)
            yield from wrapped(text, "" if one.outcome == "done" else "warning", width, indent=2)
        yield [("Events", "strong")]
        for event in self.events:
            text = shown(f"{event.at.astimezone():%H:%M:%S} {event.kind}: {event.text}", 600)
            yield from wrapped(text, "", width, indent=2)
        yield [("Plan", "strong")]
        for one in run.plan.get("instructions", ()):
            source, target = one["sourceActivityIds"][0], one["targetActivityIds"][0]
            flag = ", trigger updated" if one["updateEventTrigger"] else ""
            yield from wrapped(shown(f"{source} → {target}{flag}", 400), "", width, indent=2)
