"""What people ask of each other and who decided it, as storage hands it out: frozen values, times in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal against a case (policy 6.3); a case has at most one.

    Attributes:
        number: the case's.
        state: open | upheld | lowered | overturned | withdrawn | lapsed.
        due_at: when the decision is due.
        decided_by: person key, or ``system`` for one that ended by itself; empty while it is open.
    """

    number: str
    person_key: str
    reason: str
    filed_at: datetime
    due_at: datetime
    state: str = "open"
    decided_by: str = ""
    decided_at: datetime | None = None
    decision: str = ""
    reminded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """Something asked of the person whose case it is (policy 6.1b); one of a kind stands at a time.

    Attributes:
        id: 0 before it is stored.
        number: the case's.
        kind: explanation | rectification.
        state: open | answered | overdue, and closed: accepted | cancelled.
        text: what was asked.
        escalated_at: when it became overdue and went to somebody else.
    """

    id: int
    number: str
    kind: str
    person_key: str
    asked_by: str
    text: str
    asked_at: datetime
    due_at: datetime
    state: str = "open"
    answer: str = ""
    answered_at: datetime | None = None
    closed_by: str = ""
    closed_at: datetime | None = None
    reminded_at: datetime | None = None
    escalated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something that a leader has to approve before it is posted (policy 3.3a).

    Attributes:
        number: ``G-`` and five characters; given by storage.
        rooms: keys of the rooms it goes to.
        planned_at: not before this; ``None`` for as soon as it is approved.
        state: draft | submitted | approved | returned | posted | failed | withdrawn.
        remark: what whoever decided last said.
        tracked: answers to it are tracked.
    """

    number: str
    author: str
    text: str
    rooms: tuple[int, ...]
    planned_at: datetime | None
    state: str
    created_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    remark: str = ""
    posted_at: datetime | None = None
    tracked: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a membership request: the state it led to, who took it (a person key or an actor), and when."""

    state: str
    by: str
    at: datetime
    remark: str = ""


@dataclass(frozen=True, slots=True)
class MemberRequest:
    """A request to add somebody to a room, or to remove them (policy 2.1).

    Attributes:
        number: ``R-`` and five characters; given by storage.
        kind: join | leave | join_external.
        name, department, company: of whom it is about, as it was asked.
        contact_id, person_key: who that is, where it is known.
        asked_by, sponsor: person keys.
        steps: every move, oldest first.
        done_at: when nothing was left to do.
    """

    number: str
    kind: str
    name: str
    department: str
    company: str
    contact_id: str
    room_key: int
    asked_by: str
    sponsor: str
    state: str
    created_at: datetime
    steps: tuple[Step, ...] = ()
    remark: str = ""
    done_at: datetime | None = None
    person_key: str = ""


@dataclass(frozen=True, slots=True)
class Enquiry:
    """A message that asks for answers (policy 4.1).

    Attributes:
        number: ``Q-`` and five characters; given by storage.
        state: open, or over: closed (by hand) | done.
        summary_at: when the asker was told how it went.
    """

    number: str
    room_key: int
    message_id: str
    asker: str
    text: str
    urgent: bool
    asked_at: datetime
    due_at: datetime
    state: str = "open"
    closed_at: datetime | None = None
    summary_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Addressee:
    """One person from whom an enquiry wants an answer.

    Attributes:
        state: missing | received | can | cannot | done | excused.
        expected: by when they said they would be done, in their words.
        message_id: of their last answer.
        overdue_case: number of the case opened for want of an answer; empty for none.
    """

    number: str
    person_key: str
    contact_id: str
    state: str = "missing"
    expected: str = ""
    message_id: str = ""
    answered_at: datetime | None = None
    reminded_at: datetime | None = None
    reminders: int = 0
    overdue_case: str = ""


@dataclass(frozen=True, slots=True)
class Archived:
    """A message kept for later because somebody said so (policy 2.3d); ``number`` is ``A-`` and five characters."""

    number: str
    room_key: int
    message_id: str
    sender_name: str
    text: str
    tags: tuple[str, ...]
    archived_by: str
    at: datetime
    sent_at: datetime
    sender_key: str = ""  # whose message it is, where it is known


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What a month came to for one person (policy 6.2).

    Attributes:
        deducted, bonus: points taken and given, both as positive numbers.
        cases: numbers of the confirmed cases that enter.
        restored: points given back (negative: taken) for cases in earlier statements.
        corrected: numbers of those cases.
        department: the person's at that time.
        reached_at, reached_by: when the person was told of it, and by whom: ``system``, or the key of whoever
            did it by other means; none before.
    """

    person_key: str
    deducted: int
    bonus: int
    cases: tuple[str, ...] = ()
    restored: int = 0
    corrected: tuple[str, ...] = ()
    department: str = ""
    reached_at: datetime | None = None
    reached_by: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A published month, ``2026-10``; whom it has reached may appeal for a stated time from then (policy 6.3)."""

    month: str
    published_at: datetime
    published_by: str
    lines: tuple[StatementLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody who has left the company, and one room that they were still in (policy 2.1b).

    ``how`` says how it ended; empty while somebody has to see to it.
    """

    person_key: str
    room_key: int
    contact_id: str
    noted_at: datetime
    done_at: datetime | None = None
    how: str = ""


@dataclass(frozen=True, slots=True)
class Welcome:
    """A newcomer who was told the policy, in which room and when (policy 2.1c)."""

    person_key: str
    room_key: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Label:
    """A reviewer's decision, kept as an example of what a rule should and should not find."""

    number: str
    text: str
    rule: str
    verdict: str  # confirmed | dismissed
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Merger:
    """Two records that somebody said are one person's; ``number`` is ``M-`` and five characters.

    Attributes:
        merged_key: the record whose cases and ids went over; it stays, and holds nothing meanwhile.
        kept_key: the record that has them.
        split_at: when it was taken back; ``None`` while it stands.
    """

    number: str
    merged_key: str
    kept_key: str
    merged_by: str
    reason: str
    merged_at: datetime
    split_by: str = ""
    split_reason: str = ""
    split_at: datetime | None = None
