"""What belongs to nothing that the engine migrates: incidents and jobs that are left over make an instance fail."""

from __future__ import annotations

from tui_migrate.bpmn.model import ROOT
from tui_migrate.migration.instance_case import Case, Findings, left_over
from tui_migrate.migration.instance_kept_scopes import left_tasks, unsure_tasks
from tui_migrate.migration.instance_state import ASYNC_CONTINUATION, IncidentState, JobState
from tui_migrate.migration.instance_tokens import Token, ends_by_force


def check_left_over_incidents(case: Case, findings: Findings) -> None:
    """Incidents whose job goes with an unmapped token, and custom ones of a waiting token, belong to nothing.

    Those of external tasks that outlived their activity, too: where such tasks can't be told, neither can these.
    """
    incidents = case.state.incidents
    if incidents is None:
        foreign = any(_is_foreign(job) for job in case.state.jobs or ())
        shown = any(token.incident_ids is None or token.incident_ids for token in case.tokens.waiting)
        if foreign or shown or unmapped_tokens(case):
            findings.unknown.append("Its incidents were not read: one of them may be left over.")
        return
    before = len(findings.unknown)
    left = [one.id for one in incidents if _is_left_over(case, one, findings)]
    if left and (len(findings.unknown) > before or unsure_tasks(case)):
        findings.unknown.append(f"Incident '{left[0]}' is left over, perhaps not alone.")
    elif left:
        findings.fail("process", left_over("incidents", left), None)


def _is_left_over(case: Case, incident: IncidentState, findings: Findings) -> bool:
    if incident.configuration is not None and incident.incident_type == "failedJob":
        return _job_is_left_over(case, incident, findings)
    if incident.configuration is not None and incident.incident_type == "failedExternalTask":
        return any(one.id == incident.configuration for one in left_tasks(case))
    token = next((one for one in case.tokens.waiting if one.execution_id == incident.execution_id), None)
    if token is not None and not _may_be_of_a_scope(case, token):
        return True
    if token is not None or not _is_somewhere(case, incident):
        findings.unknown.append(f"It can't be told what incident '{incident.id}' belongs to.")
    return False


def _may_be_of_a_scope(case: Case, token: Token) -> bool:
    """Whether the token's execution may be that of the scope around it, to which a custom incident then belongs.

    Seen on Camunda 7.24: the only token in a sub process, with such an incident, migrated.
    """
    if token.execution_id == case.state.instance_id:
        return True
    if case.state.tree is not None:
        return any(token.execution_id in node.execution_ids for node in case.nodes)
    activity = case.plan.source.get(token.activity_id)
    return activity is None or activity.flow_scope != ROOT


def _job_is_left_over(case: Case, incident: IncidentState, findings: Findings) -> bool:
    """Whether the failed job of an incident does not migrate.

    Only the job tells: a job moves on when the engine expands the execution tree, and its incident stays at the old
    execution (seen on Camunda 7.24 and Operaton 1.0.3 with a non-interrupting event beside a failed job).
    """
    if case.state.jobs is None:
        if unmapped_tokens(case):
            findings.unknown.append(f"Its jobs were not read: incident '{incident.id}' may be left over.")
        return False
    job = next((one for one in case.state.jobs if one.id == incident.configuration), None)
    if job is None:
        findings.unknown.append(f"The job of incident '{incident.id}' is not there: the instance moved on.")
        return False
    unmapped = any(token.execution_id == job.execution_id for token in unmapped_tokens(case))
    return _is_foreign(job) or _is_stale_timer(job, case) or (job.job_type == ASYNC_CONTINUATION and unmapped)


def unmapped_tokens(case: Case) -> list[Token]:
    """Return the waiting tokens at activities without an instruction."""
    return [token for token in case.tokens.waiting if case.plan.target_of(token.activity_id) is None]


def _is_somewhere(case: Case, incident: IncidentState) -> bool:
    """Whether the incident's execution is one of an activity instance.

    Of several instances of an activity only the tree shows which are over: their executions stay in the body, and
    somebody may create an incident at one of them (Camunda 7.17: 'not migrated incidents').
    """
    if case.state.tree is None:
        activity = case.plan.source.get(incident.activity_id)
        several = activity is not None and case.plan.source.body_of(activity) is not None
        return incident.activity_id in (case.state.open_activities or ()) and not several
    return any(incident.execution_id in node.execution_ids for node in case.nodes)


def check_left_over_jobs(case: Case, findings: Findings) -> None:
    """Jobs that are neither timers nor asynchronous continuations, such as a signal's, and stale timers are left."""
    jobs = case.state.jobs
    if jobs is None:
        if any(one.trigger in {"signal", "message"} for one in case.plan.source.activities.values()):
            findings.unknown.append("Its jobs were not read: an asynchronously thrown signal may be among them.")
        if any(map(ends_by_force, case.plan.source.activities.values())):
            findings.unknown.append("Its jobs were not read: one before an event that ends all else may be left over.")
        return
    waiting = {token.execution_id for token in case.tokens.waiting}
    left: list[str] = []
    before = len(findings.unknown)
    for job in jobs:
        if job.job_type == ASYNC_CONTINUATION and job.execution_id not in waiting:
            findings.unknown.append(
                f"The token of job '{job.id}' is not to be seen: the job is left over, or the instance moved on."
            )
        elif job.job_definition_id is not None and job.job_type is None:
            findings.unknown.append(f"It was not read what job '{job.id}' is.")
        elif _is_foreign(job) or _is_stale_timer(job, case):
            left.append(job.id)
        elif _begins_one_of_several(job, case):
            findings.unknown.append(f"Job '{job.id}' starts one of several event sub processes: it may be left over.")
        elif _is_of_a_closed_scope(job, case):
            findings.unknown.append(
                f"Timer '{job.activity_id}' belongs to a scope that is not open: it may be left over."
            )
    if left and (len(findings.unknown) > before or unsure_tasks(case)):
        findings.unknown.append(f"Job '{left[0]}' is left over, perhaps not alone.")
    elif left:
        findings.fail("process", left_over("jobs", left), None)


def _is_foreign(job: JobState) -> bool:
    if job.job_definition_id is None:
        return True
    return job.job_type is not None and job.job_type != ASYNC_CONTINUATION and not job.job_type.startswith("timer")


def _is_of_a_closed_scope(job: JobState, case: Case) -> bool:
    """Whether the scope of a timer may be over.

    Another instance of the scope may be open, with a timer of its own: seen on Operaton 1.0.3 with one that had been
    completed and can be compensated.
    """
    event = case.plan.source.get(job.activity_id)
    if event is None or job.job_type == ASYNC_CONTINUATION or event.event_scope in {None, ROOT}:
        return False
    if case.state.tree is not None:
        return not any(
            job.execution_id in one.execution_ids for one in case.nodes if one.activity_id == event.event_scope
        )
    scopes = sum(1 for one in case.active_ids() if one == event.event_scope)
    timers = sum(1 for one in case.state.jobs or () if one.job_definition_id == job.job_definition_id)
    return scopes == 0 or (case.state.open_counted and timers > scopes)


def _begins_one_of_several(job: JobState, case: Case) -> bool:
    """Whether it is of the start of an event sub process with a multi-instance body.

    Seen on Operaton 1.0.3: left over with the body's counters, in an execution that the tree does not have.
    """
    event = case.plan.source.get(job.activity_id)
    around = case.plan.source.get(event.flow_scope) if event is not None and event.tag == "startEvent" else None
    if around is None or around.behavior != "EventSubProcessActivityBehavior":
        return False
    return case.plan.source.body_of(around) is not None


def _is_stale_timer(job: JobState, case: Case) -> bool:
    """Whether a timer of an activity is still there after it, while its token waits: see `check_kept_scopes`."""
    if job.job_type is None or job.activity_id is None or not job.job_type.startswith("timer"):
        return False
    for token in case.tokens.waiting:
        if token.waits == "after" and token.execution_id == job.execution_id:
            events = case.plan.source.event_activities.get(token.activity_id, ())
            if job.activity_id == token.activity_id or job.activity_id in events:
                return True
    return False
