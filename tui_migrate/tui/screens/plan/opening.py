"""Opening a plan: from the overview, from the command line, from a plan file, with another source or target."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec import Struct
from textual import on
from textual.message import Message

from tui_migrate.tui.cells import shown
from tui_migrate.tui.screens.base import AT_ONCE
from tui_migrate.tui.screens.plan.editing import PlanEditing
from tui_migrate.tui.workers import start

if TYPE_CHECKING:
    from pathlib import Path

    from textual.timer import Timer

    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.session import Session
    from tui_migrate.tui.options import AppOptions
    from tui_migrate.tui.state import Progress


class PlanOpened(Message):
    """A plan has been opened.

    Args:
        open_plan: The plan.
        notices: What is worth knowing, in sentences.
        file: The plan file that it came from.
    """

    def __init__(self, open_plan: OpenPlan, *, notices: tuple[str, ...] = (), file: Path | None = None) -> None:
        self.open_plan = open_plan
        self.notices = notices
        self.file = file
        super().__init__()


class CountsRead(Message):
    """The counts that opening left out have been read.

    Args:
        open_plan: The plan, with its counts replaced.
    """

    def __init__(self, open_plan: OpenPlan) -> None:
        self.open_plan = open_plan
        super().__init__()


class Pair(Struct, frozen=True):
    """What a command line asks for, as ids."""

    source_id: str
    target_id: str | None


class PairFound(Message):
    """The definitions that the command line names have been found.

    Args:
        pair: Their ids.
    """

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        super().__init__()


async def find_pair(session: Session, options: AppOptions) -> Pair:
    """Find what the command line names: one request alone, then one round trip.

    Without a target the overview tells it, read in the same round trip.

    Raises:
        UsageError: There is no such definition or instance.
    """
    from tui_migrate.operations.overview import load_overview
    from tui_migrate.operations.resolve import resolve_definition, resolve_instance
    from tui_migrate.operations.together import round_trip

    await session.features()
    tenant = session.profile.tenant
    async with round_trip() as trip:
        overview = trip.create_task(load_overview(session)) if options.target is None else None
        target = (
            trip.create_task(resolve_definition(session, options.target, tenant=tenant)) if options.target else None
        )
        if options.instance_id:
            instance = trip.create_task(resolve_instance(session, options.instance_id))
        else:
            source = trip.create_task(resolve_definition(session, options.source or "", tenant=tenant))
    source_id = instance.result().definition_id if options.instance_id else source.result().id
    if target is not None:
        return Pair(source_id, target.result().id)
    if overview is None:
        return Pair(source_id, None)
    default = Pair(*overview.result().default_pair(source_id))
    # Whoever names a source, or an instance, means it, also where it is the newest version.
    return default if default.source_id == source_id else Pair(source_id, None)


def judge(plan: OpenPlan) -> None:
    """Compute once what the first frame of the trees asks for; in a thread, since large models take a moment."""
    _ = plan.comparison, plan.draft.report, plan.advice(), plan.problems()


class PlanOpening(PlanEditing):
    """The part of the plan screen that gets plans."""

    _presets_taken = False
    _telling: Timer | None = None
    """Will tell what is waited for."""
    _counted: tuple[OpenPlan, Progress] | None = None
    """The plan whose counts were read last, and how far the runs were then."""

    def open_wanted(self) -> None:
        """Open what is asked for and not open yet."""
        session = self.state.session
        if session is None:
            return
        wanted, self.state.wanted = self.state.wanted, None
        if wanted is not None:
            self.open_pair(*wanted)
        elif self.facts is None and not self._presets_taken and self.app.options.opens_plan:
            self._presets_taken = True
            self._take_presets(session)

    def _take_presets(self, session: Session) -> None:
        options = self.app.options
        self.state.preset_instance = options.instance_id
        if options.plan_file is not None:
            self.import_file(options.plan_file)
            return
        self.state.opening = True
        self._tell_unless_open("Looking for the definitions …")
        start(self, "open", lambda: find_pair(session, options), PairFound)

    @on(PairFound)
    def _pair_found(self, event: PairFound) -> None:
        event.stop()
        self.state.opening = False
        self.app.open_pair(event.pair.source_id, event.pair.target_id)

    def open_pair(self, source_id: str, target_id: str) -> None:
        """Open the plan between two definitions."""
        session = self.state.session
        if session is None:
            return
        from tui_migrate.operations.plan import open_plan

        async def read() -> OpenPlan:
            plan = await open_plan(session, source_id, target_id)
            await asyncio.to_thread(judge, plan)
            return plan

        self.state.opening = True
        self._tell_unless_open("Reading both models, counts and the generated plan …")
        start(self, "open", read, PlanOpened)

    def _tell_unless_open(self, sentence: str) -> None:
        """Tell what is waited for, unless it comes at once."""
        before = self.facts

        def tell() -> None:
            if self.state.opening and self.facts is before:
                self.refresh_frame()
                self.tell_status(sentence)

        if self._telling is not None:
            self._telling.stop()
        self._telling = self.set_timer(AT_ONCE, tell)

    @on(PlanOpened)
    def _opened_plan(self, event: PlanOpened) -> None:
        event.stop()
        self.state.show_plan(event.open_plan)
        if event.file is not None:
            self.state.plan_file = str(event.file)
        self.show_plan()
        for notice in event.notices[:4]:
            self.say(notice, "warning")
        if event.open_plan.generation_error:
            self.say(shown(event.open_plan.generation_error, 400), "warning")
        self._read_counts(again=False)

    def read_counts_if_old(self) -> None:
        """Read the counts of a plan that came without them, and again once runs have moved instances."""
        plan, progress = self.state.open_plan, self.state.progress()
        if self._counted is None or (plan, progress) != self._counted:
            self._read_counts(again=self._counted is not None and progress != self._counted[1])

    def _read_counts(self, *, again: bool) -> None:
        session, plan = self.state.session, self.state.open_plan
        if session is None or plan is None:
            return
        self._counted = plan, self.state.progress()
        from tui_migrate.operations.plan import read_counts

        async def read() -> OpenPlan:
            await read_counts(session, plan, again=again)
            return plan

        start(self, "counts", read, CountsRead)

    @on(CountsRead)
    def _counts_read(self, event: CountsRead) -> None:
        event.stop()
        if self.facts is not None and event.open_plan is self.plan:
            self.counts_changed()

    def read_again(self) -> None:
        """Read the counts anew, and ask the engine about the plan again."""
        if self.facts is None:
            self.open_wanted()
            return
        self.say("Reading the counts again …")
        self._read_counts(again=True)
        self.state.verdict_revision = -1
        self.ask_engine_soon()

    # -- plan files --------------------------------------------------------------------------------------------

    def import_file(self, path: Path) -> None:
        """Open the plan of a file."""
        session = self.state.session
        if session is None:
            return

        async def read() -> PlanOpened:
            from tui_migrate.operations.plan_file import bind_plan_file, read_plan_file

            file = await asyncio.to_thread(read_plan_file, path)
            bound = await bind_plan_file(session, file, revalidate=True)
            return PlanOpened(bound.open_plan, notices=(*bound.notices, *bound.changes), file=path)

        self.state.opening = True
        self.tell_status(f"Reading {shown(str(path), 100)} …")
        start(self, "open", read, lambda message: message)

    def action_import_plan(self) -> None:
        """Ask for a plan file and open it."""
        if self.refuse("import_plan"):
            return
        from tui_migrate.tui.screens.path_question import PathQuestion

        self.app.push_screen(
            PathQuestion("Import a plan file", self.state.plan_file or "", must_exist=True), self._import_answered
        )

    def _import_answered(self, path: Path | None) -> None:
        if path is not None:
            self.app.unless_edits_are_lost("Import another plan?", lambda: self.import_file(path))

    def action_export(self) -> None:
        """Ask where to and write the plan as a file."""
        if self.refuse("export"):
            return
        from tui_migrate.tui.screens.path_question import PathQuestion

        plan = self.plan
        suggested = self.state.plan_file or f"{plan.source.key}-{plan.source.version}-{plan.target.version}.plan.json"
        self.app.push_screen(PathQuestion("Export the plan", shown(suggested, 200), must_exist=False), self._export)

    def _export(self, path: Path | None) -> None:
        if path is None or self.facts is None:
            return
        from tui_migrate.errors import PlanError
        from tui_migrate.operations.plan_file import make_plan_file, write_plan_file

        try:
            write_plan_file(make_plan_file(self.plan), path)
        except PlanError as error:
            self.say(str(error), "error")
            return
        self.plan.draft.mark_saved()
        self.state.plan_file = str(path)
        self.say(f"Written to {shown(str(path), 200)}.")

    # -- source and target -------------------------------------------------------------------------------------

    def action_choose_source(self) -> None:
        """Choose another source."""
        self._choose("source")

    def action_choose_target(self) -> None:
        """Choose another target."""
        self._choose("target")

    def _choose(self, side: str) -> None:
        from tui_migrate.tui.screens.definition_picker import DefinitionPicker

        plan = self.state.open_plan
        chosen = None if plan is None else plan.source if side == "source" else plan.target
        title = f"Choose the {side}"
        picker = DefinitionPicker(title, search=chosen.key if chosen else "", current=chosen.id if chosen else None)

        def answered(definition_id: str | None) -> None:
            if definition_id is None:
                return
            if plan is None:
                self.app.open_pair(definition_id, None)
            elif side == "source":
                self.app.open_pair(definition_id, plan.target.id)
            else:
                self.app.open_pair(plan.source.id, definition_id)

        self.app.push_screen(picker, answered)

    def action_swap(self) -> None:
        """Make the source the target and the target the source."""
        if not self.refuse("swap"):
            self.app.open_pair(self.plan.target.id, self.plan.source.id)

    # -- for the screen to say how -----------------------------------------------------------------------------

    def show_plan(self) -> None:
        """Show the plan that is open, from its beginning or as it was left."""

    def counts_changed(self) -> None:
        """Draw what depends on counts."""

    def tell_status(self, sentence: str) -> None:
        """Show what is going on in the place of the details."""
