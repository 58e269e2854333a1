"""The full screens by name. Each is imported when it is first gone to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_migrate.tui.screens.base import BaseScreen
    from tui_migrate.tui.state import AppState


def _overview() -> BaseScreen:
    from tui_migrate.tui.screens.overview.screen import OverviewScreen

    return OverviewScreen()


def _plan() -> BaseScreen:
    from tui_migrate.tui.screens.plan.screen import PlanScreen

    return PlanScreen()


def _instances() -> BaseScreen:
    from tui_migrate.tui.screens.instances.screen import InstancesScreen

    return InstancesScreen()


def _check() -> BaseScreen:
    from tui_migrate.tui.screens.instances.check import CheckScreen

    return CheckScreen()


def _confirm() -> BaseScreen:
    from tui_migrate.tui.screens.confirm.screen import ConfirmScreen

    return ConfirmScreen()


def _result() -> BaseScreen:
    from tui_migrate.tui.screens.result.screen import ResultScreen

    return ResultScreen()


def _batches() -> BaseScreen:
    from tui_migrate.tui.screens.batches.screen import BatchesScreen

    return BatchesScreen()


def _runs() -> BaseScreen:
    from tui_migrate.tui.screens.runs.screen import RunsScreen

    return RunsScreen()


def _versions() -> BaseScreen:
    from tui_migrate.tui.screens.versions.screen import VersionsScreen

    return VersionsScreen()


def _versions_confirm() -> BaseScreen:
    from tui_migrate.tui.screens.versions.confirm import VersionsConfirmScreen

    return VersionsConfirmScreen()


def _versions_result() -> BaseScreen:
    from tui_migrate.tui.screens.versions.result import VersionsResultScreen

    return VersionsResultScreen()


SCREENS: Mapping[str, Callable[[], BaseScreen]] = {
    "overview": _overview,
    "plan": _plan,
    "instances": _instances,
    "check": _check,
    "confirm": _confirm,
    "result": _result,
    "batches": _batches,
    "runs": _runs,
    "versions": _versions,
    "versions-confirm": _versions_confirm,
    "versions-result": _versions_result,
}

TABS = (("overview", "Definitions"), ("batches", "Batches"), ("runs", "Runs"))
"""Screens beside the four steps, with the titles of their tabs."""


def reason_against_going(name: str, state: AppState) -> str | None:
    """Return why a screen can't be gone to yet, as a sentence, or None if it can."""
    if name not in SCREENS:
        return f"There is no screen '{name}'."
    if name in ("instances", "check", "confirm") and state.open_plan is None:
        if state.opening:
            return "The plan is being opened, one moment."
        return "Open a plan first: choose a version in the overview."
    if name.startswith("versions") and state.versions is None:
        return "Choose a key in the overview first, and bring all of its old versions to the newest."
    if name == "versions-result" and state.versions is not None and state.versions.sent is None:
        return "Nothing has been sent yet. Confirm the migration of the versions first."
    if name == "result" and state.run is None:
        return "Nothing has been sent yet. Confirm the migration first, or open a run from the journal."
    return None
