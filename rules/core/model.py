"""The nouns of judging: frozen values without behaviour beyond what they say of themselves.

Times are aware datetimes; spans are half-open and count code points of the *original* field.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from rules.core.alarms import NO_CALLS, Calls
from rules.core.roster import NOBODY, Directory, Roster
from rules.core.rota import NO_SHIFTS, Rota
from rules.reading.span import Span

if TYPE_CHECKING:
    from rules.core.worktime import WorkCalendar
    from rules.reading.reader import Reading

Field = Literal["text", "alias"]
Fact = str | int | float

NO_FACTS: Mapping[str, Fact] = MappingProxyType({})


class Kind(StrEnum):
    """What a member is to the company (policy 1.2)."""

    EMPLOYEE = "employee"
    EXTERNAL = "external"
    BOT = "bot"


class MessageType(StrEnum):
    """What a message carries; ``OTHER`` stands for everything that no rule looks at."""

    TEXT = "text"
    IMAGE = "image"
    FILE = "file"
    URL = "url"
    MINI_PROGRAM = "mini_program"
    CONTACT = "contact"
    EMOTICON = "emoticon"
    VIDEO = "video"
    AUDIO = "audio"
    RECALLED = "recalled"
    OTHER = "other"


class Tier(StrEnum):
    """How sure a finding is: the bot acts on ``VIOLATION``; people decide on ``REVIEW``."""

    VIOLATION = "violation"
    REVIEW = "review"


class Verdict(StrEnum):
    """What one rule said of one message."""

    CLEAN = "clean"
    VIOLATION = "violation"
    REVIEW = "review"
    OFF = "off"
    EXEMPT = "exempt"
    UNKNOWN = "unknown"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Member:
    """Who sent a message; ``id`` is any key stable within one run, ``alias`` is ``None`` when unknown.

    Attributes:
        employee_no: the roster line that this member is known for certain to be; empty while nobody knows.
        kind_known: whether ``kind`` was told by somebody, or is only what most members are.
    """

    id: str
    name: str = ""
    alias: str | None = None
    kind: Kind = Kind.EMPLOYEE
    employee_no: str = ""
    kind_known: bool = True

    @property
    def known_as(self) -> tuple[str, ...]:
        """Everything that a rota may call this member by."""
        return tuple(filter(None, (self.id, self.employee_no, self.alias, self.name)))


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it is judged. ``None`` and empty mean *not known*, never *none*.

    ``text`` is what was typed; for links and mini-programs title, description and url, for files the name.
    ``called`` are nicknames that members really bear, among them those whom the text calls.
    """

    text: str
    type: MessageType = MessageType.TEXT
    id: str | None = None
    room_id: str = ""
    room: str = ""
    sender: Member | None = None
    sent_at: datetime | None = None
    mentions: tuple[str, ...] = ()
    called: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """What the windows keep of an earlier message: enough to count and compare, not the whole text.

    ``key`` is its normalised text, of a long one beginning and digest: equal keys mean equal texts. It is
    empty where no words are (an image, nothing but emoji). ``length`` counts the code points typed;
    ``reply`` says that it quotes a message.
    """

    sender_id: str
    sent_at: datetime
    type: MessageType
    key: str
    length: int
    reply: bool = False


@dataclass(frozen=True, slots=True)
class Burst:
    """An open burst of one sender in one room: it had its one finding, and what follows belongs to it."""

    since: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Context:
    """All that a rule may know beyond the message itself.

    Attributes:
        reading: the message's text, normalised, without the quoted block, with the lexicon's hits.
        calendar: working days and hours of the company.
        recent: this sender's earlier messages in this room, oldest first.
        room_recent: everybody's earlier messages in this room, oldest first (the sender's included).
        elsewhere: in how many *other* rooms this sender posted the same text within the window.
        burst: the sender's open burst in this room, if there is one.
        settled: up to when this sender's messages here belong to a burst that had its finding and is over.
        calls: when this room was last called upon, by an emergency or a question; only where a rule heeds it, and
            not in the middle of work.
        roster: who works where.
        directory: the roster as nicknames are looked up in it; ``None`` where nobody asked for it.
        rota: who is on duty or on leave.
        exempt: rules that do not apply to this sender here and now.
    """

    reading: Reading
    calendar: WorkCalendar
    recent: tuple[Past, ...] = ()
    room_recent: tuple[Past, ...] = ()
    elsewhere: int = 0
    burst: Burst | None = None
    settled: datetime | None = None
    calls: Calls = NO_CALLS
    roster: Roster = NOBODY
    directory: Directory | None = None
    rota: Rota = NO_SHIFTS
    exempt: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule noticed, before anyone weighed it.

    Attributes:
        field: which field the spans point into.
        start, end: the main span, half-open, in code points of the original field.
        confidence: 0 to 1; the rule's bars turn it into a tier.
        category: one of the rule's declared categories.
        facts: values for the templates of reason and signs. The reason is shown in public: what it takes
            never repeats the offence.
        more: further spans of the same finding.
    """

    field: Field
    start: int
    end: int
    confidence: float
    category: str
    facts: Mapping[str, Fact] = dataclasses.field(default_factory=lambda: NO_FACTS)
    more: tuple[Span, ...] = ()

    @classmethod
    def over(cls, spans: Sequence[Span], confidence: float, category: str, **facts: Fact) -> Finding:
        """A finding in the text over one or more spans, of which the first is the main one."""
        (start, end), *more = spans
        return cls("text", start, end, confidence, category, facts, tuple(more))

    @property
    def spans(self) -> tuple[Span, ...]:
        """Every span, the main one included, in order of appearance; those that overlap are joined."""
        joined: list[Span] = []
        for start, end in sorted({(self.start, self.end), *self.more}):
            if joined and start < joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return tuple(joined)


@dataclass(frozen=True, slots=True)
class Ruling:
    """A finding weighed by policy: how sure, what it would cost, and why, in words that may be shown.

    ``reason`` is public, ``signs`` (what kind of thing was noticed) is for reviewers alone. ``deferred``,
    ``standing`` and ``urgent`` are its rule's (:class:`rules.core.declare.Rule`); ``shadow`` says that the rule is on
    trial here: what it would have done is recorded, and nothing is done.
    """

    rule: str
    category: str
    tier: Tier
    clause: str
    points: int
    confidence: float
    field: Field
    spans: tuple[Span, ...]
    reason: str
    urgent: bool = False
    signs: str = ""
    deferred: bool = False
    standing: bool = False
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule said: a verdict for every rule on every message, and why if it is not plain."""

    rule: str
    verdict: Verdict
    rulings: tuple[Ruling, ...] = ()
    note: str = ""
    absorbed: bool = False  # it fired, but belongs to a burst that has had its finding


@dataclass(frozen=True, slots=True)
class Judgement:
    """Every rule's outcome for one message, in the rulebook's order."""

    message: Message
    outcomes: tuple[Outcome, ...]

    @property
    def rulings(self) -> tuple[Ruling, ...]:
        """All findings of all rules, at either tier."""
        return tuple(ruling for outcome in self.outcomes for ruling in outcome.rulings)

    @property
    def live(self) -> tuple[Ruling, ...]:
        """The findings about the message that may have consequences."""
        return tuple(ruling for ruling in self.rulings if not ruling.shadow and not ruling.standing)

    @property
    def on_trial(self) -> tuple[Ruling, ...]:
        """The findings of rules on trial."""
        return tuple(ruling for ruling in self.rulings if ruling.shadow and not ruling.standing)

    @property
    def standing(self) -> tuple[Ruling, ...]:
        """The findings about how the sender stands in the room; on trial they have no consequence at all."""
        return tuple(ruling for ruling in self.rulings if ruling.standing and not ruling.shadow)

    @property
    def crashed(self) -> tuple[Outcome, ...]:
        """The rules that failed on this message; operators are told."""
        return tuple(outcome for outcome in self.outcomes if outcome.verdict is Verdict.CRASHED)
