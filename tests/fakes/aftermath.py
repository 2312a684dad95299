"""What must hold after any fault: nothing lost, nothing twice, everything in order. Each breach is one line."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import asyncpg
from fakes.talkers import OFFICE

from bot.gateway.simulator.nouns import Sent
from bot.pipeline.notice import SUPERVISION
from bot.reports.soundness import examine
from storage.session import Storage

PRESSING = frozenset({"notice", "urgent", "alert"})


class Arrived(NamedTuple):
    seq: int
    message_id: str
    state: str
    outcomes: str


class Opened(NamedTuple):
    id: int
    number: str
    room_id: str
    message_id: str
    state: str
    points: int


class Entry(NamedTuple):
    case: str
    kind: str
    points: int


class Row(NamedTuple):
    id: int
    target: str
    kind: str
    state: str
    text: str
    gateway_message_id: str
    unique_key: str | None


async def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    """What a query finds in the database at ``url``."""
    if url.startswith("sqlite"):
        with sqlite3.connect(
            f"file:{url.removeprefix('sqlite:///')}?mode=ro", uri=True, timeout=10
        ) as connection:
            found = connection.execute(query).fetchall()
        connection.close()
        return found
    server = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await server.fetch(query)]
    finally:
        await server.close()


@dataclass(frozen=True)
class Aftermath:
    """What a run left behind: the database, and what the gateway was told to send."""

    arrived: Sequence[Arrived]
    cases: Sequence[Opened]
    entries: Sequence[Entry]
    outbox: Sequence[Row]
    sent: Sequence[Sent]
    unsound: Sequence[str]

    @classmethod
    async def of(cls, url: str, sent: Sequence[Sent]) -> Aftermath:
        """Read it."""
        arrived = await rows(url, "select seq, message_id, state, outcomes from inbox order by seq")
        cases = await rows(
            url, "select id, number, room_id, message_id, state, points from violations order by id"
        )
        entries = await rows(url, 'select "case", kind, points from ledger order by room_key, seq')
        outbox = await rows(
            url,
            "select id, target, kind, state, text, gateway_message_id, unique_key from outbox order by due_at, id",
        )
        storage = await Storage.open(url, migrate="never")
        try:
            async with storage.view() as unit:
                sound = await examine(unit, supervised=True, at=datetime.now(UTC))
        finally:
            await storage.close()
        unsound = [f"{one.check}: {one.subject} {one.said}" for one in sound.breaches]
        return cls(
            [Arrived(*row) for row in arrived],
            [Opened(*row) for row in cases],
            [Entry(*row) for row in entries],
            [Row(*row) for row in outbox],
            tuple(sent),
            unsound,
        )

    def breaches(self, *, ordered: bool = True) -> list[str]:
        """Everything that does not hold, repeated notices aside (:meth:`stray` tells of those).

        What is due when tells in which order it has to leave, unless the clock was wrong.
        """
        return [
            *self.unsound,
            *self._lost(),
            *self._cases(),
            *self._entries(),
            *self._unsent(),
            *self._judged_in_turn(),
            *(self._sent_in_turn() if ordered else ()),
        ]

    def stray(self) -> list[Sent]:
        """What was said without being noted as said: a notice that was, or will be, repeated."""
        noted = {row.gateway_message_id for row in self.outbox}
        return [sent for sent in self.sent if sent.message_id not in noted]

    def _lost(self) -> Iterable[str]:
        for one in self.arrived:
            if one.state != "done" or not one.outcomes:
                yield f"message {one.message_id} was received and has no outcome ({one.state})"

    def _cases(self) -> Iterable[str]:
        for message, many in Counter(case.message_id for case in self.cases).items():
            if many > 1:
                yield f"message {message} has {many} cases"
        with_case = {case.message_id for case in self.cases}
        for one in self.arrived:
            judged = "=violation" in one.outcomes
            if judged != (one.message_id in with_case):
                yield f"message {one.message_id}: {one.outcomes}, and {'no' if judged else 'a'} case"

    def _entries(self) -> Iterable[str]:
        booked: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            booked[entry.case].append(entry)
        for case in self.cases:
            kinds = Counter(entry.kind for entry in booked[case.number])
            total = sum(entry.points for entry in booked[case.number])
            if kinds and max(kinds.values()) > 1:
                yield f"case {case.number} has an entry twice: {dict(kinds)}"
            if total != (0 if case.state == "recalled" else -case.points):
                yield f"case {case.number} is {case.state}, costs {case.points}, and {total} are booked"

    def _unsent(self) -> Iterable[str]:
        said = {sent.message_id: sent for sent in self.sent}
        noted = Counter(row.gateway_message_id for row in self.outbox if row.gateway_message_id)
        notices = {row.unique_key: row for row in self.outbox if (row.unique_key or "").startswith("notice ")}
        for row in self.outbox:
            if row.state not in ("sent", "dropped"):
                yield f"row {row.id} ({row.kind}) is {row.state}"
            if row.state == "sent":
                was = said.get(row.gateway_message_id) or self._vouched_for_by_nobody(row)
                target = OFFICE if row.target == SUPERVISION else row.target
                if was is None or was.conversation_id != target or row.text not in was.text:
                    yield f"row {row.id} ({row.kind}) counts as sent, and was not"
        for message, many in noted.items():
            if many > 1:
                yield f"{many} rows count as sent by message {message}"
        for case in self.cases:
            if case.state == "provisional" and f"notice {case.number}" not in notices:
                yield f"case {case.number} has no notice"

    def _vouched_for_by_nobody(self, row: Row) -> Sent | None:
        """What was sent for a row of which no answer ever came."""
        if row.gateway_message_id:
            return None
        return next((sent for sent in self.sent if row.text in sent.text), None)

    def _judged_in_turn(self) -> Iterable[str]:
        numbers = [int(one.message_id) for one in self.arrived if one.message_id.isdecimal()]
        yield from _disordered("received", "came", [(0, number) for number in numbers])
        # What is judged late is judged out of order, and says so.
        place = {one.message_id: one.seq for one in self.arrived if not one.outcomes.startswith("late ")}
        in_turn = [(case.room_id, place[case.message_id]) for case in self.cases if case.message_id in place]
        yield from _disordered("cases", "opened", in_turn)

    def _sent_in_turn(self) -> Iterable[str]:
        turn = {sent.message_id: number for number, sent in enumerate(self.sent)}
        left = [row for row in self.outbox if row.gateway_message_id in turn]
        by_target = [((row.target, row.kind in PRESSING), turn[row.gateway_message_id]) for row in left]
        yield from _disordered("sends", "left", by_target)


def _disordered(what: str, how: str, places: Iterable[tuple[Any, int]]) -> Iterable[str]:
    last: dict[Any, int] = {}
    for key, place in places:
        if place < last.get(key, place):
            yield f"{what} {key}: {place} {how} after {last[key]}"
        last[key] = max(place, last.get(key, place))
