"""Wires everything together, and is the only place that does: what runs is decided here, nowhere else."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, time

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock, SystemClock
from bot.commands import COMMANDS
from bot.commands.desk import Desk
from bot.commands.table import Post
from bot.errors import ConfigError, QunguiError
from bot.gateway.port import Gateway
from bot.gateway.wire import WireGateway
from bot.gateway.wire.connection import Timing
from bot.gateway.wire.probe import probe
from bot.jobs.digest import CATCH_UP, Digest
from bot.jobs.nicknames import NicknameRound
from bot.jobs.reload import Reload
from bot.jobs.retention import Retention
from bot.jobs.schedule import Days
from bot.jobs.tick import Duty, Tick
from bot.pipeline.budget import Manner
from bot.pipeline.fetch import Fetcher
from bot.pipeline.friends import Friends, Welcome
from bot.pipeline.handle import Handler
from bot.pipeline.inbox import Inbox
from bot.pipeline.line import Line
from bot.pipeline.nicknames import Nicknames
from bot.pipeline.notice import NoticeWriter
from bot.pipeline.outbox import Outbox
from bot.pipeline.places import Pins, Wanted
from bot.pipeline.policy import Policy
from bot.pipeline.presence import Presence
from bot.pipeline.relogin import ACCOUNT, Relogin
from bot.settings import Settings
from bot.settings.source import Origin
from bot.texts import Texts
from rules.core.book import Rulebook
from rules.procedure.penalty import notice_due
from storage.errors import StorageError
from storage.session import Storage

PURGE_AT = time(3, 30)
NICKNAMES_AT = time(10, 0)


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
    outbox: Outbox
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
        quiet_hours=quiet_hours,
        stale_after=policy.stale_after,
    )
    notices = NoticeWriter(texts, clock, log, quiet_hours=quiet_hours)
    nicknames = Nicknames(storage, policy, notices, clock)
    handler = Handler(storage, policy, lambda: presence.places, desk, notices, nicknames, clock, log)
    outbox = Outbox(
        storage,
        gateway,
        Manner.of(settings.outbox),
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

    def looked() -> None:
        policy.call(presence.places.named)
        handler.forget()

    presence.follow(opened=line.opened, closed=line.closed, looked=looked)
    in_force = InForce(settings)
    nickname_round = NicknameRound(gateway, storage, policy, nicknames, lambda: presence.places, texts, log)

    async def refresh(_: datetime) -> None:
        await handler.refresh()

    async def newcomers(now: datetime) -> None:
        for room_id, contact_ids in presence.newcomers():
            await nickname_round.joined(room_id, contact_ids, now)

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
        return await Retention.of(in_force.settings.retention).purge(storage, now)

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
            outbox.adopt(Manner.of(settings.outbox))
            presence.adopt(pins, places)
        outbox.wake()
        await presence.look_again()

    reload = (
        Reload(origin, adopt, lambda: in_force.settings, storage, texts, clock, log)
        if origin is not None
        else None
    )

    digest = Digest(storage, policy, texts, lambda: in_force.settings.digest, courteous)
    tick = Tick(
        storage,
        lambda: policy.book.calendar,
        (
            Duty("alive", alive),
            Duty("policy", refresh),
            Duty("unread", unread),
            Duty("waiting answers", waiting),
            Duty("contested names", contested),
            Duty("newcomers", newcomers),
            Duty("nicknames", nickname_round, at=NICKNAMES_AT, days=Days.WORKING),
            Duty("retention", purge, at=PURGE_AT),
            Duty(
                "digest",
                draft=digest.draft,
                at=lambda: in_force.settings.digest.at,
                days=Days.WORKING,
                catch_up=CATCH_UP,
            ),
            *((Duty("configuration", reload.look),) if reload is not None else ()),
        ),
        log,
    )
    return Bot(line, handler, outbox, presence, tick, storage, clock, policy, in_force, adopt, reload)


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


async def knock(settings: Settings, seconds: float) -> str:
    """The version of the gateway that the settings name; a bot that is on guard there is not disturbed.

    Raises:
        ConfigError: it can't be asked as it is configured.
        GatewayError: it does not answer within ``seconds``, or not to us.
    """
    gateway = settings.gateway
    token = gateway.token.get_secret_value() if gateway.token else ""
    return await probe(gateway.endpoint, token, gateway.tls_mode, min(seconds, gateway.deadline_seconds))


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
