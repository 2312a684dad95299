"""Requests to join and to leave, and every step of each (policy 2.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from storage import numbers
from storage.errors import Conflict, NotFound
from storage.records import MemberRequest, Step
from storage.repository import AnyRow, Repository
from storage.tables import request_steps, requests

RequestList = list[MemberRequest]


class Requests(Repository):
    """Membership requests by number."""

    async def add(self, request: MemberRequest) -> MemberRequest:
        """Keep a new request under a fresh number, which replaces ``request.number``; its steps are kept, too."""
        number = await self._fresh_number(requests.c.number, numbers.REQUEST)
        values = {column.name: getattr(request, column.name) for column in requests.c}
        await self._connection.execute(requests.insert().values(**values | {"number": number}))
        for step in request.steps:
            await self._note(number, step)
        return await self.get(number) or replace(request, number=number)

    async def get(self, number: str) -> MemberRequest | None:
        """The request with a number, however it was typed, with its steps; ``None`` if there is none."""
        number = numbers.normal(number, numbers.REQUEST)
        found = await self._connection.execute(select(requests).where(requests.c.number == number))
        return next(iter(await self._with_steps(found.all())), None)

    async def move(
        self,
        number: str,
        from_states: Collection[str],
        to_state: str,
        by: str,
        now: datetime,
        remark: str = "",
        *,
        done: bool = False,
        contact_id: str | None = None,
        person_key: str | None = None,
    ) -> MemberRequest:
        """Move a request from one of ``from_states`` and note the step; of two people at once, one wins.

        Args:
            remark: kept with the step, and where it is not empty as the request's own.
            done: nothing is left to do: ``done_at`` is set.
            contact_id, person_key: who it is about, where that is known by now.

        Raises:
            NotFound: there is no such request.
            Conflict: it is in another state by now; ``present`` names it.
        """
        number = numbers.normal(number, numbers.REQUEST)
        row = await self._locked(select(requests.c.state).where(requests.c.number == number))
        if row is None:
            raise NotFound(f"there is no request {number}")
        if row.state not in from_states:
            raise Conflict(f"request {number} is {row.state}", present=row.state)
        values: dict[str, object] = {"state": to_state, "done_at": now if done else None}
        if remark:
            values["remark"] = remark
        if contact_id is not None:
            values["contact_id"] = contact_id
        if person_key is not None:
            values["person_key"] = person_key
        moved = await self._connection.execute(
            update(requests).where(requests.c.number == number).values(**values).returning(*requests.c)
        )
        await self._note(number, Step(to_state, by, now, remark))
        return (await self._with_steps(moved.all()))[0]

    async def list(
        self,
        states: Collection[str] | None = None,
        room_key: int | None = None,
        limit: int = 20,
        *,
        open_only: bool = False,
    ) -> RequestList:
        """Requests that fit every given condition, newest first; ``open_only``: those not done."""
        conditions: list[Any] = []
        if states is not None:
            conditions.append(requests.c.state.in_(states))
        if room_key is not None:
            conditions.append(requests.c.room_key == room_key)
        if open_only:
            conditions.append(requests.c.done_at.is_(None))
        found = await self._connection.execute(
            select(requests)
            .where(*conditions)
            .order_by(requests.c.created_at.desc(), requests.c.number)
            .limit(limit)
        )
        return await self._with_steps(found.all())

    async def purge(self, before: datetime) -> int:
        """Forget requests that were done before ``before``, with their steps; returns how many."""
        return (await self._connection.execute(delete(requests).where(requests.c.done_at < before))).rowcount

    async def _note(self, number: str, step: Step) -> None:
        await self._connection.execute(
            request_steps.insert().values(
                number=number, state=step.state, taken_by=step.by, at=step.at, remark=step.remark
            )
        )

    async def _with_steps(self, rows: Iterable[AnyRow]) -> RequestList:
        rows = tuple(rows)
        found = await self._connection.execute(
            select(request_steps)
            .where(request_steps.c.number.in_([row.number for row in rows]))
            .order_by(request_steps.c.id)
        )
        steps: dict[str, tuple[Step, ...]] = defaultdict(tuple)
        for row in found:
            steps[row.number] += (Step(row.state, row.taken_by, row.at, row.remark),)
        return [MemberRequest(**row._mapping, steps=steps[row.number]) for row in rows]
