"""Who is asked for an answer, by when, how urgently, and what is no request (policy 4.1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.core.load_reading import load_table
from rules.core.worktime import WorkCalendar
from rules.reading import asks
from rules.reading.asks import Ask
from rules.reading.deadlines import deadline

CALENDAR = WorkCalendar()
NOW = datetime(2026, 10, 13, 10, 0, tzinfo=CALENDAR.zone)  # a Tuesday
FOLD = load_table().fold
LI = "@李强\u2005"
QUOTED = "「王敏：{}」\n- - - - - - - - - - - - - - -\n{}"

ASKING = [
    f"{LI}请回复",
    f"{LI}收到请回复",
    f"{LI}请于周五17:00前提交周报",
    f"{LI}请确认",
    f"{LI}方案已发，盼复",
    f"{LI}麻烦反馈一下进度",
    "@所有人 明天体检，收到请回复",
    "@所有人 收到请扣1",
    "@all 收到回复1",
    f"{LI}今天下班前请给个答复",
    f"{LI}烦请尽快答复",
    f"{LI}收到麻烦回一下",
    f"{LI}收到後請回覆",
    f"{LI}能否确认一下时间？",
    f"{LI}可以确认一下吗",
    "＠李强 请回复",
    f"{LI}请查收附件并确认",
    f"{LI}【紧急】请立即回复",
    f"{LI}速回复",
    f"{LI}尽快回复",
    f"{LI}请你把结果反馈给我",
    f"{LI}please confirm by Friday",
    f"{LI}望尽快回复",
    f"{LI}静候佳音",
    f"{LI}等你回复",
    f"{LI}给我个准信",
    f"{LI}请各部门今天内上报",
    f"{LI}务必明天上午10点前提交",
    "@所有人 请各位同事查看后确认",
    "@所有人 会议改到三点，请知悉并回复",
    f"{LI}请在两小时内反馈",
    f"{LI}如无异议请回复",
    f"{LI}看到回复一下",
    f"{LI}收到的扣1",
    f"{LI}请您确认下收货地址",
    f"{LI}请回一下",
    f"{LI}马上回复",
    "@全體成員 收到請回復",
    f"{LI}请 回 复",
    f"{LI}回复一下",
    f"{LI}请处理后回复",
    f"{LI}请务必于今天17点前完成",
    f"{LI}请按要求整理后反馈",
    f"{LI}收到请吱一声",
    f"{LI}敬请回复",
    f"{LI}恳请回复",
    f"{LI}拜托确认下",
    QUOTED.format("请看附件", f"{LI}这个请今天确认"),
]

NOT_ASKING = [
    "收到",
    "请回复",
    f"{LI}收到",
    f"{LI}已回复",
    f"{LI}你昨天去哪了",
    "大家请确认一下",
    f"{LI}无需回复",
    f"{LI}不用回复",
    f"{LI}请勿回复",
    "@所有人 如有疑问请反馈",
    "@所有人 有问题请及时反馈",
    "@所有人 没收到的请回复",
    f"{LI}我已请财务确认",
    f"{LI}客户已经请我们确认了",
    f"{LI}申请确认书在哪",
    f"/催办 {LI}请回复",
    "#接龙\n1. 张三 请回复",
    f"{LI}请按客户反馈修改",
    f"{LI}请根据反馈调整",
    f"{LI}辛苦了",
    f"{LI}我马上回复",
    f"{LI}我们会尽快反馈给您",
    f"{LI}请假条交了吗",
    f"{LI}请问几点开会",
    f"{LI}特别确认函很漂亮",
    f"{LI}收到你的反馈了",
    f"{LI}我收到回复了",
    f"{LI}哈哈",
    "@所有人 明天放假",
    f"{LI}谢谢确认",
    f"{LI}已经收到客户确认",
    "@所有人 需要订餐的同事请回复",
    f"{LI}不必再回复",
    f"{LI}别回复他",
    f"{LI}这个月反馈很多",
    f"{LI}三天前提交的",
    "@所有人 参加的请扣1",
    f"{LI}他们一直请我确认",
    f"{LI}请等我回复",
    f"{LI}你说得对",
    f"{LI}请坐",
    f"{LI}请看附件",
    f"{LI}请注意查看回复",
    f"{LI}如需帮助请告知",
    "@所有人 大家如有变动，请反馈给我",
    QUOTED.format(f"{LI}请回复", "收到"),
]


def read(text: str, *mentions: str, now: datetime = NOW) -> Ask | None:
    return asks.read(text, mentions, now, CALENDAR, FOLD)


@pytest.mark.parametrize("text", ASKING)
def test_what_asks(text: str) -> None:
    assert read(text) is not None


@pytest.mark.parametrize("text", NOT_ASKING)
def test_what_does_not_ask(text: str) -> None:
    assert read(text) is None


def test_whom() -> None:
    assert read("@所有人 收到请回复") == Ask(everybody=True, mentions=(), names=(), urgent=False, due=None)
    found = read(f"{LI}@张 三\u2005请回复", "li", "zhang", "li")
    assert found == Ask(False, ("li", "zhang"), ("李强", "张 三"), urgent=False, due=None)
    assert read("收到请回复", "notify@all") == Ask(True, (), (), urgent=False, due=None)
    allen = read("@allen 请回复")
    assert allen is not None
    assert (allen.everybody, allen.names) == (False, ("allen",))


@pytest.mark.parametrize(
    ("text", "urgent"),
    [
        ("【紧急】请回复", True),
        ("（急）请回复", True),
        ("请立即回复", True),
        ("马上确认", True),
        ("十万火急，请回复", True),
        ("請立即回覆", True),
        ("不紧急，请回复", False),
        ("请补充紧急联系人并确认", False),
        ("马上国庆了，请确认值班", False),
        ("请尽快回复", False),
    ],
)
def test_how_urgent(text: str, urgent: bool) -> None:
    found = read(LI + text)
    assert found is not None
    assert found.urgent is urgent


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("请于周五17:00前回复", "10-16 17:00"),
        ("請於週五下班前回覆", "10-16 18:00"),
        ("今天下班前", "10-13 18:00"),
        ("明天上班前给我", "10-14 09:00"),
        ("请今天下午回复", "10-13 18:00"),
        ("明天上午10点前", "10-14 10:00"),
        ("3点前", "10-13 15:00"),
        ("9点前", "10-13 21:00"),
        ("晚上8点前", "10-13 20:00"),
        ("两小时内", "10-13 12:00"),
        ("半小时内", "10-13 10:30"),
        ("９小时内", "10-14 10:00"),
        ("3个工作日内", "10-16 18:00"),
        ("一两天内", "10-15 18:00"),
        ("本周内提交", "10-16 18:00"),
        ("20号前", "10-20 18:00"),
        ("10月15日前", "10-15 18:00"),
        ("十月十五日中午12点前", "10-15 12:00"),
        ("截止时间：10月15日18:00", "10-15 18:00"),
        ("最晚周四中午", "10-15 14:00"),
        ("下周三前", "10-21 18:00"),
        ("会议明天9:00开始", None),
        ("10月8日前", None),
        ("三天前提交的", None),
        ("价格1.5前", None),
        ("大约2-3天", None),
        ("2月30日前", None),
        ("请尽快回复", None),
        ("周五前台有人吗", None),
    ],
)
def test_by_when(text: str, due: str | None) -> None:
    found = deadline(text, NOW, CALENDAR)
    assert (f"{found:%m-%d %H:%M}" if found else None) == due


def test_what_is_told_before_work_counts_from_its_beginning() -> None:
    early = NOW.replace(hour=7)
    assert deadline("两小时内", early, CALENDAR) == NOW.replace(hour=11)
    friday = NOW + timedelta(days=3, hours=7, minutes=30)
    assert deadline("两小时内", friday, CALENDAR) == datetime(2026, 10, 19, 10, 30, tzinfo=CALENDAR.zone)


WORDS = st.sampled_from(
    [
        "@李强\u2005",
        "请",
        "回复",
        "确认",
        "于",
        "周五",
        "17:00",
        "前",
        "收到",
        "，",
        "明天",
        "不用",
        "有问题",
        "3天",
        "内",
        "紧急",
        "@所有人",
        "\n",
    ]
)


@given(st.lists(WORDS, max_size=20).map("".join) | st.text(max_size=300))
def test_any_text_is_read_the_same_way_twice(text: str) -> None:
    found = read(text, "li")
    assert found == read(text, "li")
    if found is not None:
        assert found.due is None or found.due > NOW
        assert found.mentions == ("li",)


@given(st.lists(WORDS, max_size=12).map("".join))
def test_nobody_is_asked_who_is_not_called(text: str) -> None:
    plain = text.replace("@", "")
    assert read(plain) is None


def test_long_texts_are_read_in_time() -> None:
    for text in ("请" * 5000, "收到请" * 2000, "@" * 9000, "有问题请" * 2000, "不用" * 4000, "明天" * 4000):
        begun = process_time()
        read(LI + text)
        deadline(text, NOW, CALENDAR)
        # In linear time it is a tenth of a second; quadratic, it is minutes.
        assert process_time() - begun < 5, text[:10]
