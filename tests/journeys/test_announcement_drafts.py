"""Drafts of announcements as people type them, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.offices import says, staffed
from fakes.scene import TUESDAY

from bot.commands.drafting import cleaned, planned_time
from bot.commands.times import Mistimed
from rules.core.load import load_calendar
from rules.core.options import WorkOptions

TEXT = "各部门：\n下周一 9 点系统停机维护，请提前保存工作。\n联系人：王敏"


async def test_a_quoted_message_is_the_text(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("wang", TEXT)
        answer = await says(scene, "wang", f"「人力资源部王敏：{TEXT[:20]}」\n- - - - - - - -\n/发布 本群")
        assert TEXT in answer


async def test_mistakes_are_answered(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        for typed, answer in (
            ("/发布", "请写明要发布的正文"),
            ("/发布 项目工作群", "请写明要发布的正文"),
            ("/发布 没有这个群 明天 10:00\n正文", "请写明发布到哪个群"),
            ("/发布 项目工作群 10-08 09:00\n正文", "已经过去"),
            ("/发布 项目工作群 2月30日\n正文", "没有"),
            ("/发布 项目工作群 " + "长" * 600, "第一行太长"),
            ("/发布 项目工作群\n" + "长" * 1501, "最多 1500 字"),
            ("/发布 查看", "请写明发布编号"),
            ("/发布 查看 G-22222", "没有找到发布 G-22222"),
            ("/发布 查看 {{7*7}}", "没有找到发布，"),
            ("/发布　项目工作群　明天１０：００　停机 ", "10-14 10:00"),
        ):
            said = await says(scene, "wang", typed, where="")
            assert answer in said, f"{typed[:40]}: {said}"


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("明天", "10-14 09:00"),
        ("明天 10:00", "10-14 10:00"),
        ("明天下午", "10-14 12:00"),
        ("明天晚上", "10-14 18:00"),
        ("今天", "10-13 10:00"),
        ("今晚8点", "10-13 20:00"),
        ("周六", "10-17 00:00"),
        ("2小时后", "10-13 12:00"),
    ],
)
def test_a_day_means_as_soon_as_people_work_then(typed: str, at: str) -> None:
    calendar = load_calendar(WorkOptions(), "Asia/Shanghai")
    assert f"{planned_time(typed, TUESDAY, calendar):%m-%d %H:%M}" == at


@pytest.mark.parametrize("typed", ["09:00", "10-12", "昨天", "2月30日", "正文", ""])
def test_no_time_to_come_is_no_time(typed: str) -> None:
    with pytest.raises(Mistimed):
        planned_time(typed, TUESDAY, load_calendar(WorkOptions(), "Asia/Shanghai"))


@pytest.mark.parametrize(
    ("typed", "posted"),
    [
        (" a \r\n\r\n\r\n\r\n b\u2028c ", "a\n\n b\nc"),
        ("a\u3000\tb", "a  b"),
        ("\u202ea\u200bb\ufeff", "ab"),
        ("\x07\x1b[31m红\ue000", "[31m红"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("\u200b\u2060", ""),
    ],
)
def test_a_text_keeps_its_lines_and_nothing_unseen(typed: str, posted: str) -> None:
    assert cleaned(typed) == posted
