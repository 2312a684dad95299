"""What a short message offers without a way to be reached: among colleagues mostly the company's own business."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.advertising import NO_WAY_OUT
from rules.core.book import Rulebook
from rules.core.context import Windows
from rules.core.model import Kind, Member, Message, Tier
from rules.reading.promotion import Promotion
from rules.reading.solicitation import leads_out

ALMOST, SURE = NO_WAY_OUT - 0.01, NO_WAY_OUT + 0.01


def judged(book: Rulebook, text: str, score: float, kind: Kind = Kind.EMPLOYEE) -> Tier | None:
    """The tier of a text that the model is so sure of, sent by somebody of this kind."""
    message = Message(text, sender=Member("x", "张三", kind=kind))
    context = Windows().look(message, book)
    scores = {"advertising": score, "peddling": 0.0}
    entry = book.entry("advertising")
    known = replace(context, reading=replace(context.reading, scores=scores, views=()))
    return max(
        (entry.bars.tier(found.confidence) for found in entry.rule(message, known, entry.settings)),
        key=lambda tier: 0 if tier is None else 1 + (tier is Tier.VIOLATION),
        default=None,
    )


WITHIN = [
    "婚宴套系一桌起，送司仪台花",
    "车队招大车司机，跑西南线，过路费公司出",
    "闲置通风橱一台，自提",
    "婚宴套系一桌起，见 https://docs.qq.com/s1",
    "@Kevin 婚宴套系一桌起，找王喆",
    "【内购】婚宴套系一桌起，哈哈哈哈哈哈哈哈哈",
    "20250612起招聘，库存95000件，单号A1001",
]
OUT = [
    "婚宴套系一桌起，送司仪台花，电话13700001111",
    "车队招大车司机，跑西南线，加微信 dache778",
    "闲置通风橱一台，自提，见 https://x.example/1",
    "婚宴套系一桌起，送司仪台花【某某婚庆】",
    "婚宴套系一桌起，详见 hunqing.example.com",
    "婚宴套系一桌起 𝐚𝐛𝐜𝐝",
]
SHADY = ["跟着老师稳赚不赔，一起发财", "无抵押贷款，当天放款", "刷单员，时间自由，宝妈学生都行"]


@pytest.mark.parametrize("text", WITHIN)
def test_people_decide_unless_the_model_is_nearly_certain(text: str, book: Rulebook) -> None:
    assert judged(book, text, ALMOST) is Tier.REVIEW
    assert judged(book, text, SURE) is Tier.VIOLATION


@pytest.mark.parametrize("text", [*OUT, *SHADY])
def test_a_way_to_be_reached_or_what_nobody_offers_colleagues_needs_less(text: str, book: Rulebook) -> None:
    assert judged(book, text, ALMOST) is Tier.VIOLATION


@pytest.mark.parametrize("text", WITHIN)
def test_whoever_is_no_colleague_has_no_own_people_to_tell(text: str, book: Rulebook) -> None:
    assert judged(book, text, ALMOST, Kind.EXTERNAL) is Tier.VIOLATION


def test_a_link_of_the_company_leads_nowhere_else(book: Rulebook) -> None:
    reading = book.reader.read("婚宴套系一桌起，见 shop.corp.cn 和 https://meeting.tencent.com/1")
    assert leads_out(reading)
    assert not leads_out(reading, ("corp.cn",))


def test_a_longer_text_gives_the_model_enough_to_go_by(book: Rulebook) -> None:
    text = "婚宴套系一桌起，送司仪台花，" * 4
    assert judged(book, text, ALMOST) is Tier.VIOLATION


@pytest.mark.parametrize(
    ("kinds", "within"),
    [
        ({}, True),
        ({"promo": [1.0], "sale": [2.0], "work": [-1.0]}, True),
        ({"soft": [1.0]}, True),
        ({"job": [1.2]}, True),
        ({"job": [1.2, 1.2]}, False),
        ({"contact": [0.5]}, False),
        ({"loan": [0.5]}, False),
        ({"disguise": [1.5]}, False),
    ],
)
def test_what_leads_out_or_is_shady(kinds: dict[str, list[float]], within: bool) -> None:
    promotion = Promotion(0.9)
    promotion.kinds.update(kinds)
    assert promotion.within is within
