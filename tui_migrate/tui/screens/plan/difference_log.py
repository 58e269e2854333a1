"""Keeps what is needed to find out why the rules here and the engine differ: both models, the plan, both verdicts."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
from typing import TYPE_CHECKING, Any

from tui_migrate.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tui_migrate.bpmn.model import ProcessModel
    from tui_migrate.migration.report import ValidationReport
    from tui_migrate.operations.plan import EngineVerdict, OpenPlan
    from tui_migrate.operations.session import Session

_LOG = logging.getLogger("tui_migrate")


async def keep_difference(session: Session, plan: OpenPlan, verdict: EngineVerdict) -> Path | None:
    """Write a difference between the two verdicts to the user's state folder, once per plan.

    The folder has `verdicts.json` (the plan, what each side said, both models as the rules see them) and both BPMN
    texts as they are deployed, `source.bpmn` and `target.bpmn`. They are read anew, since nothing else needs them.

    Args:
        session: The engine.
        plan: The plan as both judged it.
        verdict: What the engine said.

    Returns:
        The folder, or None where it can't be written.
    """
    content: dict[str, Any] = {
        "plan": plan.plan().to_engine(),
        "rules": _report(plan.draft.report),
        "engine": _report(verdict.report),
        "source": _model(plan.source_model),
        "target": _model(plan.target_model),
    }
    files: dict[str, bytes] = {}
    try:
        for side, definition in (("source", plan.source), ("target", plan.target)):
            files[f"{side}.bpmn"] = await session.engine.definition_xml(definition.id)
    except EngineError as error:
        content["textsNotRead"] = str(error)
    files["verdicts.json"] = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode()
    return await asyncio.to_thread(_write, files)


def _write(files: Mapping[str, bytes]) -> Path | None:
    from tui_migrate.config.paths import state_folder

    name = hashlib.sha256(files["verdicts.json"]).hexdigest()[:12]
    folder = state_folder() / "differences" / name
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file, content in files.items():
            # Models may hold what is nobody else's business.
            descriptor = os.open(folder / file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
    except OSError as error:
        _LOG.warning("the difference can't be kept in %s: %s", folder, error)
        return None
    return folder


def _report(report: ValidationReport) -> list[dict[str, Any]]:
    return [
        {"instruction": one.instruction.to_engine(), "failures": list(one.failures)}
        for one in report.instruction_reports
    ]


def _model(model: ProcessModel) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "type": one.type,
            "behavior": one.behavior,
            "flowScope": one.flow_scope,
            "eventScope": one.event_scope,
            "isScope": one.is_scope,
        }
        for one in model.activities.values()
    ]
