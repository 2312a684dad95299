"""What a digest says: one line where nothing is to say, bounded pages, hostile names, heads that can be compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.reports.digest import LONGEST_PAGE, compose, duration
from bot.reports.figures import Figures, InRoom, Present, Tally, Undone
from bot.reports.heads import heads_in, written
from bot.reports.soundness import Checked
from bot.texts import Texts
from rules.core.worktime import WorkCalendar
from storage.records import Blind, CaseState
from storage.results import LedgerHead

CALENDAR = WorkCalendar(published=frozenset({2026, 2027}))
TEXTS = Texts.load()
SINCE = datetime(2026, 10, 12, 9, 30, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=1)
HASH = "0123456789abcdef" * 4


def told(**parts: object) -> tuple[str, ...]:
    return compose(Figures(SINCE, UNTIL, UNTIL, **parts), TEXTS, CALENDAR)  # type: ignore[arg-type] # parts by name


def test_a_day_with_nothing_to_say_is_one_line() -> None:
    rooms = (InRoom(1, "项目工作群", 35), InRoom(2, "销售群", 7))
    assert told(rooms=rooms) == ("【日报】10-12 17:30 至 10-13 17:30：检查消息 42 条，一切正常。",)
    heads = Present(heads=(LedgerHead(1, 42, HASH),))
    (page,) = told(rooms=rooms, present=heads)
    assert page.endswith("一切正常。台账校验码（备查）1:42:0123456789abcdef")
    assert "\n" not in page


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        (
            {"rooms": (InRoom(1, "项目工作群", 3, (Tally("商业推广", 2, 1, 1, 1),)),)},
            "· 项目工作群：商业推广 初判 2 待审 1 试运行 1 不成立 1",
        ),
        (
            {"present": Present(review=3, oldest=UNTIL - timedelta(hours=52), provisional=5)},
            "待处理：待审核 3（最久 2 天 4 小时），待确认 5",
        ),
        ({"decided": {CaseState.CONFIRMED: 2, CaseState.OVERTURNED: 1}}, "已处理：确认 2，申诉撤销 1"),
        ({"decided": {CaseState.UPHELD: 3}, "lowered": 2}, "已处理：申诉维持 1，申诉后减分 2"),
        ({"decided": {CaseState.UPHELD: 1}, "lowered": 1}, "已处理：申诉后减分 1"),
        (
            {
                "decided": {CaseState.DISMISSED: 1},
                "undone": (Undone("商业推广", 1, 8), Undone("刷屏", 2, 3, True)),
            },
            "近 30 天不成立：商业推广 1/8（12%），刷屏（试运行） 2/3（67%）",
        ),
        ({"present": Present(nicknames=4)}, "群昵称待修改：4 人"),
        (
            {"blind": (Blind(SINCE, SINCE + timedelta(minutes=20), "the gateway was lost"),)},
            "失联：10-12 17:30 至 10-12 17:50（与网关的连接中断），期间消息未能检查",
        ),
        ({"blind": (Blind(SINCE, None, ""),)}, "失联：10-12 17:30 至 现在，期间消息未能检查"),
        ({"dead": 1, "present": Present(waiting=2)}, "发送：无法送达 1，等待加好友 2"),
        ({"present": Present(unread=6)}, "未能读取的消息：6 条"),
        ({"crashed": (("刷屏", 3), ("商业推广", 1))}, "规则出错：刷屏 3 次，商业推广 1 次"),
        (
            {"checked": Checked(UNTIL, 10, 7, 2)},
            "台账与数据自检（10-13 17:30）：发现 2 处问题，请在服务器上运行 qungui db verify",
        ),
        ({"checked": Checked(UNTIL)}, "台账与数据自检（10-13 17:30）：未能完成，请查看运行日志"),
        ({"provisional_year": 2027}, "提示：2027 年节假日安排尚未收录，工作日暂按周一至周五计"),
    ],
)
def test_whatever_is_to_know_has_a_line(parts: dict[str, object], line: str) -> None:
    (page,) = told(**parts)
    assert page.split("\n")[0] == "【日报】10-12 17:30 至 10-13 17:30"
    assert line in page.split("\n")


def test_a_clean_check_stands_in_the_line_of_a_quiet_day() -> None:
    (page,) = told(checked=Checked(UNTIL, 10, 7, 0))
    assert page == "【日报】10-12 17:30 至 10-13 17:30：检查消息 0 条，一切正常。台账与数据自检正常。"


def test_topics_stand_below_a_quiet_day() -> None:
    (page,) = told(topics=("合同", "评审"))
    assert page.split("\n")[1:] == ["话题：合同、评审"]


@pytest.mark.parametrize(
    "name",
    [
        "群\n【日报】一切正常",
        "\u202e群翻转\u2066",
        "{{ 7 * 7 }}{% for x in y %}",
        f"1:5:{HASH}",
        "台账校验码（备查）1:5:ffffffffffffffff",
        "@所有人" * 20,
        "\x00\x1b[31m",
        "長" * 5_000,
    ],
)
def test_hostile_room_names_change_nothing_but_themselves(name: str) -> None:
    tally = (Tally("商业推广", 1),)
    heads = (LedgerHead(7, 3, HASH),)
    (page,) = told(
        rooms=(InRoom(1, name, 1, tally),), present=Present(heads=heads), blind=(Blind(SINCE, None, name),)
    )
    (plain,) = told(
        rooms=(InRoom(1, "群", 1, tally),), present=Present(heads=heads), blind=(Blind(SINCE, None, "群"),)
    )
    assert len(page.split("\n")) == len(plain.split("\n"))
    assert not set(page) & set("@\x00\x1b\u202e\u2066")
    assert "49" not in page
    assert [(head.room_key, head.seq) for head in heads_in(page)] == [(7, 3)]


def test_the_busiest_company_gets_pages_that_fit() -> None:
    rooms = tuple(
        InRoom(
            key,
            f"第{key:03}个非常非常非常非常非常长的群名字在这里",
            10_000,
            tuple(Tally(f"规则{n}", 99, 99, 99, 99) for n in range(12)),
        )
        for key in range(300)
    )
    heads = tuple(LedgerHead(key, 10_000 + key, HASH) for key in range(300))
    pages = told(
        rooms=rooms,
        undone=tuple(Undone(f"规则{n}", 1, 2) for n in range(30)),
        blind=tuple(Blind(SINCE, UNTIL, "x" * 500) for _ in range(50)),
        crashed=tuple((f"规则{n}", 9) for n in range(30)),
        decided=dict.fromkeys(CaseState, 99),
        present=Present(9, SINCE, 9, 9, 9, 9, heads),
    )
    assert all(len(page) <= LONGEST_PAGE for page in pages)
    assert all(page.startswith("【日报】") for page in pages)
    assert "其余 292 个群" in pages[0]
    assert [head.room_key for page in pages for head in heads_in(page)] == list(range(300)), (
        "every chain has its head"
    )
    quiet = told(present=Present(heads=heads))
    assert [head.room_key for page in quiet for head in heads_in(page)] == list(range(300))


def test_heads_are_read_back_from_whatever_people_paste() -> None:
    heads = (LedgerHead(1, 42, HASH), LedgerHead(12, 7, HASH[::-1]), LedgerHead(3, 0, ""))
    line = written(heads)
    assert line == "1:42:0123456789abcdef 12:7:fedcba9876543210"
    pasted = f"群规监督组\n机器人 2026-10-13 17:30:02\n【日报】…\n台账 {line}\n> {line}，收到"
    assert heads_in(pasted) == (LedgerHead(1, 42, HASH[:16]), LedgerHead(12, 7, HASH[::-1][:16]))
    assert heads_in(f"1:42:{HASH}") == (LedgerHead(1, 42, HASH),)
    assert heads_in("17:30:02 10:20 1:2:abc http://[::1]:42/0123456789abcdef") == ()


@pytest.mark.parametrize(
    ("hours", "words"),
    [(0.5, "不到 1 小时"), (47, "47 小时"), (48, "2 天"), (53, "2 天 5 小时"), (-3, "不到 1 小时")],
)
def test_ages_in_two_units(hours: float, words: str) -> None:
    assert duration(timedelta(hours=hours)) == words
