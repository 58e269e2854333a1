"""Batches, running and in history (REST reference, section 7)."""

from __future__ import annotations

from tui_migrate.engine.connection import Connection
from tui_migrate.engine.models import Batch, BatchStatistics, HistoricBatch
from tui_migrate.engine.transport import segment
from tui_migrate.errors import NotFound

MIGRATION = "instance-migration"


class Batches(Connection):
    """Reads and changes of batches."""

    async def batch_statistics(self, batch_id: str) -> BatchStatistics | None:
        """Return a batch with its progress, or None when it is gone (or never was): the poll of a running batch.

        Done is `jobs_created == total_jobs and remaining_jobs == 0`, or gone; a done batch stays up to 35 s.
        """
        rows = await self._transport.read_as(
            list[BatchStatistics], "GET", "/batch/statistics", parameters={"batchId": batch_id, "maxResults": 2}
        )
        return next((row for row in rows if row.id == batch_id), None)

    async def list_batch_statistics(
        self, *, first: int = 0, limit: int | None = 50, type: str | None = MIGRATION, suspended: bool | None = None
    ) -> list[BatchStatistics]:
        """Return the batches that are not gone, with their progress.

        Newest first where the engine can sort by start times; before 7.24 by id, which is no order of time.
        """
        features = await self.features()
        newest_first = features.has_batch_start_time
        return await self._list(
            list[BatchStatistics],
            "GET",
            "/batch/statistics",
            parameters={
                "type": type,
                "suspended": None if suspended is None else str(suspended).lower(),
                "sortBy": "startTime" if newest_first else "batchId",
                "sortOrder": "desc" if newest_first else "asc",
            },
            first=first,
            limit=limit,
        )

    async def batch(self, batch_id: str) -> Batch:
        """Return a batch.

        Raises:
            NotFound: It is gone, or never was.
        """
        return await self._transport.read_as(Batch, "GET", f"/batch/{segment(batch_id)}")

    async def set_batch_suspended(self, batch_id: str, suspended: bool) -> None:
        """Suspend or resume a batch; jobs that run just now finish.

        Raises:
            EngineRefused: There is no such batch.
        """
        # Without the member the engine answers 204 and activates, so it is always sent.
        path = f"/batch/{segment(batch_id)}/suspended"
        await self._transport.change_silently("PUT", path, body={"suspended": suspended})

    async def delete_batch(self, batch_id: str, *, cascade: bool = False) -> None:
        """Delete a batch with the jobs that it has left; what was migrated stays so.

        Args:
            batch_id: The batch.
            cascade: Delete its history and job log too.

        Raises:
            EngineRefused: There is no such batch, or it has just ended.
            EngineFault: A job ran at the same time (OptimisticLockingException): suspend, wait, delete again.
        """
        path = f"/batch/{segment(batch_id)}"
        await self._transport.change_silently("DELETE", path, parameters={"cascade": "true" if cascade else "false"})

    async def historic_batch(self, batch_id: str) -> HistoricBatch | None:
        """Return a batch from history, or None where history is off or it was removed."""
        try:
            return await self._transport.read_as(HistoricBatch, "GET", f"/history/batch/{segment(batch_id)}")
        except NotFound:
            return None

    async def historic_batches(
        self, *, type: str | None = MIGRATION, completed: bool | None = None, first: int = 0, limit: int | None = 50
    ) -> list[HistoricBatch]:
        """Return batches from history, newest first; `completed` includes deleted ones, False those still running."""
        parameters = {
            "type": type,
            "completed": None if completed is None else str(completed).lower(),
            "sortBy": "startTime",
            "sortOrder": "desc",
        }
        return await self._list(
            list[HistoricBatch], "GET", "/history/batch", parameters=parameters, first=first, limit=limit
        )
