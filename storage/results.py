"""What storage answers with, beyond records: counts, recognitions and what verifying the ledger found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.records import Binding, Outgoing, Person, Room, RosterRow

What = Literal["added", "changed", "left", "returned", "missing"]

_FLAWS = {
    "changed": "was changed after it was written",
    "removed": "was removed",
    "inserted": "does not belong there",
    "text": "has another reason or evidence than was written",
    "key": "was made with a key that is not the one set now",
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Stored messages that follow each other in order of receipt.

    Attributes:
        first, last: numbers in that order; 0 if there is none.
        count: how many they are.
        older: how many more there are of that time, received before.
        oldest: when the earliest of them was sent; ``None`` if there is none.
    """

    first: int
    last: int
    count: int
    older: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class AmbiguousRoom:
    """A room that came with a new login and could have been one of several: it was made anew."""

    made: Room
    could_be: tuple[Room, ...]


@dataclass(frozen=True, slots=True)
class RoomReconciliation:
    """Rooms after a new login: ``(before, now)`` for each that kept its key, and the doubts."""

    rebound: tuple[tuple[Room, Room], ...] = ()
    ambiguous: tuple[AmbiguousRoom, ...] = ()


@dataclass(frozen=True, slots=True)
class Attendance:
    """One contact id in one room, under the name and nickname that it has there."""

    person_key: str
    contact_id: str
    level: Binding
    room: Room
    name: str
    alias: str

    @property
    def label(self) -> str:
        """What it goes by in that room."""
        return self.alias or self.name


@dataclass(frozen=True, slots=True)
class Contested:
    """One name, several contact ids or several people: nobody is taken for anybody until HR decides."""

    label: str
    contact_ids: tuple[str, ...]
    person_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeopleReconciliation:
    """Who was recognised in a room after a new login (``probable``), and who could not be."""

    matched: tuple[Person, ...] = ()
    contested: tuple[Contested, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Who a contact id was confirmed as, and the ids that were only guessed to be them and no longer are."""

    person: Person
    undone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RosterChange:
    """What an import means for one entry: how it stood ``before`` (``None``: not at all) and stands ``after``.

    ``left`` is who is no longer employed, ``returned`` who is again, ``missing`` who the file does not name:
    they stay as they are, and have no ``after``.
    """

    employee_no: str
    what: What
    before: RosterRow | None
    after: RosterRow | None


@dataclass(frozen=True, slots=True)
class RosterDiff:
    """What an import changes, as employee numbers; ``missing`` are known ones that the file does not name.

    ``details`` holds the same with both sides: in the file's order, then the missing by number.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    details: tuple[RosterChange, ...] = ()


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """How many messages wait to be handled, are set aside for want of a payload, and are done."""

    pending: int
    unread: int
    done: int
    oldest_pending: datetime | None


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """How many messages wait to be sent, wait for a friendship, or could not be sent; the oldest due time.

    ``withheld`` were decided in a dry run, and never leave.
    """

    pending: int
    waiting: int
    dead: int
    oldest_due: datetime | None
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up, and why."""

    message: Outgoing
    error: str


@dataclass(frozen=True, slots=True)
class Fate:
    """A message of the outbox and what became of it.

    Attributes:
        state: ``pending``, ``waiting``, ``sent``, ``dropped``, ``dead`` or ``withheld``.
        message_id: the gateway's id of what was sent; empty where it told none.
    """

    message: Outgoing
    state: str
    sent_at: datetime | None
    message_id: str


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """Where a room's chain ends: number and hash of its last entry; 0 for an empty chain."""

    room_key: int
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class LedgerProblem:
    """One thing wrong with a chain. ``what``: changed | removed | inserted | text | key."""

    room_key: int
    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Breach:
    """Where something does not hold that must: which invariant, the number or id of what breaks it, and how."""

    check: str
    subject: str
    said: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What checking every chain found.

    Attributes:
        entries: entries read.
        heads: where each chain ends now; compare with the heads of an earlier digest.
        problems: everything wrong, in order of room and entry.
        erased: entries whose text or evidence was erased by retention or on request; no problem.
        unkeyed: entries made without a key although one is set now; they prove less.
    """

    entries: int
    heads: tuple[LedgerHead, ...]
    problems: tuple[LedgerProblem, ...]
    erased: int
    unkeyed: int

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def lines(self) -> list[str]:
        """The report in words for an operator; the first line alone says whether the ledger holds."""
        size = f"{_count(self.entries, 'entry', 'entries')} in {_count(len(self.heads), 'chain')}"
        found = _count(len(self.problems), "problem")
        said = [f"ledger: {size}, {'all of it holds' if self.holds else f'{found} found'}"]
        said += [
            f"  room {room_key}, entry {first}{f' to {last}' if last > first else ''}: {_FLAWS.get(what, what)}"
            for room_key, first, last, what in sorted(_runs(self.problems))
        ]
        if self.erased:
            said.append(
                f"  {_count(self.erased, 'entry', 'entries')} without reason or evidence: erased when their time "
                "was over, or on request; the points still stand and still hold"
            )
        if self.unkeyed:
            said.append(
                f"  {_count(self.unkeyed, 'entry', 'entries')} from before a key was set: whoever could write "
                "the database then could have made them up"
            )
        return said


def _count(many: int, one: str, more: str = "") -> str:
    return f"{many} {one if many == 1 else more or one + 's'}"


def _runs(problems: Sequence[LedgerProblem]) -> Iterator[tuple[int, int, int, str]]:
    """Problems with neighbours of the same kind put together: room, first and last entry, what."""
    open_runs: dict[tuple[int, str], tuple[int, int]] = {}
    for problem in problems:
        key = (problem.room_key, problem.what)
        first, last = open_runs.get(key, (problem.seq, problem.seq))
        if problem.seq > last + 1:
            yield problem.room_key, first, last, problem.what
            first = problem.seq
        open_runs[key] = (first, problem.seq)
    for (room_key, what), (first, last) in open_runs.items():
        yield room_key, first, last, what
