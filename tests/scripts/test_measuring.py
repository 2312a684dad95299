"""What a measurement is made of: intervals, groups, what labels say, the sweep of bars, the card's form."""

from __future__ import annotations

from dataclasses import replace

import pytest
from evasions import EVASIONS
from labelled import COMMENTS, ORDINARY, Row
from measuring.card import HAND_WRITTEN, CardError, card
from measuring.expected import ALL, HALF, SOURCES, TRAINED, fine, found, meaning
from measuring.figures import lines_of
from measuring.frontier import swept
from measuring.intervals import Figure
from measuring.judging import Crashed, Judged, judged
from measuring.report import Report
from measuring.targets import TARGETS, checked

from rules.core.book import Rulebook
from rules.core.load import load_rules
from rules.core.model import Tier
from rules.reading.classify import Anchors, Weights

KNOWN = [
    (Figure(0, 10), 0.0, 0.2775),
    (Figure(5, 10), 0.2366, 0.7634),
    (Figure(10, 10), 0.7225, 1.0),
    (Figure(1, 100), 0.0018, 0.0545),
    (Figure(0, 0), 0.0, 1.0),
]


@pytest.mark.parametrize(("figure", "low", "high"), KNOWN)
def test_an_interval_is_wilsons(figure: Figure, low: float, high: float) -> None:
    assert figure.interval == pytest.approx((low, high), abs=5e-5)


def test_what_is_said_of_training_is_what_training_takes() -> None:
    assert {name for name, source in SOURCES.items() if source.use == HALF} == set(ORDINARY)
    assert {name for name, source in SOURCES.items() if source.use == ALL} == {*COMMENTS, TRAINED}


def test_labels_mean_what_their_set_says() -> None:
    spam, chat, idle = (
        meaning("x", "spam"),
        meaning("tg_spam", "normal"),
        meaning("lccc_toy", "normal_assumed"),
    )
    soft, alike = meaning("corpus/train", "advertising/soft"), meaning("corpus/train", "normal/rumour")
    assert spam == found("advertising", "banned_words")
    assert soft == found("advertising")
    assert alike == fine()
    assert chat is not None
    assert idle is not None
    assert [chat.fine_by(rule) for rule in ("advertising", "incivility")] == [True, False]
    assert [idle.fine_by(rule) for rule in ("advertising", "off_topic")] == [True, False]
    assert meaning("x", "odd") is None


def row(label: str, detail: str = "", **tiers: Tier) -> Judged:
    said = meaning("set", label)
    assert said is not None
    return Judged(Row(f"{label} {detail}", label, "set", detail), said, tiers, {})


def test_lines_count_each_group_at_both_tiers() -> None:
    sure, doubt = Tier.VIOLATION, Tier.REVIEW
    rows = [
        row("spam", "loan", advertising=sure),
        row("spam", "loan", banned_words=doubt),
        row("spam", "car"),
        row("normal", advertising=doubt, rumour=sure),
        row("normal"),
    ]
    lines = {line.key[1:]: line for line in lines_of("set", rows, ["advertising", "banned_words"])}
    joint = "advertising or banned_words"
    figures = {key: (line.violation, line.any) for key, line in lines.items()}
    assert figures["recall", "all", joint] == (Figure(1, 3), Figure(2, 3))
    assert figures["recall", "loan", joint] == (Figure(1, 2), Figure(2, 2))
    assert figures["recall", "all", "banned_words"] == (Figure(0, 3), Figure(1, 3))
    assert figures["false alarms", "all", "all rules"] == (Figure(0, 2), Figure(1, 2))
    assert len({line.key for line in lines.values()}) == len(lines)


def test_the_corpus_keeps_its_labels_apart() -> None:
    rows = [row("advertising", advertising=Tier.REVIEW), row("advertising/soft"), row("banned")]
    lines = lines_of(TRAINED, rows, ["advertising", "banned_words"])
    assert [(line.group, line.rule, line.any.of) for line in lines if " or " not in line.rule] == [
        ("advertising", "advertising", 2),
        ("advertising/soft", "advertising", 1),
        ("banned", "banned_words", 1),
        ("banned", "advertising", 1),
    ]


def test_a_sweep_flags_no_more_than_is_allowed() -> None:
    ordinary = [0.9, 0.8, *[0.1] * 998]
    points = {point.level: point for point in swept("x", ordinary, {"ads": [0.95, 0.85, 0.5, 0.0]})}
    strictest = points[0.0001]
    assert (strictest.bar, strictest.alarms, strictest.found["ads"]) == (0.9, Figure(0, 1000), Figure(1, 4))
    assert (points[0.001].bar, points[0.001].found["ads"]) == (0.8, Figure(2, 4))
    assert points[0.01].found["ads"] == Figure(3, 4)


def test_each_target_is_asked_once_of_a_rule_that_may_be() -> None:
    assert len({(target.key, target.tier) for target in TARGETS}) == len(TARGETS)
    for name in ("evasions", "evasions of listed words"):
        assert {target.group for target in TARGETS if target.set == name} == set(EVASIONS)
    assert all(one.met is None for one in checked([]))


def test_a_rule_that_fails_is_told_without_the_text(book: Rulebook) -> None:
    def broken(*_: object) -> object:
        raise RuntimeError("秘密")

    entry = book.entry("banned_words")
    book = replace(book, entries=(replace(entry, rule=replace(entry.rule, check=broken)),))
    with pytest.raises(Crashed, match="banned_words") as told:
        judged(book, Row("秘密", "normal", "set"), fine())
    assert "秘密" not in str(told.value)


def test_the_card_has_a_place_for_every_table() -> None:
    report = Report("0", ["advertising"], {}, [], checked([]), [])
    weights = Weights({"advertising": Anchors(0.0, 1.0, 2.0)}, {"加微": {"advertising": 1.0}})
    text = card(report, weights, 1_000_000, HAND_WRITTEN.read_text(encoding="utf-8"))
    assert "| advertising | 1 | 0.00 | 1.00 | 2.00 |" in text
    assert "加微" not in text
    with pytest.raises(CardError, match="no place for"):
        card(report, weights, 1, "<!-- weights -->")
    with pytest.raises(CardError, match="no table 'colours'"):
        card(report, weights, 1, "<!-- colours -->")


def test_the_book_has_rules_that_labels_name() -> None:
    named = {rule for target in TARGETS for rule in target.rule.split(" or ")}
    assert {"advertising", "banned_words", "flooding"} <= named & {rule.id for rule in load_rules()}
