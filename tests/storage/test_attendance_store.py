"""Who is known to be where, and which codes could still be used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from fakes.databases import set_up

from storage.records import Binding, Role
from storage.session import Storage

NOW = datetime(2026, 10, 13, 2, 0, tzinfo=UTC)


async def test_attendance_names_each_id_where_it_is(tmp_path: Path) -> None:
    storage = await Storage.open(await set_up(tmp_path / "qungui.db"))
    try:
        async with storage.unit() as unit:
            first = await unit.rooms.seen("room", "项目群", NOW)
            second = await unit.rooms.seen("other", "销售群", NOW)
            mei = await unit.people.seen("mei", "小美", "市场部小美", first.key, NOW)
            await unit.people.seen("mei", "小美", "", second.key, NOW)
            await unit.people.seen("tom", "Tom", "", first.key, NOW)
            await unit.people.seen("gone", "老吴", "", first.key, NOW)
            await unit.people.left(first.key, "gone", NOW)
            await unit.people.seen("private", "陌生人", "", 0, NOW)
            await unit.people.confirm("mei", None, "operator", NOW)
        async with storage.view() as unit:
            rows = await unit.rooms.attendance()
            assert [(row.contact_id, row.room.topic, row.label) for row in rows] == [
                ("tom", "项目群", "Tom"),
                ("mei", "项目群", "市场部小美"),
                ("mei", "销售群", "小美"),
            ]
            assert {row.level for row in rows if row.contact_id == "mei"} == {Binding.CONFIRMED}
            assert [row.contact_id for row in await unit.rooms.attendance(settled=False)] == ["tom"]
            own = await unit.rooms.attendance(person_keys=[mei.key])
            assert [row.room.key for row in own] == [first.key, second.key]
    finally:
        await storage.close()


async def test_open_codes_are_counted_and_burnt_by_issuer_or_number(tmp_path: Path) -> None:
    storage = await Storage.open(await set_up(tmp_path / "qungui.db"))
    soon, past = NOW + timedelta(minutes=30), NOW - timedelta(minutes=1)
    try:
        async with storage.unit() as unit:
            for code, by, number, expires in (
                ("a", "wang", "E1", soon),
                ("b", "wang", "E2", soon),
                ("c", "wang", "E3", past),
                ("d", "li", "E1", soon),
                ("e", "li", "", soon),
            ):
                await unit.claims.issue(Role.MEMBER, by, expires, number, code)
            await unit.claims.use("b", "somebody", NOW)
            assert await unit.claims.waiting("wang", NOW) == 1
            assert await unit.claims.waiting("li", NOW) == 2
            assert await unit.claims.burn_of("nobody", "", NOW) == 0
            assert await unit.claims.burn_of("nobody", "E1", NOW) == 2
            assert await unit.claims.waiting("wang", NOW) == 0
            assert await unit.claims.burn_of("li", "", NOW) == 1
            assert await unit.claims.waiting("li", NOW) == 0
    finally:
        await storage.close()
