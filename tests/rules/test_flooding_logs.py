"""Whole chat logs: exactly one finding must come, on the line that is marked, or none at all.

A line is ``seconds|who|text``; ``!`` in front marks the line with the finding. The text ``<emoticon>``,
``<image>`` and the like stands for a message of that type; ``⏎`` for a line break.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from rules.core.book import Rulebook
from rules.core.context import Windows
from rules.core.judge import judge
from rules.core.model import Member, Message, MessageType, Tier
from rules.core.rehearse import outcome
from rules.flooding import FloodingSettings

START = datetime(2026, 3, 10, 2, tzinfo=UTC)
TYPED = re.compile(r"<(\w+)>(.*)")


def flagged(log: str, book: Rulebook) -> list[tuple[int, Tier]]:
    """The lines with a finding of flooding, counted from 0, and its tier."""
    windows, found = Windows(), []
    only = book.only(["flooding"])
    for number, line in enumerate(log.strip().splitlines()):
        at, who, text = line.strip().lstrip("!").split("|", 2)
        typed = TYPED.fullmatch(text)
        kind = MessageType(typed[1]) if typed else MessageType.TEXT
        content = (typed[2] if typed else text).replace("⏎", "\n")
        sent_at = START + timedelta(seconds=float(at))
        message = Message(content, kind, room_id="r", sender=Member(who), sent_at=sent_at)
        context = windows.look(message, only)
        judgement = judge(only, message, context)
        windows.advance(message, context, judgement)
        found += [(number, ruling.tier) for ruling in outcome(judgement, "flooding").rulings]
    return found


def marked(log: str) -> list[int]:
    return [number for number, line in enumerate(log.strip().splitlines()) if line.strip().startswith("!")]


def lines(who: str, text: str, first: float, every: float, times: int) -> str:
    return "\n".join(f"{first + every * n}|{who}|{text}" for n in range(times))


FLOODS = {
    "an angry evening, then peace": """
        0|李四|明天的会改到十点
        3|张三|凭什么改时间
        5|张三|凭什么改时间
        6|王五|领导定的
        8|张三|凭什么改时间
        !10|张三|凭什么改时间
        11|张三|凭什么改时间
        12|张三|凭什么改时间
        15|王五|冷静一下
        40|张三|不好意思，刚才激动了
        60|李四|没事
        90|张三|那我十点过去
    """,
    "one burst of many kinds is one finding": """
        0|张三|<emoticon>
        1|张三|<emoticon>
        2|张三|<emoticon>
        3|张三|<emoticon>
        4|张三|<emoticon>
        !5|张三|<emoticon>
        6|张三|哈哈
        7|张三|顶顶顶顶
        8|张三|我就刷屏怎么了
        9|张三|我就刷屏怎么了
        10|张三|我就刷屏怎么了
        11|张三|我就刷屏怎么了
        12|张三|哈⏎哈⏎哈⏎哈⏎哈⏎哈⏎哈⏎哈⏎哈⏎哈⏎哈⏎哈⏎哈⏎哈⏎哈⏎哈
        20|李四|安静点
        21|张三|<emoticon>
    """,
    "complaints in between do not reset it": """
        0|张三|[炸弹]
        4|张三|[炸弹][炸弹]
        8|李四|干嘛呢
        9|张三|[炸弹]
        12|王五|刷屏了啊
        13|张三|[便便]
        15|张三|[便便]
        17|李四|@张三 停
        !18|张三|[便便]
        19|张三|[便便]
    """,
    "two people, and only one floods": """
        0|李四|收到
        1|张三|哈
        2|张三|哈哈
        3|张三|嘿
        4|李四|请发一下日报
        5|张三|嗯
        6|张三|啊
        !7|张三|呀
        8|张三|哦
        9|张三|呵
        10|李四|日报发邮箱
    """,
    "a wall opens the burst and the rest belongs to it": "!0|张三|" + "气死我了" * 60 + """
        5|张三|气死我了
        6|张三|气死我了
        7|张三|气死我了
        8|张三|气死我了
        9|张三|气死我了
        120|张三|气死我了
    """,
    "a log with two bursts has two findings": lines("张三", "快还我钱吧", 0, 2, 3)
    + "\n!6|张三|快还我钱吧\n8|张三|快还我钱吧\n"
    + lines("张三", "快还我钱吧", 400, 2, 3)
    + "\n!406|张三|快还我钱吧",
    "a burst that goes on for half an hour is one": lines("张三", "还我血汗钱", 0, 20, 3)
    + "\n!60|张三|还我血汗钱\n"
    + lines("张三", "还我血汗钱", 80, 20, 90),
}  # fmt: skip

TALK = ["去了吗", "去了", "带了吗", "带了", "交了吗", "交了", "好", "嗯"]
PEACEFUL = {
    "the morning": "\n".join(f"{n * 1.5}|同事{n}|早上好" for n in range(30)),
    "thirty acknowledgements": "0|李四|周五消防演练，收到请回复\n"
    + "\n".join(f"{5 + n / 2}|同事{n}|收到" for n in range(30)),
    "a site inspection": "\n".join(f"{n * 2}|张三|<image>" for n in range(9))
    + "\n20|张三|以上为三号楼今日巡检照片\n25|李四|收到，第四张裂缝请安排处理\n30|张三|好的",
    "a relay by many": "\n".join(
        f"{n * 6}|同事{n}|#接龙⏎春游报名⏎" + "⏎".join(f"{m + 1}. 同事{m}" for m in range(n + 1))
        for n in range(20)
    ),
    "an incident": """
        0|李四|@张三 支付好像挂了
        6|张三|我看下
        15|张三|网关 502，上游超时
        21|张三|应该是刚才的发布
        27|张三|正在回滚
        40|李四|多久
        44|张三|三分钟
        60|张三|回滚完成
        66|张三|错误率在降
        75|张三|恢复了
        80|李四|辛苦
        84|张三|稍后发复盘
    """,
    "a quick talk between two": "\n".join(
        f"{n * 2}|{'张三' if n % 2 else '李四'}|{TALK[n % len(TALK)]}" for n in range(40)
    ),
    "voice messages on the road": "\n".join(f"{n * 4}|张三|<audio>" for n in range(20)),
    "an hour of one person's reports": "\n".join(f"{n * 45}|张三|第{n}车货已经到仓" for n in range(80)),
    "reminders well apart": lines("李四", "请尚未填写的同事尽快填写健康台账", 0, 180, 8),
    "a handful of stickers after good news": """
        0|李四|项目中标了！
        2|张三|<emoticon>
        3|王五|<emoticon>
        4|张三|<emoticon>
        5|赵六|<emoticon>
        6|张三|恭喜恭喜
        8|张三|<emoticon>
        9|王五|<emoticon>
    """,
}


@pytest.mark.parametrize("log", FLOODS.values(), ids=FLOODS.keys())
def test_a_burst_has_its_one_finding_on_the_message_with_which_it_becomes_one(
    log: str, book: Rulebook
) -> None:
    assert flagged(log, book) == [(number, Tier.VIOLATION) for number in marked(log)]
    assert marked(log)


@pytest.mark.parametrize("log", PEACEFUL.values(), ids=PEACEFUL.keys())
def test_a_busy_group_at_work_is_left_alone(log: str, book: Rulebook) -> None:
    assert flagged(log, book) == []


def test_what_is_merely_fast_goes_to_people_once(book: Rulebook) -> None:
    log = "\n".join(f"{n * 1.5}|张三|逐条转发第{n}条聊天记录的内容" for n in range(40))
    assert flagged(log, book) == [(19, Tier.REVIEW)]


def test_so_many_calls_are_looked_at_though_votes_may_be_counted(book: Rulebook) -> None:
    log = "\n".join(f"{n * 4}|张三|{'退钱'[n % 2]}" for n in range(40))
    assert flagged(log, book) == [(29, Tier.REVIEW)]


def test_order_of_arrival_does_not_matter_to_a_late_message(book: Rulebook) -> None:
    log = """
        0|张三|有人管管吗
        100|李四|怎么了
        2|张三|有人管管吗
        4|张三|有人管管吗
        6|张三|有人管管吗
    """
    assert [number for number, _ in flagged(log, book)] == [4]


def test_a_short_quiet_time_is_as_valid_as_it_was_before_quick_bursts() -> None:
    settings = FloodingSettings(repeat_seconds=10, burst_seconds=10, quiet_seconds=10)
    assert settings.longest == timedelta(seconds=10)
    with pytest.raises(ValueError, match="must not be less than repeat_seconds and burst_seconds"):
        FloodingSettings(quiet_seconds=100)
