"""What must hold in every database, as code: one small function for each invariant, which finds where it does not.

A breach names numbers and ids, never a text or a name. Nothing is changed; all of them read from one snapshot.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import ForeignKeyConstraint, Table, and_, func, literal, or_, select, text
from sqlalchemy import case as when_
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import lateness
from storage.evidence import unaccounted
from storage.lateness import Horizon
from storage.merging import PUT_AWAY
from storage.records import CaseState
from storage.repository import Repository
from storage.results import Breach
from storage.tables import (
    addressees,
    bindings,
    inbox,
    jobs,
    ledger,
    metadata,
    nicknames,
    outbox,
    reversals,
    violations,
)

MOST = 100
"""So many breaches of one invariant are named."""

OWED = frozenset({CaseState.PROVISIONAL, CaseState.CONFIRMED, CaseState.APPEALED, CaseState.UPHELD})
"""In these states a case costs its points; in every other it costs nothing (policy: what fairness asks)."""

_STATES = (
    (violations, violations.c.number, frozenset(map(str, CaseState))),
    (inbox, inbox.c.seq, frozenset({"new", "unread", "done"})),
    (outbox, outbox.c.id, frozenset({"pending", "waiting", "sent", "dropped", "dead", "withheld"})),
)
# Kinds of entries with which a case begins to cost something.
_FIRST = frozenset({"penalty", "bonus", "adjustment"})


async def sums(connection: AsyncConnection, horizon: Horizon) -> list[Breach]:  # noqa: ARG001 - the signature of all
    """Every case's ledger entries sum to its points, or to nothing, as its state demands (policy 6.2c)."""
    booked = func.coalesce(func.sum(ledger.c.points), 0)
    owed = when_((violations.c.state.in_(OWED), -violations.c.points), else_=0)
    found = await connection.execute(
        select(violations.c.number, violations.c.state, owed.label("owed"), booked.label("booked"))
        .outerjoin(ledger, ledger.c.case == violations.c.number)
        .group_by(violations.c.id, violations.c.number, violations.c.state, violations.c.points)
        .having(booked != owed)
        .order_by(violations.c.id)
        .limit(MOST)
    )
    return [
        Breach(
            "sums", row.number, f"is {row.state}: {row.owed} points are due, {row.booked} are in the ledger"
        )
        for row in found
    ]


async def twice(connection: AsyncConnection, horizon: Horizon) -> list[Breach]:  # noqa: ARG001 - the signature of all
    """No case is charged while it is charged already, and nothing is given back that was not taken."""
    several = select(ledger.c.case).group_by(ledger.c.case).having(func.count() > 1)
    found = await connection.execute(
        select(ledger.c.case, ledger.c.room_key, ledger.c.seq, ledger.c.kind, ledger.c.points)
        .where(ledger.c.case.in_(several))
        .order_by(ledger.c.case, ledger.c.room_key, ledger.c.seq)
    )
    breaches: list[Breach] = []
    case, standing = "", 0
    for row in found:
        if row.case != case:
            case, standing = row.case, 0
        after = standing + row.points
        again = row.kind in _FIRST and standing != 0
        too_much = row.kind == "reversal" and (standing == 0 or after * standing < 0)
        if again or too_much:
            said = f"room {row.room_key}, entry {row.seq}: the case was {'charged' if again else 'reversed'} before"
            breaches.append(Breach("twice", row.case, said))
        standing = after
    return breaches[:MOST]


async def evidence(connection: AsyncConnection, horizon: Horizon) -> list[Breach]:  # noqa: ARG001 - the signature of all
    """No case is without its evidence, unless that was erased in its time or on request."""
    numbers = await unaccounted(connection, MOST)
    return [Breach("evidence", number, "has lost its evidence, which nobody erased") for number in numbers]


async def unsent(connection: AsyncConnection, horizon: Horizon) -> list[Breach]:
    """No message that could be sent has been due for too long."""
    since = await lateness.since(connection, horizon.at, horizon.outbox)
    if since is None:
        return []
    found = await connection.execute(
        select(outbox.c.id, outbox.c.kind, outbox.c.attempts)
        .where(outbox.c.state == "pending", outbox.c.due_at < since, outbox.c.target.not_in(horizon.kept))
        .order_by(outbox.c.id)
        .limit(MOST)
    )
    return [
        Breach("unsent", str(row.id), f"{row.kind}, {row.attempts} attempts: has been due for too long")
        for row in found
    ]


async def unjudged(connection: AsyncConnection, horizon: Horizon) -> list[Breach]:
    """No message that was received is without its outcome for long, unless it is set aside and tried again."""
    since = await lateness.since(connection, horizon.at, horizon.inbox)
    if since is None:
        return []
    aside = and_(inbox.c.state == "unread", or_(inbox.c.retry_at.is_(None), inbox.c.retry_at < since))
    found = await connection.execute(
        select(inbox.c.seq, inbox.c.state)
        .where(or_(and_(inbox.c.state == "new", inbox.c.received_at < since), aside))
        .order_by(inbox.c.seq)
        .limit(MOST)
    )
    told = {
        "new": "was received, and neither judged nor set aside",
        "unread": "is set aside, and not tried again",
    }
    return [Breach("unjudged", str(row.seq), told[row.state]) for row in found]


async def runs(connection: AsyncConnection, horizon: Horizon) -> list[Breach]:
    """Every run of a job was due before it was taken and taken before it ended, and each job's latest has ended."""
    breaches = []
    backwards = or_(jobs.c.due_at > jobs.c.claimed_at, jobs.c.finished_at < jobs.c.claimed_at)
    found = await connection.execute(
        select(jobs.c.job, jobs.c.due_at).where(backwards).order_by(jobs.c.due_at).limit(MOST)
    )
    breaches += [
        Breach("runs", _run(row.job, row.due_at), "its times contradict each other") for row in found
    ]
    since = await lateness.since(connection, horizon.at, horizon.job)
    if since is not None:
        latest = select(jobs.c.job, func.max(jobs.c.due_at).label("due_at")).group_by(jobs.c.job).subquery()
        found = await connection.execute(
            select(jobs.c.job, jobs.c.due_at)
            .join(latest, and_(latest.c.job == jobs.c.job, latest.c.due_at == jobs.c.due_at))
            .where(jobs.c.finished_at.is_(None), jobs.c.claimed_at < since)
            .order_by(jobs.c.job)
        )
        breaches += [Breach("runs", _run(row.job, row.due_at), "was taken and never ended") for row in found]
    return breaches[:MOST]


def _run(job: str, due_at: object) -> str:
    return f"{job} {due_at:%Y-%m-%dT%H:%MZ}"


async def states(connection: AsyncConnection, horizon: Horizon) -> list[Breach]:  # noqa: ARG001 - the signature of all
    """Cases, arrivals and messages to be sent are in a state that this program knows."""
    breaches = []
    for table, name, known in _STATES:
        found = await connection.scalars(
            select(name).where(table.c.state.not_in(known)).order_by(name).limit(MOST)
        )
        breaches += [Breach("states", f"{table.name} {one}", "is in no state that there is") for one in found]
    return breaches


async def references(connection: AsyncConnection, horizon: Horizon) -> list[Breach]:  # noqa: ARG001 - the signature of all
    """What a row refers to is there: every foreign key holds, and so does what has none because of erasing."""
    breaches = []
    for table in metadata.sorted_tables:
        for key in sorted(table.foreign_key_constraints, key=lambda one: ",".join(one.column_keys)):
            breaches += await _dangling(connection, table, key)
    soft = (
        (ledger, ledger.c.case, ()),
        (nicknames, nicknames.c.number, (nicknames.c.number != "",)),
        (addressees, addressees.c.overdue_case, (addressees.c.overdue_case != "",)),
    )
    for table, column, conditions in soft:
        there = select(violations.c.id).where(violations.c.number == column).exists()
        breaches += await _rows(connection, table, "the case that it names", ~there, *conditions)
    for seq in (reversals.c.seq, reversals.c.reversed_by):
        there = (
            select(literal(1)).where(ledger.c.room_key == reversals.c.room_key, ledger.c.seq == seq).exists()
        )
        breaches += await _rows(connection, reversals, "an entry of the ledger that it names", ~there)
    return breaches


async def _dangling(connection: AsyncConnection, table: Table, key: ForeignKeyConstraint) -> list[Breach]:
    target = key.referred_table.alias("target")
    pairs = [(element.parent, target.c[element.column.name]) for element in key.elements]
    there = select(literal(1)).where(*(here == other for here, other in pairs)).exists()
    given = [here.is_not(None) for here, _ in pairs]
    return await _rows(connection, table, f"its row in {key.referred_table.name}", ~there, *given)


async def _rows(connection: AsyncConnection, table: Table, missing: str, *conditions: object) -> list[Breach]:
    found = await connection.execute(
        select(*table.primary_key.columns).where(*conditions).limit(MOST)  # type: ignore[arg-type] # conditions
    )
    return [
        Breach("references", f"{table.name} {'/'.join(map(str, row))}", f"{missing} is not there")
        for row in found
    ]


async def put_away(connection: AsyncConnection, horizon: Horizon) -> list[Breach]:  # noqa: ARG001 - the signature of all
    """A record that was put to another has no case and no contact id: nothing of it counts twice or is lost."""
    breaches = []
    for table, condition in ((violations, None), (bindings, bindings.c.until.is_(None))):
        conditions = [table.c.person_key.in_(PUT_AWAY), *([] if condition is None else [condition])]
        found = await connection.scalars(
            select(table.c.person_key).distinct().where(*conditions).order_by(table.c.person_key).limit(MOST)
        )
        what = "case" if table is violations else "contact id"
        breaches += [Breach("put_away", key, f"was put to another record and has a {what}") for key in found]
    return breaches[:MOST]


async def pages(connection: AsyncConnection, horizon: Horizon) -> list[Breach]:  # noqa: ARG001 - the signature of all
    """The file of a SQLite database is whole; a server looks after its own."""
    if connection.dialect.name != "sqlite":
        return []
    found = await connection.scalars(text(f"PRAGMA quick_check({MOST})"))
    flaws = [said for said in found if said != "ok"]
    # What SQLite says may quote what stands in a row.
    return [Breach("pages", "the file", f"SQLite finds {len(flaws)} flaws in it")] if flaws else []


Check = Callable[[AsyncConnection, Horizon], Awaitable[list[Breach]]]

CHECKS: tuple[Check, ...] = (
    sums,
    twice,
    evidence,
    unsent,
    unjudged,
    runs,
    states,
    references,
    put_away,
    pages,
)
"""Every invariant beside the chains of the ledger, which :mod:`storage.proof` checks."""


@dataclass(frozen=True, slots=True)
class Examination:
    """What checking every invariant found: how many were checked, and each breach."""

    checks: int
    breaches: tuple[Breach, ...]


class Invariants(Repository):
    """Everything that must hold, checked at once."""

    async def examine(self, horizon: Horizon) -> Examination:
        """Check every invariant; ``horizon`` says what is late, and seen from when."""
        found = [breach for check in CHECKS for breach in await check(self._connection, horizon)]
        return Examination(len(CHECKS), tuple(found))
