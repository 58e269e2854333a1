"""What the screens share, as plain values: no widget in here, so that a screen can be left and come back to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from tui_migrate.operations.filter import InstanceFilter
    from tui_migrate.operations.instances import SortKey
    from tui_migrate.operations.overview import Overview
    from tui_migrate.operations.plan import EngineVerdict, OpenPlan
    from tui_migrate.operations.prepared_run import PreparedRun, RunOptions
    from tui_migrate.operations.selection import Selection
    from tui_migrate.operations.session import Session
    from tui_migrate.tui.shown_run import ShownRun
    from tui_migrate.tui.shown_versions import ShownVersions
    from tui_migrate.tui.verdicts import Review, Verdicts

TreeFilter = Literal["all", "problems", "differences", "with instances"]
Progress = tuple[tuple[str, str, int], ...]
"""Of each run its id, its phase, and the jobs that have run."""


class PaneView(Struct):
    """Where one side of the plan stands."""

    cursor: str | None = None
    top: int = 0
    closed: set[str] = field(default_factory=set)
    marked: set[str] = field(default_factory=set)


class PlanView(Struct):
    """How the plan is looked at; it belongs to one open plan."""

    source: PaneView = field(default_factory=PaneView)
    target: PaneView = field(default_factory=PaneView)
    focused: Literal["source", "target"] = "source"
    linked: bool = True
    all_arrows: bool = False
    arrows: set[str] = field(default_factory=set)
    """Ids of the source activities whose arrows are shown one by one."""
    filter: TreeFilter = "all"
    search: str = ""


class AppState(Struct):
    """Everything that survives going from one screen to another."""

    session: Session | None = None
    """None until the engine client is there, some moments after the first paint."""
    overview: Overview | None = None
    open_plan: OpenPlan | None = None
    wanted: tuple[str, str] | None = None
    """Ids of source and target that the plan screen is to open."""
    opening: bool = False
    """Whether a plan is on its way: from the command line, a file, or another pair of definitions."""
    plan_view: PlanView = field(default_factory=PlanView)
    engine_verdict: EngineVerdict | None = None
    """The engine's verdict on the plan as it was at `verdict_revision`."""
    verdict_revision: int = -1
    plan_file: str | None = None
    """Where the plan was last exported to or imported from."""
    preset_instance: str | None = None
    """Instance that is to be ticked when the instances are shown first."""
    preset_ids: tuple[str, ...] = ()
    """Instances that are to be selected when the instances are shown first, such as those that failed."""
    filter: InstanceFilter | None = None
    """The instance screen's filter; None takes all."""
    selection: Selection | None = None
    """The instances chosen; it belongs to `open_plan`. None stands for nothing chosen, as at first."""
    all_meant: bool = False
    """Whether, with a filter and nothing selected, all instances of the version are meant: somebody said so."""
    columns: tuple[str, ...] | None = None
    """Columns of the instance list; None are those that fit."""
    sort: SortKey = "id"
    verdicts: Verdicts | None = None
    """The engine's own verdicts on instances."""
    rehearsal_told: bool = False
    """Whether it was said what a rehearsal leaves in the server's log."""
    review: Review | None = None
    """The selection, frozen, with what would become of it."""
    run_options: RunOptions | None = None
    """How the next run is to be carried out; None are the defaults."""
    prepared: PreparedRun | None = None
    """The run as reviewed on the confirm screen."""
    run: ShownRun | None = None
    """The run or batch that the result screen shows."""
    runs: list[ShownRun] = field(default_factory=list)
    """The runs that this app carries out or has carried out."""
    open_runs: int = 0
    """Runs of the journal that are not over and that nobody carries out, as last read."""

    versions: ShownVersions | None = None
    """The old versions of a key that are brought to the newest together."""

    def progress(self) -> Progress:
        """Return how far the runs of this session have come: where it differs, instances have moved since."""
        runs = self.runs if self.run is None or self.run in self.runs else [*self.runs, self.run]
        return tuple((run.state.run_id, run.state.phase, run.completed) for run in runs)

    def show_plan(self, open_plan: OpenPlan) -> None:
        """Take another plan; what belonged to the plan before is forgotten."""
        self.open_plan = open_plan
        self.opening = False
        self.plan_view = PlanView()
        self.engine_verdict = None
        self.verdict_revision = -1
        self.plan_file = None
        self.filter = None
        self.selection = None
        self.all_meant = False
        self.verdicts = None
        self.review = None
        self.run_options = None
        self.prepared = None
