"""Editing the plan: remove, event trigger, suggestions, undo and redo, regenerate, details."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.plan.map_mode import PlanMapMode
from tui_migrate.tui.screens.plan.sentences import named
from tui_migrate.tui.workers import start

if TYPE_CHECKING:
    from tui_migrate.migration.plan import Instruction
    from tui_migrate.migration.suggest import Suggestion


class SuggestionsFound(Message):
    """Suggestions for the unmapped activities are known.

    Args:
        revision: The draft's revision that they are for.
        suggestions: The best of each, together valid.
    """

    def __init__(self, revision: int, suggestions: tuple[Suggestion, ...]) -> None:
        self.revision = revision
        self.suggestions = suggestions
        super().__init__()


class Regenerated(Message):
    """The plan has been generated anew; nothing is changed yet.

    Args:
        instructions: The new instructions.
        update_event_triggers: Whether event triggers are updated.
    """

    def __init__(self, instructions: tuple[Instruction, ...], *, update_event_triggers: bool) -> None:
        self.instructions = instructions
        self.update_event_triggers = update_event_triggers
        super().__init__()


class PlanEditing(PlanMapMode):
    """Actions that change the draft."""

    def action_remove(self) -> None:
        """Remove the mappings of the marked rows, of a closed scope, or of the cursor's activity."""
        if self.refuse("remove"):
            return
        chosen = self.sources_chosen()
        removed = self.plan.draft.remove(chosen)
        if not removed:
            self.say("There is no mapping to remove here.", "warning")
            return
        self.source_tree.clear_marked()
        self.view.arrows.difference_update(chosen)
        self.plan_changed()
        if removed > 1:
            self.say(f"Removed {removed} mappings; u undoes it.")

    def action_remove_scope(self) -> None:
        """Remove the mappings of the scope under or around the cursor, and of all that it holds."""
        tree = self.source_tree
        if self.refuse("remove_scope") or tree.current is None or tree.outline is None:
            return
        scope = (
            tree.current if tree.outline.is_scope(tree.current) else next(tree.outline.ancestors(tree.current), None)
        )
        if scope is None:
            self.say("There is no scope around this activity; space marks several rows for x.", "warning")
            return
        removed = self.plan.draft.remove((scope, *tree.outline.descendants(scope)))
        self.plan_changed()
        what = "1 mapping" if removed == 1 else f"{removed} mappings"
        self.say(f"Removed {what} of {named(self.plan.source_model, scope)} and what it holds; u undoes it.")

    def action_trigger(self) -> None:
        """Switch update event trigger for the marked rows, or for the cursor's activity."""
        if self.refuse("trigger"):
            return
        self.switch_trigger(self.sources_chosen() if self.source_tree.marked else [self.source_at_cursor() or ""])

    def switch_trigger(self, source_ids: list[str]) -> None:
        """Switch update event trigger for some source activities, all to what the first is not."""
        draft = self.plan.draft
        mapped = [one for one in source_ids if draft.target_of(one) is not None]
        allowed = [one for one in mapped if draft.can_update_trigger(one) == "allowed"]
        if not allowed:
            self.say(self._against_trigger(source_ids, mapped), "warning")
            return
        first = draft.instruction_of(allowed[0])
        value = not (first is not None and first.update_event_trigger)
        changed = draft.set_update_event_trigger(allowed, value)
        self.plan_changed()
        name = named(self.plan.source_model, allowed[0]) if changed == 1 else f"{changed} activities"
        self.say(f"{name}: the event trigger {'is updated to the target' if value else 'stays as it is'}.")

    def _against_trigger(self, source_ids: list[str], mapped: list[str]) -> str:
        draft = self.plan.draft
        if not mapped:
            return "Map it first; the event trigger belongs to a mapping."
        if any(draft.can_update_trigger(one) == "forced" for one in source_ids):
            return "The engine demands that a conditional event updates its trigger; it can't be switched off."
        return "It has no event trigger that could be updated: no message, signal, timer or condition waits there."

    # -- undo and redo -----------------------------------------------------------------------------------------

    def action_undo(self) -> None:
        """Undo the last edit."""
        if not self.refuse("undo"):
            self._tell_step("Undone", self.plan.draft.undo())

    def action_redo(self) -> None:
        """Redo what was undone."""
        if not self.refuse("redo"):
            self._tell_step("Redone", self.plan.draft.redo())

    def _tell_step(self, word: str, label: str | None) -> None:
        if label is not None:
            self.plan_changed()
            self.say(f"{word}: {shown(label, 200)}.")

    # -- suggestions -------------------------------------------------------------------------------------------

    def action_suggestions(self) -> None:
        """List suggestions for unmapped activities."""
        if self.refuse("suggestions"):
            return
        plan = self.plan
        revision = plan.draft.revision

        async def find() -> tuple[Suggestion, ...]:
            from tui_migrate.migration.suggest import suggest_all

            return await asyncio.to_thread(suggest_all, plan.source_model, plan.target_model, plan.draft.instructions)

        start(self, "suggest", find, lambda found: SuggestionsFound(revision, found))

    @on(SuggestionsFound)
    def _show_suggestions(self, event: SuggestionsFound) -> None:
        event.stop()
        if self.facts is None or event.revision != self.plan.draft.revision:
            return
        if not event.suggestions:
            self.say("There is nothing to suggest: no unmapped activity has a target that could take its place.")
            return
        from tui_migrate.tui.screens.plan.suggestions import SuggestionsModal

        self.app.push_screen(SuggestionsModal(self.plan, event.suggestions, self.glyphs), self._accept)

    def _accept(self, accepted: tuple[Suggestion, ...] | None) -> None:
        if not accepted:
            return
        from tui_migrate.operations.suggestions import instructions_of

        self.plan.draft.map_all(instructions_of(self.plan, accepted), origin="suggested")
        self.plan_changed()
        self.say(f"Accepted {len(accepted)} {'suggestion' if len(accepted) == 1 else 'suggestions'}; u undoes it.")

    # -- regenerate --------------------------------------------------------------------------------------------

    def action_regenerate(self) -> None:
        """Generate the plan anew, first without, then on request with updated event triggers."""
        if not self.refuse("regenerate"):
            self._generate(False)

    def _generate(self, update_event_triggers: bool) -> None:
        session = self.state.session
        if session is None or self.facts is None:
            return
        from tui_migrate.operations.plan import regenerate

        plan = self.plan
        start(
            self,
            "regenerate",
            lambda: regenerate(session, plan, update_event_triggers),
            lambda found: Regenerated(found, update_event_triggers=update_event_triggers),
        )

    @on(Regenerated)
    def _ask_regenerated(self, event: Regenerated) -> None:
        event.stop()
        if self.facts is None:
            return
        from tui_migrate.tui.screens.plan.regenerate import RegenerateModal

        modal = RegenerateModal(
            self.plan, event.instructions, self.glyphs, update_event_triggers=event.update_event_triggers
        )

        def answered(answer: str | None) -> None:
            if answer == "other":
                self._generate(not event.update_event_triggers)
            elif answer == "take":
                triggers = " with updated event triggers" if event.update_event_triggers else ""
                self.plan.draft.reset(event.instructions, label=f"regenerate{triggers}", origin="generated")
                self.plan_changed()
                self.linking.follow(self.source_tree)

        self.app.push_screen(modal, answered)

    # -- details -----------------------------------------------------------------------------------------------

    def action_details(self) -> None:
        """Show everything about the cursor's mapping."""
        if self.refuse("details") or self.facts is None:
            return
        tree = self.front_tree
        if self.mapping is not None:
            source_id: str | None = self.mapping.source_id
            target_id = self.target_tree.current
        elif tree.side == "source":
            source_id = tree.current
            target_id = self.plan.draft.target_of(source_id) if source_id is not None else None
        else:
            source_id, target_id = self.source_at_cursor(), tree.current
        from tui_migrate.tui.screens.plan.details import DetailsModal

        against = self.reasons_against(target_id) if self.mapping is not None else ()
        modal = DetailsModal(self.facts, source_id, target_id, self.glyphs, against=against)
        self.app.push_screen(modal, lambda _: self._after_details(modal))

    def _after_details(self, modal: object) -> None:
        if getattr(modal, "changed", False):
            self.plan_changed()
