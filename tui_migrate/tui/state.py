"""What the screens share, as plain values: no widget in here, so that a screen can be left and come back to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from tui_migrate.operations.overview import Overview
    from tui_migrate.operations.plan import EngineVerdict, OpenPlan
    from tui_migrate.operations.session import Session

TreeFilter = Literal["all", "problems", "differences", "with instances"]


@dataclass(slots=True)
class PaneView:
    """Where one side of the plan stands."""

    cursor: str | None = None
    top: int = 0
    closed: set[str] = field(default_factory=set)
    marked: set[str] = field(default_factory=set)


@dataclass(slots=True)
class PlanView:
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


@dataclass(slots=True)
class AppState:
    """Everything that survives going from one screen to another."""

    session: Session | None = None
    """None until the engine client is there, some moments after the first paint."""
    overview: Overview | None = None
    open_plan: OpenPlan | None = None
    wanted: tuple[str, str] | None = None
    """Ids of source and target that the plan screen is to open."""
    plan_view: PlanView = field(default_factory=PlanView)
    engine_verdict: EngineVerdict | None = None
    """The engine's verdict on the plan as it was at `verdict_revision`."""
    verdict_revision: int = -1
    plan_file: str | None = None
    """Where the plan was last exported to or imported from."""
    preset_instance: str | None = None
    """Instance that is to be ticked when the instances are shown first."""
    filter: Any = None
    """The instance screen's filter (`InstanceFilter`)."""
    selection: Any = None
    """The instances chosen (`Selection`); it belongs to `open_plan`."""
    prepared: Any = None
    """The run as reviewed on the confirm screen (`PreparedRun`)."""
    run: Any = None
    """The run that the result screen shows (`Runner` or a record of the journal)."""

    def show_plan(self, open_plan: OpenPlan) -> None:
        """Take another plan; what belonged to the plan before is forgotten."""
        self.open_plan = open_plan
        self.plan_view = PlanView()
        self.engine_verdict = None
        self.verdict_revision = -1
        self.plan_file = None
        self.filter = None
        self.selection = None
        self.prepared = None
