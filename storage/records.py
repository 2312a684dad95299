"""What storage hands out and takes in: frozen values, so that no session or row ever leaves this package."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from storage.case_records import Case as Case
from storage.case_records import CaseMove as CaseMove
from storage.case_records import CaseState as CaseState
from storage.case_records import RuleCount as RuleCount
from storage.learning import Decided as Decided
from storage.learning import LocalVersion as LocalVersion
from storage.learning import Opinion as Opinion
from storage.procedures import Addressee as Addressee
from storage.procedures import Announcement as Announcement
from storage.procedures import Appeal as Appeal
from storage.procedures import Archived as Archived
from storage.procedures import Demand as Demand
from storage.procedures import Departure as Departure
from storage.procedures import Enquiry as Enquiry
from storage.procedures import Label as Label
from storage.procedures import MemberRequest as MemberRequest
from storage.procedures import Merger as Merger
from storage.procedures import Statement as Statement
from storage.procedures import StatementLine as StatementLine
from storage.procedures import Step as Step
from storage.procedures import Welcome as Welcome
from storage.standing import Exemption as Exemption
from storage.standing import Mode as Mode
from storage.standing import MutedRoom as MutedRoom
from storage.standing import NicknameNote as NicknameNote
from storage.standing import ShiftRow as ShiftRow
from storage.standing import Switch as Switch
from storage.standing import Word as Word

SYSTEM = "system"
"""Actor of what the bot does by itself."""

SECRET = "secret"  # noqa: S105 - the name of a kind
"""Kind of a message whose text is not kept once it was told."""

OPERATOR = "operator"
"""Actor of what is done on the command line."""


class Role(StrEnum):
    """Authority, bound to a person by a one-time code."""

    MEMBER = "member"
    SUPERVISOR = "supervisor"
    HR_LEAD = "hr_lead"
    LEADER = "leader"
    OPERATOR = "operator"


class Binding(StrEnum):
    """How sure it is that a contact id belongs to a person."""

    NONE = "none"
    PROBABLE = "probable"
    CONFIRMED = "confirmed"


class Employment(StrEnum):
    """What the roster says of a person; empty for whoever is not on it."""

    ACTIVE = "active"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Room:
    """A group as storage remembers it; ``key`` is ours and survives a re-login, ``gateway_id`` does not."""

    key: int
    gateway_id: str
    topic: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person as storage remembers them; ``key`` is random and stands in the ledger."""

    key: str
    contact_id: str  # the newest bound id
    name: str
    binding: Binding
    kind: str = "employee"  # employee | external | bot
    employee_no: str = ""
    is_head: bool = False
    roles: frozenset[Role] = field(default_factory=frozenset)  # empty unless the binding is confirmed
    department: str = ""
    status: str = ""  # an Employment; empty for whoever is not on the roster
    holds_role: bool = False  # any unrevoked role, however sure the binding: no authority, only more care
    kind_told: bool = False  # somebody said which kind they are

    @property
    def kind_known(self) -> bool:
        """Whether ``kind`` is more than the default: they are on the roster, or somebody said so."""
        return bool(self.employee_no) or self.kind_told


@dataclass(frozen=True, slots=True)
class Ever:
    """Who a person has ever been: every contact id bound to them, and every record those ids were bound to."""

    contact_ids: frozenset[str]
    person_keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message id as the gateway announced it; ``seq`` is the order of receipt (0 before it is stored)."""

    message_id: str
    received_at: datetime
    seq: int = 0
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """The content of a message, kept for the stated time (quotes, windows after a restart, review)."""

    message_id: str
    room_key: int
    person_key: str
    sender_name: str
    type: str
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One entry of the ledger: it only grows, a reversal is an entry with the opposite sign."""

    room_key: int
    seq: int
    case: str
    person_key: str
    rule: str
    points: int
    author_key: str
    kind: str  # penalty | difference | reversal | bonus | adjustment
    at: datetime
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message the bot has decided to send.

    Attributes:
        target: gateway id of the room, or of the contact for a private answer.
        private: the target is a contact: it waits until that contact is a friend.
        mentions: contact ids; the text already starts with the names.
        due_at: not before this.
        merge: notices with the same non-empty key and room may be sent as one message.
        case: number of the case this is the notice of.
        unique: a second row with the same non-empty value is not added.
        asked_in: gateway id of the room in which a privately answered command was typed; empty for none.
    """

    target: str
    text: str
    due_at: datetime
    created_at: datetime
    # notice | urgent | alert | answer | secret | line | report | announcement | post | friend (a request)
    kind: str = "answer"
    private: bool = False
    mentions: tuple[str, ...] = ()
    case: str = ""
    merge: str = ""
    unique: str = ""
    asked_in: str = ""
    id: int = 0
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Blind:
    """A time in which nothing could be received; ``until`` is ``None`` while it lasts."""

    since: datetime
    until: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to what, when. ``actor`` is a person key, ``system`` or ``operator``."""

    at: datetime
    actor: str
    action: str
    target: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One line of the roster (policy 2.1, 2.2)."""

    employee_no: str
    name: str
    department: str
    is_head: bool
    active: bool
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run of a job for one due time; ``finished_at`` is ``None`` while it runs, or if it never ended."""

    job: str
    due_at: datetime
    claimed_at: datetime
    finished_at: datetime | None
    result: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A one-time code for a role; only its hash is kept."""

    code_hash: str
    role: Role
    issued_by: str
    employee_no: str
    expires_at: datetime
    used_at: datetime | None = None
    used_by: str = ""
    burnt_at: datetime | None = None
