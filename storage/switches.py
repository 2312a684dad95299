"""Which rule is on, off or in shadow, in one room or in all of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from storage.records import Mode, Switch
from storage.repository import Repository
from storage.tables import switches

_COLUMNS = (switches.c.rule, switches.c.room_key, switches.c.mode, switches.c.set_by, switches.c.set_at)


class Switches(Repository):
    """One switch for each rule and room; ``room_key`` 0 stands for every room."""

    async def set(self, rule: str, room_key: int, mode: Mode, by: str, now: datetime) -> None:
        """Put a rule into a mode; what was there before is replaced."""
        values = {"mode": mode, "set_by": by, "set_at": now}
        insert = self._insert(switches).values(rule=rule, room_key=room_key, **values)
        await self._connection.execute(
            insert.on_conflict_do_update(index_elements=["rule", "room_key"], set_=values)
        )

    async def clear(self, rule: str, room_key: int) -> bool:
        """Take a switch away, so that the configuration decides again; returns whether there was one."""
        gone = await self._connection.execute(
            delete(switches).where(switches.c.rule == rule, switches.c.room_key == room_key)
        )
        return gone.rowcount > 0

    async def all(self) -> list[Switch]:
        """Every switch, in order of rule and room: every room (0) first."""
        found = await self._connection.execute(
            select(*_COLUMNS).order_by(switches.c.rule, switches.c.room_key)
        )
        return [Switch(row.rule, row.room_key, Mode(row.mode), row.set_by, row.set_at) for row in found]
