"""Settings of the digest that would do nothing, or tell the wrong room, are mistakes with a remedy."""

from __future__ import annotations

import pytest

from bot.settings import Settings
from bot.settings.checks import contradictions

LISTED = {"guard": "listed", "listed": ["项目工作群"], "supervision": "群规监督组"}


def mistakes(**sections: object) -> list[str]:
    found = contradictions(Settings.model_validate(sections))
    return [f"{mistake.problem}; {mistake.remedy}" for mistake in found if mistake.path[0] == "digest"]


@pytest.mark.parametrize(
    ("digest", "words"),
    [
        ({"rooms": ["群规监督组"]}, "is the supervision room"),
        ({"rooms": ["项目工作裙"]}, "did you mean"),
        ({"rooms": ["项目工作群"], "enabled": False}, "set enabled: on"),
    ],
)
def test_rooms_that_would_get_none(digest: dict[str, object], words: str) -> None:
    (mistake,) = mistakes(rooms=LISTED, digest=digest)
    assert words in mistake


def test_rooms_that_are_kept_are_fine() -> None:
    assert mistakes(rooms=LISTED, digest={"rooms": ["项目工作群"]}) == []
    assert mistakes(digest={"rooms": ["随便哪个群"]}) == []
