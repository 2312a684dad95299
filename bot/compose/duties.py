"""Everything that is done by the clock: what is due is told by :mod:`bot.jobs.tick`, what it does stands here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time

from bot.compose.core import Core
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
from bot.pipeline.friends import Friends
from bot.pipeline.line import Line
from bot.pipeline.relogin import Relogin
from bot.reports.soundness import JOB as SELF_CHECK
from bot.settings import Settings
from storage.session import Storage

PURGE_AT = time(3, 30)
SELF_CHECK_AT = time(4, 0)
NICKNAMES_AT = time(10, 0)
QUEUE_AT = time(9, 30)
MONTH_AT = time(9, 45)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What keeps any bot going, whether it speaks or only listens.

    Attributes:
        settings: gives the settings that are in force now.
        reload: follows the configuration file; ``None`` if there is none to follow.
    """

    storage: Storage
    settings: Callable[[], Settings]
    line: Line
    self_check: SelfCheck
    reload: Reload | None

    @classmethod
    def of(cls, core: Core, line: Line, reload: Reload | None) -> Upkeep:
        """These parts, wired."""
        self_check = SelfCheck(core.storage, core.texts, core.supervision, core.courteous)
        return cls(core.storage, core.settings, line, self_check, reload)

    def hearing(self) -> tuple[Duty, ...]:
        """That it hears, and knows what is in force."""
        return Duty("alive", self._alive), Duty("policy", self._refresh), Duty("unread", self._unread)

    def keeping(self) -> tuple[Duty, ...]:
        """That what it keeps is kept no longer than it may be, and holds."""
        return (
            Duty("retention", self._purge, at=PURGE_AT),
            Duty(SELF_CHECK, draft=self.self_check.draft, at=SELF_CHECK_AT),
        )

    def following(self) -> tuple[Duty, ...]:
        """That it goes by the configuration as it is now."""
        return () if self.reload is None else (Duty("configuration", self.reload.look),)

    async def _alive(self, _: datetime) -> None:
        await self.line.presence.alive()
        await self.line.presence.look_again()

    async def _refresh(self, _: datetime) -> None:
        await self.line.handler.refresh()
        await self.line.recover()

    async def _unread(self, _: datetime) -> int:
        return await self.line.fetcher.retry_unread() if self.line.presence.online else 0

    async def _purge(self, now: datetime) -> str:
        return await Retention.of(self.settings().retention).purge(self.storage, now)


@dataclass(slots=True)
class Duties:
    """The parts of a bot that speaks which have something to do regularly.

    Attributes:
        settings: gives the settings that are in force now.
        asked: up to when contested names were reported.
    """

    settings: Callable[[], Settings]
    line: Line
    upkeep: Upkeep
    friends: Friends
    relogin: Relogin
    nickname_round: NicknameRound
    members: MemberDuties
    digest: Digest
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
    asked: datetime

    def all(self) -> tuple[Duty, ...]:
        """Every duty, in the order in which one tick does them."""
        return (
            *self.upkeep.hearing(),
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
            Duty("nicknames", self.nickname_round, at=NICKNAMES_AT, days=Days.WORKING, aside=True),
            *self.upkeep.keeping(),
            Duty(
                "digest",
                draft=self.digest.draft,
                at=lambda: self.settings().digest.at,
                days=Days.WORKING,
                catch_up=CATCH_UP,
            ),
            *self.upkeep.following(),
        )

    async def _waiting(self, _: datetime) -> None:
        if self.line.presence.online:
            await self.friends.retry()
            await self.friends.release_waiting()
            self.line.outbox.wake()

    async def _contested(self, now: datetime) -> None:
        await self.relogin.report_contested(self.asked)
        self.asked = now

    async def _announce(self, now: datetime) -> None:
        if await self.announcements(now):
            self.line.outbox.wake()

    async def _appeals(self, now: datetime) -> None:
        if await self.appeals(now):
            self.line.outbox.wake()

    async def _demands(self, now: datetime) -> None:
        if await self.demands(now):
            self.line.outbox.wake()

    async def _ladder(self, now: datetime) -> None:
        if await self.ladder(now):
            self.line.outbox.wake()

    async def _statements(self, now: datetime) -> None:
        if await self.statements(now):
            self.line.outbox.wake()

    async def _answers(self, now: datetime) -> None:
        if not self.line.presence.online:
            return  # what was answered meanwhile is not known
        if await self.answers(now):
            self.line.outbox.wake()
        if self.enquiries.astray:
            async with self.line.handler.between_batches():
                await self.enquiries.restore()
