"""The archive: what is found by which words on either database, and what hostile words do (nothing)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from storage.errors import Conflict
from storage.records import Archived
from storage.searching import stems
from storage.session import Storage, UnitOfWork

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _message(now: datetime, message_id: str = "m1", **known: object) -> Archived:
    kept = Archived("", 1, message_id, "技术部张三", "考勤制度自下月起执行", ("制度",), "p9", now, now, "p1")
    return replace(kept, **known)  # type: ignore[arg-type]  # fields of the record, by name


async def _found(unit: UnitOfWork, *words: str) -> list[str]:
    return [one.message_id for one in await unit.archive.search(words)]


async def _words_kept(unit: UnitOfWork) -> int:
    connection = unit._connection
    assert connection is not None
    return await connection.scalar(text("SELECT count(*) FROM archive_words")) or 0


async def test_a_message_is_kept_once_and_comes_back(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        kept = await unit.archive.add(_message(now), ["考勤", "制度"])
        assert kept == _message(now, number=kept.number)
        assert kept.number.startswith("A-")
        assert await unit.archive.get(f"a－{kept.number[2:].lower()}") == kept
        with pytest.raises(Conflict) as again:
            await unit.archive.add(_message(now), ["考勤"])
        assert again.value.present == kept.number


async def test_words_find_a_message_that_holds_them_all(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        await unit.archive.add(_message(now), ["考勤制度", "下月", "执行"])
        await unit.archive.add(_message(now, "m2", sent_at=now + HOUR, tags=("Excel",)), ["考勤", "报表"])
        assert await _found(unit, "考勤") == ["m2", "m1"]  # a beginning is enough
        assert await _found(unit, "考勤", "执行") == ["m1"]
        assert await _found(unit, "考勤", "请假") == []
        assert await _found(unit, "勤") == []
        assert await _found(unit, "ＥＸＣＥＬ") == ["m2"]  # a tag, whatever its case and width
        assert await _found(unit) == ["m2", "m1"]
        assert await _found(unit, "  ", "") == []


async def test_a_search_is_bounded_by_room_time_and_number(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        for place in range(4):
            sent = now + place * HOUR
            await unit.archive.add(_message(now, f"m{place}", sent_at=sent, room_key=1 + place % 2), ["考勤"])
        assert [one.message_id for one in await unit.archive.search(["考勤"], room_key=1)] == ["m2", "m0"]
        assert [one.message_id for one in await unit.archive.search(["考勤"], since=now + 2 * HOUR)] == [
            "m3",
            "m2",
        ]
        assert [one.message_id for one in await unit.archive.search(["考勤"], limit=1)] == ["m3"]


async def test_what_is_taken_out_is_not_found_any_more(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        first = await unit.archive.add(_message(now), ["考勤"])
        await unit.archive.add(_message(now, "m2", at=now + DAY), ["考勤"])
        assert await _words_kept(unit) == 2
        assert await unit.archive.remove(first.number.lower())
        assert not await unit.archive.remove(first.number)
        assert await _found(unit, "考勤") == ["m2"]
        assert (await unit.archive.purge(now + DAY), await unit.archive.purge(now + 2 * DAY)) == (0, 1)
        # The words go with their message: they are its text.
        assert await _words_kept(unit) == 0


@pytest.mark.parametrize(
    "word",
    [
        '" OR 1=1 --',
        "NEAR(a b)",
        "a*",
        "-b",
        "words:x",
        "it's & !x | (y",
        "\\",
        "\x00\ud800",
        "NOT",
        "😀🈲",
        "C++",
        "考" * 3000,
    ],
)
async def test_no_word_is_syntax(storage: Storage, now: datetime, word: str) -> None:
    async with storage.unit() as unit:
        await unit.archive.add(_message(now, "plain"), ["考勤", "a", "b", "x"])
        assert "plain" not in await _found(unit, word)
        await unit.archive.add(_message(now, "hostile", text=word, tags=(word,)), [word])
        assert await _found(unit, word) == ["hostile"]


async def test_a_very_long_text_is_found_by_its_first_words(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        await unit.archive.add(
            _message(now), ["开头", *(f"词{n}" + "长" * 50 for n in range(20_000)), "结尾"]
        )
        assert await _found(unit, "开头") == ["m1"]
        assert await _found(unit, "结尾") == []


@given(st.text(max_size=80), st.text(max_size=20))
def test_a_stem_keeps_beginnings_and_nothing_else_begins_alike(word: str, other: str) -> None:
    found, begun = stems([word]), stems([other])
    assert all(stem.isascii() and stem.isalnum() for stem in found)
    if found and begun:
        spelled = bytes.fromhex(found[0][1:]).decode()
        assert found[0].startswith(begun[0]) == spelled.startswith(bytes.fromhex(begun[0][1:]).decode())
