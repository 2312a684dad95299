"""The judge: an outcome for every rule whatever happens, the bars, and the company's own policy over it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from rules.core.book import Rulebook, render
from rules.core.context import Windows
from rules.core.declare import Bars, Check, HalfDeclared, Penalty, Rule, RuleSettings, bad, good
from rules.core.declare import rule as declare
from rules.core.judge import judge
from rules.core.load import build_book
from rules.core.model import Context, Finding, Judgement, Kind, Member, Message, MessageType, Tier, Verdict
from rules.core.options import BookOptions, PolicyOptions, RuleOptions

EXAMPLES = [bad("坏"), bad("很坏"), good("好"), good("很好")]
SENDER = Member("s", "张三", alias="人事部张三")
WHEN = datetime(2026, 3, 10, 2, tzinfo=UTC)
MESSAGE = Message("说一句话", room_id="r", sender=SENDER, sent_at=WHEN)


class Plain(RuleSettings):
    """No settings of its own."""


def made(check: Check, **known: Any) -> Rule[RuleSettings]:
    """A rule for these tests; whatever is not said is in order."""
    defaults: dict[str, Any] = {
        "id": check.__name__,
        "title": "试验",
        "categories": {"mild": Penalty("3.1d", 2), "grave": Penalty("5.1", 4)},
        "bars": Bars(violation=0.8, review=0.5),
        "reason": "{title}：{count} 次",
        "settings": Plain,
        "examples": EXAMPLES,
    }
    return declare(**(defaults | known))(check)


def certain(message: Message, context: Context, settings: Plain) -> Iterator[Finding]:
    """Always sure."""
    yield Finding("text", 0, 2, 0.9, "mild", {"count": 3})


def doubtful(message: Message, context: Context, settings: Plain) -> Iterator[Finding]:
    """Never sure."""
    yield Finding("text", 1, 2, 0.6, "grave", {"count": 1})


def failing(message: Message, context: Context, settings: Plain) -> Iterator[Finding]:
    """Finds something, and then fails."""
    yield Finding("text", 0, 1, 0.9, "mild")
    raise LookupError(message.text)


def silent(message: Message, context: Context, settings: Plain) -> Iterator[Finding]:
    """Finds nothing."""
    yield from ()


RULES = [made(certain), made(doubtful), made(failing), made(silent)]


def run(
    book: Rulebook, declared: list[Rule[RuleSettings]], message: Message = MESSAGE, **options: Any
) -> Judgement:
    made_book = build_book(BookOptions(**options), declared, book.reader, book.calendar)
    return judge(made_book, message, Windows().look(message, made_book))


def verdicts(judgement: Judgement) -> dict[str, Verdict]:
    return {outcome.rule: outcome.verdict for outcome in judgement.outcomes}


def test_a_rule_that_fails_is_crashed_and_the_others_still_run(book: Rulebook) -> None:
    judgement = run(book, RULES)
    assert verdicts(judgement) == {
        "certain": Verdict.VIOLATION,
        "doubtful": Verdict.REVIEW,
        "failing": Verdict.CRASHED,
        "silent": Verdict.CLEAN,
    }
    (crashed,) = judgement.crashed
    assert crashed.rulings == ()
    assert crashed.note.startswith("LookupError at test_judge.py:")
    assert MESSAGE.text not in crashed.note


def test_a_finding_of_a_category_that_was_not_declared_is_a_crash(book: Rulebook) -> None:
    def stray(message: Message, context: Context, settings: Plain) -> Iterator[Finding]:
        yield Finding("text", 0, 1, 0.9, "nowhere")

    assert verdicts(run(book, [made(stray), made(certain)])) == {
        "stray": Verdict.CRASHED,
        "certain": Verdict.VIOLATION,
    }


def test_a_rule_that_is_off_says_so(book: Rulebook) -> None:
    judgement = run(book, RULES, rules={"certain": RuleOptions(enabled=False)})
    assert verdicts(judgement)["certain"] is Verdict.OFF
    assert verdicts(judgement)["doubtful"] is Verdict.REVIEW


def test_bots_are_exempt_and_recalled_messages_are_clean(book: Rulebook) -> None:
    by_bot = replace(MESSAGE, sender=replace(SENDER, kind=Kind.BOT))
    assert set(verdicts(run(book, RULES, by_bot)).values()) == {Verdict.EXEMPT}
    recalled = replace(MESSAGE, type=MessageType.RECALLED)
    assert set(verdicts(run(book, RULES, recalled)).values()) == {Verdict.CLEAN}


@pytest.mark.parametrize(
    ("need", "message"),
    [
        ("sender", replace(MESSAGE, sender=None)),
        ("sent_at", replace(MESSAGE, sent_at=None)),
        ("room", replace(MESSAGE, room_id="")),
        ("alias", replace(MESSAGE, sender=replace(SENDER, alias=None))),
        ("alias", replace(MESSAGE, sender=None)),
    ],
)
def test_what_a_rule_needs_and_is_not_known_makes_it_unknown(
    need: str, message: Message, book: Rulebook
) -> None:
    judgement = run(book, [made(certain, needs=[need]), made(doubtful)], message)
    assert verdicts(judgement) == {"certain": Verdict.UNKNOWN, "doubtful": Verdict.REVIEW}
    assert need in judgement.outcomes[0].note
    assert verdicts(run(book, [made(certain, needs=[need])]))["certain"] is Verdict.VIOLATION


@pytest.mark.parametrize(
    ("confidence", "tier"),
    [(0.49, None), (0.5, Tier.REVIEW), (0.79, Tier.REVIEW), (0.8, Tier.VIOLATION), (1.0, Tier.VIOLATION)],
)
def test_the_bars_are_inside_their_tier(confidence: float, tier: Tier | None, book: Rulebook) -> None:
    def graded(message: Message, context: Context, settings: Plain) -> Iterator[Finding]:
        yield Finding("text", 0, 1, confidence, "mild")

    rulings = run(book, [made(graded)]).rulings
    assert [ruling.tier for ruling in rulings] == ([tier] if tier else [])


def test_a_company_moves_the_bars(book: Rulebook) -> None:
    lowered = run(book, RULES, rules={"doubtful": RuleOptions(violation=0.6)})
    assert verdicts(lowered)["doubtful"] is Verdict.VIOLATION
    raised = run(book, RULES, rules={"doubtful": RuleOptions(review=0.7)})
    assert verdicts(raised)["doubtful"] is Verdict.CLEAN


def test_policy_of_a_rule_and_the_narrower_one_of_a_category(book: Rulebook) -> None:
    def both(message: Message, context: Context, settings: Plain) -> Iterator[Finding]:
        yield Finding("text", 0, 1, 0.9, "mild", {"count": 1})
        yield Finding("text", 1, 2, 0.9, "grave", {"count": 2})

    policy = {
        "both": PolicyOptions(clause="第七条", points=10),
        "both/grave": PolicyOptions(points=0, reason="{category} {count} {0}"),
    }
    mild, grave = run(book, [made(both)], policy=policy).rulings
    assert (mild.clause, mild.points, mild.reason) == ("第七条", 10, "试验：1 次")
    assert (grave.clause, grave.points, grave.reason) == ("第七条", 0, "grave 2 {0}")


def test_without_a_policy_of_its_own_the_declared_one_counts(book: Rulebook) -> None:
    (ruling, _) = run(book, [made(certain), made(doubtful)]).rulings
    assert (ruling.clause, ruling.points, ruling.reason, ruling.spans) == ("3.1d", 2, "试验：3 次", ((0, 2),))


def test_facts_are_filled_in_once_and_never_expanded() -> None:
    assert render("{a}{b}{c}", {"a": "{b}", "b": "{c.__class__}"}) == "{b}{c.__class__}{c}"


def test_only_turns_the_others_off_and_refuses_names_nobody_has(book: Rulebook) -> None:
    only = book.only(["flooding"])
    assert {entry.rule.id for entry in only.entries if entry.enabled} == {"flooding"}
    assert len(only.entries) == len(book.entries)
    with pytest.raises(KeyError, match="floding"):
        book.only(["floding"])


class Undescribed(RuleSettings):
    """Lacks a description."""

    limit: int = 3


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"id": "other"}, "must be named other"),
        ({"title": ""}, "no title"),
        ({"reason": ""}, "no reason"),
        ({"categories": {}}, "no categories"),
        ({"categories": {"mild": Penalty("", 1)}}, "needs a clause"),
        ({"bars": Bars(violation=0.4, review=0.5)}, "bars must"),
        ({"settings": Undescribed}, "limit has no description"),
        ({"examples": EXAMPLES[:1] + EXAMPLES[2:]}, "two bad"),
        ({"examples": EXAMPLES[:3]}, "two good"),
        ({"examples": [*EXAMPLES, bad("x", category="nowhere")]}, "nowhere"),
        ({"needs": ["weather"]}, "weather"),
        ({"episodic": True}, "quiet_seconds"),
    ],
)
def test_a_half_declared_rule_is_refused_and_told_what_it_lacks(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(HalfDeclared, match=named):
        made(certain, **wrong)
