"""Points by hand: bonuses and adjustments, each under the number of a case of its own (policy 6.2b)."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from rules.core.conduct import CONDUCTS, GIVEN
from storage.case_counts import BONUS
from storage.cases import Cases
from storage.ledger import Ledger
from storage.records import Case, CaseState, LedgerEntry
from storage.repository import Repository
from storage.tables import rooms

COMPANY = 0
"""The room of what belongs to none."""

_KINDS = frozenset({"bonus", "adjustment"})


class Bonuses(Repository):
    """Gives points; what was given is a confirmed case of rule ``bonus`` and its entry in the ledger."""

    def __init__(self, connection: AsyncConnection, ledger_key: bytes) -> None:
        super().__init__(connection)
        self._cases = Cases(connection)
        self._ledger = Ledger(connection, ledger_key)

    async def give(
        self,
        person_key: str,
        points: int,
        by: str,
        now: datetime,
        reason: str,
        *,
        kind: str = "bonus",
        room_key: int = COMPANY,
        room_id: str = "",
        name: str = "",
        once: str = "",
        earned: datetime | None = None,
        clause: str = CONDUCTS[BONUS].clauses[GIVEN],
    ) -> tuple[Case, LedgerEntry]:
        """Give a person points; an adjustment may take some.

        Args:
            points: as they count for the person; the case costs the opposite.
            reason: why, for everybody who sees the record.
            kind: bonus | adjustment.
            room_key, room_id: where it was earned; 0 stands for no room in particular.
            name: what the person goes by.
            once: what may be given only once, such as ``answers 2026-10 <person key>``.
            earned: when it was earned, which decides on the month it belongs to; ``None`` for just now.
            clause: of the policy, under which it is given.

        Raises:
            NotFound: there is no such person.
            Conflict: what was given ``once`` is given already; ``present`` is its case number.
            ValueError: a bonus takes points, no points are given, or there is no such kind.
        """
        if kind not in _KINDS:
            raise ValueError(f"points are given as bonus or adjustment, not as {kind!r}")
        if points == 0 or (kind == "bonus" and points < 0):
            raise ValueError("a bonus gives points, and an adjustment changes them")
        await self._require_person(person_key)
        if room_key == COMPANY:
            await self._connection.execute(
                self._insert(rooms)
                .values(key=COMPANY, topic="", first_seen=now, last_seen=now)
                .on_conflict_do_nothing(index_elements=["key"])
            )
        case = await self._cases.open(
            Case(
                number="",
                room_id=room_id,
                sender_id="",
                message_id=f"{BONUS} {once or secrets.token_hex(8)}",
                rule=BONUS,
                category=kind,
                clause=clause,
                points=-points,
                state=CaseState.CONFIRMED,
                tier="violation",
                confidence=1.0,
                reason=reason,
                room_key=room_key,
                person_key=person_key,
                sender_name=name,
                sent_at=earned or now,
                created_at=now,
                decided_by=by,
                decided_at=now,
            )
        )
        entry = await self._ledger.append(
            room_key=room_key,
            case=case.number,
            person_key=person_key,
            rule=BONUS,
            points=points,
            author_key=by,
            kind=kind,
            at=now,
            reason=reason,
        )
        return case, entry
