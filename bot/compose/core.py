"""What no bot is without, whether it speaks or only listens: it hears, judges and records."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock, SystemClock
from bot.commands.table import Post
from bot.gateway.port import Listener
from bot.jobs.reload import Adopt, Reload
from bot.jobs.tick import Duty, Tick
from bot.pipeline.budget import Manner
from bot.pipeline.fetch import Fetcher, Take
from bot.pipeline.friends import Friends, Welcome
from bot.pipeline.handle import Handler
from bot.pipeline.handled import Attention, Commands
from bot.pipeline.inbox import Inbox
from bot.pipeline.line import Line
from bot.pipeline.nicknames import Nicknames
from bot.pipeline.notice import NoticeWriter
from bot.pipeline.outlet import Outlet
from bot.pipeline.places import Pins, Places, Wanted
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


class Core:
    """The parts that every bot has, and how they are put to those that it has or lacks.

    Args:
        friends: decides on friend requests; ``None``: they are left to people.
        trial: no rule does more than record.
    """

    def __init__(
        self,
        settings: Settings,
        book: Rulebook,
        storage: Storage,
        gateway: Listener,
        clock: Clock,
        log: FilteringBoundLogger,
        *,
        friends: Friends | None = None,
        trial: bool = False,
    ) -> None:
        self.gateway = gateway
        self.storage = storage
        self.clock = clock
        self.log = log
        self.friends = friends
        self.texts = texts = Texts.load()
        self.in_force = InForce(settings)
        self.policy = Policy(
            book=book,
            stale_after=settings.notices.stale_after,
            options=settings.book_options(),
            trial=trial,
        )
        self.relogin = Relogin(gateway, storage, texts, clock, log)
        pins = self._pins(settings)
        self.presence = Presence(gateway, storage, friends, self.relogin, pins, texts, clock, log)
        self.notices = NoticeWriter(
            texts,
            clock,
            log,
            quiet_hours=self._quiet_hours,
            appeal_days=lambda: self.settings().appeals.days,
        )
        self.nicknames = Nicknames(storage, self.policy, self.notices, clock)

    def settings(self) -> Settings:
        """The settings that are in force now."""
        return self.in_force.settings

    def courteous(self, now: datetime) -> datetime:
        """The earliest moment at which people may be spoken to, seen from a moment."""
        return notice_due(now, self.policy.book.calendar, quiet_hours=self._quiet_hours())

    def places(self) -> Places:
        """What the rooms are, as far as they are known now."""
        return self.presence.places

    def supervision(self) -> str:
        """Gateway id of the supervision room, empty while there is none."""
        return self.presence.supervision

    def post(self) -> Post:
        """Where the bot stands."""
        at = self.presence
        return Post(self.gateway.self_id, at.names, at.since, at.online)

    def handler(self, desk: Commands, enquiries: Attention) -> Handler:
        """The path of a message, which puts commands to a desk."""
        return Handler(
            self.storage,
            self.policy,
            self.places,
            desk,
            self.notices,
            self.nicknames,
            enquiries,
            self.clock,
            self.log,
        )

    def line(self, handler: Handler, take: Take, outlet: Outlet) -> Line:
        """All stages around a handler; ``take`` takes what was fetched, and hands it on to the handler."""
        fetcher = Fetcher(self.gateway, self.storage, self.clock, take, self.log)
        inbox = Inbox(self.gateway, self.storage, fetcher.accept, self.presence.react, self.clock, self.log)
        pause = SystemClock().sleep
        line = Line(self.gateway, inbox, fetcher, handler, outlet, self.presence, self.log, pause)

        def looked() -> None:
            self.policy.call(self.places().named)
            handler.forget()

        self.presence.follow(opened=line.opened, closed=line.closed, looked=looked)
        return line

    def adoption(self, line: Line) -> Adopt:
        """How changed settings are taken over while a line runs."""

        async def adopt(settings: Settings, book: Rulebook) -> None:
            pins = self._pins(settings)
            places = await self.presence.foresee(pins)
            async with line.handler.between_batches():
                await self.policy.adopt(settings.book_options(), book, settings.notices.stale_after)
                # From here on nothing is waited for: whoever looks sees the old configuration or the new one.
                self.in_force.settings = settings
                if self.friends is not None:
                    self.friends.adopt(Welcome.of(settings.friends))
                line.outbox.adopt(Manner.of(settings.outbox, settings.notices))
                self.presence.adopt(pins, places)
            line.outbox.wake()
            await self.presence.look_again()

        return adopt

    def reload(self, origin: Origin | None, adopt: Adopt) -> Reload | None:
        """What follows the configuration file, if there is one."""
        if origin is None:
            return None
        return Reload(origin, adopt, self.settings, self.storage, self.texts, self.clock, self.log)

    def bot(self, line: Line, duties: Sequence[Duty], adopt: Adopt, reload: Reload | None) -> Bot:
        """A bot of this core, this line and these duties."""
        return Bot(
            line,
            line.handler,
            line.outbox,
            self.presence,
            Tick(self.storage, lambda: self.policy.book.calendar, duties, self.log),
            self.storage,
            self.clock,
            self.policy,
            self.in_force,
            adopt,
            reload,
        )

    def _pins(self, settings: Settings) -> Pins:
        return Pins(Wanted.of(settings.rooms), self.clock, self.log)

    def _quiet_hours(self) -> bool:
        return self.settings().notices.quiet_hours
