"""What every rule owes, asked of each that the loader finds: nobody has to remember to test it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from rules.core.book import Rulebook
from rules.core.context import Windows
from rules.core.declare import Example, Rule, RuleSettings
from rules.core.judge import judge
from rules.core.load import load_rules
from rules.core.model import Message, MessageType, Verdict
from rules.core.rehearse import failures, outcome, rehearse, script

RULES = {rule.id: rule for rule in load_rules()}

HOSTILE = {
    "empty": "",
    "blank": " \t\r\n\u3000",
    "long": "请大家查收附件中的会议纪要，有问题及时反馈。" * 910,
    "one character": "啊" * 20_000,
    "lines": "顶\n" * 10_000,
    "bidi": "\u202e\u2066今天开会\u2069\u202c\u200f" * 20,
    "emoji": "👨‍👩‍👧‍👦🏳️‍🌈❤️🇨🇳" * 200,
    "braces": "{0.__class__.__mro__} {title} {what} {{count}} {" * 20,
    "templates": "{{ 7*7 }} {% for x in y %} ${HOME} %s %(title)s",
    "surrogates": "\ud800今天\udfff开会\udc00",
    "nul": "\x00今天\x00开会\x00",
    "zero width": "\u200b\u200c\u200d\ufeff" * 100,
    "brackets": "「" * 5_000 + "[" * 5_000 + "」" * 5_000,
    "half a quote": "「张三：" * 3_000 + "\n- - - - - - - -\n",
    "periodic": "abcabcabcabd" * 1_600,
    "digits": "1234567890" * 2_000,
    "combining": "a" + "\u0301" * 10_000,
}


def examples(bad: bool) -> Iterator[object]:
    for rule in RULES.values():
        for number, example in enumerate(rule.examples):
            if example.bad is bad:
                yield pytest.param(rule.id, example, id=f"{rule.id}-{number}-{example.text[:12]!r}")


@pytest.mark.parametrize(("rule", "example"), [*examples(True), *examples(False)])
def test_every_example_holds_with_its_history_and_time(rule: str, example: Example, book: Rulebook) -> None:
    assert list(failures(rule, example, rehearse(book, example))) == []


@pytest.mark.parametrize(("rule", "example"), list(examples(True)))
def test_spans_lie_inside_the_field(rule: str, example: Example, book: Rulebook) -> None:
    final = rehearse(book, example).final
    for ruling in outcome(final, rule).rulings:
        length = len(example.text if ruling.field == "text" else example.alias or "")
        assert ruling.spans
        for start, end in ruling.spans:
            assert 0 <= start <= end <= length
            assert start < end or length == 0


@pytest.mark.parametrize(("rule", "example"), list(examples(True)))
def test_the_reason_has_no_braces_left_and_never_repeats_the_offence(
    rule: str, example: Example, book: Rulebook
) -> None:
    final = rehearse(book, example).final
    for ruling in outcome(final, rule).rulings:
        assert ruling.reason
        assert not re.search(r"[{}]", ruling.reason)
        field = example.text if ruling.field == "text" else example.alias or ""
        for start, end in ruling.spans:
            flagged = field[start:end].strip()
            assert len(flagged) < 2 or flagged not in ruling.reason


@pytest.mark.parametrize(("rule", "example"), [*examples(True), *examples(False)])
def test_the_same_message_is_judged_the_same_every_time(rule: str, example: Example, book: Rulebook) -> None:
    assert rehearse(book, example) == rehearse(book, example)


@pytest.mark.parametrize("kind", [MessageType.TEXT, MessageType.URL, MessageType.FILE, MessageType.EMOTICON])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_crash_no_rule(text: str, kind: MessageType, book: Rulebook) -> None:
    example = Example(bad=False, text=text, type=kind, alias=text)
    played = rehearse(book, replace(example, before=()))
    assert played.final.crashed == ()
    for ruling in played.final.rulings:
        field = text if ruling.field == "text" else example.alias or ""
        assert all(0 <= start <= end <= len(field) for start, end in ruling.spans)
        assert not re.search(r"[{}]|__class__", ruling.reason)
        assert ruling.reason.isprintable()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_time_grows_no_faster_than_the_text(text: str, book: Rulebook) -> None:
    """Four times the text may take ten times as long; quadratic work would take sixteen times."""
    unit = (text or " ") * (8_000 // max(1, len(text)) + 1)

    def seconds(length: int) -> float:
        messages = list(script(Example(bad=False, text=(unit * 4)[:length], alias="人事部张三"), book))
        best = float("inf")
        for _ in range(3):
            begin = time.process_time()
            context = Windows().look(messages[-1], book)
            judge(book, messages[-1], context)
            best = min(best, time.process_time() - begin)
        return best

    assert seconds(32_000) <= 10 * seconds(8_000) + 0.02


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_settings_are_described_frozen_and_closed(rule: Rule[RuleSettings]) -> None:
    for name, info in rule.settings.model_fields.items():
        assert info.description, name
        assert info.description[0].isupper(), name
        assert info.description.endswith("."), name
    settings = rule.settings()
    assert type(settings).model_config.get("extra") == "forbid"
    assert type(settings).model_config.get("frozen") is True


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_declaration_fits_its_file_and_its_policy(rule: Rule[RuleSettings]) -> None:
    assert rule.check.__module__ == f"rules.{rule.id}"
    assert all(re.fullmatch(r"[1-6]\.\d[a-d]?", penalty.clause) for penalty in rule.categories.values())
    assert re.search(r"[\u4e00-\u9fff]", rule.title)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_without_sender_time_and_room_nothing_crashes(rule: Rule[RuleSettings], book: Rulebook) -> None:
    message = Message("今天下午三点开会")
    found = outcome(judge(book, message, Windows().look(message, book)), rule.id)
    expected = (
        Verdict.UNKNOWN if rule.needs & {"sender", "sent_at", "room", "alias", "roster"} else Verdict.CLEAN
    )
    assert found.verdict is expected
