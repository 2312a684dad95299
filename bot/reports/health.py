"""The nouns of `qungui doctor`: what was found, how bad it is, and everything that the checks look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.pipeline.breaker import Pause
from bot.settings import Settings
from rules.core.book import Rulebook
from storage.inspection import Ground
from storage.records import Blind, Mode, Role, RosterRow, Switch
from storage.results import InboxCounts, OutboxCounts


class Level(StrEnum):
    """How bad a finding is; only ``BAD`` makes `qungui doctor` leave with status 1."""

    FINE = "ok"
    WARNING = "warning"
    BAD = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: in one sentence, and what to do about it (empty if it is fine)."""

    check: str
    level: Level
    said: str
    remedy: str = ""


def fine(check: str, said: str) -> Finding:
    """Nothing to do."""
    return Finding(check, Level.FINE, said)


def warning(check: str, said: str, remedy: str) -> Finding:
    """It works, but somebody should know."""
    return Finding(check, Level.WARNING, said, remedy)


def bad(check: str, said: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(check, Level.BAD, said, remedy)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that failed while it was looked at, in the words of the failure; never holds a secret."""

    said: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Configured:
    """A configuration that is well-formed, and the rulebook it makes.

    Attributes:
        source: file, or the built-in defaults.
        warnings: what is legal but worth a word.
        reach: for each rule with bars of its own its confidence in its own examples.
        words: how many words the rule of forbidden words looks for.
    """

    settings: Settings
    source: str
    warnings: tuple[str, ...]
    book: Rulebook
    reach: dict[str, float] = field(default_factory=dict)
    words: int = 1


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the database holds that says whether all is well.

    Attributes:
        pins: our key of each configured room that was found and is still there, by `duty name`.
        roles: who holds which role under an id that is confirmed, counted.
        unconfirmed: how many people hold a role that they can't use.
        waiting: since when the oldest case waits for a decision.
        imported: when a roster was imported last, as far as that is still known.
        alive: the bot's last sign of life.
        words: forbidden words that were added in chat.
        opinions: what became of the requests for a second opinion of the last day, counted.
        opinions_paused: until when nobody is asked for one, and why; empty if somebody is.
        pause: of all sending, after failures in a row; ``None`` if there is none.
        dry_run: since when only dry runs have used the database; ``None`` if a live bot has.
        learnt: the version of what was learnt from people that is in force; 0 for none.
        learnt_over: fingerprint of the shipped weights that it was learnt over; empty if it can't be read.
    """

    pins: dict[str, str]
    roster: tuple[RosterRow, ...]
    imported: datetime | None
    roles: dict[Role, int]
    unconfirmed: int
    waiting: datetime | None
    outbox: OutboxCounts
    inbox: InboxCounts
    blind: tuple[Blind, ...]
    alive: datetime | None
    switches: tuple[Switch, ...] = ()
    words: tuple[str, ...] = ()
    opinions: dict[str, int] = field(default_factory=dict)
    opinions_paused: str = ""
    pause: Pause | None = None
    dry_run: datetime | None = None
    learnt: int = 0
    learnt_over: str = ""

    def off_everywhere(self, rule: str) -> bool:
        """Whether supervisors have switched a rule off for every room, and on in none."""
        mine = [switch for switch in self.switches if switch.rule == rule]
        off = any(switch.room_key == 0 and switch.mode is Mode.OFF for switch in mine)
        return off and not any(switch.room_key and switch.mode is not Mode.OFF for switch in mine)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that was gathered; each part is what was found, or the trouble that kept it from being found.

    Attributes:
        gateway: the gateway's version; ``None`` if none is configured.
        free_bytes: on the disk of the database; ``None`` for a server's.
        everyday: forbidden words of the company that are everyday words, with how often they occur.
        zone_release: of the time zone database; empty if there is none.
        shipped: fingerprint of the shipped weights, where something was learnt.
    """

    now: datetime
    configured: Configured | Trouble
    gateway: str | Trouble | None = None
    ground: Ground | Trouble | None = None
    remembered: Remembered | Trouble | None = None
    free_bytes: int | None = None
    everyday: tuple[tuple[str, int], ...] = ()
    zone_release: str = ""
    shipped: str = ""

    @property
    def settings(self) -> Settings | None:
        """The settings; ``None`` if they are wrong."""
        return self.configured.settings if isinstance(self.configured, Configured) else None


DAY = timedelta(days=1)
