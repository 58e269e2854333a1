"""What belongs to nothing that the engine migrates: incidents and jobs that are left over make an instance fail.

Tasks, external tasks, event subscriptions and variables are in the engine's list as well; nothing is known that would
leave one of these over.
"""

from __future__ import annotations

from collections.abc import Sequence

from tui_migrate.migration.instance_checks import Case, Findings
from tui_migrate.migration.instance_state import ASYNC_CONTINUATION, IncidentState, JobState


def check_left_over_incidents(case: Case, findings: Findings) -> None:
    """Incidents whose job goes with an unmapped token, and custom ones of a waiting token, belong to nothing."""
    incidents = case.state.incidents
    if incidents is None:
        foreign = any(_is_foreign(job) for job in case.state.jobs or ())
        if foreign or any(token.incident_ids is None or token.incident_ids for token in case.tokens.waiting):
            findings.unknown.append("Its incidents were not read: one of them may be left over.")
        return
    left = [one.id for one in incidents if _is_left_over(case, one, findings)]
    if left:
        findings.fail("process", _left_over("incidents", left), None)


def _is_left_over(case: Case, incident: IncidentState, findings: Findings) -> bool:
    waiting = {token.execution_id: token for token in case.tokens.waiting}
    token = waiting.get(incident.execution_id or "")
    if incident.configuration is not None and incident.incident_type == "failedJob":
        job = next((one for one in case.state.jobs or () if one.id == incident.configuration), None)
        if job is not None:
            owner = waiting.get(job.execution_id or "")
            unmapped = owner is not None and case.plan.target_of(owner.activity_id) is None
            return _is_foreign(job) or (job.job_type == ASYNC_CONTINUATION and unmapped)
        if token is None and case.state.jobs is not None:
            findings.unknown.append(f"The job of incident '{incident.id}' is not there: the instance moved on.")
        return token is not None and case.plan.target_of(token.activity_id) is None
    if incident.configuration is not None and incident.incident_type == "failedExternalTask":
        return False
    if token is None and not _is_somewhere(case, incident):
        findings.unknown.append(f"It can't be told what incident '{incident.id}' belongs to.")
    return token is not None


def _is_somewhere(case: Case, incident: IncidentState) -> bool:
    """Whether the incident's execution is one of an activity instance."""
    if case.state.tree is None:
        return incident.activity_id in (case.state.open_activities or ())
    return any(incident.execution_id in node.execution_ids for node in case.nodes)


def check_left_over_jobs(case: Case, findings: Findings) -> None:
    """Jobs that are neither timers nor asynchronous continuations, such as a signal's, never migrate."""
    jobs = case.state.jobs
    if jobs is None:
        if any(one.trigger in {"signal", "message"} for one in case.plan.source.activities.values()):
            findings.unknown.append("Its jobs were not read: an asynchronously thrown signal may be among them.")
        return
    waiting = {token.execution_id for token in case.tokens.waiting}
    left = []
    for job in jobs:
        if job.job_type == ASYNC_CONTINUATION and job.execution_id not in waiting:
            findings.unknown.append(f"The token of job '{job.id}' is not there: the instance moved on.")
        elif job.job_definition_id is not None and job.job_type is None:
            findings.unknown.append(f"It was not read what job '{job.id}' is.")
        elif _is_foreign(job):
            left.append(job.id)
    if left:
        findings.fail("process", _left_over("jobs", left), None)


def _is_foreign(job: JobState) -> bool:
    if job.job_definition_id is None:
        return True
    return job.job_type is not None and job.job_type != ASYNC_CONTINUATION and not job.job_type.startswith("timer")


def _left_over(what: str, ids: Sequence[str]) -> str:
    return f"Process instance contains not migrated {what}: [{', '.join(sorted(ids))}]"
