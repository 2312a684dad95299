"""`/条款`, read as chat transcripts: what a notice refers to can be read by whoever it is about."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fakes.scene import AD, ROOM, opened
from fakes.shipped import shipped

from bot.texts.clauses import clauses

ROOT = Path(__file__).resolve().parents[2]
KNOWN = {number for held in clauses().values() for number in held}


async def test_whoever_is_reminded_can_read_the_clause(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("liu", AD)
        clause = (await scene.the_case()).clause
        assert f"第 {clause} 条" in scene.heard(ROOM)[-1]
        (said,) = await scene.says("liu", f"/条款 {clause}", where="")
        assert said == f"第 {clause} 条　{clauses()['3 信息发布'][clause]}"


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("2.3b", ["2.3b"]),
        ("第2.3b条", ["2.3b"]),
        ("２．３Ｂ", ["2.3b"]),
        ("第 2.3b 条", ["2.3b"]),
        ("4.1", ["4.1a", "4.1b"]),
        ("5", ["5.1", "5.2", "5.3"]),
    ],
)
async def test_a_number_may_be_written_as_people_write_it(
    tmp_path: Path, typed: str, numbers: list[str]
) -> None:
    async with opened(tmp_path) as scene:
        (said,) = await scene.says("liu", f"/条款 {typed}", where="")
        assert re.findall(r"^第 (\S+) 条", said, re.MULTILINE) == numbers


@pytest.mark.parametrize("typed", ["", "9.9", "2.3z", "昵称", "2.3bb"])
async def test_for_a_number_that_is_none_there_is_the_list(tmp_path: Path, typed: str) -> None:
    async with opened(tmp_path) as scene:
        (said,) = await scene.says("liu", f"/条款 {typed}".strip(), where="")
        assert said.startswith(f"没有第“{typed}”条。" if typed else "群规条款：")
        assert "2 群成员管理：2.1a、2.1b" in said
        assert all(number in said for number in KNOWN)


def test_there_is_a_text_for_every_clause_of_the_policy_and_of_every_rule() -> None:
    written = set(
        re.findall(r"^\| (\d\.\d[a-z]?) \|", (ROOT / "docs" / "policy.md").read_text("utf-8"), re.MULTILINE)
    )
    assert written
    assert written - KNOWN == set()
    used = {charge.penalty.clause for entry in shipped().entries for charge in entry.charges.values()}
    assert used - KNOWN == set()
    assert {"4.1a", "4.1b", "6.2b"} <= KNOWN
