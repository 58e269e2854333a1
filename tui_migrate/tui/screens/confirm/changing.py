"""The options of the run, and what can be taken along without sending anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual import on
from textual.message import Message

from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.confirm.fields import Answers, FieldsModal
from tui_migrate.tui.screens.instances.reviewing import Reviewing
from tui_migrate.tui.workers import start

if TYPE_CHECKING:
    from pathlib import Path

    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.run import PreparedRun, RunOptions
    from tui_migrate.tui.screens.confirm.variables import Variables


class TakenAlong(Message):
    """Files were written; a text is to be copied.

    Args:
        sentence: What to say.
        text: What to copy, or None.
    """

    def __init__(self, sentence: str, text: str | None = None) -> None:
        self.sentence = sentence
        self.text = text
        super().__init__()


def _number(text: str) -> int | None:
    return int(text) if text.strip().isdigit() else None


class ConfirmChanging(Reviewing):
    """The part of the confirm screen that changes options; nothing here sends anything."""

    @property
    def plan_at_hand(self) -> OpenPlan | None:
        """The plan that is about to be sent."""
        return self.state.open_plan

    @property
    def prepared_at_hand(self) -> PreparedRun | None:
        """The run as it would be sent."""
        return self.state.prepared

    @property
    def options(self) -> RunOptions:
        """How the run is to be carried out."""
        if self.state.run_options is None:
            from tui_migrate.operations.run import RunOptions

            self.state.run_options = RunOptions()
        return self.state.run_options

    def with_options(self, **changes: object) -> None:
        """Take other options."""
        self.state.run_options = replace(self.options, **changes)
        self.options_changed()

    def options_changed(self) -> None:
        """Show the run with the options as they are now."""

    def action_asynchronous(self) -> None:
        """As batches, or as one transaction for each wave."""
        prepared = self.prepared_at_hand
        if prepared is None:
            return
        self.with_options(asynchronous=not prepared.asynchronous)
        if prepared.asynchronous and len(prepared.ids) > 1:
            self.say("All in one transaction now: one instance that refuses takes all others with it.", "warning")

    def action_listeners(self) -> None:
        """Skip custom listeners, or run them."""
        self.with_options(skip_custom_listeners=not self.options.skip_custom_listeners)

    def action_mappings(self) -> None:
        """Skip IO mappings, or run them."""
        self.with_options(skip_io_mappings=not self.options.skip_io_mappings)

    def action_waves(self) -> None:
        """Ask for the size of a wave and how many may fail."""

        def check(answers: Answers) -> str | None:
            size, failures = _number(answers["size"]), _number(answers["failures"])
            if size is None or size < 1:
                return "A wave takes at least 1 instance; write a number."
            return None if failures is not None else "Write how many may fail as a number, 0 for none."

        def answered(answers: Answers | None) -> None:
            if answers is not None:
                self.with_options(wave_size=int(answers["size"]), allowed_failures=int(answers["failures"]))

        fields = {
            "size": ("most instances of one wave", str(self.options.wave_size)),
            "failures": (
                "the next wave follows by itself if so many failed",
                str(self.options.allowed_failures),
            ),
        }
        self.app.push_screen(FieldsModal("Waves", fields, check=check), answered)

    def action_canary(self) -> None:
        """Ask how many go first."""

        def check(answers: Answers) -> str | None:
            return None if _number(answers["canary"]) is not None else "Write a number, 0 for no canary."

        def answered(answers: Answers | None) -> None:
            if answers is not None:
                self.with_options(canary=int(answers["canary"]))

        note = "So many instances go first; then the run stops, shows how they do on the target, and asks."
        fields = {"canary": ("instances that go first, 0 for none", str(self.options.canary))}
        self.app.push_screen(FieldsModal("Canary", fields, check=check, note=note), answered)

    def action_annotation(self) -> None:
        """Ask for the text for the audit log."""

        def answered(answers: Answers | None) -> None:
            if answers is not None:
                self.with_options(annotation=answers["text"].strip() or None)

        note = "It is attached to the migration in the engine's user operation log, and kept in our journal."
        fields = {"text": ("annotation, such as a change ticket", self.options.annotation or "")}
        self.app.push_screen(FieldsModal("Annotation", fields, note=note), answered)

    def action_variables(self) -> None:
        """Edit the variables that the migration sets."""
        from tui_migrate.tui.screens.confirm.variables import VariablesModal

        def answered(variables: Variables | None) -> None:
            if variables is not None:
                self.with_options(variables=variables)

        self.app.push_screen(VariablesModal(self.options.variables, self.glyphs), answered)

    # -- taking it along ---------------------------------------------------------------------------------------

    def action_payload(self) -> None:
        """Show the request."""
        prepared = self.prepared_at_hand
        if self.refuse("payload") or prepared is None:
            return
        from tui_migrate.tui.screens.confirm.payload import PayloadModal

        self.app.push_screen(PayloadModal(prepared))

    def action_export(self) -> None:
        """Ask where to and write the plan as a file."""
        self._ask_plan_path("Export the plan", lambda path: self._write(path, command=False))

    def action_command(self) -> None:
        """Ask where to, write plan and instances, copy the command that does the same."""
        if not self.refuse("command"):
            self._ask_plan_path("Plan file for the command", lambda path: self._write(path, command=True))

    def _ask_plan_path(self, title: str, then: object) -> None:
        from tui_migrate.tui.screens.path_question import PathQuestion

        plan = self.plan_at_hand
        if plan is None:
            return
        known = self.state.plan_file if plan is self.state.open_plan else None
        suggested = known or f"{plan.source.key}-{plan.source.version}-{plan.target.version}.plan.json"
        question = PathQuestion(title, shown(suggested, 200), must_exist=False)
        self.app.push_screen(question, lambda path: then(path) if path is not None else None)  # type: ignore[operator]

    def _write(self, path: Path, *, command: bool) -> None:
        plan, prepared = self.plan_at_hand, self.prepared_at_hand
        if plan is None:
            return
        variables = self.options.variables

        async def work() -> TakenAlong:
            import asyncio

            from tui_migrate.operations.plan_file import make_plan_file, write_plan_file
            from tui_migrate.tui.screens.confirm.payload import save_text

            await asyncio.to_thread(write_plan_file, make_plan_file(plan, variables=variables), path)
            if not command or prepared is None:
                return TakenAlong(f"Exported to {path}.")
            instances = path.with_name(f"{path.name.removesuffix('.json').removesuffix('.plan')}.instances.txt")
            await asyncio.to_thread(save_text, instances, "".join(f"{one}\n" for one in prepared.ids))
            text = prepared.command(str(path), str(instances))
            return TakenAlong(f"Wrote {path} and {instances}, copied: {text}", text)

        start(self, "take along", work, lambda message: message)

    @on(TakenAlong)
    def _taken_along(self, event: TakenAlong) -> None:
        event.stop()
        if event.text is not None:
            self.app.copy_to_clipboard(event.text)
        self.say(event.sentence)
