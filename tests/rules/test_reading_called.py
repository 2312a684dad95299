"""Nicknames behind an @ are nobody's words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.core.book import Rulebook
from rules.core.context import Windows
from rules.core.judge import judge
from rules.core.model import Member, Message, Tier
from rules.reading.called import by_client, called_in, without_names

ADVERT = "全屋定制厂家直销李姐 13900001111"
SPACE = "\u2005"


def tiers(book: Rulebook, text: str, *called: str) -> set[Tier]:
    message = Message(text, called=called)
    outcomes = judge(book, message, Windows().look(message, book)).outcomes
    return {ruling.tier for outcome in outcomes for ruling in outcome.rulings}


@pytest.mark.parametrize("name", [ADVERT, "A全城低价钢管扣件出租☎13877120946", "无抵押贷款当天放款"])
@pytest.mark.parametrize("said", ["", "尺寸我发你了", "收到"])
def test_whoever_calls_somebody_is_not_accused_of_their_nickname(
    book: Rulebook, name: str, said: str
) -> None:
    assert Tier.VIOLATION not in tiers(book, f"@{name}{SPACE}{said}", name)
    assert Tier.VIOLATION not in tiers(book, f"@{name} {said}", name)


@pytest.mark.parametrize(
    "text",
    [
        f"@{ADVERT}{SPACE}好",
        f"@加薇信 abc12345 兼职刷单日结300，扫码进群{SPACE}好",
        f"@王五你个傻逼去死吧1{SPACE}好",
        f"@张三 110101199003070011{SPACE}帮忙开户",
        f"@数据库密码：Qg#2026run{SPACE}看下",
        f"@张三{SPACE}无抵押贷款当天放款不看征信加V：dk88661",
    ],
)
def test_what_is_no_name_of_a_member_hides_behind_no_sign(book: Rulebook, text: str) -> None:
    assert Tier.VIOLATION in tiers(book, text, "张三", "李四")


def test_how_colleagues_are_called_stays(book: Rulebook) -> None:
    for name in ("财务部孙丽", "研发部-张三", "Leo Wang"):
        text = f"@{name}{SPACE}请核对"
        assert without_names(text, [name], book.reader.suspicious) == text


def test_the_longer_of_two_names_is_meant() -> None:
    names = ["Leo", f"Leo {ADVERT}"]
    for order in (names, names[::-1]):
        assert [name for name, _ in called_in(f"@Leo {ADVERT} 好的", order)] == [f"Leo {ADVERT}"]


def test_the_same_words_to_four_people_are_no_repetition(book: Rulebook) -> None:
    windows, only = Windows(), book.only(["flooding"])
    start = datetime(2026, 3, 10, 2, tzinfo=UTC)
    for number, name in enumerate(
        ["中通王13800001111", "京东李13900002222", "顺丰赵13700003333", "百世周13600004444"]
    ):
        message = Message(
            f"@{name}{SPACE}货已收到，谢谢",
            sender=Member("张三"),
            room_id="r",
            sent_at=start + timedelta(seconds=15 * number),
            called=(name,),
        )
        context = windows.look(message, only)
        judgement = judge(only, message, context)
        windows.advance(message, context, judgement)
        assert not any(outcome.rulings for outcome in judgement.outcomes)


def test_names_of_clients_are_found() -> None:
    assert by_client(f"@甲{SPACE}和@乙 丙{SPACE}看下 @丁 好") == {"甲", "乙 丙"}


@given(st.text("@a张广告1 \u2005\n", max_size=60), st.lists(st.text("a张广告1 ", max_size=6), max_size=3))
def test_places_stay_where_they_are(text: str, called: list[str]) -> None:
    covered = without_names(text, called, lambda _: True)
    assert len(covered) == len(text)
    assert all(new in (old, " ") for old, new in zip(text, covered, strict=True))
