"""Nicknames behind an @ are nobody's words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.core.book import Rulebook
from rules.core.context import Windows
from rules.core.judge import judge
from rules.core.model import Message, Tier
from rules.reading.called import without_names

ADVERT = "全屋定制厂家直销李姐 13900001111"
SPACE = "\u2005"


def tiers(book: Rulebook, text: str, *mentions: str) -> set[Tier]:
    message = Message(text, mentions=mentions)
    outcomes = judge(book, message, Windows().look(message, book)).outcomes
    return {ruling.tier for outcome in outcomes for ruling in outcome.rulings}


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        (f"@{ADVERT}{SPACE}尺寸我发你了", ()),
        (f"@{ADVERT}{SPACE}尺寸我发你了", ("wxid_1",)),
        (f"@{ADVERT} 尺寸我发你了", (ADVERT,)),
        (f"@{ADVERT}{SPACE}", ("wxid_1",)),
    ],
)
def test_whoever_calls_somebody_is_not_accused_of_their_nickname(
    book: Rulebook, text: str, mentions: tuple[str, ...]
) -> None:
    assert tiers(book, text, *mentions) == set()


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        (f"@{ADVERT}{SPACE}", ()),  # an @ and a sign that nobody sees, and nothing else
        (f"@{ADVERT} 尺寸我发你了", ()),  # nobody was called
        (f"@张三{SPACE}无抵押贷款当天放款不看征信加V：dk88661", ("wxid_1",)),
    ],
)
def test_an_at_sign_hides_nothing(book: Rulebook, text: str, mentions: tuple[str, ...]) -> None:
    assert Tier.VIOLATION in tiers(book, text, *mentions)


def test_a_name_is_left_as_it_is() -> None:
    text = f"@财务部孙丽{SPACE}请核对"
    assert without_names(text, ("wxid_1",)) == text


@given(st.text("@a张广告1 \u2005\n", max_size=60), st.lists(st.text("a张广告1 ", max_size=6), max_size=3))
def test_places_stay_where_they_are(text: str, called: list[str]) -> None:
    covered = without_names(text, called)
    assert len(covered) == len(text)
    assert all(new in (old, "某", " ") for old, new in zip(text, covered, strict=True))
