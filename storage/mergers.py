"""Two records that turn out to be one person's: put together, and taken apart again if that was wrong.

The ledger is not touched: an entry counts for whom its case stands now. What is put to the other record is written
down row by row, so that exactly that can go back.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, select, update

from storage import handover, merging, numbers, reidentify
from storage.errors import Conflict, NotFound
from storage.records import Binding, Employment, Merger
from storage.repository import AnyRow, Repository
from storage.tables import bindings, merger_moves, mergers, people, roles

_IDS = "bindings"


class _Id(NamedTuple):
    """An id that went over: its binding before, and how sure it was afterwards."""

    before: int
    level: str


class Mergers(Repository):
    """Mergers by number; a record is put to one other at a time."""

    async def merge(self, merged_key: str, kept_key: str, by: str, reason: str, now: datetime) -> Merger:
        """Put everything of one record to another: cases, what is asked about them, orders, and contact ids.

        No id becomes surer by it, and none gets authority: ids that were confirmed stay so only where the record
        that is kept holds no role and heads no department. What both records have (a question, a shift) is kept once.

        Raises:
            NotFound: there is no such record.
            Conflict: they must not be put together; ``present`` says why: ``same``, ``merged`` (one of them was
                put to another), ``role`` (the one that goes holds a role), ``active`` (it is an employee of the
                roster), ``left`` (the one that is kept has left), ``kind`` (only one of them is external), or
                ``guess`` (an id of either is only guessed to be theirs).
        """
        await self._serialise("people")
        merged, kept = await self._one(merged_key), await self._one(kept_key)
        if (objection := await self._objection(merged, kept)) is not None:
            raise Conflict(f"the records must not be put together: {objection}", present=objection)
        merger = Merger(
            await self._fresh_number(mergers.c.number, numbers.MERGER), merged_key, kept_key, by, reason, now
        )
        await self._connection.execute(
            mergers.insert().values(**{name: getattr(merger, name) for name in mergers.c.keys()})  # noqa: SIM118 - of columns
        )
        moves = await handover.everything(self._connection, merged_key, kept_key)
        moves += [(_IDS, f"{one.before} {one.level}") for one in await self._move_ids(merger, kept)]
        if moves:
            await self._connection.execute(
                merger_moves.insert(),
                [{"number": merger.number, "what": what, "ref": ref} for what, ref in moves],
            )
        return merger

    async def split(self, number: str, by: str, reason: str, now: datetime) -> Merger:
        """Give a record back what went to the other, and the cases of its contact ids since.

        What has become somebody else's meanwhile stays with them, and so does an id that was confirmed since.

        Raises:
            NotFound: there is no such merger.
            Conflict: it was taken back before (``present`` is ``split``), or the record that was kept was itself
                put to another (``present`` is the number of that merger: it has to be taken back first).
        """
        await self._serialise("people")
        merger = await self.get(number)
        if merger is None:
            raise NotFound("there is no such merger")
        if merger.split_at is not None:
            raise Conflict("it was taken back before", present="split")
        if (later := await self.standing(merger.kept_key)) is not None:
            raise Conflict("the kept record was put to another", present=later.number)
        moved = defaultdict(list)
        for what, ref in await self._moves(merger.number):
            moved[what].append(ref)
        ids = moved.pop(_IDS, [])
        await handover.these(self._connection, moved, merger.kept_key, merger.merged_key)
        for one in sorted(ids, key=lambda ref: int(ref.partition(" ")[0])):
            before, _, level = one.partition(" ")
            await self._return_id(merger, _Id(int(before), level), by, now)
        found = await self._connection.execute(
            update(mergers)
            .where(mergers.c.number == merger.number)
            .values(split_by=by, split_reason=reason, split_at=now)
            .returning(*mergers.c)
        )
        return _merger(found.one())

    async def holder(self, person_key: str) -> str:
        """The record that has what belonged to this one; itself if it was not put to another."""
        return await merging.holder(self._connection, person_key)

    async def get(self, number: str) -> Merger | None:
        """The merger with a number, however it was typed."""
        return await self._only(select(mergers).where(mergers.c.number == _normal(number)))

    async def standing(self, merged_key: str) -> Merger | None:
        """The merger that put a record to another, if it stands."""
        return await self._only(
            select(mergers).where(mergers.c.merged_key == merged_key, mergers.c.split_at.is_(None))
        )

    async def recent(self, limit: int) -> list[Merger]:
        """The newest mergers, newest first."""
        found = await self._connection.execute(
            select(mergers).order_by(mergers.c.merged_at.desc(), mergers.c.number).limit(limit)
        )
        return [_merger(row) for row in found]

    async def tally(self, number: str) -> Counter[str]:
        """How much of each kind went over: ``violations``, ``appeals``, ``bindings`` and so on."""
        return Counter(what for what, _ in await self._moves(_normal(number)))

    async def _moves(self, number: str) -> list[tuple[str, str]]:
        found = await self._connection.execute(
            select(merger_moves.c.what, merger_moves.c.ref)
            .where(merger_moves.c.number == number)
            .order_by(merger_moves.c.what, merger_moves.c.ref)
        )
        return [(row.what, row.ref) for row in found]

    async def _only(self, query: Select[*tuple[object, ...]]) -> Merger | None:
        row = (await self._connection.execute(query)).first()
        return None if row is None else _merger(row)

    async def _one(self, key: str) -> AnyRow:
        row = (await self._connection.execute(select(people).where(people.c.key == key))).first()
        if row is None:
            raise NotFound("there is no such record")
        return row

    async def _objection(self, merged: AnyRow, kept: AnyRow) -> str | None:
        keys = [merged.key, kept.key]
        away = await self._connection.scalars(merging.PUT_AWAY.where(mergers.c.merged_key.in_(keys)))
        guessed = await self._connection.scalars(
            select(bindings.c.id).where(
                bindings.c.person_key.in_(keys),
                bindings.c.until.is_(None),
                bindings.c.level == Binding.PROBABLE,
            )
        )
        reasons = {
            "same": merged.key == kept.key,
            "merged": bool(away.all()),
            "role": await self._holds_role(merged.key),
            "active": merged.employee_no is not None and merged.status == Employment.ACTIVE,
            "left": kept.status == Employment.LEFT,
            "kind": merged.kind != kept.kind,
            "guess": bool(guessed.all()),
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    async def _holds_role(self, key: str) -> bool:
        held = await self._connection.scalars(
            select(roles.c.id).where(roles.c.person_key == key, roles.c.revoked_at.is_(None))
        )
        return bool(held.all())

    async def _bound(self, key: str) -> list[AnyRow]:
        found = await self._connection.execute(
            select(bindings)
            .where(bindings.c.person_key == key, bindings.c.until.is_(None))
            .order_by(bindings.c.id)
        )
        return list(found)

    async def _move_ids(self, merger: Merger, kept: AnyRow) -> list[_Id]:
        """Bind the ids of the one record to the other. What it was reached by itself stays its newest id."""
        own = await self._bound(merger.kept_key)
        guarded = kept.is_head or await self._holds_role(merger.kept_key)
        moved = []
        for row in await self._bound(merger.merged_key):
            level = Binding.NONE if guarded else Binding(row.level)
            await reidentify.bind(
                self._connection, row.contact_id, merger.kept_key, level, merger.merged_by, merger.merged_at
            )
            moved.append(_Id(row.id, level))
        surest = any(one.level == Binding.CONFIRMED for one in moved)
        if moved and own and (own[-1].level == Binding.CONFIRMED or not surest):
            last = own[-1]
            await reidentify.bind(
                self._connection,
                last.contact_id,
                merger.kept_key,
                Binding(last.level),
                last.bound_by,
                merger.merged_at,
            )
        return moved

    async def _return_id(self, merger: Merger, moved: _Id, by: str, now: datetime) -> None:
        """Bind an id as it was before, with its cases since; not if it has become somebody's by itself meanwhile."""
        before = (
            await self._connection.execute(select(bindings).where(bindings.c.id == moved.before))
        ).first()
        if before is None:
            return
        present = (
            await self._connection.execute(
                select(bindings.c.person_key, bindings.c.level).where(
                    bindings.c.contact_id == before.contact_id, bindings.c.until.is_(None)
                )
            )
        ).first()
        if present is None or (present.person_key, present.level) != (merger.kept_key, moved.level):
            return
        await handover.cases_since(
            self._connection, before.contact_id, merger.kept_key, merger.merged_key, merger.merged_at
        )
        await reidentify.bind(
            self._connection, before.contact_id, merger.merged_key, Binding(before.level), by, now
        )


def _normal(number: str) -> str:
    return numbers.normal(number, numbers.MERGER)


def _merger(row: AnyRow) -> Merger:
    return Merger(**row._mapping)
