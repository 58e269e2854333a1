"""Answers that a test's carrier gives in the engine's place."""

from __future__ import annotations

import json

from tui_migrate.engine.wire import Reply


def json_reply(body: object, status: int = 200) -> Reply:
    return Reply(status, {"content-type": "application/json"}, json.dumps(body).encode())
