"""The result screen: step 4 of 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_migrate.tui.screens.result.acting import ResultActing
from tui_migrate.tui.screens.result.after import AfterRun
from tui_migrate.tui.screens.result.cockpit_link import BatchLinking
from tui_migrate.tui.workers import start

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.timer import Timer

    from tui_migrate.tui.screens.result.group import GroupAnswer
    from tui_migrate.tui.widgets.key_line import KeyHint

_TICK = 1.0
"""Seconds after which the age of a reading is written anew."""


class ResultScreen(ResultActing, BatchLinking, AfterRun):
    """What becomes of a run: phases, failures, the account of every instance."""

    _timer: Timer | None = None
    _arriving = True
    """Whether one comes from another screen, and not from a dialog."""

    def on_mount(self) -> None:
        """Begin in the list; let the age of readings grow while there are some."""
        self.lines.focus()
        self._timer = self.set_interval(_TICK, self._tick, pause=True)

    def _tick(self) -> None:
        if self.run is not None and self.is_current:
            self.show_age()

    def shown(self) -> None:
        """Show the run that is chosen, listen to it, and read what nobody else reads."""
        run = self.state.run
        if run is None:
            return
        if run is not self.run:
            if self.run is not None:
                self.run.watcher = None
            self.run = run
            self._arriving = True
            self.status = None
            self.lines.show_lines(())
        run.watcher = self
        self.show_all()
        self.read_failures()
        if not self._arriving:
            return
        self._arriving = False
        if not run.going_on and run.trouble is None:
            self._take_up_reading()

    def _take_up_reading(self) -> None:
        run = self.run
        if run is None:
            return
        at_hand = run.batch_at_hand()
        if at_hand is not None and (at_hand[1] is None or at_hand[1].phase not in ("done", "deleted")):
            self.watch_further()
        if run.own and run.account is None and run.total:
            self.account_again()

    def read_again(self) -> None:
        """Read the batch and ask about every instance anew; a canary again while its question is open."""
        run = self.run
        if run is None:
            return
        if run.going_on:
            self._read_canary_again()
            return
        self.watch_further()
        self.account_again()

    def _read_canary_again(self) -> None:
        runner = self.run.runner if self.run is not None else None
        if runner is not None and runner.state.question is not None and runner.state.question.canary is not None:
            start(self, "canary", runner.refresh_canary, lambda _: None)
            self.say("Looking again how the canary does …")
        else:
            self.say("The run reads by itself, and shows it here.")

    def show_all(self) -> None:
        """Draw everything; the age grows only while something goes on."""
        super().show_all()
        run = self.run
        at_hand = run.batch_at_hand() if run is not None else None
        reading = at_hand[1] if at_hand is not None else None
        watched = reading is not None and not reading.over and (run is not None and run.account is None)
        if self._timer is not None:
            self._timer.resume() if watched else self._timer.pause()

    def leave_mode(self) -> bool:
        """Go back to where this run was opened from."""
        run = self.run
        if run is None:
            return False
        self.app.go(run.back if self.state.open_plan is not None or run.back != "instances" else "overview")
        return True

    def glyphs_changed(self) -> None:
        """Draw with the other set of characters."""
        self.lines.glyphs = self.glyphs
        self.lines.rows_changed()
        self.show_all()

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.call_after_refresh(self.show_all)

    def open_line(self) -> None:
        """Show the line of the cursor with its instances and failed jobs."""
        self.action_details()

    # -- keys --------------------------------------------------------------------------------------------------

    def hints(self) -> Iterable[str]:
        """Return the keys that matter in this state."""
        run = self.run
        found: list[str] = []
        if run is not None and run.state.question is not None:
            found += ["result-wave", "result-stop"]
        if run is not None and run.state.outcome == "plan invalid":
            found.append("result-fault")
        found += [f"result-{name}" for name in ("suspend", "retry", "cancel") if self.reason_against(name) is None]
        if run is not None and run.account is not None:
            found += ["result-failed"] if run.account.failed_ids else []
            found.append("result-export")
        found += [f"result-{name}" for name in ("details", "link") if self.reason_against(name) is None]
        return [*found, "app-help", "app-back"]

    def key_hint(self, binding_id: str) -> KeyHint:
        """Return what the key line shows for a binding: one key suspends a batch, and resumes a suspended one."""
        text, label, action = super().key_hint(binding_id)
        if binding_id == "result-suspend" and self.is_suspended:
            label = "resume"
        return text, label, action

    def reason_against(self, action: str) -> str | None:
        """Return why an action can't be done now."""
        run = self.run
        if run is None:
            return "No run is shown."
        if action in ("suspend", "retry", "drop", "cancel"):
            return self.reason_against_change(action)
        if action in ("next_wave", "stop") and (run.state.question is None or run.runner is None):
            return "The run asks nothing just now."
        if action == "details" and self.lines.current is None:
            return "There is no line to look into."
        if action == "fault" and self._fault() is None:
            return "No mapping is at fault here."
        if action == "link" and run.batch_at_hand() is None:
            return "This run has no batch."
        if action in ("take_failed", "export", "return_plan"):
            return self._reason_against_account(action)
        return None

    def _reason_against_account(self, action: str) -> str | None:
        run = self.run
        if run is None or not run.own:
            return "This batch was started elsewhere: which instances are in it, the engine does not tell."
        if run.account is None or run.going_on:
            return "There is no account yet: it is taken when the run is over."
        if action == "take_failed" and not run.account.failed_ids:
            return "No instance has failed."
        if action == "return_plan" and not run.account.moved_ids:
            return "No instance runs on the target now."
        return None

    def _fault(self) -> str | None:
        line = self.lines.current
        if line is not None and line.activity_id:
            return line.activity_id
        return next((one.activity_id for one in self.lines.lines_shown if one.activity_id), None)

    def action_fault(self) -> None:
        """Go back to the mapping at fault."""
        fault = self._fault()
        if self.refuse("fault") or fault is None:
            return
        from tui_migrate.tui.screens.instances.fault import show_fault

        show_fault(self.app, fault)

    def action_details(self) -> None:
        """Show the line of the cursor with its instances and failed jobs."""
        session, line = self.state.session, self.lines.current
        if session is None or line is None or self.refuse("details"):
            return
        from tui_migrate.tui.screens.result.group import GroupModal

        self.app.push_screen(GroupModal(session, line, self.glyphs), self._group_answered)

    def _group_answered(self, answer: GroupAnswer | None) -> None:
        if answer is None:
            return
        what, job = answer
        if what == "retry":
            self.retry_job(job.job_id)
        else:
            self.drop_job(job.job_id, job.instance_id)

    def action_link(self) -> None:
        """Copy the address of the batch's page in Cockpit."""
        session, run = self.state.session, self.run
        at_hand = run.batch_at_hand() if run is not None else None
        if self.refuse("link") or session is None or at_hand is None:
            return
        batch_id, reading = at_hand
        self.copy_link(session, batch_id, ended=reading is not None and reading.phase in ("done", "deleted"))

    # -- the account -------------------------------------------------------------------------------------------

    def action_take_failed(self) -> None:
        """Select the failed instances for the next run and go to them."""
        run = self.run
        if self.refuse("take_failed") or run is None or run.account is None:
            return
        failed = run.account.failed_ids
        plan = self.state.open_plan
        if plan is not None and (plan.source.id, plan.target.id) == (run.source_id, run.target_id):
            if self.state.selection is not None:
                self.state.selection.clear()
            self.state.preset_ids = failed
            self.app.go("instances")
            self.say(f"{len(failed)} failed instances are selected.")
            return
        self.state.preset_ids = failed
        self.app.open_pair(run.source_id, run.target_id)
        self.say(f"{len(failed)} failed instances are selected; . goes on to them.")

    def action_export(self) -> None:
        """Ask where to and export the account."""
        session, run = self.state.session, self.run
        if not self.refuse("export") and session is not None and run is not None and run.account is not None:
            self.ask_export(session, run.account)

    def show_progress(self, sentence: str | None) -> None:
        """Show what is going on in place of the details."""
        self.tell(sentence)

    def action_return_plan(self) -> None:
        """Find the way back and open it."""
        session, run = self.state.session, self.run
        if not self.refuse("return_plan") and session is not None and run is not None:
            self.open_return(session, run.state.run_id)
