"""Keeps what is needed to find out why the rules here and the engine differ: both models, the plan, both verdicts."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from tui_migrate.bpmn.model import ProcessModel
    from tui_migrate.migration.report import ValidationReport
    from tui_migrate.operations.plan import EngineVerdict, OpenPlan

_LOG = logging.getLogger("tui_migrate")


def log_difference(
    plan: OpenPlan, verdict: EngineVerdict, *, sources: tuple[bytes, bytes] | None = None
) -> Path | None:
    """Write a difference between the two verdicts to the user's state folder, once per plan.

    Args:
        plan: The plan as both judged it.
        verdict: What the engine said.
        sources: The BPMN text of source and target, where it is at hand.

    Returns:
        The file, or None where it can't be written.
    """
    from tui_migrate.config.paths import state_folder

    content: dict[str, Any] = {
        "plan": plan.plan().to_engine(),
        "rules": _report(plan.draft.report),
        "engine": _report(verdict.report),
        "source": _model(plan.source_model),
        "target": _model(plan.target_model),
    }
    if sources is not None:
        content["sourceXml"], content["targetXml"] = (text.decode("utf-8", "replace") for text in sources)
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    name = hashlib.sha256(text.encode()).hexdigest()[:12]
    path = state_folder() / "differences" / f"{name}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        _LOG.warning("the difference can't be kept in %s: %s", path, error)
        return None
    return path


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
