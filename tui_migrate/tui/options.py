"""What the app is started with. Importing this costs nothing: the configuration is resolved after the first paint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from tui_migrate.config.profile import Profile
    from tui_migrate.engine.wire import Carrier
    from tui_migrate.operations.clock import Clock
    from tui_migrate.operations.journal import Journal


class AppOptions(Struct, frozen=True):
    """Where to connect to and what to show first."""

    profile: Callable[[], Profile]
    """Resolves the profile; called in a thread once the first frame is painted, since it needs the configuration."""
    carrier: Callable[[], Carrier | None] = lambda: None
    """Makes what carries the engine client's requests (the embedded engine); gives None for the network."""
    journal: Callable[[], Journal] | None = None
    """Opens the journal; None is the one in the user's state folder."""
    clock: Clock | None = None
    """Tells the time; None is the system's."""
    source: str | None = None
    """Source to open the plan with: `key:version`, `key`, `key@tag` or an id."""
    target: str | None = None
    """Target to open the plan with."""
    instance_id: str | None = None
    """Process instance whose version becomes the source; it is ticked on the instance screen."""
    plan_file: Path | None = None
    """Plan file to open."""
    ascii: bool = False
    """Whether only ASCII characters are drawn."""
    mouse: bool = True
    """Whether the app gets the mouse; without it the terminal's own selection works."""
    theme: str | None = None
    """`dark`, `light`, `ansi-dark` or `ansi-light` (the terminal's own colours); None is dark."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Keys by binding id, in place of the defaults."""
    log_file: Path | None = None
    """Where faults are logged; None logs nothing."""

    @property
    def opens_plan(self) -> bool:
        """Whether the plan is what is shown first."""
        return bool(self.source or self.instance_id or self.plan_file)
