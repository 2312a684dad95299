"""The bot out of its parts."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock, SystemClock
from bot.commands import COMMANDS
from bot.commands.desk import Desk
from bot.commands.table import Post
from bot.compose.duties import Duties
from bot.compose.membership import MemberDuties
from bot.compose.voice import voice
from bot.gateway.port import Gateway
from bot.jobs.announcements import Announcements
from bot.jobs.answer_rows import Wording
from bot.jobs.answers import Answers
from bot.jobs.appeals import AppealWatch
from bot.jobs.demands import DemandWatch
from bot.jobs.digest import Digest
from bot.jobs.ladder import Ladder
from bot.jobs.month import MonthEnd
from bot.jobs.nicknames import NicknameRound
from bot.jobs.opinions import SecondOpinions
from bot.jobs.queue import ReviewQueue
from bot.jobs.reached import StatementWatch
from bot.jobs.reload import Reload
from bot.jobs.self_check import SelfCheck
from bot.jobs.tick import Tick
from bot.pipeline.budget import Manner
from bot.pipeline.enquiries import Enquiries
from bot.pipeline.fetch import Fetcher
from bot.pipeline.friends import Friends, Welcome
from bot.pipeline.handle import Handler
from bot.pipeline.inbox import Inbox
from bot.pipeline.line import Line
from bot.pipeline.nicknames import Nicknames
from bot.pipeline.notice import NoticeWriter
from bot.pipeline.outlet import Outlet
from bot.pipeline.places import Pins, Wanted
from bot.pipeline.policy import Policy
from bot.pipeline.presence import Presence
from bot.pipeline.relogin import Relogin
from bot.settings import Settings
from bot.settings.source import Origin
from bot.texts import Texts
from rules.core.book import Rulebook
from rules.procedure.penalty import notice_due
from storage.session import Storage


@dataclass(slots=True)
class InForce:
    """The settings that are in force now; asked at each use, never kept."""

    settings: Settings


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot with all its parts, not running yet: ``line.run`` takes messages, ``tick`` does what is due.

    Attributes:
        adopt: takes changed settings and their rulebook over while it runs, between two batches of messages.
        reload: follows the configuration file; ``None`` if there is none to follow.
    """

    line: Line
    handler: Handler
    outbox: Outlet
    presence: Presence
    tick: Tick
    storage: Storage
    clock: Clock
    policy: Policy
    in_force: InForce
    adopt: Callable[[Settings, Rulebook], Awaitable[None]]
    reload: Reload | None = None


def build(
    settings: Settings,
    book: Rulebook,
    storage: Storage,
    gateway: Gateway,
    clock: Clock,
    log: FilteringBoundLogger,
    chance: Callable[[], float] = random.random,
    origin: Origin | None = None,
) -> Bot:
    """Put a bot together; nothing starts here. With an ``origin`` it follows changes of its configuration."""
    texts = Texts.load()
    policy = Policy(book=book, stale_after=settings.notices.stale_after, options=settings.book_options())
    quiet_hours = settings.notices.quiet_hours
    in_force = InForce(settings)

    def courteous(now: datetime) -> datetime:
        return notice_due(now, policy.book.calendar, quiet_hours=notices.quiet_hours)

    friends = Friends(gateway, storage, Welcome.of(settings.friends), clock, log)
    relogin = Relogin(gateway, storage, texts, clock, log)
    pins = Pins(Wanted.of(settings.rooms), clock, log)
    presence = Presence(gateway, storage, friends, relogin, pins, texts, clock, log)
    desk = Desk(
        COMMANDS,
        texts,
        clock,
        post=lambda: Post(gateway.self_id, presence.names, presence.since, presence.online),
        policy=policy,
        supervision=lambda: presence.supervision,
        guards=presence.guards,
        quiet_hours=quiet_hours,
        stale_after=policy.stale_after,
        settings=lambda: in_force.settings,
    )
    notices = NoticeWriter(
        texts,
        clock,
        log,
        quiet_hours=quiet_hours,
        appeal_days=lambda: in_force.settings.appeals.days,
    )
    nicknames = Nicknames(storage, policy, notices, clock)
    enquiries = Enquiries(storage, policy, lambda: in_force.settings.answers, lambda: gateway.self_id)
    handler = Handler(
        storage, policy, lambda: presence.places, desk, notices, nicknames, enquiries, clock, log
    )
    outbox = voice(
        gateway,
        storage,
        lambda: in_force.settings,
        policy,
        lambda: presence.supervision,
        courteous,
        texts,
        clock,
        log,
        chance,
    )
    handler.listeners.append(lambda handled: outbox.wake() if handled.outgoing else None)
    fetcher = Fetcher(gateway, storage, clock, handler.take, log)
    inbox = Inbox(gateway, storage, fetcher.accept, presence.react, clock, log)
    line = Line(gateway, inbox, fetcher, handler, outbox, presence, log, SystemClock().sleep)

    def looked() -> None:
        policy.call(presence.places.named)
        handler.forget()

    presence.follow(opened=line.opened, closed=line.closed, looked=looked)
    nickname_round = NicknameRound(gateway, storage, policy, nicknames, lambda: presence.places, texts, log)

    async def adopt(settings: Settings, book: Rulebook) -> None:
        pins = Pins(Wanted.of(settings.rooms), clock, log)
        places = await presence.foresee(pins)
        async with handler.between_batches():
            await policy.adopt(settings.book_options(), book, settings.notices.stale_after)
            # From here on nothing is waited for: whoever looks sees the old configuration or the new one.
            in_force.settings = settings
            desk.stale_after = policy.stale_after
            desk.quiet_hours = notices.quiet_hours = settings.notices.quiet_hours
            friends.adopt(Welcome.of(settings.friends))
            outbox.adopt(Manner.of(settings.outbox, settings.notices))
            presence.adopt(pins, places)
        outbox.wake()
        await presence.look_again()

    reload = (
        Reload(origin, adopt, lambda: in_force.settings, storage, texts, clock, log)
        if origin is not None
        else None
    )

    digest = Digest(
        storage,
        policy,
        texts,
        lambda: in_force.settings.digest,
        lambda: in_force.settings.review.confirm_days,
        courteous,
    )
    members = MemberDuties.of(
        gateway, storage, presence, nickname_round, policy, lambda: in_force.settings, outbox.wake, texts, log
    )
    handler.listeners.append(members.hints.hear)
    duties = Duties(
        storage=storage,
        settings=lambda: in_force.settings,
        handler=handler,
        presence=presence,
        fetcher=fetcher,
        outbox=outbox,
        friends=friends,
        relogin=relogin,
        nickname_round=nickname_round,
        members=members,
        digest=digest,
        self_check=SelfCheck(storage, texts, lambda: presence.supervision, courteous),
        announcements=Announcements(
            storage,
            policy,
            presence.guards,
            lambda: in_force.settings.notices.quiet_hours,
            lambda: in_force.settings.answers,
            enquiries.changed,
            texts,
        ),
        review_queue=ReviewQueue(policy, texts, lambda: in_force.settings, lambda: presence.supervision),
        appeals=AppealWatch(storage, policy, texts, lambda: in_force.settings, lambda: presence.supervision),
        demands=DemandWatch(storage, policy, texts, lambda: presence.supervision),
        ladder=Ladder(
            storage, policy, texts, lambda: in_force.settings, lambda: presence.supervision, courteous
        ),
        month_end=MonthEnd(policy, texts, lambda: in_force.settings, lambda: presence.supervision),
        statements=StatementWatch(storage, policy, texts, lambda: presence.supervision),
        answers=Answers(
            gateway,
            storage,
            policy,
            enquiries,
            Wording(policy, lambda: in_force.settings.answers, courteous, texts),
            log,
        ),
        enquiries=enquiries,
        opinions=SecondOpinions(storage, policy, lambda: in_force.settings, log),
        reload=reload,
        recover=line.recover,
        asked=clock.now(),
    )
    tick = Tick(storage, lambda: policy.book.calendar, duties.all(), log)
    return Bot(line, handler, outbox, presence, tick, storage, clock, policy, in_force, adopt, reload)
