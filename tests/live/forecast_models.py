"""All scenes: hand-written processes in the states that decide whether an instance migrates."""

from __future__ import annotations

from typing import Final

from tests.live import (
    forecast_scenes_compensation,
    forecast_scenes_events,
    forecast_scenes_instances,
    forecast_scenes_scopes,
    forecast_scenes_tokens,
)

SCENES: Final = (
    *forecast_scenes_tokens.SCENES,
    *forecast_scenes_events.SCENES,
    *forecast_scenes_compensation.SCENES,
    *forecast_scenes_instances.SCENES,
    *forecast_scenes_scopes.SCENES,
)
