"""Everything that is kept of one person: handed out, or erased (PIPL articles 45 and 47)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime

from storage import disclosure, erasure, expiry, selves
from storage.errors import NotFound
from storage.repository import AnyRow, Repository

# Columns that hold a list.
_LISTS = frozenset({"tags", "rooms", "cases"})


class Privacy(Repository):
    """One person's data over every table."""

    async def export(self, person_key: str) -> dict[str, object]:
        """Everything that is kept of a person: for every kind of thing a list of plain values, ready for JSON.

        Times are ISO 8601 in UTC. What was said under a contact id that is only guessed to be theirs stays out
        as far as it is not in their own record: it may be somebody else's.

        Raises:
            NotFound: there is no such person.
        """
        who = await selves.of(self._connection, person_key, guesses=False)
        return {
            name: [_plain(row) for row in await self._connection.execute(query)]
            for name, query in disclosure.sections(who)
        }

    async def erase(self, person_key: str, now: datetime) -> dict[str, int]:
        """Erase texts, evidence, names and contact ids of a person; returns how many of each, by kind.

        What waits for them ends: an appeal lapses, demands are cancelled, a case in review is dismissed, a
        request is withdrawn. Cases and ledger entries stay under a random key that leads to nobody; the chains
        still hold, and count the entries whose texts are gone. What others wrote about them goes with the time
        it is kept for. An employee who is still in the roster's file comes back, as somebody new, with the next
        import.

        Raises:
            NotFound: there is no such person.
        """
        await self._serialise("people")
        who = await selves.of(self._connection, person_key, guesses=True)
        return await erasure.erase(self._connection, who, now)

    async def expired(self, before: datetime, limit: int) -> list[str]:
        """Keys of people who left before ``before`` and of whom nothing is kept any more; at most so many."""
        return await expiry.expired(self._connection, before, limit)

    async def expire(self, person_key: str, before: datetime, now: datetime) -> bool:
        """Erase a person who left before ``before``, unless something of theirs is kept; returns whether it was done.

        Their name is taken out of nothing that names no record of theirs: it may be somebody else's name, too, and
        what it stands in goes in its own time.
        """
        await self._serialise("people")
        try:
            who = await selves.of(self._connection, person_key, guesses=True)
        except NotFound:
            return False  # somebody had them erased meanwhile
        if not await expiry.is_expired(self._connection, who, before):
            return False
        await erasure.erase(self._connection, replace(who, names=(), nicknames=()), now)
        return True


def _plain(row: AnyRow) -> dict[str, object]:
    return {name: _value(name, value) for name, value in row._mapping.items()}


def _value(name: str, value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if name in _LISTS and isinstance(value, str):
        return json.loads(value)
    return value
