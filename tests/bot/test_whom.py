"""Whom a command means: mentions, numbers, names; never a guess."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from fakes.databases import set_up

from bot.commands.table import Call, Counter, Refused
from bot.commands.whom import EVERYWHERE, masked_number, meant, which_contact, which_room, whom
from bot.pipeline.places import Place
from bot.texts import Texts
from storage.records import Binding, Person, RosterRow
from storage.session import Storage, UnitOfWork

NOW = datetime(2026, 10, 13, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
DESK = cast(Counter, SimpleNamespace(texts=Texts.load(), supervision=lambda: "office"))
ROSTER = (
    RosterRow("E1001", "张三", "人力资源部", is_head=False, active=True),
    RosterRow("E1002", "王敏", "人力资源部", is_head=True, active=True),
    RosterRow("E1003", "李强", "工程部", is_head=False, active=True),
    RosterRow("E1004", "李强", "市场部", is_head=False, active=True),
    RosterRow("E1007", "周杰", "市场部", is_head=False, active=False),
)


@pytest.fixture
async def unit(tmp_path: Path) -> AsyncIterator[UnitOfWork]:
    storage = await Storage.open(await set_up(tmp_path / "qungui.db"))
    async with storage.unit() as unit:
        await unit.people.import_roster(ROSTER, NOW)
        room = await unit.rooms.seen("room", "项目群", NOW)
        other = await unit.rooms.seen("other", "销售群", NOW)
        await unit.rooms.seen("twin1", "双胞胎", NOW)
        await unit.rooms.seen("twin2", "双胞胎", NOW)
        await unit.rooms.seen("office", "监督组", NOW)
        await unit.people.seen("zhang", "小张", "人力资源部张三", room.key, NOW)
        await unit.people.seen("fake", "张三", "", other.key, NOW)
        await unit.people.seen("mei", "小美", "", room.key, NOW)
        await unit.people.seen("mei2", "小美", "", other.key, NOW)
        await unit.people.seen("tom", "Tom Lee", "", room.key, NOW)
        await unit.people.seen("stranger", "陌生人", "", 0, NOW)
        gone = await unit.people.seen("gone", "老吴", "", room.key, NOW)
        assert gone.key
        await unit.people.left(room.key, "gone", NOW)
        yield unit
    await storage.close()


def call(
    *words: str, mentions: tuple[str, ...] = (), place: Place = Place.GUARDED, room: str = "room"
) -> Call:
    sender = Person("key", "sender", "王敏", Binding.CONFIRMED)
    return Call(words, " ".join(words), sender, "sender", "王敏", place, room, "m1", NOW, mentions)


async def contact_of(unit: UnitOfWork, contact_id: str) -> str:
    person = await unit.people.by_contact(contact_id)
    assert person is not None
    return person.key


async def test_a_mention_is_its_id_whatever_it_reads(unit: UnitOfWork) -> None:
    typed = call("@张三", mentions=("mei",))
    found = await meant(DESK, unit, typed, "@张三")
    assert found.person.key == await contact_of(unit, "mei")
    assert "小美" in found.note
    fitting = await meant(DESK, unit, call("@张三", mentions=("fake",)), "@张三")
    assert fitting.note == ""


async def test_several_mentions_are_told_apart_by_name_and_then_by_order(unit: UnitOfWork) -> None:
    typed = call("@小美", "@Tom Lee", mentions=("tom", "mei"))
    assert (await whom(DESK, unit, typed, "@小美")).key == await contact_of(unit, "mei")
    assert (await whom(DESK, unit, typed, "@Tom Lee")).key == await contact_of(unit, "tom")
    twins = call("@小美", "@小美2", mentions=("mei", "mei2"))
    assert (await whom(DESK, unit, twins, "@小美2")).key == await contact_of(unit, "mei2")


async def test_a_mention_too_many_is_asked_back(unit: UnitOfWork) -> None:
    for typed in (call("@谁", mentions=("tom", "mei")), call("@小美", "@小美", mentions=("mei", "mei2"))):
        with pytest.raises(Refused, match="分不清"):
            await whom(DESK, unit, typed, typed.words[0])


async def test_somebody_mentioned_who_never_spoke_is_nobody_yet(unit: UnitOfWork) -> None:
    with pytest.raises(Refused, match="还没有在群里发过言"):
        await whom(DESK, unit, call("@新人", mentions=("new",)), "@新人")


@pytest.mark.parametrize("word", ["E1001", "e1001", "Ｅ１００１", "工号E1001", "工号：E1001", " E1001 "])
async def test_an_employee_number_is_one_person(unit: UnitOfWork, word: str) -> None:
    found = await whom(DESK, unit, call(word), word)
    assert (found.name, found.department) == ("张三", "人力资源部")


@pytest.mark.parametrize(
    "word", ["人力资源部张三", "人力资源部-张三", "@人力资源部张三", "王敏", "tom lee", "Ｔｏｍ　Ｌｅｅ"]
)
async def test_a_name_that_only_one_has(unit: UnitOfWork, word: str) -> None:
    assert await whom(DESK, unit, call(word), word)


async def test_two_of_one_name_are_asked_back_with_what_tells_them_apart(unit: UnitOfWork) -> None:
    with pytest.raises(Refused) as refused:
        await whom(DESK, unit, call("李强", place=Place.PRIVATE, room=""), "李强")
    said = str(refused.value)
    assert "工程部李强（工号 E**03）" in said
    assert "市场部李强（工号 E**04）" in said
    assert "E1003" not in said


async def test_somebody_who_wears_the_name_of_an_employee_is_not_taken_for_them(unit: UnitOfWork) -> None:
    with pytest.raises(Refused) as refused:
        await whom(DESK, unit, call("张三", place=Place.PRIVATE, room=""), "张三")
    assert "销售群" in str(refused.value)
    with pytest.raises(Refused) as refused:
        await whom(DESK, unit, call("张三"), "张三")
    assert "销售群" not in str(refused.value)  # what other groups there are is not said in a work group


@pytest.mark.parametrize("word", ["谁也不是", "E9999", "陌生人", "老吴", "@"])
async def test_nobody(unit: UnitOfWork, word: str) -> None:
    with pytest.raises(Refused, match="没有找到"):
        await whom(DESK, unit, call(word), word)


async def test_no_word_at_all(unit: UnitOfWork) -> None:
    with pytest.raises(Refused, match="请写明是谁"):
        await whom(DESK, unit, call(), "")


async def test_who_has_left_is_meant_only_where_that_makes_sense(unit: UnitOfWork) -> None:
    with pytest.raises(Refused, match="已离职"):
        await whom(DESK, unit, call("周杰"), "周杰")
    assert (await whom(DESK, unit, call("周杰"), "周杰", left=True)).employee_no == "E1007"


async def test_a_contact_is_one_id(unit: UnitOfWork) -> None:
    found = await which_contact(DESK, unit, call("小张"), "小张")
    assert (found.contact_id, found.label, found.rooms) == ("zhang", "人力资源部张三", ("项目群",))
    with pytest.raises(Refused, match="可能是以下几位"):
        await which_contact(DESK, unit, call("小美"), "小美")
    with pytest.raises(Refused, match="没有找到"):
        await which_contact(DESK, unit, call("E1003"), "E1003")  # an entry of the roster is no contact


async def test_rooms(unit: UnitOfWork) -> None:
    here = call()
    assert (await which_room(DESK, unit, here)).topic == "项目群"
    assert (await which_room(DESK, unit, here, "本群")).topic == "项目群"
    assert (await which_room(DESK, unit, here, "销售群")).gateway_id == "other"
    assert (await which_room(DESK, unit, here, "other")).topic == "销售群"
    for word in ("全部", "全部群", "ALL", "所有群"):
        assert await which_room(DESK, unit, here, word, every=True) is EVERYWHERE


@pytest.mark.parametrize(
    ("word", "said"),
    [("双胞胎", "有几个群"), ("没有的群", "没有找到群"), ("全部", "没有找到群"), ("监督组", "没有找到群")],
)
async def test_rooms_that_are_not_meant(unit: UnitOfWork, word: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        await which_room(DESK, unit, call(), word)


@pytest.mark.parametrize("place", [Place.PRIVATE, Place.SUPERVISION])
async def test_outside_of_a_guarded_room_the_room_is_named(unit: UnitOfWork, place: Place) -> None:
    elsewhere = replace(call(), place=place, room_id="" if place is Place.PRIVATE else "office")
    with pytest.raises(Refused, match="请写明是哪个群"):
        await which_room(DESK, unit, elsewhere)


def test_numbers_are_masked() -> None:
    assert [masked_number(one) for one in ("1", "12", "123", "1234", "E1001")] == [
        "1",
        "1*",
        "1**",
        "1*34",
        "E**01",
    ]
