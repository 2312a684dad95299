"""What answers say, as people write them, and what is no answer (policy 4.1a)."""

from __future__ import annotations

from datetime import datetime
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.core.load_reading import load_table
from rules.core.worktime import WorkCalendar
from rules.reading import answers
from rules.reading.answers import Reply, Said

CALENDAR = WorkCalendar()
NOW = datetime(2026, 10, 13, 10, 0, tzinfo=CALENDAR.zone)  # a Tuesday
FOLD = load_table().fold

RECEIVED = (
    "收到|收到了|好的|OK|ok|已阅|1|１|收到！|收到，谢谢|嗯嗯|明白|知道了|了解|👌|👍|[OK]|"
    "好的[抱拳]|收到收到|已收到|收到1|财务部收到|好滴|得令|noted|好的，收到|知悉|嗯|看到了|"
    "收到🫡|明白了，谢谢领导|ＯＫ|瞭解|收到啦|已知悉"
)
CAN = (
    "可以|没问题|能完成|可以完成|行|行的|没问题，保证完成|马上处理|我来处理|正在处理|处理中|"
    "尽快完成|明天上午完成|周五前给|3点前|明天给您|收到，明天上午完成|好的，今天下班前发您|"
    "半小时后给你|不是不行|快完成了|完成了一半|马上搞定|没問題|可以的|同意|准时参加|我们可以|"
    "大概下周一|已完成80%，明天交"
)
CANNOT = (
    "不行|来不及|做不到|没空|完不成|今天来不及|没时间|不能|不可以|无法完成|收到，但是今天来不及|"
    "抱歉，没空|没收到|还没收到|没有收到|做不了|不参加|没办法|來不及|赶不上|有困难|❌|恐怕不行|"
    "这个做不完"
)
DONE = (
    "已完成|已发|已处理|搞定|搞定了|完成了|已经完成|已提交|发了|已发您|处理完了|办妥|已发送|"
    "done|已填|交了|填好了|收到，已处理|好的，已发|都完成了|已回复"
)
NO_ANSWER = (
    "今天中午吃什么|收到了吗|可以吗？|这个方案可以考虑一下|他收到了|客户收到了|哈哈哈|"
    "张三你在吗|能不能晚点|好了没|明天放假吗|今天好累|会议室在哪|[微笑]|什么时候完成|你完成了吗|"
    "我觉得这个颜色不错|下午一起打球|天气真好"
)
ROWS = [
    (text, said)
    for texts, said in (
        (RECEIVED, Said.RECEIVED),
        (CAN, Said.CAN),
        (CANNOT, Said.CANNOT),
        (DONE, Said.DONE),
        (NO_ANSWER, None),
    )
    for text in texts.split("|")
]


def read(text: str, *, direct: bool = False) -> Reply | None:
    return answers.read(text, NOW, CALENDAR, FOLD, direct=direct)


@pytest.mark.parametrize(("text", "said"), ROWS)
def test_in_passing(text: str, said: Said | None) -> None:
    found = read(text)
    assert (found.said if found else None) is said


@pytest.mark.parametrize(
    ("text", "said"), [(text, said) for text, said in ROWS if said not in (None, Said.RECEIVED)]
)
def test_whoever_quotes_the_question_says_the_same(text: str, said: Said) -> None:
    found = read(f"「王敏：请回复」\n- - - - - - - - - - - - - - -\n{text}", direct=True)
    assert found is not None
    assert found.said is said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("你把文件发我一下", Said.RECEIVED),
        ("这个要交给谁？", Said.RECEIVED),
        ("哈哈", Said.RECEIVED),
        ("[微笑]", Said.RECEIVED),
        ("没收到文件", Said.CANNOT),
        ("今天怕是不行了，明天上午吧", Said.CANNOT),
        ("已经发到您邮箱了", Said.DONE),
        ("我在出差，周四回来处理", Said.CAN),
        ("还没完成，明天上午给", Said.CAN),
        ("还没完成", Said.RECEIVED),
    ],
)
def test_addressed_to_the_asker(text: str, said: Said) -> None:
    found = read(text, direct=True)
    assert found is not None
    assert found.said is said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("明天上午完成", "10-14 12:00"),
        ("周五前给", "10-16 18:00"),
        ("3点前", "10-13 15:00"),
        ("收到，明天给您", "10-14 18:00"),
        ("好的，今天下班前发您", "10-13 18:00"),
        ("半小时后给你", "10-13 10:30"),
        ("大概还要两天", "10-15 10:00"),
        ("预计下周一", "10-19 18:00"),
        ("來不及，後天上午給您", "10-15 12:00"),
        ("已完成", None),
        ("收到", None),
        ("明天没空", None),
    ],
)
def test_by_when_it_is_promised(text: str, expected: str | None) -> None:
    found = read(text, direct=True)
    assert found is not None
    assert (f"{found.expected:%m-%d %H:%M}" if found.expected else None) == expected


def test_nothing_but_a_mention_is_no_answer() -> None:
    assert read("@王敏\u2005", direct=True) is None
    assert read("", direct=True) is None


WORDS = st.sampled_from(
    [
        "收到",
        "不行",
        "可以",
        "已",
        "完成",
        "没",
        "明天",
        "上午",
        "3点",
        "前",
        "，",
        "了",
        "吗",
        "？",
        "👌",
        "[OK]",
        "1",
        "不是",
        "他",
        "@王敏\u2005",
    ]
)


@given(st.lists(WORDS, max_size=16).map("".join) | st.text(max_size=300), st.booleans())
def test_any_text_is_read_the_same_way_twice(text: str, direct: bool) -> None:
    found = read(text, direct=direct)
    assert found == read(text, direct=direct)
    if found is not None and found.expected is not None:
        assert found.expected > NOW
        assert found.said in (Said.CAN, Said.CANNOT, Said.RECEIVED)


@given(st.text(max_size=200))
def test_what_is_an_answer_in_passing_is_one_when_addressed(text: str) -> None:
    if read(text) is not None:
        assert read(text, direct=True) is not None


def test_long_texts_are_read_in_time() -> None:
    for text in ("收到" * 4000, "好" * 60, "部" * 60, "已完成" * 40, "明天" * 60 + "没", "1" * 8000):
        begun = process_time()
        read(text)
        read(text, direct=True)
        # In linear time it is a tenth of a second; quadratic, or trying every division, it is minutes.
        assert process_time() - begun < 5, text[:10]
