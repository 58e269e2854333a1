"""Jobs and their log (REST reference, section 7)."""

from __future__ import annotations

from tui_migrate.engine.connection import Connection
from tui_migrate.engine.models import Job, JobLog
from tui_migrate.engine.queries import JobQuery
from tui_migrate.engine.transport import segment


class Jobs(Connection):
    """Reads and changes of jobs."""

    async def jobs(self, query: JobQuery, *, first: int = 0, limit: int | None = 100) -> list[Job]:
        """Return a page of jobs, sorted by id."""
        return await self._query_list(list[Job], "/job", query, (("jobId", "asc"),), first, limit)

    async def count_jobs(self, query: JobQuery) -> int:
        """Return the number of jobs that match."""
        return await self._query_count("/job", query)

    async def job_stacktrace(self, job_id: str) -> str:
        """Return the whole stack trace of a failed job; the cause is what stands before the first `\\n\\tat `.

        Raises:
            NotFound: There is no such job.
        """
        return await self._transport.read_text(f"/job/{segment(job_id)}/stacktrace")

    async def set_job_retries(self, job_id: str, retries: int) -> None:
        """Give a job new tries; they start when the job executor next looks (3 to 15 s and more).

        Raises:
            EngineRefused: There is no such job.
        """
        path = f"/job/{segment(job_id)}/retries"
        await self._transport.change_silently("PUT", path, body={"retries": retries})

    async def set_job_definition_retries(self, job_definition_id: str, retries: int) -> None:
        """Give all *failed* jobs of a definition (of a batch) new tries; an unknown one is no error on any engine."""
        path = f"/job-definition/{segment(job_definition_id)}/retries"
        await self._transport.change_silently("PUT", path, body={"retries": retries})

    async def delete_job(self, job_id: str) -> None:
        """Delete a job: its instance stays where it is.

        Raises:
            NotFound: There is no such job.
        """
        await self._transport.change_silently("DELETE", f"/job/{segment(job_id)}")

    async def job_log(
        self,
        *,
        job_definition_id: str,
        success: bool | None = None,
        failure: bool | None = None,
        deletion: bool | None = None,
        first: int = 0,
        limit: int | None = 100,
    ) -> list[JobLog]:
        """Return log entries, one for each *attempt*, newest first; empty without history.

        The engine takes several of the flags as a conjunction, which no entry fulfils: give one.
        """
        parameters = _log_parameters(job_definition_id, success, failure, deletion)
        return await self._list(
            list[JobLog],
            "GET",
            "/history/job-log",
            parameters={**parameters, "sortBy": "timestamp", "sortOrder": "desc"},
            first=first,
            limit=limit,
        )

    async def count_job_log(
        self,
        *,
        job_definition_id: str,
        success: bool | None = None,
        failure: bool | None = None,
        deletion: bool | None = None,
    ) -> int:
        """Return the number of entries; with `success` it is the number of jobs that a batch has done."""
        return await self._count("/history/job-log", _log_parameters(job_definition_id, success, failure, deletion))


def _log_parameters(
    job_definition_id: str, success: bool | None, failure: bool | None, deletion: bool | None
) -> dict[str, str | bool | None]:
    return {
        "jobDefinitionId": job_definition_id,
        "successLog": success,
        "failureLog": failure,
        "deletionLog": deletion,
    }
