"""What is learnt from people: better on decisions that it did not see, bounded, private, and the same every time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes.decided import decisions

from rules.core.candidate import Known, Source
from rules.core.learn import Figures, Guard, Learnt, Supply, Tally, faults, learn, parted, supplies
from rules.core.load import load_book, load_rules, retrained, reworded
from rules.core.load_reading import load_classifier, load_table, load_yardstick
from rules.core.options import LexiconOptions
from rules.core.phrases import proposals
from rules.reading.classify import Anchors, Classifier, Weights, WeightsError
from rules.reading.learning import (
    OF_ONE_DECIDER,
    OF_ONE_SENDER,
    PULL,
    Lesson,
    Said,
    Shield,
    counted,
    learn_label,
)
from rules.reading.local import LocalWeights, parse_local
from rules.reading.reader import Reader

BOOK, SHIPPED, FOLD = load_book(), load_classifier(), load_table().fold
YARDSTICK = load_yardstick(BOOK.reader)
LABEL = "advertising"


def lesson(
    index: int, text: str, right: bool, sender: str = "", rule: str = LABEL, label: str = LABEL
) -> Lesson:
    return Lesson(
        f"V-{index:05d}",
        rule,
        label,
        Said.of(BOOK.reader, text),
        sender or f"p{index}",
        f"hr{index % 2}",
        right,
    )


@pytest.fixture(scope="module")
def lessons() -> Sequence[Lesson]:
    return [lesson(index, one.text, one.right, one.sender) for index, one in enumerate(decisions())]


@pytest.fixture(scope="module")
def learnt(lessons: Sequence[Lesson]) -> Learnt:
    return learn(BOOK, SHIPPED, lessons, YARDSTICK)


def test_decisions_that_it_did_not_see_are_judged_better(learnt: Learnt) -> None:
    assert learnt.faults == ()
    score = next(line for line in learnt.figures if line.by == "score")
    assert (score.confirmed, score.dismissed) == (21, 40)
    assert score.kept[1].review == score.kept[0].review == score.confirmed
    assert score.flagged[0].review >= 10
    assert score.flagged[1].review <= score.dismissed // 4
    assert all(
        guard.found[1].review <= guard.found[0].review for guard in learnt.guards if "ordinary" in guard.name
    )


def test_the_same_decisions_give_the_same_weights_in_any_order(
    lessons: Sequence[Lesson], learnt: Learnt
) -> None:
    again = learn(BOOK, SHIPPED, list(reversed(lessons)), YARDSTICK)
    assert again.weights.written() == learnt.weights.written()
    assert parse_local(learnt.weights.written()) == learnt.weights
    assert parted(lessons) == parted(list(reversed(lessons)))


def test_decisions_turned_round_are_refused(lessons: Sequence[Lesson]) -> None:
    turned = learn(BOOK, SHIPPED, [replace(one, right=not one.right) for one in lessons], YARDSTICK)
    assert any("scores low" in fault for fault in turned.faults)


@pytest.mark.parametrize("chance", [3, 2, 5])
def test_decisions_made_by_chance_are_refused(lessons: Sequence[Lesson], chance: int) -> None:
    found = learn(
        BOOK,
        SHIPPED,
        [replace(one, right=index % chance == 0) for index, one in enumerate(lessons)],
        YARDSTICK,
    )
    assert any("no better than chance" in fault for fault in found.faults)


def test_whatever_would_be_worse_is_a_fault() -> None:
    low, high = Tally(3, 1), Tally(4, 1)

    def line(kept: tuple[Tally, Tally], flagged: tuple[Tally, Tally]) -> Figures:
        return Figures(LABEL, LABEL, "score", 9, 9, kept, flagged)

    assert line((low, low), (high, low)).better
    for worse in (
        line((high, low), (high, low)),
        line((low, low), (low, high)),
        line((Tally(3, 2), Tally(3, 1)), (high, low)),
        line((low, low), (Tally(3, 1), Tally(3, 2))),
    ):
        assert len(list(faults([worse], []))) >= 1
    fine = line((low, low), (high, low))
    assert not list(
        faults([fine], [Guard("ordinary talk, x", 9, (low, low)), Guard("clear x", 99, (high, high))])
    )
    assert list(faults([fine], [Guard("ordinary talk, x", 9, (low, high))]))
    assert list(faults([fine], [Guard("clear x", 99, (high, low))]))
    assert list(faults([line((low, low), (low, low))], [])) == ["nothing would get better"]


def test_one_text_pulls_no_sum_further_than_it_may() -> None:
    weights = Weights({LABEL: Anchors(-2.0, 0.0, 2.0)}, {})
    bare = Classifier(weights)
    text = FOLD("员工内购月饼八折扫码下单")
    one = [lesson(1, text, False, "a"), lesson(2, text + "了", False, "b")]
    local = learn_label(LABEL, one, bare, (), Shield())
    moved = Classifier(local.over(weights)).totals(text)[LABEL] - bare.totals(text)[LABEL]
    gap = 1.0  # of the anchors above, on the scale of PULL
    assert -2 * PULL * gap <= moved < 0


def test_nothing_learnt_moves_a_sum_further_than_the_sway() -> None:
    weights = Weights({LABEL: Anchors(-2.0, 0.0, 1.0)}, {"好": {LABEL: 0.5}})
    over = weights.plus({chr(0x4E00 + index): {LABEL: 0.4, "stranger": 9.0} for index in range(500)}, {})
    text = "".join(chr(0x4E00 + index) for index in range(100))
    assert Classifier(over).totals(text)[LABEL] == pytest.approx(-2.0 + over.sway(LABEL))
    assert Classifier(over).totals("好好")[LABEL] == Classifier(weights).totals("好好")[LABEL] == -1.5
    assert [one.gram for one in Classifier(over).evidence(chr(0x4E01) + "好", LABEL)] == ["好", chr(0x4E01)]


def test_volume_buys_nothing() -> None:
    many = [lesson(index, f"卖货{index}号", True, "spammer") for index in range(100)]
    assert len(counted(many)) == OF_ONE_SENDER
    many = [
        replace(lesson(index, f"卖货{index}号", True), decider="one") for index in range(OF_ONE_DECIDER + 50)
    ]
    assert len(counted(many)) == OF_ONE_DECIDER
    twice = [lesson(2, "同一句话", False, "a"), lesson(1, "同一句话", True, "b")]
    assert counted(twice) == (twice[0],)  # the newer decision counts


@pytest.mark.parametrize(
    ("text", "kept", "never"),
    [
        ("电话13800001111找我", {"电话", "找我"}, {"话1", "00"}),
        ("加wxid_abcdef聊聊", {"聊聊"}, {"ab", "abcd", "加w"}),
        ("发到zhang.san@example.com", {"发到"}, {"ex", "com", "zh"}),
        (
            "请欧阳娜娜联系vip客户",
            {"联系", "客户", "vip", "ip客"},
            {"欧阳", "娜娜", "欧阳娜娜", "请欧", "娜联"},
        ),
        ("卡号***结束", {"卡号", "结束"}, {"号x", "xx"}),
    ],
)
def test_nothing_personal_is_an_n_gram(text: str, kept: set[str], never: set[str]) -> None:
    grams = Shield([FOLD("欧阳娜娜"), "我"]).grams(FOLD(text))
    assert kept <= grams
    assert not never & grams
    assert max(map(len, grams)) <= 4
    assert not any(re.search(r"\d|[a-z]{4}", gram) for gram in grams)


def test_what_only_one_person_wrote_is_not_kept(learnt: Learnt) -> None:
    lessons = [
        *(lesson(index, f"青鸾项目内购{index % 7}", False, "the-only-one") for index in range(9)),
        *(lesson(50 + index, f"员工内购{'月火水木金土日天人'[index]}", False) for index in range(9)),
        *(lesson(90 + index, f"兼职刷单{'月火水木金土日天人'[index]}", True) for index in range(9)),
    ]
    grams = learn_label(LABEL, lessons, SHIPPED, (), Shield()).grams
    assert grams
    assert not any("鸾" in gram or "青" in gram for gram in grams)
    assert all(2 <= len(gram) <= 4 for gram in learnt.weights.grams)


def test_how_many_more_are_needed_is_said() -> None:
    found = supplies([lesson(index, f"{index}", index < 3) for index in range(10)], [LABEL, "banned"])
    assert found == (Supply(LABEL, 3, 7), Supply("banned", 0, 0))
    assert found[0].lacking == (9, 1)
    assert [
        one.enough for one in (*found, Supply(LABEL, 9, 9), Supply(LABEL, 8, 12), Supply(LABEL, 100, 7))
    ] == [
        False,
        False,
        False,
        True,
        False,
    ]


def test_what_was_learnt_of_other_labels_stays(lessons: Sequence[Lesson], learnt: Learnt) -> None:
    before = LocalWeights("x", {"内购": {"rumour": 0.1, LABEL: 0.2}, "传闻": {"rumour": -0.1}})
    found = learn(BOOK, SHIPPED, lessons, YARDSTICK, before=before).weights
    assert found.grams["传闻"] == {"rumour": -0.1}
    assert found.grams["内购"] == {"rumour": 0.1, **learnt.weights.grams["内购"]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"base":"","grams":{"员工内购价":{"a":1}}}',
        '{"base":"","grams":{"员":{"a":NaN}}}',
        "[" * 100_000,
    ],
)
def test_what_can_not_be_read_is_told(text: str) -> None:
    with pytest.raises(WeightsError, match="can't be read"):
        parse_local(text)


def test_a_book_takes_it_over_and_gives_it_back(learnt: Learnt) -> None:
    text = "员工内购开始啦，新雨伞八折优惠，需要的同事扫码下单"
    other = retrained(BOOK, learnt.weights.written())
    before = BOOK.reader.read(text)
    assert other.reader.read(text).score(LABEL) < before.score(LABEL)
    assert other.reader.read(text).hits == before.hits
    assert retrained(other, "").reader.read(text).scores == before.scores


def test_every_label_that_a_rule_names_is_trained() -> None:
    named = {rule.id: rule.label for rule in load_rules() if rule.label}
    assert named["advertising"] == "advertising"
    assert named["banned_words"] == "banned"
    assert set(named.values()) <= set(SHIPPED.weights.anchors)


# ---- allow-phrases


def allowing(phrase: str) -> Reader:
    return reworded(BOOK, LexiconOptions(allow=(phrase,))).reader


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([("周五放映禁毒赌博警示片", "a"), ("大家看看赌博警示片", "b")], {"赌博警示"}),
        ([("大家看看赌博警示片", "a"), ("我看了赌博警示片", "a")], set()),  # one person's word is none
        ([("赌博123", "a"), ("赌博123", "b")], set()),
    ],
)
def test_a_phrase_is_proposed_for_what_two_people_were_wrongly_flagged(
    rows: Sequence[tuple[str, str]], wanted: set[str]
) -> None:
    lessons = [
        lesson(index, text, False, sender, "banned_words", "banned")
        for index, (text, sender) in enumerate(rows)
    ]
    known = Known({"赌博": Source.BUILT_IN}, {})
    found = {one.phrase for one in proposals(BOOK.reader, lessons, known, (), allowing)}
    assert all(any(phrase.startswith(wish) for phrase in found) for wish in wanted)
    assert bool(found) is bool(wanted)
    assert not proposals(BOOK.reader, lessons, known, ["警示", "赌博"], allowing)  # nobody's name is put in
    confirmed = [lesson(9, "进来玩赌博警示片是幌子", True, "c", "banned_words", "banned")]
    hidden = {one.phrase for one in proposals(BOOK.reader, [*lessons, *confirmed], known, (), allowing)}
    assert not any(phrase in confirmed[0].said.plain for phrase in hidden)
