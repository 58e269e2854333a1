"""What the lines around the result's list say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui_migrate.operations.account_rules import AccountClass
from tui_migrate.tui.cells import shown

if TYPE_CHECKING:
    from datetime import datetime

    from tui_migrate.operations.account import Account
    from tui_migrate.operations.watch import BatchReading
    from tui_migrate.tui.glyphs import Glyphs
    from tui_migrate.tui.shown_run import ShownRun
    from tui_migrate.tui.widgets.line_list import Piece


def duration(seconds: float) -> str:
    """Return a duration in one or two units."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def head_sentences(run: ShownRun, arrow: str) -> list[Piece]:
    """Return what it is: the run or batch, its number of instances, from where to where."""
    if run.row is not None:
        user = f" by {shown(run.row.user, 40)}" if run.row.user else ""
        per = f", {run.row.invocations_per_job} instances each" if run.row.invocations_per_job > 1 else ""
        return [
            (f"Batch {shown(run.row.id, 60)}", "strong"),
            (f"{run.total} jobs{per}, started {run.started}{user}.", ""),
        ]
    run_id = f" {run.state.run_id}" if run.state.run_id else ""
    waves = f" in {len(run.state.waves)} waves" if len(run.state.waves) > 1 else ""
    noun = "instance" if run.total == 1 else "instances"
    pieces: list[Piece] = [(f"Run{run_id}", "strong"), (f"{run.total} {noun}{waves}", "")]
    source, target = _definition(run.source, run.source_id), _definition(run.target, run.target_id)
    if run.source is not None and run.target is not None and run.source.key == run.target.key:
        target = f"v{run.target.version}"
    pieces.append((f"{source} {arrow} {target}", ""))
    if run.annotation:
        pieces.append((f"({shown(run.annotation, 60)})", "dim"))
    return pieces


def _definition(definition: object, definition_id: str) -> str:
    key, version = getattr(definition, "key", None), getattr(definition, "version", None)
    return f"{shown(key, 40)} v{version}" if key is not None else shown(definition_id, 60)


_OUTCOMES = {
    "nothing": ("There was nothing to migrate: no instance was selected.", "warning"),
    "done": ("Done: every wave is over.", "success"),
    "plan invalid": ("The engine refused the plan: it is invalid. No instance was migrated.", "error"),
    "instance refused": ("One instance can't be migrated, so none of its wave was.", "error"),
    "failed": ("It failed for another reason; the engine's own words are below.", "error"),
    "unknown": ("The engine's answer was lost; what became of it can't be found out.", "error"),
    "stopped": ("Stopped: the other waves were not sent.", "warning"),
}


def phase_pieces(run: ShownRun, glyphs: Glyphs, width: int) -> list[Piece]:
    """Return the line with the phase: a bar with rate and time left while a batch goes on, else the outcome."""
    state = run.state
    if run.trouble is not None:
        return [(f"{glyphs.error} Not started; the reason is below.", "error")]
    at_hand = run.batch_at_hand()
    reading = at_hand[1] if at_hand is not None else None
    busy = run.row is not None or run.going_on or (reading is not None and not reading.over)
    if reading is None and state.phase == "asking":
        busy = False  # taken up: what was sent before has ended, and nobody has read it again
    if busy and state.phase in ("watching", "over", "asking") and at_hand is not None:
        return _bar(reading, glyphs, width, wave=_wave_words(run, at_hand[0]))
    if state.phase == "over" and state.outcome is not None:
        return [outcome_piece(run, glyphs)]
    words = {
        "ready": "Written down; its turn comes when the run before is over." if state.run_id else "Writing it down …",
        "sending": "Sending: the engine has the request and has not answered yet …",
        "reconciling": "The answer was lost: asking the engine what became of the request; it is not sent again …",
        "watching": "The batch was accepted; reading how far it is …",
        "asking": "The run waits for an answer.",
        "accounting": "Accounting: asking the engine about every instance …",
        "left": "Nobody waits for this run any more; J lists it to take it up again.",
        "interrupted": f"{glyphs.error} Interrupted, for the reason below. J lists the run to take it up again.",
        "over": "Over.",
    }
    style = "error" if state.phase == "interrupted" else "accent"
    return [(words[state.phase], style)]


def outcome_piece(run: ShownRun, glyphs: Glyphs) -> Piece:
    """Return how it ended, in one sentence; what the account says counts more than that all waves are over."""
    state, account = run.state, run.account
    text, style = _OUTCOMES[state.outcome or "done"]
    if state.outcome == "done" and account is not None:
        failed, total = len(account.failed_ids), len(account.entries)
        if account.all_moved and _moved(account) == total:
            return f"{glyphs.mapped} Success: all {total} were migrated, each asked about.", "success"
        if account.all_moved:
            ended = account.counts[AccountClass.ENDED_BEFORE]
            return f"{glyphs.mapped} Success: {_moved(account)} were migrated, {ended} had ended before.", "success"
        if failed:
            return f"{glyphs.error} {failed} of {total} failed; {_moved(account)} were migrated.", "error"
        return f"{glyphs.unmapped} Over: {_moved(account)} of {total} were migrated.", "warning"
    sign = {"success": glyphs.mapped, "error": glyphs.error}.get(style, glyphs.unmapped)
    return f"{sign} {text}", style


def _moved(account: Account) -> int:
    return account.counts[AccountClass.MIGRATED] + account.counts[AccountClass.MIGRATED_AND_ENDED]


def _wave_words(run: ShownRun, batch_id: str) -> str:
    waves = run.state.waves
    if len(waves) < 2:
        return ""
    number = next(wave.number for wave in waves if wave.batch is not None and wave.batch.id == batch_id)
    return f"wave {number + 1}/{len(waves)} "


def _bar(reading: BatchReading | None, glyphs: Glyphs, width: int, *, wave: str) -> list[Piece]:
    if reading is None:
        return [(f"{wave}The batch was accepted; reading how far it is …", "accent")]
    tail = f" {reading.completed}/{reading.total}"
    if reading.rate:
        tail += f"  {reading.rate:.0f}/s" if reading.rate >= 2 else f"  {reading.rate * 60:.0f}/min"
    if reading.seconds_left is not None:
        tail += f"  {duration(reading.seconds_left)} left"
    phase = f"{wave}{reading.phase}  "
    room = max(min(width - cell_len(phase) - cell_len(tail) - 1, 60), 5)
    full = round(room * reading.completed / max(reading.total, 1))
    failed = min(round(room * reading.failed / max(reading.total, 1)), room - full)
    style = {"stalled": "warning", "suspended": "warning", "deleted": "error"}.get(reading.phase, "accent")
    return [
        (
            phase + glyphs.bar_full * full + glyphs.error * failed + glyphs.bar_empty * (room - full - failed) + tail,
            style,
        )
    ]


def number_pieces(run: ShownRun, now: datetime) -> list[Piece]:
    """Return the numbers: of the account where there is one, of jobs while a batch goes on."""
    account = run.account
    if account is not None and not run.going_on:
        counts = [(number, class_) for class_, number in account.counts.items() if number]
        pieces: list[Piece] = [(f"{class_.value} {number}", class_style(class_)) for number, class_ in counts]
        when = account.taken_at.astimezone().strftime("%H:%M:%S")
        return [*pieces, (f"= {len(account.entries)} selected, asked {when}", "dim")]
    at_hand = run.batch_at_hand()
    reading = at_hand[1] if at_hand is not None else None
    if reading is None:
        return []
    pieces = [(f"done {reading.completed}", "success" if reading.completed else "dim")]
    pieces.append((f"failed {reading.failed}", "error" if reading.failed else "dim"))
    pieces.append((f"waiting {max(reading.remaining - reading.failed, 0)}", "dim"))
    if reading.created < reading.total:
        pieces.append((f"made {reading.created} of {reading.total} jobs", "dim"))
    if reading.invocations_per_job > 1:
        pieces.append((f"{reading.invocations_per_job} instances a job", "dim"))
    pieces.append((f"last reading {duration(reading.age(now))} ago", "dim"))
    return pieces


def class_style(class_: AccountClass) -> str:
    """Return the style in which the number of a class is shown."""
    if class_ in (AccountClass.FAILED, AccountClass.ROLLED_BACK):
        return "error"
    return "success" if class_ in (AccountClass.MIGRATED, AccountClass.MIGRATED_AND_ENDED) else "warning"


def question_pieces(run: ShownRun) -> list[Piece]:
    """Return what somebody has to decide, why nothing moves, or what else is worth knowing."""
    state = run.state
    if state.question is not None:
        question = state.question
        size = state.waves[question.next_wave].size
        answer = f"W sends wave {question.next_wave + 1} ({size} instances), E leaves {question.unsent} unsent."
        return [(shown(question.sentence, 500), "warning"), (answer, "strong")]
    at_hand = run.batch_at_hand()
    reading = at_hand[1] if at_hand is not None else None
    if reading is not None and (reading.trouble or reading.stall):
        return [(shown(reading.trouble or reading.stall, 500), "warning")]
    account = run.account
    notes = [*(account.notes if account is not None and not run.going_on else ()), *state.notes]
    if reading is not None and reading.note:
        notes.append(reading.note)
    if notes:
        return [(shown(one, 300), "dim") for one in notes]
    if run.going_on and state.phase == "watching":
        unsent = f" {state.unsent} instances are not sent yet." if state.unsent else ""
        words = "Leaving is safe: the batch runs on in the engine, this run is in the journal."
        return [(f"{words}{unsent}", "dim")]
    return []
