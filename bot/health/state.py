"""Everything that is told about the bot, gathered at one moment: what the process knows, and what is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.compose import Bot
from bot.jobs.opinions import PAUSED
from bot.reports.soundness import Checked, latest
from storage.errors import StorageError
from storage.records import CaseState
from storage.results import InboxCounts, OutboxCounts
from storage.session import UnitOfWork

DATABASE_SECONDS = 2.0
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asking:
    """How far the day's budget of second opinions is spent, and whether nobody is asked just now."""

    asked: int
    budget: int
    paused: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database tells.

    Attributes:
        blind: for how long the present blind period lasts, in seconds; 0 while the bot sees.
        blind_day: blind seconds of the last 24 hours.
        asking: ``None`` where no second opinion is configured.
    """

    at: datetime
    inbox: InboxCounts
    outbox: OutboxCounts
    cases: Mapping[CaseState, int]
    blind: float
    blind_day: float
    self_check: Checked | None
    asking: Asking | None


async def stored(bot: Bot) -> Stored | None:
    """What the database tells now; ``None`` if it gives no answer within :data:`DATABASE_SECONDS`."""
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            async with bot.storage.view() as unit:
                return await _read(bot, unit, bot.clock.now())
    except (StorageError, TimeoutError):
        return None


async def _read(bot: Bot, unit: UnitOfWork, now: datetime) -> Stored:
    lasting = await unit.blind.open()
    spells = [
        min(one.until or now, now) - max(one.since, now - DAY)
        for one in await unit.blind.between(now - DAY, now)
    ]
    return Stored(
        at=now,
        inbox=await unit.inbox.backlog(),
        outbox=await unit.outbox.counts(),
        cases=await unit.cases.counts(),
        blind=_seconds(now - lasting.since) if lasting else 0.0,
        blind_day=_seconds(sum(spells, timedelta())),
        self_check=await latest(unit, now - WEEK, now),
        asking=await _asking(bot, unit, now),
    )


async def _asking(bot: Bot, unit: UnitOfWork, now: datetime) -> Asking | None:
    wanted = bot.in_force.settings.second_opinion
    if not wanted.endpoint:
        return None
    morning = bot.policy.book.calendar.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    until = (await unit.meta.get(PAUSED) or "").partition(" ")[0]
    return Asking(
        asked=sum((await unit.opinions.counts(morning)).values()),
        budget=wanted.daily_requests,
        paused=bool(until) and now < datetime.fromisoformat(until),
    )


def age(since: datetime | None, now: datetime) -> float:
    """Seconds since a moment; 0 for none, and for one that is still to come."""
    return _seconds(now - since) if since is not None else 0.0


def _seconds(span: timedelta) -> float:
    return max(0.0, span.total_seconds())
