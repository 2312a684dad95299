"""Cases: one row each in ``violations``, their evidence apart, and every move between states."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy import case as when_

from storage.case_counts import REMINDER
from storage.case_reading import QUERY, CaseReading, case_of, normal_number
from storage.errors import Conflict, NotFound
from storage.evidence import FINAL, mark
from storage.numbers import CASE
from storage.records import Case, CaseState
from storage.tables import case_moves, evidence, ledger, ledger_texts, violations
from storage.types import storable

_DECISIONS = frozenset({CaseState.CONFIRMED, CaseState.DISMISSED, CaseState.UPHELD, CaseState.OVERTURNED})
# What a finding says of itself: a case has it for the one that it stands for, and for a graver one.
_PARTS = ("rule", "category", "clause", "points", "reason", "signs")
_VERDICTS = frozenset({"confirmed", "dismissed"})


class Cases(CaseReading):
    """Opens cases, moves them between states, and keeps what is noted of them."""

    async def open(self, case: Case) -> Case:
        """Keep a new case under a fresh number, which replaces ``case.number``.

        Raises:
            Conflict: this message has a case under this rule already; ``present`` is its number.
        """
        await self._serialise("cases")
        held = await self._connection.scalar(
            select(violations.c.number).where(
                violations.c.message_id == storable(case.message_id),
                or_(violations.c.rule == case.rule, violations.c.filed_rule == case.rule),
            )
        )
        if held is not None:
            raise Conflict(f"the message has a case under rule {case.rule} already", present=held)
        number = await self._fresh_number(violations.c.number, CASE)
        case = replace(case, number=number)
        values = {column.name: getattr(case, column.name) for column in violations.c if column.name != "id"}
        values["spans"] = json.dumps(case.spans)
        await self._connection.execute(violations.insert().values(**values))
        if case.evidence:
            await self._connection.execute(evidence.insert().values(number=number, text=case.evidence))
        return case

    async def move(
        self,
        number: str,
        from_states: Collection[CaseState],
        to_state: CaseState,
        by: str,
        now: datetime,
        reason: str,
        points: int | None = None,
    ) -> Case:
        """Move a case from one of ``from_states``; of two reviewers in the same second, one wins.

        ``decided_by`` and ``decided_at`` follow confirming, dismissing, upholding and overturning; ``points``
        replaces what the case costs where it is given.

        Raises:
            NotFound: there is no such case.
            Conflict: it is in another state by now; ``present`` names it.
        """
        number = normal_number(number)
        query = select(violations.c.state).where(violations.c.number == number)
        present = await self._connection.scalar(query if self._sqlite else query.with_for_update())
        if present is None:
            raise NotFound(f"there is no case {number}")
        if present not in from_states:
            raise Conflict(f"case {number} is {present}", present=present)
        values: dict[str, object] = {"state": to_state}
        # An appeal that is taken back leaves the decision with whoever made it.
        if to_state in _DECISIONS and (present, to_state) != (CaseState.APPEALED, CaseState.CONFIRMED):
            values |= {"decided_by": by, "decided_at": now}
        if points is not None:
            values["points"] = points
        await self._connection.execute(
            update(violations).where(violations.c.number == number).values(**values)
        )
        await self._connection.execute(
            case_moves.insert().values(
                number=number, from_state=present, to_state=to_state, moved_by=by, at=now, reason=reason
            )
        )
        row = (await self._connection.execute(QUERY.where(violations.c.number == number))).one()
        return case_of(row)

    async def judge_shadow(self, number: str, verdict: str, by: str, now: datetime, reason: str) -> Case:
        """Say of a shadow case whether it was right (``confirmed`` or ``dismissed``); the last word stands.

        The case stays a shadow and costs nothing; the step stands in its :meth:`history`.

        Raises:
            NotFound: there is no such case.
            Conflict: it is no shadow case; ``present`` names its state.
            ValueError: there is no such verdict.
        """
        if verdict not in _VERDICTS:
            raise ValueError(f"a verdict is confirmed or dismissed, not {verdict!r}")
        shadow = CaseState.SHADOW
        case = await self.move(number, [shadow], shadow, by, now, f"{verdict}: {reason}")
        judged = {"verdict": verdict, "decided_by": by, "decided_at": now}
        await self._connection.execute(
            update(violations).where(violations.c.number == case.number).values(**judged)
        )
        return replace(case, verdict=verdict, decided_by=by, decided_at=now)

    async def repeated(self, case: Case, at: datetime) -> Case:
        """Count one more message of the same burst in a case; it costs no more for that."""
        case = replace(case, repeats=case.repeats + 1, last_at=max(at, case.last_at or case.sent_at))
        await self._connection.execute(
            update(violations)
            .where(violations.c.number == case.number)
            .values(repeats=case.repeats, last_at=case.last_at)
        )
        return case

    async def keep_graver(self, case: Case) -> None:
        """Keep the graver finding that has joined a case: reviewers decide which of the two it stands for."""
        joined = {f"graver_{part}": getattr(case, f"graver_{part}") for part in _PARTS}
        await self._connection.execute(
            update(violations).where(violations.c.number == case.number).values(**joined)
        )

    async def swap_graver(self, number: str) -> Case:
        """Let the case stand for its graver finding, and keep the lesser in its place; twice undoes it.

        Raises:
            NotFound: there is no such case.
            Conflict: it has no graver finding, or the message has a case under that rule already.
        """
        case = await self.get(number)
        if case is None:
            raise NotFound(f"there is no case {normal_number(number)}")
        if not case.graver_rule:
            raise Conflict(f"case {case.number} has no graver finding", present=case.rule)
        for other in await self.by_message(case.message_id):
            if other.rule == case.graver_rule and other.number != case.number:
                raise Conflict(
                    f"the message has a case under rule {other.rule} already", present=other.number
                )
        swapped = {part: getattr(case, f"graver_{part}") for part in _PARTS}
        swapped |= {f"graver_{part}": getattr(case, part) for part in _PARTS}
        await self._connection.execute(
            update(violations).where(violations.c.number == case.number).values(**swapped)
        )
        return replace(case, **swapped)

    async def stand_for(
        self, number: str, *, rule: str, category: str, clause: str, points: int, reason: str, signs: str
    ) -> Case:
        """Let the case stand for another rule, and keep as what it was filed; the ledger is the caller's.

        Raises:
            NotFound: there is no such case.
            Conflict: it stands for another rule already, or the message has a case under that rule.
        """
        case = await self.get(number)
        if case is None:
            raise NotFound(f"there is no case {normal_number(number)}")
        if case.filed_rule:
            raise Conflict(f"case {case.number} was filed as {case.filed_rule}", present=case.filed_rule)
        for other in await self.by_message(case.message_id):
            if rule in (other.rule, other.filed_rule) and other.number != case.number:
                raise Conflict(f"the message has a case under rule {rule} already", present=other.number)
        filed = {f"filed_{part}": getattr(case, part) for part in _PARTS}
        parts = (rule, category, clause, points, storable(reason), storable(signs))
        changed: dict[str, Any] = dict(zip(_PARTS, parts, strict=True)) | filed
        return await self._put(replace(case, **changed), *changed)

    async def stand_as_filed(self, number: str) -> Case:
        """Let the case stand again as it was filed, at its whole cost; the ledger is the caller's.

        Raises:
            NotFound: there is no such case.
        """
        case = await self.get(number)
        if case is None:
            raise NotFound(f"there is no case {normal_number(number)}")
        filed = (f"filed_{part}" for part in _PARTS)
        return await self._put(case.as_filed, *_PARTS, "waived_points", *filed)

    async def lower(self, number: str, points: int) -> Case:
        """Let the case cost less, and keep by how much; the ledger is the caller's.

        Raises:
            NotFound: there is no such case.
            ValueError: that is not less than it costs, or less than nothing.
        """
        case = await self.get(number)
        if case is None:
            raise NotFound(f"there is no case {normal_number(number)}")
        if not 0 <= points < case.points:
            raise ValueError(f"case {case.number} costs {case.points}, and {points} is not less")
        waived = case.waived_points + case.points - points
        return await self._put(replace(case, points=points, waived_points=waived), "points", "waived_points")

    async def _put(self, case: Case, *names: str) -> Case:
        """Write these fields of a case down as they are in it."""
        await self._connection.execute(
            update(violations)
            .where(violations.c.number == case.number)
            .values(**{name: getattr(case, name) for name in names})
        )
        return case

    async def waive(self, number: str) -> Case:
        """Let the case cost nothing, and keep what it would cost; the ledger is the caller's.

        Raises:
            NotFound: there is no such case.
        """
        return await self._exchange(number, waive=True)

    async def reinstate(self, number: str) -> Case:
        """Let the case cost again what was waived, if anything was; the ledger is the caller's.

        Raises:
            NotFound: there is no such case.
        """
        return await self._exchange(number, waive=False)

    async def _exchange(self, number: str, *, waive: bool) -> Case:
        case = await self.get(number)
        if case is None:
            raise NotFound(f"there is no case {normal_number(number)}")
        whole = case.points + case.waived_points  # one of the two is 0
        points, waived = (0, whole) if waive else (whole, 0)
        await self._connection.execute(
            update(violations)
            .where(violations.c.number == case.number)
            .values(points=points, waived_points=waived)
        )
        return replace(case, points=points, waived_points=waived)

    async def noticed(self, number: str, at: datetime) -> None:
        """Note when the notice of a case left; the first time counts.

        A case that a statement published before is published only now (policy 6.3).
        """
        late = and_(violations.c.published_at.is_not(None), violations.c.published_at < at)
        await self._connection.execute(
            update(violations)
            .where(violations.c.number == normal_number(number), violations.c.noticed_at.is_(None))
            .values(noticed_at=at, published_at=when_((late, at), else_=violations.c.published_at))
        )

    async def publish(self, numbers: Collection[str], at: datetime) -> int:
        """Note that the result of these cases is published (policy 6.3); returns of how many it was new or later.

        The later of notice and statement counts, so an earlier time changes nothing.
        """
        done = await self._connection.execute(
            update(violations)
            .where(
                violations.c.number.in_([normal_number(number) for number in numbers]),
                or_(violations.c.published_at.is_(None), violations.c.published_at < at),
            )
            .values(published_at=at)
        )
        return done.rowcount

    async def erase_evidence(self, before: datetime) -> int:
        """Erase the evidence of cases that became final before ``before``, in the ledger too; reminders are at once.

        Returns how many (policy: 180 days); the ledger then counts their entries as erased, and a mark says how
        far it went.
        """
        await mark(self._connection, before)
        old = select(violations.c.number).where(
            or_(violations.c.state.in_(FINAL), REMINDER),
            func.coalesce(violations.c.decided_at, violations.c.created_at) < before,
        )
        held = exists().where(
            ledger.c.room_key == ledger_texts.c.room_key,
            ledger.c.seq == ledger_texts.c.seq,
            ledger.c.case.in_(old),
        )
        await self._connection.execute(update(ledger_texts).where(held).values(evidence=None))
        gone = await self._connection.execute(delete(evidence).where(evidence.c.number.in_(old)))
        return gone.rowcount
