"""Whatever somebody types: commands, quotes, codes and texts are read without a crash, bounded, in linear time."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import pytest
from fakes.fuzzing import PATIENT, PIECES, fuzz, hostile
from fakes.shipped import shipped
from hypothesis import example, given

from bot.commands.codes import MOST, possible_codes
from bot.commands.parse import LONGEST_LINE, behind, typed_command
from bot.masking import hidden_from_outsiders, one_line, personal_data_hidden
from bot.pipeline.notice import shown
from rules.core.context import Windows
from rules.core.judge import judge
from rules.core.model import Member, Message
from rules.reading import quote

NAMES = ("群管家",)
LONGEST_TEXT = 100_000
"""So much of a message the gateway port hands out."""


def commands(text: str) -> None:
    found = typed_command(text, bot_names=NAMES, bot_mentioned=False)
    if found is None:
        return
    assert 1 <= len(found.word) <= 16
    assert len(found.rest) <= LONGEST_LINE
    assert "\n" not in found.rest
    assert all(len(word) <= LONGEST_LINE for word in found.words)
    assert len(found.body) <= len(text)
    for count in range(3):
        assert len(behind(found.rest, count)) <= len(found.rest)
    assert len(found.sure()[1].rest) <= len(found.rest)
    assert found.behind_action in found.rest


def quotes(text: str) -> None:
    found = quote.parse(text)
    if found is None:
        return
    start, end = found.typed
    assert 0 < start < end == len(text)
    assert text[start:].strip()
    assert len(found.author) <= 64
    assert len(found.beginning) <= quote.BEGINNING
    # A command in the quoted block stays there.
    typed = typed_command(text[start:], bot_names=NAMES, bot_mentioned=False)
    assert typed is None or typed.word in text[start:].casefold()


def codes(text: str) -> None:
    assert len(list(possible_codes(text))) <= MOST


def masks(text: str) -> None:
    assert len(personal_data_hidden(text)) == len(personal_data_hidden(text, ends=True)) == len(text)
    assert "13812345678" not in hidden_from_outsiders(text, ["张三"])
    assert one_line(text).isprintable()
    kept = shown(text)
    assert len(kept) <= 24
    assert not set("@\n\r\x1b\u202e\u200b") & set(kept)


def rules(text: str) -> None:
    book = shipped()
    message = Message(text=text, sender=Member(id="a", name=text[:20], alias=text[-20:]), room_id="r")
    judgement = judge(book, message, Windows().look(message, book))
    assert not judgement.crashed, judgement.crashed
    for ruling in judgement.rulings:
        field = message.sender.alias if ruling.rule == "nickname" and message.sender else text
        assert all(0 <= start <= end <= len(field or "") for start, end in ruling.spans)
        assert len(ruling.spans) <= len(text) + 1
        assert len(ruling.reason) < 500


READERS = (commands, quotes, codes, masks, rules)


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@fuzz(40)
@given(text=hostile)
@example("「张三：「」\n- - - - - - -\n/违规 驳回")
@example("/违规 “确认 确认")
@example("/\u2005/")
@example("\ud800/帮助")
@example("@群管家\u2005\u2005/违规\u3000确认")
@example("İ" * 30)
def test_nothing_that_is_typed_breaks_a_reader(read: Callable[[str], None], text: str) -> None:
    read(text)


REPEATED = ("/违规 ", "「a：", "」\n------\n", "A-", "1 ", "a@b.", "wxid_", "密码", "“", "@a\u2005")


@pytest.mark.parametrize("read", READERS[:4], ids=lambda read: read.__name__)
def test_the_longest_texts_take_no_time(read: Callable[[str], None]) -> None:
    slow = read is masks and not PATIENT  # five readers in one
    length = LONGEST_TEXT // 4 if slow else LONGEST_TEXT
    for piece in REPEATED[3:8] if slow else (*REPEATED, *PIECES):
        begun = process_time()
        read((("" if slow else "/帮助 ") + piece * length)[:length])
        # In linear time it is a tenth of a second; quadratic, it is minutes.
        assert process_time() - begun < 5, piece
