"""What a change of the rules comes to: how many findings and cases, where, and a few examples. Pure.

It adds up what :mod:`rules.core.compare` tells message by message. Cases are counted as they would be opened: one a
message, by its gravest finding; of what is told only when work next begins, one a person and evening. What reminders
and appeals make of them afterwards is not foreseen. Nicknames have a time of grace, and are no cases here.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Literal

from rules.core.compare import Change, ChangeKind, Compared, Side, Withdrawn
from rules.core.model import Kind, Message, Ruling, Tier, Verdict
from rules.procedure import penalty
from rules.procedure.penalty import Decision, Silence, Situation

Which = Literal["before", "after"]
WHICH: Final[tuple[Which, Which]] = ("before", "after")
EXAMPLES: Final = 3
CONTEXT: Final = 400
"""Code points before and after its beginning that an example keeps: what is shown is cut from it, once masked."""

_EVENINGS: Final = 16_384
_ROOMS: Final = 1_000
_LONG_AGO: Final = datetime(1, 1, 2, tzinfo=UTC)


class Grade(StrEnum):
    """What a finding leads to."""

    VIOLATION = "violation"  # the bot acts
    REVIEW = "review"  # people decide
    TRIAL = "trial"  # its rule is on trial: it is recorded, and nothing is done


class Course(StrEnum):
    """How a case begins."""

    PROVISIONAL = "provisional"  # with points that a person has to confirm
    REVIEW = "review"  # people decide first
    TRIAL = "trial"


def grade(ruling: Ruling) -> Grade:
    """What a finding leads to."""
    if ruling.shadow:
        return Grade.TRIAL
    return Grade.VIOLATION if ruling.tier is Tier.VIOLATION else Grade.REVIEW


@dataclass(frozen=True, slots=True)
class Example:
    """A message whose findings differ.

    Attributes:
        text: what stands around the finding, as it was written: hostile, and not masked.
        span: the finding's first span in ``text``.
    """

    position: int
    change: Change
    message_id: str | None
    room: str
    sent_at: datetime | None
    text: str
    span: tuple[int, int]


@dataclass(slots=True)
class Docket:
    """The cases that one book opens.

    Attributes:
        cases: how many, by how they begin.
        points: what they would cost once each is confirmed.
    """

    cases: Counter[Course] = field(default_factory=Counter)
    points: int = 0
    _evenings: OrderedDict[tuple[str, str], tuple[datetime, Tier]] = field(default_factory=OrderedDict)

    def add(self, side: Side, *, reviewed_first: bool) -> None:
        """Open the case of one message, if there is one.

        Args:
            reviewed_first: its sender holds a role, or heads a department.
        """
        message, sent_at = side.judgement.message, side.judgement.message.sent_at or _LONG_AGO
        outsider = message.sender is not None and message.sender.kind is Kind.EXTERNAL
        situation = Situation(now=sent_at, sent_at=sent_at, reviewed_first=reviewed_first, outsider=outsider)
        decision = penalty.decide(side.judgement.live, situation) or penalty.on_trial(side.judgement.on_trial)
        if decision is None or self._belongs_to_earlier(side, decision):
            return
        if decision.silence is Silence.TRIAL:
            self.cases[Course.TRIAL] += 1
            return
        self.cases[Course.PROVISIONAL if decision.provisional else Course.REVIEW] += 1
        self.points += max(decision.main.points, decision.graver.points if decision.graver else 0)

    def _belongs_to_earlier(self, side: Side, decision: Decision) -> bool:
        message, main = side.judgement.message, decision.main
        if not main.deferred or decision.silence is Silence.TRIAL:
            return False
        if message.sender is None or message.sent_at is None:
            return False
        key = (message.sender.id, main.rule)
        earlier = self._evenings.get(key)
        if earlier is not None and side.book is not None:
            since = side.book.calendar.closing_before(message.sent_at)
            if earlier[0] >= since and penalty.one_evening(decision, message.sent_at, *earlier):
                return True
        self._evenings[key] = (message.sent_at, main.tier)
        self._evenings.move_to_end(key)
        if len(self._evenings) > _EVENINGS:
            self._evenings.popitem(last=False)
        return False


@dataclass(slots=True)
class Impact:
    """Everything that differs between two books on a stream of messages, added up; bounded in memory.

    Attributes:
        most: examples that are kept of each rule and kind of change.
        messages: how many were compared.
        first, last: when the earliest and the latest of them were sent.
        found: findings, by side, rule and what they lead to.
        unknown: messages that a rule could not judge for want of something, by side and rule.
        crashed: messages on which a rule failed, likewise.
        changes: findings that differ, by rule and kind.
        rooms: the same by room and kind; rooms beyond the first thousand are left out.
        dockets: the cases, by side.
    """

    most: int = EXAMPLES
    messages: int = 0
    first: datetime | None = None
    last: datetime | None = None
    found: Counter[tuple[Which, str, Grade]] = field(default_factory=Counter)
    unknown: Counter[tuple[Which, str]] = field(default_factory=Counter)
    crashed: Counter[tuple[Which, str]] = field(default_factory=Counter)
    changes: Counter[tuple[str, ChangeKind]] = field(default_factory=Counter)
    rooms: dict[str, Counter[ChangeKind]] = field(default_factory=dict)
    dockets: dict[Which, Docket] = field(default_factory=lambda: {which: Docket() for which in WHICH})
    _examples: dict[tuple[str, ChangeKind], list[Example]] = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        """Whether anything would be found, or not be found, or come to something else."""
        return any(self.changes.values())

    @property
    def examples(self) -> tuple[Example, ...]:
        """Some of the messages that differ: by rule, new ones first."""
        order = list(ChangeKind)
        keys = sorted(self._examples, key=lambda key: (key[0], order.index(key[1])))
        return tuple(example for key in keys for example in self._examples[key])

    def add(self, compared: Compared, *, reviewed_first: bool = False) -> None:
        """Add one message.

        Args:
            reviewed_first: its sender holds a role, or heads a department.
        """
        message = compared.message
        self.messages += 1
        if message.sent_at is not None:
            self.first = min(self.first or message.sent_at, message.sent_at)
            self.last = max(self.last or message.sent_at, message.sent_at)
        sides: tuple[tuple[Which, Side], ...] = (("before", compared.before), ("after", compared.after))
        for which, side in sides:
            self._count(which, side)
            self.dockets[which].add(side, reviewed_first=reviewed_first)
        for change in compared.changes:
            if change.withdrawn is not None:
                self._withdraw(change, change.withdrawn, message)
            self._note(change, compared)

    def _count(self, which: Which, side: Side) -> None:
        for ruling in side.found:
            self.found[which, ruling.rule, grade(ruling)] += 1
        for outcome in side.judgement.outcomes:
            if outcome.verdict is Verdict.UNKNOWN:
                self.unknown[which, outcome.rule] += 1
            elif outcome.verdict is Verdict.CRASHED:
                self.crashed[which, outcome.rule] += 1

    def _note(self, change: Change, compared: Compared) -> None:
        message = compared.message
        self.changes[change.rule, change.kind] += 1
        room = message.room or message.room_id
        if room in self.rooms or len(self.rooms) < _ROOMS:
            self.rooms.setdefault(room, Counter())[change.kind] += 1
        kept = self._examples.setdefault((change.rule, change.kind), [])
        if len(kept) < self.most:
            example = _example(change, compared)
            if all(example.text != other.text for other in kept):
                kept.append(example)

    def _withdraw(self, change: Change, void: Withdrawn, message: Message) -> None:
        """Take back that a burst was new or gone: the other side has found it now."""
        self.changes[change.rule, void.kind] -= 1
        room = message.room or message.room_id
        if room in self.rooms:
            self.rooms[room][void.kind] -= 1
        kept = self._examples.get((change.rule, void.kind), [])
        kept[:] = [one for one in kept if one.position != void.position]


def _example(change: Change, compared: Compared) -> Example:
    message, ruling = compared.message, change.ruling
    alias = message.sender.alias or "" if message.sender is not None else ""
    whole = message.text if ruling.field == "text" else alias
    start, end = ruling.spans[0]
    left, right = max(0, start - CONTEXT), min(len(whole), start + CONTEXT)
    return Example(
        position=compared.position,
        change=change,
        message_id=message.id,
        room=message.room or message.room_id,
        sent_at=message.sent_at,
        text=whole[left:right],
        span=(start - left, min(end, right) - left),
    )
