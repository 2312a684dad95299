"""Keeps the account from being worked to death: pauses all sending after failures in a row, and writes that down.

A message on trial ends a pause, or prolongs it. What failed on the way into a pause is due again at its old time, so
that it leaves before what came after it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.pipeline.breaker import PAUSE_BEGAN, PAUSE_ENDED, PAUSED, Breaker, Pause, Tolerance
from bot.pipeline.notice import SUPERVISION
from bot.pipeline.patience import PatientStorage
from bot.texts import Texts
from storage.records import SYSTEM, AuditEntry, Outgoing
from storage.session import UnitOfWork


class Circuit:
    """The breaker of one account, with what it has to remember and to tell."""

    def __init__(
        self,
        storage: PatientStorage,
        tolerance: Tolerance,
        texts: Texts,
        shown: Callable[[datetime], str],
        clock: Clock,
        log: FilteringBoundLogger,
    ) -> None:
        """
        Args:
            shown: a moment as people here read it.
        """
        self._storage = storage
        self.tolerance = tolerance
        self._texts = texts
        self._shown = shown
        self._clock = clock
        self._log = log
        self._breaker = Breaker()
        self._failed: dict[int, Outgoing] = {}
        self._since: datetime | None = None

    @property
    def paused(self) -> bool:
        """Whether sending is paused, or on trial after a pause."""
        return not self._breaker.closed

    @property
    def wait(self) -> float:
        """For how many seconds nothing may leave."""
        return self._breaker.wait(self._clock.monotonic())

    @property
    def suspects(self) -> frozenset[str]:
        """The targets that refused the last messages: others go first, which tells whether it is the account."""
        return frozenset(row.target for row in self._failed.values())

    async def restore(self) -> None:
        """Go on with the pause of an earlier run."""
        pause = Pause.read(await self._storage.read(lambda unit: unit.meta.get(PAUSED)))
        if pause is not None:
            left = (pause.until - self._clock.now()).total_seconds()
            until = self._clock.monotonic() + min(max(left, 0.0), self.tolerance.longest)
            self._breaker, self._since = Breaker(frozenset(), pause.number, until), pause.since

    async def failed(self, group: Sequence[Outgoing], reason: str) -> None:
        """Messages did not leave, for reasons that may lie with the account; they are as they were before it."""
        was_paused = self.paused
        self._breaker = self._breaker.after_failure(group[0].id, self._clock.monotonic(), self.tolerance)
        for row in group:
            self._failed.setdefault(row.id, row)
        if not self.paused:
            return
        now, wait = self._clock.now(), self.wait
        self._since = self._since or now
        pause = Pause(self._since, now + timedelta(seconds=wait), self._breaker.pauses)
        again = [] if was_paused else list(self._failed.values())

        async def note(unit: UnitOfWork) -> None:
            await unit.meta.set(PAUSED, str(pause))
            for row in again:
                await unit.outbox.postpone([row.id], row.due_at)
            if not was_paused:
                await unit.audit.add(AuditEntry(now, SYSTEM, PAUSE_BEGAN, "", reason))

        await self._storage.write(note)
        self._log.error(
            "sending is paused: the gateway carries nothing, the account may be throttled",
            seconds=round(wait, 1),
            pause=pause.number,
            failure=reason,
        )

    async def passed(self) -> None:
        """A message left."""
        since, was_paused = self._since, self.paused
        self._breaker, self._since = Breaker(), None
        self._failed.clear()
        if not was_paused or since is None:
            return
        now = self._clock.now()
        text = self._texts.render(
            "operator.sending_resumed", since=self._shown(since), until=self._shown(now)
        )
        row = Outgoing(
            SUPERVISION, text, now, now, kind="alert", unique=f"sending resumed {since.isoformat()}"
        )

        async def note(unit: UnitOfWork) -> None:
            await unit.meta.delete(PAUSED)
            await unit.audit.add(AuditEntry(now, SYSTEM, PAUSE_ENDED, "", since.isoformat()))
            await unit.outbox.add([row])

        await self._storage.write(note)
        self._log.info("sending goes on", paused_since=since.isoformat())
