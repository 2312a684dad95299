"""Everything that is done by the clock: what is due is told by :mod:`bot.jobs.tick`, what it does stands here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time

from bot.compose.membership import MemberDuties
from bot.jobs.announcements import Announcements
from bot.jobs.answers import Answers
from bot.jobs.appeals import AppealWatch
from bot.jobs.demands import DemandWatch
from bot.jobs.digest import CATCH_UP, Digest
from bot.jobs.ladder import Ladder
from bot.jobs.month import MonthEnd
from bot.jobs.nicknames import NicknameRound
from bot.jobs.opinions import SecondOpinions
from bot.jobs.queue import ReviewQueue
from bot.jobs.reached import StatementWatch
from bot.jobs.reload import Reload
from bot.jobs.retention import Retention
from bot.jobs.schedule import Days
from bot.jobs.self_check import SelfCheck
from bot.jobs.tick import Duty
from bot.pipeline.enquiries import Enquiries
from bot.pipeline.fetch import Fetcher
from bot.pipeline.friends import Friends
from bot.pipeline.handle import Handler
from bot.pipeline.outlet import Outlet
from bot.pipeline.presence import Presence
from bot.pipeline.relogin import Relogin
from bot.reports.soundness import JOB as SELF_CHECK
from bot.settings import Settings
from storage.session import Storage

PURGE_AT = time(3, 30)
SELF_CHECK_AT = time(4, 0)
NICKNAMES_AT = time(10, 0)
QUEUE_AT = time(9, 30)
MONTH_AT = time(9, 45)


@dataclass(slots=True)
class Duties:
    """The parts that have something to do regularly.

    Attributes:
        settings: gives the settings that are in force now.
        recover: goes on where an earlier run ended, if that did not come about at the login.
        asked: up to when contested names were reported.
    """

    storage: Storage
    settings: Callable[[], Settings]
    handler: Handler
    presence: Presence
    fetcher: Fetcher
    outbox: Outlet
    friends: Friends
    relogin: Relogin
    nickname_round: NicknameRound
    members: MemberDuties
    digest: Digest
    self_check: SelfCheck
    announcements: Announcements
    review_queue: ReviewQueue
    appeals: AppealWatch
    demands: DemandWatch
    ladder: Ladder
    month_end: MonthEnd
    statements: StatementWatch
    answers: Answers
    enquiries: Enquiries
    opinions: SecondOpinions
    reload: Reload | None
    recover: Callable[[], Awaitable[None]]
    asked: datetime

    def all(self) -> tuple[Duty, ...]:
        """Every duty, in the order in which one tick does them."""
        return (
            Duty("alive", self._alive),
            Duty("policy", self._refresh),
            Duty("unread", self._unread),
            Duty("waiting answers", self._waiting),
            Duty("contested names", self._contested),
            *self.members.all(),
            Duty("announcements", self._announce),
            Duty("appeals", self._appeals),
            Duty("demands", self._demands),
            Duty("ladder", self._ladder),
            Duty("statements", self._statements),
            Duty("month", within=self.month_end, at=MONTH_AT, days=Days.WORKING),
            Duty("review queue", within=self.review_queue, at=QUEUE_AT, days=Days.WORKING),
            Duty("answers", self._answers),
            Duty("second opinions", self.opinions),
            Duty("nicknames", self.nickname_round, at=NICKNAMES_AT, days=Days.WORKING),
            Duty("retention", self._purge, at=PURGE_AT),
            Duty(SELF_CHECK, draft=self.self_check.draft, at=SELF_CHECK_AT),
            Duty(
                "digest",
                draft=self.digest.draft,
                at=lambda: self.settings().digest.at,
                days=Days.WORKING,
                catch_up=CATCH_UP,
            ),
            *((Duty("configuration", self.reload.look),) if self.reload is not None else ()),
        )

    async def _alive(self, _: datetime) -> None:
        await self.presence.alive()
        await self.presence.look_again()

    async def _refresh(self, _: datetime) -> None:
        await self.handler.refresh()
        await self.recover()

    async def _unread(self, _: datetime) -> int:
        return await self.fetcher.retry_unread() if self.presence.online else 0

    async def _waiting(self, _: datetime) -> None:
        if self.presence.online:
            await self.friends.release_waiting()
            self.outbox.wake()

    async def _contested(self, now: datetime) -> None:
        await self.relogin.report_contested(self.asked)
        self.asked = now

    async def _announce(self, now: datetime) -> None:
        if await self.announcements(now):
            self.outbox.wake()

    async def _appeals(self, now: datetime) -> None:
        if await self.appeals(now):
            self.outbox.wake()

    async def _demands(self, now: datetime) -> None:
        if await self.demands(now):
            self.outbox.wake()

    async def _ladder(self, now: datetime) -> None:
        if await self.ladder(now):
            self.outbox.wake()

    async def _statements(self, now: datetime) -> None:
        if await self.statements(now):
            self.outbox.wake()

    async def _answers(self, now: datetime) -> None:
        if not self.presence.online:
            return  # what was answered meanwhile is not known
        if await self.answers(now):
            self.outbox.wake()
        if self.enquiries.astray:
            async with self.handler.between_batches():
                await self.enquiries.restore()

    async def _purge(self, now: datetime) -> str:
        return await Retention.of(self.settings().retention).purge(self.storage, now)
