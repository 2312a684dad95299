"""Rooms: a key that stays, through renaming and new logins."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from storage.errors import Conflict, NotFound
from storage.results import RoomReconciliation
from storage.session import Storage

NONE: frozenset[str] = frozenset()


async def test_a_renamed_room_keeps_its_key(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        first = await unit.rooms.seen("r@1", "项目群", now)
        renamed = await unit.rooms.seen("r@1", "项目二群", now)
        nameless = await unit.rooms.seen("r@1", "", now + timedelta(days=1))
        assert await unit.rooms.seen("r@1", None, now) == nameless
        await unit.rooms.reconcile([("r@1", "", NONE)], now)
        other = await unit.rooms.seen("r@2", "项目群", now)
        assert first.key == renamed.key == nameless.key != other.key
        assert (renamed.topic, nameless.topic) == ("项目二群", "项目二群")
        assert await unit.rooms.get(first.key) == renamed == await unit.rooms.by_gateway("r@1")
        assert await unit.rooms.all() == [renamed, other]
        nameless = await unit.rooms.seen("r@3", None, now)
        assert await unit.rooms.seen("r@3", "晚到的名字", now) == replace(nameless, topic="晚到的名字")
        assert await unit.rooms.get(99) is None
        assert await unit.rooms.by_gateway("r@9") is None


async def test_a_rebound_room_is_found_under_both_ids(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = await unit.rooms.seen("old", "项目群", now)
        await unit.rooms.rebind(room.key, "new", now)
        for gateway_id in ("old", "new"):
            found = await unit.rooms.by_gateway(gateway_id)
            assert found is not None
            assert (found.key, found.gateway_id) == (room.key, "new")
        assert (await unit.rooms.seen("new", "项目群", now)).key == room.key
        other = await unit.rooms.seen("other", "别的群", now)
        with pytest.raises(Conflict):
            await unit.rooms.rebind(other.key, "new", now)
        with pytest.raises(NotFound):
            await unit.rooms.rebind(99, "newer", now)


async def test_a_new_login_keeps_rooms_by_topic(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        rooms = [await unit.rooms.seen(f"old{n}", f"群{n}", now) for n in range(3)]
        result = await unit.rooms.reconcile(
            [("new0", "群0", NONE), ("new1", "群1", NONE), ("old2", "群2", NONE), ("new9", "新群", NONE)], now
        )
        assert [(before.gateway_id, after.gateway_id) for before, after in result.rebound] == [
            ("old0", "new0"),
            ("old1", "new1"),
        ]
        assert result.ambiguous == ()
        assert [room.key for room in (await unit.rooms.all())[:3]] == [room.key for room in rooms]
        assert [room.gateway_id for room in await unit.rooms.all()] == ["new0", "new1", "old2", "new9"]
        again = await unit.rooms.reconcile([("new0", "群0", NONE)], now)
        assert again == RoomReconciliation()


async def test_two_rooms_of_one_topic_are_told_apart_by_their_members(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        keys = {}
        for gateway_id, names in (("a", ["张三", "李四"]), ("b", ["王五", "赵六"])):
            room = await unit.rooms.seen(gateway_id, "项目群", now)
            keys[gateway_id] = room.key
            for name in names:
                await unit.people.seen(f"{gateway_id}{name}", name, "", room.key, now)
        result = await unit.rooms.reconcile(
            [
                ("x", "项目群", frozenset({"王五", "赵六", "新人"})),
                ("y", "项目群", frozenset({"张三", "李四"})),
            ],
            now,
        )
        assert {before.gateway_id: after.gateway_id for before, after in result.rebound} == {
            "a": "y",
            "b": "x",
        }
        assert {before.key: after.key for before, after in result.rebound} == {
            key: key for key in keys.values()
        }


async def test_what_could_be_two_rooms_becomes_a_new_one(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        old = [await unit.rooms.seen(gateway_id, "项目群", now) for gateway_id in ("a", "b")]
        result = await unit.rooms.reconcile([("x", "项目群", NONE)], now)
        assert result.rebound == ()
        (doubt,) = result.ambiguous
        assert (doubt.made.gateway_id, set(doubt.could_be)) == ("x", set(old))
        assert len(await unit.rooms.all()) == 3


async def test_one_room_for_two_new_ones_is_given_to_neither(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        old = await unit.rooms.seen("a", "项目群", now)
        result = await unit.rooms.reconcile([("x", "项目群", NONE), ("y", "项目群", NONE)], now)
        assert result.rebound == ()
        assert [(doubt.made.gateway_id, doubt.could_be) for doubt in result.ambiguous] == [
            ("x", (old,)),
            ("y", (old,)),
        ]


async def test_a_room_of_strangers_is_not_ours(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        old = await unit.rooms.seen("a", "项目群", now)
        for name in ("张三", "李四", "王五"):
            await unit.people.seen(name, name, "", old.key, now)
        result = await unit.rooms.reconcile([("x", "项目群", frozenset({"甲", "乙", "张三"}))], now)
        assert result == RoomReconciliation()
        assert len(await unit.rooms.all()) == 2


async def test_two_namesakes_in_a_room_of_its_name_do_not_rival_the_true_one(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        old = await unit.rooms.seen("a", "项目群", now)
        for name in ("张三", "李四", "王五"):
            await unit.people.seen(name, name, f"工程部{name}", old.key, now)
        decoy = ("x", "项目群", frozenset({"张三", "李四"}))
        true = ("y", "项目群", frozenset({"张三", "李四", "王五", "工程部王五", "新人"}))
        result = await unit.rooms.reconcile([decoy, true], now)
        assert [(was.key, has.gateway_id) for was, has in result.rebound] == [(old.key, "y")]
        assert result.ambiguous == ()


async def test_a_room_that_copies_nearly_all_names_makes_doubt_and_never_wins(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        old = await unit.rooms.seen("a", "项目群", now)
        for name in ("张三", "李四", "王五"):
            await unit.people.seen(name, name, "", old.key, now)
        copy = ("x", "项目群", frozenset({"张三", "李四", "王五"}))
        true = ("y", "项目群", frozenset({"张三", "李四", "小五"}))
        result = await unit.rooms.reconcile([copy, true], now)
        assert result.rebound == ()
        assert [doubt.made.gateway_id for doubt in result.ambiguous] == ["x", "y"]
