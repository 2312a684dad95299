"""Asks for a second opinion on cases in review: a few with each tick, beside everything else, and within a budget.

What is answered stands beside the case for reviewers; no state, point or notice depends on it. An endpoint that fails
again and again is left alone for an hour, which the log and `qungui doctor` tell.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from structlog.typing import FilteringBoundLogger

from bot.opinion import endpoint, question
from bot.pipeline.policy import Policy
from bot.settings import Settings
from bot.settings.opinion import SecondOpinionSettings
from storage.records import Case
from storage.session import Storage, UnitOfWork

PAUSED = "second opinion paused"
"""Name of the note that holds until when nobody is asked, and why."""

AT_ONCE = 5
FAILURES = 3
PAUSE = timedelta(hours=1)
FRESH = timedelta(days=1)
"""Older cases are not asked about: somebody has had time to look."""

Ask = Callable[[str, str, bytes, float], Awaitable[bytes]]


class SecondOpinions:
    """Asks about cases in review.

    Args:
        settings: gives the settings in force.
        ask: sends a request; the endpoint's own unless a test says otherwise.
    """

    def __init__(
        self,
        storage: Storage,
        policy: Policy,
        settings: Callable[[], Settings],
        log: FilteringBoundLogger,
        ask: Ask = endpoint.ask,
    ) -> None:
        self._storage = storage
        self._policy = policy
        self._settings = settings
        self._log = log
        self._ask = ask
        self._failures = 0
        self._round: asyncio.Task[int] | None = None

    async def __call__(self, now: datetime) -> None:
        """Begin a round, unless one is still going on; the tick does not wait for it."""
        if not self._settings().second_opinion.endpoint or (
            self._round is not None and not self._round.done()
        ):
            return
        self._round = asyncio.create_task(self.round(now), name="second opinions")
        self._round.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[int]) -> None:
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._log.error(
                "asking for second opinions failed", failure=type(failure).__name__, exc_info=failure
            )

    async def round(self, now: datetime) -> int:
        """Ask about some cases, one after the other; returns how many answers came."""
        wanted = self._settings().second_opinion
        book = self._policy.book
        rules = wanted.rules or tuple(entry.rule.id for entry in book.entries if entry.rule.label)
        local = book.calendar.local(now)
        day = local.replace(hour=0, minute=0, second=0, microsecond=0)
        async with self._storage.view() as unit:
            paused = await unit.meta.get(PAUSED)
            if paused and now < datetime.fromisoformat(paused.partition(" ")[0]):
                return 0
            cases = await unit.opinions.wanted(rules, now - FRESH, AT_ONCE)
            if not cases:
                return 0
            if self._failures >= FAILURES:
                self._failures = 0  # the pause is over
            names = await unit.local_weights.names() | {row.name for row in await unit.people.roster()}
        answered = 0
        for case in cases:
            number = case.number

            async def claim(unit: UnitOfWork, number: str = number) -> bool:
                return await unit.opinions.ask(number, wanted.model, now, day, wanted.daily_requests)

            if not await self._storage.run(claim):
                break
            if await self._one(case, wanted, names, now):
                answered += 1
            elif self._failures >= FAILURES:
                break
        return answered

    async def _one(
        self, case: Case, wanted: SecondOpinionSettings, names: frozenset[str], now: datetime
    ) -> bool:
        """Ask about one case, and keep what is answered."""
        titles = {entry.rule.id: entry.rule.title for entry in self._policy.book.entries}
        body = question.body(
            wanted.model, titles.get(case.rule, case.rule), case.evidence, names, secrets.token_hex(12)
        )
        key = wanted.key.get_secret_value() if wanted.key is not None else ""
        try:
            found = question.answer(await self._ask(wanted.endpoint, key, body, wanted.timeout_seconds))
        except question.NoAnswer as failure:
            await self._failed(case, str(failure), now)
            return False
        self._failures = 0
        async with self._storage.unit() as unit:
            await unit.opinions.answer(case.number, found.violation, found.reason)
            await unit.meta.delete(PAUSED)
        return True

    async def _failed(self, case: Case, why: str, now: datetime) -> None:
        self._failures += 1
        paused = self._failures >= FAILURES
        self._log.warning("there is no second opinion", case=case.number, why=why)
        async with self._storage.unit() as unit:
            await unit.opinions.fail(case.number)
            if paused:
                await unit.meta.set(PAUSED, f"{(now + PAUSE).isoformat()} {why}")
        if paused:
            self._log.error("nobody is asked for a second opinion for an hour", why=why, failures=FAILURES)
