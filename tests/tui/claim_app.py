"""The app on the claim's embedded engine, as a program: `python -m tests.tui.claim_app`."""

from __future__ import annotations

import sys

from tests.tui.desk import StillClock, claim_engine
from tui_migrate.config.profile import Profile
from tui_migrate.operations.journal import Journal
from tui_migrate.sandbox.carrier import SandboxCarrier
from tui_migrate.tui.app import run_app
from tui_migrate.tui.options import AppOptions


def main() -> int:
    crash = "--crash" in sys.argv
    if crash:
        from tui_migrate.tui.screens.plan.screen import PlanScreen

        def fail(_: PlanScreen) -> None:
            raise RuntimeError("a fault made by the test")

        PlanScreen.action_mark = fail  # type: ignore[method-assign, assignment]
    return run_app(
        AppOptions(
            profile=lambda: Profile(name="PROD-EU", url="http://engine.example/engine-rest", colour="red"),
            carrier=lambda: SandboxCarrier(claim_engine(StillClock())),
            journal=lambda: Journal(":memory:"),
            source="claim:1",
            target="claim:2",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
