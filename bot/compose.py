"""Wires everything together, and is the only place that does: what runs is decided here, nowhere else."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock, SystemClock
from bot.commands import COMMANDS
from bot.commands.desk import Desk
from bot.commands.table import Post
from bot.errors import ConfigError, QunguiError
from bot.gateway.port import Gateway
from bot.gateway.wire import WireGateway
from bot.gateway.wire.connection import Timing
from bot.jobs.retention import DAYS_A_MONTH, Retention
from bot.jobs.tick import Duty, Tick
from bot.pipeline.budget import Limits
from bot.pipeline.fetch import Fetcher
from bot.pipeline.friends import Friends
from bot.pipeline.handle import Handler
from bot.pipeline.inbox import Inbox
from bot.pipeline.line import Line
from bot.pipeline.nicknames import Nicknames
from bot.pipeline.notice import NoticeWriter
from bot.pipeline.outbox import Manner, Outbox
from bot.pipeline.places import Pins, Wanted
from bot.pipeline.policy import Policy
from bot.pipeline.presence import Presence
from bot.pipeline.relogin import ACCOUNT, Relogin
from bot.settings import OutboxSettings, Settings
from bot.texts import Texts
from rules.core.book import Rulebook
from rules.procedure.penalty import notice_due
from storage.errors import StorageError
from storage.session import Storage

PURGE_AT = time(3, 30)


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot with all its parts, not running yet: ``line.run`` takes messages, ``tick`` does what is due."""

    line: Line
    handler: Handler
    outbox: Outbox
    presence: Presence
    tick: Tick
    storage: Storage
    clock: Clock


def build(
    settings: Settings,
    book: Rulebook,
    storage: Storage,
    gateway: Gateway,
    clock: Clock,
    log: FilteringBoundLogger,
    chance: Callable[[], float] = random.random,
) -> Bot:
    """Put a bot together; nothing starts here."""
    texts = Texts.load()
    stale_after = timedelta(minutes=settings.notices.stale_minutes)
    policy = Policy(book=book, stale_after=stale_after, options=settings.book_options())
    quiet_hours = settings.notices.quiet_hours

    def courteous(now: datetime) -> datetime:
        return notice_due(now, policy.book.calendar, quiet_hours=quiet_hours)

    friends = Friends(
        gateway,
        storage,
        clock,
        log,
        accept_known=settings.friends.accept == "known",
        listed=settings.friends.listed,
        per_hour=settings.friends.per_hour,
    )
    wanted = Wanted(
        guard_all=settings.rooms.guard == "all",
        listed=frozenset(settings.rooms.listed),
        supervision=settings.rooms.supervision,
    )
    relogin = Relogin(gateway, storage, texts, clock, log)
    presence = Presence(gateway, storage, friends, relogin, Pins(wanted, clock, log), texts, clock, log)
    desk = Desk(
        COMMANDS,
        texts,
        clock,
        post=lambda: Post(gateway.self_id, presence.names, presence.since, presence.online),
        policy=policy,
        supervision=lambda: presence.supervision,
        quiet_hours=quiet_hours,
        stale_after=policy.stale_after,
    )
    notices = NoticeWriter(texts, clock, log, quiet_hours=quiet_hours)
    nicknames = Nicknames(storage, policy, notices, clock)
    handler = Handler(storage, policy, lambda: presence.places, desk, notices, nicknames, clock, log)
    outbox = Outbox(
        storage,
        gateway,
        manner(settings.outbox),
        texts,
        courteous,
        lambda: presence.supervision,
        clock,
        log,
        chance,
    )
    handler.listeners.append(lambda handled: outbox.wake() if handled.outgoing else None)
    fetcher = Fetcher(gateway, storage, clock, handler.take, log)
    inbox = Inbox(gateway, storage, fetcher.accept, presence.react, clock, log)
    line = Line(gateway, inbox, fetcher, handler, outbox, presence, log, SystemClock().sleep)
    presence.follow(opened=line.opened, closed=line.closed, looked=handler.forget)
    retention = Retention(
        messages=timedelta(days=settings.retention.messages_days),
        evidence=timedelta(days=settings.retention.evidence_days),
        ledger_texts=timedelta(days=settings.retention.ledger_text_months * DAYS_A_MONTH),
    )

    async def alive(_: datetime) -> None:
        await presence.alive()
        await presence.look_again()

    async def unread(_: datetime) -> int:
        return await fetcher.retry_unread() if presence.online else 0

    async def waiting(_: datetime) -> None:
        if presence.online:
            await friends.release_waiting()
            outbox.wake()

    asked = [clock.now()]

    async def contested(now: datetime) -> None:
        await relogin.report_contested(asked[0])
        asked[0] = now

    async def purge(now: datetime) -> str:
        return await retention.purge(storage, now)

    tick = Tick(
        storage,
        ZoneInfo(settings.company.timezone),
        (
            Duty("alive", alive),
            Duty("unread", unread),
            Duty("waiting answers", waiting),
            Duty("contested names", contested),
            Duty("retention", purge, at=PURGE_AT),
        ),
        log,
    )
    return Bot(line, handler, outbox, presence, tick, storage, clock)


def manner(outbox: OutboxSettings) -> Manner:
    """The outbox's manner, from the settings."""
    return Manner(
        limits=Limits(
            account_per_minute=outbox.account_per_minute,
            room_per_minute=outbox.room_per_minute,
            room_per_hour=outbox.room_per_hour,
            min_gap=outbox.min_gap_seconds,
            jitter=outbox.jitter_seconds,
            pacing=outbox.pacing,
        ),
        merge_seconds=outbox.merge_seconds,
        max_attempts=outbox.max_attempts,
    )


def require_gateway(settings: Settings) -> None:
    """Make sure that a gateway is named, before anything is opened or set up.

    Raises:
        ConfigError: none is.
    """
    if not settings.gateway.endpoint:
        raise ConfigError(
            "gateway.endpoint is not set: there is no gateway to run on",
            "set QUNGUI_GATEWAY_ENDPOINT=host:port (and QUNGUI_GATEWAY_TOKEN), "
            "or look at the bot first with `qungui demo`",
        )


async def wire(settings: Settings, storage: Storage, clock: Clock, log: FilteringBoundLogger) -> WireGateway:
    """The gateway that the settings name; it knows the account from the last login, should it not be told again.

    Raises:
        ConfigError: it can't be used as it is.
    """
    gateway = settings.gateway
    token = gateway.token.get_secret_value() if gateway.token else ""
    async with storage.view() as unit:
        account = await unit.meta.get(ACCOUNT)
    return WireGateway(
        gateway.endpoint,
        token,
        gateway.tls_mode,
        clock,
        log,
        timing=Timing(call=gateway.deadline_seconds),
        self_id=account or "",
    )


def simulated(endpoint: str, token: str, clock: Clock, log: FilteringBoundLogger) -> WireGateway:
    """The gateway client towards a simulator on loopback."""
    return WireGateway(endpoint, token, "off", clock, log)


@asynccontextmanager
async def opened_storage(settings: Settings) -> AsyncIterator[Storage]:
    """The database that the settings name, set up if it is new, closed at the end.

    Raises:
        QunguiError: it can't be used; with the remedy.
    """
    key = settings.ledger.key.get_secret_value().encode() if settings.ledger.key else b""
    try:
        storage = await Storage.open(settings.storage.address, ledger_key=key)
    except StorageError as failure:
        raise QunguiError(failure.message, failure.remedy) from failure
    try:
        yield storage
    finally:
        await storage.close()
