"""A bot on a dry run out of its parts: it hears, judges and records, and nothing in it could speak or act.

What acts is absent, not switched off: it is handed a :class:`bot.gateway.port.Listener`, has no outbox, no desk that
answers, no friend requests, no jobs that address or move people, and a database from whose outbox nothing leaves.
"""

from __future__ import annotations

from datetime import datetime

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock, SystemClock
from bot.commands import COMMANDS
from bot.commands.table import Post
from bot.commands.unanswered import Unanswered, Unheeded
from bot.compose.duties import PURGE_AT, SELF_CHECK_AT
from bot.compose.whole import Bot, InForce
from bot.errors import ConfigError
from bot.gateway.port import DEEDS, Listener
from bot.jobs.reload import Reload
from bot.jobs.retention import Retention
from bot.jobs.self_check import SelfCheck
from bot.jobs.tick import Duty, Tick
from bot.pipeline.fetch import Fetcher
from bot.pipeline.handle import Handler
from bot.pipeline.inbox import Inbox
from bot.pipeline.line import Line
from bot.pipeline.nicknames import Nicknames
from bot.pipeline.notice import NoticeWriter
from bot.pipeline.outlet import Unspoken
from bot.pipeline.places import Pins, Wanted
from bot.pipeline.policy import Policy
from bot.pipeline.presence import FIRST_START, Presence
from bot.pipeline.relogin import Relogin
from bot.reports.soundness import JOB as SELF_CHECK
from bot.settings import Settings
from bot.settings.source import Origin
from bot.texts import Texts
from rules.core.book import Rulebook
from rules.procedure.penalty import notice_due
from storage.session import Storage

DRY_RUN = "dry_run"
"""Under this name the database notes that only dry runs have used it so far, and since when."""


async def require_own_database(storage: Storage, now: datetime) -> None:
    """Make sure that no live bot has used this database: what it owes people would lie still meanwhile.

    Raises:
        ConfigError: one has.
    """
    async with storage.unit() as unit:
        if await unit.meta.get(DRY_RUN) is not None:
            return
        if await unit.meta.get(FIRST_START) is not None:
            raise ConfigError(
                f"{storage.name} is the database of a live bot: a dry run keeps its records apart",
                "set QUNGUI_STORAGE_URL to a database of its own, for example sqlite:///dry-run.db",
            )
        await unit.meta.set(DRY_RUN, now.isoformat())


async def end_trials(storage: Storage) -> None:
    """Note that the database is a live bot's from now on."""
    async with storage.unit() as unit:
        await unit.meta.delete(DRY_RUN)


def build_dry(
    settings: Settings,
    book: Rulebook,
    storage: Storage,
    ears: Listener,
    clock: Clock,
    log: FilteringBoundLogger,
    origin: Origin | None = None,
) -> Bot:
    """Put a bot on a dry run together; nothing starts here.

    Raises:
        ValueError: the database was not opened to withhold, or what should only listen could act.
    """
    if not storage.withholding:
        raise ValueError("a dry run needs a database that withholds what is put into its outbox")
    if able := [name for name in sorted(DEEDS) if hasattr(ears, name)]:
        raise ValueError(f"a dry run is handed what only listens, and this could {', '.join(able)}")
    texts = Texts.load()
    in_force = InForce(settings)
    policy = Policy(
        book=book,
        stale_after=settings.notices.stale_after,
        options=settings.book_options(),
        trial=True,
    )

    def courteous(now: datetime) -> datetime:
        return notice_due(now, policy.book.calendar, quiet_hours=notices.quiet_hours)

    relogin = Relogin(ears, storage, texts, clock, log)
    pins = Pins(Wanted.of(settings.rooms), clock, log)
    presence = Presence(ears, storage, None, relogin, pins, texts, clock, log)
    notices = NoticeWriter(
        texts,
        clock,
        log,
        quiet_hours=settings.notices.quiet_hours,
        appeal_days=lambda: in_force.settings.appeals.days,
    )
    desk = Unanswered(COMMANDS, lambda: Post(ears.self_id, presence.names, presence.since, presence.online))
    nicknames = Nicknames(storage, policy, notices, clock)
    handler = Handler(
        storage, policy, lambda: presence.places, desk, notices, nicknames, Unheeded(), clock, log
    )
    fetcher = Fetcher(ears, storage, clock, handler.take, log)
    inbox = Inbox(ears, storage, fetcher.accept, presence.react, clock, log)
    outlet = Unspoken()
    line = Line(ears, inbox, fetcher, handler, outlet, presence, log, SystemClock().sleep)

    def looked() -> None:
        policy.call(presence.places.named)
        handler.forget()

    presence.follow(opened=line.opened, closed=line.closed, looked=looked)

    async def adopt(settings: Settings, book: Rulebook) -> None:
        pins = Pins(Wanted.of(settings.rooms), clock, log)
        places = await presence.foresee(pins)
        async with handler.between_batches():
            await policy.adopt(settings.book_options(), book, settings.notices.stale_after)
            in_force.settings = settings
            notices.quiet_hours = settings.notices.quiet_hours
            presence.adopt(pins, places)
        await presence.look_again()

    reload = (
        Reload(origin, adopt, lambda: in_force.settings, storage, texts, clock, log)
        if origin is not None
        else None
    )
    self_check = SelfCheck(storage, texts, lambda: presence.supervision, courteous)

    async def alive(_: datetime) -> None:
        await presence.alive()
        await presence.look_again()

    async def refresh(_: datetime) -> None:
        await handler.refresh()
        await line.recover()

    async def unread(_: datetime) -> int:
        return await fetcher.retry_unread() if presence.online else 0

    async def purge(now: datetime) -> str:
        return await Retention.of(in_force.settings.retention).purge(storage, now)

    duties = (
        Duty("alive", alive),
        Duty("policy", refresh),
        Duty("unread", unread),
        Duty("retention", purge, at=PURGE_AT),
        Duty(SELF_CHECK, draft=self_check.draft, at=SELF_CHECK_AT),
        *((Duty("configuration", reload.look),) if reload is not None else ()),
    )
    tick = Tick(storage, lambda: policy.book.calendar, duties, log)
    return Bot(line, handler, outlet, presence, tick, storage, clock, policy, in_force, adopt, reload)
