"""Loading: every mistake of the options at once, each with its path and remedy, and what good ones change."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from rules.core.book import Rulebook
from rules.core.context import Windows
from rules.core.judge import judge
from rules.core.load import load_book, load_rules
from rules.core.model import Message
from rules.core.options import BookOptions, Mistake, OptionsError, WorkOptions, did_you_mean, shape_mistakes


def mistakes(**options: Any) -> dict[tuple[str | int, ...], Mistake]:
    with pytest.raises(OptionsError) as caught:
        load_book(BookOptions.model_validate(options))
    return {mistake.path: mistake for mistake in caught.value.mistakes}


def test_the_loader_finds_the_rules_by_looking() -> None:
    assert {"advertising", "banned_words", "flooding"} <= {rule.id for rule in load_rules()}


def test_every_mistake_is_told_at_once() -> None:
    found = mistakes(
        rules={
            "floding": {},
            "flooding": {"review": 0.9, "settings": {"burst_mesages": 3, "repeat_messages": 0}},
        },
        policy={"flooding/repeat": {"points": 1}, "advertisin": {"points": 1}, "flooding": {}},
        work={"start": "18:00", "end": "09:00", "holidays": ["2026-05-09"], "workdays": ["2026-05-09"]},
        lexicon={"add": [{"word": "甲", "category": "nowhere"}, {"word": "❤"}], "remove": ["今天天气不错"]},
        timezone="Asia/Shanghia",
    )
    assert set(found) == {
        ("rules", "floding"),
        ("rules", "flooding", "review"),
        ("rules", "flooding", "settings", "burst_mesages"),
        ("rules", "flooding", "settings", "repeat_messages"),
        ("policy", "flooding/repeat"),
        ("policy", "advertisin"),
        ("policy", "flooding"),
        ("work", "end"),
        ("work", "holidays"),
        ("lexicon", "add", 0, "category"),
        ("lexicon", "add", 1, "word"),
        ("lexicon", "remove", 0),
        ("timezone",),
    }
    assert "'flooding'" in found["rules", "floding"].remedy
    assert "'burst_messages'" in found["rules", "flooding", "settings", "burst_mesages"].remedy
    assert "'repeats'" in found["policy", "flooding/repeat"].remedy
    assert "'advertising'" in found["policy", "advertisin"].remedy
    assert "'Asia/Shanghai'" in found["timezone",].remedy


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"rules": {"flooding": {"violation": 0.3}}}, ("rules", "flooding", "violation")),
        ({"rules": {"flooding": {"settings": {"quiet_seconds": 20}}}}, ("rules", "flooding", "settings")),
        ({"policy": {"flooding": {"reason": "共 {cuont} 条"}}}, ("policy", "flooding", "reason")),
        ({"work": {"weekdays": []}}, ("work", "weekdays")),
        ({"work": {"weekdays": [1, 1]}}, ("work", "weekdays")),
        ({"work": {"workdays": ["2026-05-09", "2026-05-09"]}}, ("work", "workdays")),
        ({"lexicon": {"add": [{"word": "甲乙丙"}, {"word": "甲 乙 丙"}]}}, ("lexicon", "add", 1, "word")),
        ({"lexicon": {"add": [{"word": "甲乙丙"}], "allow": ["甲乙丙"]}}, ("lexicon", "allow", 0)),
        ({"lexicon": {"allow": ["，"]}}, ("lexicon", "allow", 0)),
        ({"timezone": "../etc/passwd"}, ("timezone",)),
        ({"timezone": "Asia"}, ("timezone",)),
    ],
)
def test_what_would_silently_do_nothing_is_refused(
    options: dict[str, Any], path: tuple[str | int, ...]
) -> None:
    assert set(mistakes(**options)) == {path}


def test_options_of_a_rule_that_is_off_are_fine() -> None:
    options = {"rules": {"flooding": {"enabled": False, "settings": {"burst_messages": 9}}}}
    assert not load_book(BookOptions.model_validate(options)).entry("flooding").enabled


@pytest.mark.parametrize(
    "shape",
    [
        {"rules": {"flooding": {"violation": 0}}},
        {"rules": {"flooding": {"enable": True}}},
        {"policy": {"flooding": {"points": -1}}},
        {"work": {"start": "9 o'clock"}},
        {"work": {"start": "25:00"}},
        {"work": {"weekdays": [0]}},
        {"work": {"holidays": ["10-01"]}},
        {"lexicon": {"add": [{"word": ""}]}},
        {"lexicons": {}},
    ],
)
def test_a_wrong_shape_is_refused(shape: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        BookOptions.model_validate(shape)
    (mistake,) = shape_mistakes(caught.value, list(BookOptions.model_fields))
    assert mistake.path[0] in shape
    assert mistake.problem


def test_an_unquoted_time_of_day_reads_as_yaml_hands_it_over() -> None:
    assert WorkOptions.model_validate({"start": "08:30", "end": 1080}).end.isoformat() == "18:00:00"


def test_a_company_word_is_found_and_an_allow_phrase_beats_it() -> None:
    book = load_book(
        BookOptions.model_validate(
            {"lexicon": {"add": [{"word": "星云计划", "reason": "代号"}], "allow": ["星云计划书"]}}
        )
    )
    assert [ruling.category for ruling in said(book, "大家聊聊星云计划吧")] == ["company"]
    assert said(book, "请提交星云计划书") == ()


def test_the_book_has_the_company_s_days_and_zone() -> None:
    book = load_book(
        BookOptions.model_validate({"work": {"holidays": ["2026-03-10"]}, "timezone": "Europe/Berlin"})
    )
    assert not book.calendar.is_workday(date(2026, 3, 10))
    assert str(book.calendar.zone) == "Europe/Berlin"


def test_did_you_mean_names_the_nearest_or_what_there_is() -> None:
    assert did_you_mean("floding", ["flooding", "advertising"]) == "did you mean 'flooding'?"
    assert did_you_mean("zzz", ["b", "a"]) == "known: a, b"
    assert did_you_mean("x", []) == "there are none"


def said(book: Rulebook, text: str) -> tuple[Any, ...]:
    message = Message(text)
    return judge(book, message, Windows().look(message, book)).rulings
