"""Which job ran for which due time; of several processes only one runs it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import case, select, update

from storage.records import JobRun
from storage.repository import Repository
from storage.tables import jobs

_COLUMNS = (jobs.c.job, jobs.c.due_at, jobs.c.claimed_at, jobs.c.finished_at, jobs.c.result)


class Jobs(Repository):
    """Runs by job and due time."""

    async def claim(
        self, job: str, due_at: datetime, now: datetime, abandoned_after: timedelta | None = None
    ) -> bool:
        """Take a run; False if it is taken or done.

        With ``abandoned_after`` a run that was taken that long ago and never finished can be taken again:
        its process died.
        """
        insert = self._insert(jobs).values(job=job, due_at=due_at, claimed_at=now, result="")
        won = await self._connection.execute(
            insert.on_conflict_do_nothing(index_elements=["job", "due_at"]).returning(jobs.c.job)
        )
        if won.first() is not None:
            return True
        if abandoned_after is None:
            return False
        again = await self._connection.execute(
            update(jobs)
            .where(
                jobs.c.job == job,
                jobs.c.due_at == due_at,
                jobs.c.finished_at.is_(None),
                jobs.c.claimed_at <= now - abandoned_after,
            )
            .values(claimed_at=now)
        )
        return again.rowcount > 0

    async def finish(self, job: str, due_at: datetime, now: datetime, result: str) -> None:
        """Note that a run ended, and how; never before it was claimed, whatever the clock says meanwhile."""
        ended = case((jobs.c.claimed_at > now, jobs.c.claimed_at), else_=now)
        await self._connection.execute(
            update(jobs)
            .where(jobs.c.job == job, jobs.c.due_at == due_at)
            .values(finished_at=ended, result=result)
        )

    async def fail(self, job: str, due_at: datetime, now: datetime, result: str) -> None:
        """Note that a try at a run failed; it stays unfinished, to be claimed again as if abandoned ``now``.

        A run that somebody finished meanwhile stays as it is.
        """
        insert = self._insert(jobs).values(job=job, due_at=due_at, claimed_at=now, result=result)
        await self._connection.execute(
            insert.on_conflict_do_update(
                index_elements=["job", "due_at"],
                set_={"claimed_at": now, "result": result},
                where=jobs.c.finished_at.is_(None),
            )
        )

    async def last(self, job: str) -> JobRun | None:
        """The run with the latest due time; ``None`` if the job never ran."""
        row = (
            await self._connection.execute(
                select(*_COLUMNS).where(jobs.c.job == job).order_by(jobs.c.due_at.desc()).limit(1)
            )
        ).first()
        return None if row is None else JobRun(*row)

    async def runs(self, job: str, since: datetime) -> list[JobRun]:
        """The runs that were due at or after ``since``, in order of due time."""
        found = await self._connection.execute(
            select(*_COLUMNS).where(jobs.c.job == job, jobs.c.due_at >= since).order_by(jobs.c.due_at)
        )
        return [JobRun(*row) for row in found]
