"""Two books side by side: what exactly differs for each kind of change, and that history is each side's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rules.core.book import Rulebook
from rules.core.compare import Change, ChangeKind, Compared, Comparison, Part, by_room, differences
from rules.core.load import build_book, load_calendar, load_rules, reworded
from rules.core.model import Member, Message, Ruling, Tier
from rules.core.options import BookOptions
from rules.procedure.impact import Course, Grade, Impact

NEW, GONE, CHANGED = ChangeKind.NEW, ChangeKind.GONE, ChangeKind.CHANGED
MORNING = datetime(2026, 10, 13, 2, tzinfo=UTC)  # a Tuesday, 10:00 in Shanghai
NIGHT = timedelta(hours=10)
AD = "加薇❤信 abc12345 兼职刷单日结300，扫码进群"


def said(text: str, after: timedelta, who: str = "周杰", room: str = "甲群") -> Message:
    sender = Member(who, who, f"市场部{who}😀")
    return Message(text, id=f"{after}", room_id=room, room=room, sender=sender, sent_at=MORNING + after)


def minutes(many: float) -> timedelta:
    return timedelta(minutes=many)


LOG = (
    said("今天下午三点开会，请大家准时参加", minutes(0)),
    said(AD, minutes(1)),
    said(AD + "先到先得", minutes(2), who="刘洋", room="乙群"),
    said("赌博网站一览", minutes(3), who="刘洋"),
    *(said("在吗在吗在吗", minutes(20) + timedelta(seconds=5 * n), who="李强") for n in range(9)),
    said("明天的材料请发我一份", NIGHT, who="王敏"),
    said("还有上个月的报表，麻烦一起发", NIGHT + minutes(1), who="王敏"),
)
"""By index: 0 plain; 1, 2 advertising, in two rooms; 3 a forbidden word; 4-12 a burst (found at 7); 13, 14 at night."""


def made(base: Rulebook, options: dict[str, Any]) -> Rulebook:
    """The book that these options ask for; only where they change words is a lexicon built anew."""
    wanted = BookOptions.model_validate(options)
    calendar = load_calendar(wanted.work, wanted.timezone)
    book = build_book(wanted, load_rules(), base.reader, calendar)
    return reworded(book, wanted.lexicon) if "lexicon" in options else book


def compare(
    before: Rulebook, after: Rulebook, messages: Iterable[Message], *, history: Iterable[Message] = ()
) -> Iterator[Compared]:
    """Judge a chronological log by two books, message by message.

    Args:
        history: what was said before it; it fills the windows, and nothing is told of it.
    """
    comparison = Comparison(by_room(before), by_room(after))
    for message in history:
        comparison.remember(message)
    for message in messages:
        yield comparison.take(message)


def told(before: Rulebook, after: Rulebook) -> set[tuple[ChangeKind, str, int, str]]:
    """Every change: its kind, rule, the index of its message, and what of it differs; withdrawn ones are left out."""
    found: dict[tuple[int, str], tuple[ChangeKind, str]] = {}
    for compared in compare(before, after, LOG):
        for change in compared.changes:
            if change.withdrawn is not None:
                assert found.pop((change.withdrawn.position - 1, change.rule))[0] is change.withdrawn.kind
            found[compared.position - 1, change.rule] = change.kind, " ".join(sorted(change.parts))
    return {(kind, rule, index, parts) for (index, rule), (kind, parts) in found.items()}


LATER = {"repeat_messages": 6, "short_repeat_messages": 6}
"""Settings by which the burst of the log is found two messages later."""

CHANGES: tuple[tuple[str, dict[str, Any], set[tuple[ChangeKind, str, int, str]]], ...] = (
    ("nothing", {}, set()),
    ("clean words are no difference", {"lexicon": {"add": [{"word": "青鸾项目"}]}}, set()),
    (
        "points, of one category",
        {"policy": {"advertising": {"points": 3}, "banned_words/gambling": {"points": 8}}},
        {(CHANGED, "advertising", 1, "points"), (CHANGED, "advertising", 2, "points"),
         (CHANGED, "banned_words", 3, "points")},
    ),
    (
        "clause and wording",
        {"policy": {"banned_words": {"clause": "9.9", "reason": "不妥"}}},
        {(CHANGED, "banned_words", 3, "clause reason")},
    ),
    (
        "a bar",
        {"rules": {"banned_words": {"violation": 1.0, "review": 0.5}}},
        {(CHANGED, "banned_words", 3, "tier")},
    ),
    ("both bars", {"rules": {"banned_words": {"violation": 1.0, "review": 1.0}}}, {(GONE, "banned_words", 3, "")}),
    (
        "a rule off",
        {"rules": {"advertising": {"enabled": False}}},
        {(GONE, "advertising", 1, ""), (GONE, "advertising", 2, "")},
    ),
    (
        "a rule on trial",
        {"rules": {"advertising": {"shadow": True}}},
        {(CHANGED, "advertising", 1, "trial"), (CHANGED, "advertising", 2, "trial")},
    ),
    ("a word more", {"lexicon": {"add": [{"word": "开会"}]}}, {(NEW, "banned_words", 0, "")}),
    ("a phrase allowed", {"lexicon": {"allow": ["赌博网站一览"]}}, {(GONE, "banned_words", 3, "")}),
    # What no listed word says any more the whole text still seems to: people look.
    (
        "a word less",
        {"lexicon": {"remove": ["赌博网站", "赌博"]}},
        {(CHANGED, "banned_words", 3, "tier")},
    ),
    (
        "one room's own rule",
        {"rooms": {"乙群": {"rules": {"advertising": {"enabled": False}}}}},
        {(GONE, "advertising", 2, "")},
    ),
    (
        "working hours",
        {"work": {"end": "20:00"}},
        {(GONE, "after_hours", 13, ""), (CHANGED, "after_hours", 14, "tier")},
    ),
    ("a day off", {"work": {"holidays": ["2026-10-13"]}}, {(NEW, "after_hours", n, "") for n in range(13)}),
    (
        "departments, once a person and room",
        {"departments": ["工程部"]},
        {(NEW, "nickname", n, "") for n in (0, 2, 3, 4, 13)},
    ),
    (
        "a setting: the same burst, later",
        {"rules": {"flooding": {"settings": LATER}}},
        {(CHANGED, "flooding", 9, "moment reason")},
    ),
    ("a setting: no burst", {"rules": {"flooding": {"settings": {"repeat_messages": 60, "burst_messages": 60,
      "quick_burst_messages": 60, "slow_repeat_messages": 60, "short_repeat_messages": 60}}}},
     {(GONE, "flooding", 7, "")}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("options", "expected"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES]
)
def test_a_change_shows_exactly_what_it_changes(
    book: Rulebook, options: dict[str, Any], expected: set[tuple[ChangeKind, str, int, str]]
) -> None:
    changed = made(book, options)
    assert told(book, changed) == expected
    # What comes with a change goes with its reversal.
    mirror = {NEW: GONE, GONE: NEW, CHANGED: CHANGED}
    assert told(changed, book) == {
        (mirror[kind], rule, index, parts) for kind, rule, index, parts in expected
    }


def test_books_are_opaque_other_weights_show_like_anything_else(book: Rulebook) -> None:
    """Whatever a book holds: a rule that weighs otherwise is a difference only where a bar is passed."""

    def weighing(sure: float) -> Rulebook:
        def check(*arguments: Any) -> Iterator[Any]:
            return (
                replace(found, confidence=sure) for found in book.entry("banned_words").rule.check(*arguments)
            )

        entries = tuple(
            replace(entry, rule=replace(entry.rule, check=check))
            if entry.rule.id == "banned_words"
            else entry
            for entry in book.entries
        )
        return replace(book, entries=entries)

    bars = book.entry("banned_words").bars
    assert told(weighing(bars.violation), weighing(1.0)) == set()
    assert told(weighing(bars.review), weighing(1.0)) == {(CHANGED, "banned_words", 3, "tier")}
    assert told(weighing(0.01), weighing(1.0)) == {(NEW, "banned_words", 3, "")}


def test_history_fills_the_windows_and_is_not_told(book: Rulebook) -> None:
    burst = LOG[4:13]
    later = made(book, {"rules": {"flooding": {"settings": LATER}}})
    compared = list(compare(book, later, burst[4:], history=burst[:4]))
    assert [one.position for one in compared] == [1, 2, 3, 4, 5]
    # The first book found the burst before; that the other finds it now is a finding more, as far as was looked.
    assert [len(one.changes) for one in compared] == [0, 1, 0, 0, 0]


def test_a_room_that_is_not_guarded_has_no_findings(book: Rulebook) -> None:
    comparison = Comparison(by_room(book), lambda message: None if message.room == "乙群" else book)
    kinds = [change.kind for message in LOG for change in comparison.take(message).changes]
    assert kinds == [GONE]


def ruling(points: int, category: str = "a", span: tuple[int, int] = (0, 1)) -> Ruling:
    return Ruling("r", category, Tier.REVIEW, "1", points, 0.5, "text", (span,), "x")


def test_findings_belong_together_by_place_first_then_by_category_then_by_rule() -> None:
    a, a_elsewhere, b = ruling(1), ruling(2, span=(3, 4)), ruling(3, "b")
    assert list(differences([a, a_elsewhere], [a_elsewhere, a])) == []
    assert list(differences([a, b], [b])) == [Change(GONE, a, None)]
    assert list(differences([b], [a, b])) == [Change(NEW, None, a)]
    assert list(differences([a], [b])) == [Change(CHANGED, a, b, frozenset({Part.POINTS, Part.CATEGORY}))]
    assert list(differences([a, a], [a])) == [Change(GONE, a, None)]


def impact_of(before: Rulebook, after: Rulebook) -> Impact:
    impact = Impact()
    for compared in compare(before, after, LOG):
        impact.add(compared)
    return impact


def test_an_impact_adds_up_findings_cases_and_points(book: Rulebook) -> None:
    changed = {
        "rules": {"advertising": {"shadow": True}, "flooding": {"settings": LATER}},
        "policy": {"banned_words/gambling": {"points": 8}},
        "departments": ["工程部"],
    }
    impact = impact_of(book, made(book, changed))
    assert impact.messages == len(LOG)
    assert (impact.first, impact.last) == (LOG[0].sent_at, LOG[-1].sent_at)
    assert impact.found["before", "advertising", Grade.VIOLATION] == 2
    assert impact.found["after", "advertising", Grade.TRIAL] == 2
    assert impact.changes["flooding", CHANGED] == 1
    assert impact.changes["flooding", GONE] == impact.changes["flooding", NEW] == 0
    assert sum(many for (rule, _), many in impact.changes.items() if rule == "nickname") == 5
    old, new = impact.dockets["before"], impact.dockets["after"]
    # Two at night are one case, and nicknames are none.
    assert old.cases == {Course.PROVISIONAL: 5}
    assert new.cases == {Course.PROVISIONAL: 3, Course.TRIAL: 2}
    assert (old.points, new.points) == (2 + 2 + 5 + 3 + 0, 8 + 3 + 0)
    assert {room: dict(many) for room, many in impact.rooms.items()} == {
        "甲群": {CHANGED: 3, GONE: 0, NEW: 4},
        "乙群": {CHANGED: 1, NEW: 1},
    }
    (moved,) = [one for one in impact.examples if one.change.rule == "flooding"]
    assert (moved.change.kind, moved.position) == (CHANGED, 10)
    assert impact.differs
    assert not impact_of(book, book).differs


def test_memory_does_not_grow_with_the_log(book: Rulebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of strangers, rooms, nicknames and bursts: what is remembered stays within its bounds."""
    monkeypatch.setattr("rules.core.compare._REMEMBERED", 100)
    monkeypatch.setattr("rules.procedure.impact._ROOMS", 100)
    every = made(book, {"departments": ["工程部"]})
    cheap = replace(every, entries=(every.entry("flooding"), every.entry("nickname")), rooms={})
    later = replace(cheap, entries=(replace(cheap.entry("flooding"), shadow=True),))
    comparison, impact, sizes = Comparison(by_room(cheap), by_room(later)), Impact(), []
    for n in range(5_000):
        message = said("在吗在吗在吗", timedelta(seconds=4 * n), who=f"{n // 5}", room=f"{n // 5}")
        impact.add(comparison.take(message))
        if n in (2_499, 4_999):
            sizes.append(comparison.size)
    assert impact.changes["flooding", CHANGED] == 1_000
    assert impact.changes["nickname", GONE] == 1_000
    assert sizes[1] <= sizes[0] < 1_000
    assert len(impact.rooms) == 100
    assert len(impact.examples) == 1 + impact.most  # the same words are shown once
