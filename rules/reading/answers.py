"""What an answer to a request says: received, can do it or not, done, by when (policy 4.1a).

People answer in a word (收到, 1, 👌), in half a sentence (明天上午给您), or in passing. In passing only what begins
like an answer is one; whoever quotes the request, or calls the asker by name, answers with whatever they write.
Pure; work is bounded by the length up to which a text is looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rules.core.worktime import WorkCalendar
from rules.reading.answer_words import BESIDE, CAN, CANNOT, DONE, HALFWAY, NOT_YET, RECEIVED
from rules.reading.asks import Fold, typed_part
from rules.reading.deadlines import clauses, promised
from rules.reading.emergency import without_mentions
from rules.reading.stickers import blank_stickers


class Said(StrEnum):
    """What an answer says."""

    RECEIVED = "received"
    CAN = "can"
    CANNOT = "cannot"  # or has not got what it is about
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it was read.

    Attributes:
        expected: when it promises to be done, in the company's zone; ``None`` if it does not say.
    """

    said: Said
    expected: datetime | None = None


LONGEST_IN_PASSING = 120
"""Code points above which a text that addresses nobody is no answer."""

SHORT_PROMISE = 16
"""Folded code points up to which a clause with a time in it is nothing but a promise."""

SHORT_ADDRESS = 6
"""Folded code points that may stand before an answer in passing: whom it is for."""

_YES = frozenset("👌👍🫡✅✔☑🆗🙆👏🤝💪🙏🆒⭕☝")
_NO = frozenset("❌👎🙅✖🚫")
_STICKER = re.compile(r"\[(?:(?P<yes>OK|好的|强|握手|抱拳|合十|胜利|收到|鼓掌|加油|耶|666)|(?P<no>弱|NO))\]")

_NEITHER = re.compile(
    r"(?:不是|并非|不会|没有|也不是|又不是)"
    r"(?=不(?:行|能|可以|去|参加|同意)|没(?:空|时间|办法)|来不及|做不到|完不成|无法)"
)
_ASKING = re.compile(
    r"(?:[吗么]|没有?|了没|不)[?？]?\s*$|[?？]\s*$"
    r"|^(?:怎么|为什么|为啥|谁|哪|什么|啥|几点|多少|能否|能不能|可不可以|是否|请问|有没有)"
)
_OTHERS = re.compile(
    r"^(?:他|她|他们|她们|客户|对方|甲方|供应商|领导|老板|你|您|大家|有人|小[^的]{1}|老[^的]{1})(?!的|好)"
)


_READINGS = (
    (Said.CANNOT, CANNOT),
    (Said.RECEIVED, NOT_YET),
    (Said.CAN, HALFWAY),
    (Said.DONE, DONE),
    (Said.CAN, CAN),
    (Said.RECEIVED, RECEIVED),
)
"""In this order: a word of a later one may stand inside an earlier one."""

_WEIGHT = {Said.RECEIVED: 0, Said.CAN: 1, Said.DONE: 2, Said.CANNOT: 3}


def read(
    text: str, now: datetime, calendar: WorkCalendar, fold: Fold, *, direct: bool = False
) -> Reply | None:
    """What an answer says; ``None`` if it is none.

    Args:
        text: the whole message, a quoted block included.
        now: when it was sent.
        direct: it quotes the request, or calls the asker by name.
    """
    typed = without_mentions(typed_part(text)).strip()
    if not typed:
        return None
    if (shown := _pictured(typed, fold)) is not None:
        return Reply(shown)
    typed = blank_stickers(typed)
    if not fold(typed) or (len(typed) > LONGEST_IN_PASSING and not direct):
        return Reply(Said.RECEIVED) if direct else None
    expected = promised(typed, now, calendar)
    found: list[Said] = []
    for clause in _sentences(typed):
        folded = fold(clause)
        said = _clause(folded, direct=direct)
        if said is None and len(folded) <= SHORT_PROMISE and promised(clause, now, calendar):
            said = Said.CAN
        if said is not None:
            found.append(said)
        elif not direct and not found and len(folded) > SHORT_ADDRESS:
            return None
    if not found:
        return Reply(Said.RECEIVED, expected) if direct else None
    said = max(found, key=_WEIGHT.__getitem__)
    if expected is not None and said is Said.RECEIVED:
        said = Said.CAN
    return Reply(said, None if said is Said.DONE else expected)


def _sentences(typed: str) -> list[str]:
    """Clauses, each with the mark of a question that ends it."""
    marked = typed.replace("？", "吗？").replace("?", "吗?")
    return clauses(marked)


def _pictured(typed: str, fold: Fold) -> Said | None:
    """What somebody says who writes nothing but pictures."""
    stickers = list(_STICKER.finditer(typed))
    if fold(_STICKER.sub("", typed)):
        return None
    if any(sign in typed for sign in _NO) or any(sticker["no"] for sticker in stickers):
        return Said.CANNOT
    if any(sign in typed for sign in _YES) or any(sticker["yes"] for sticker in stickers):
        return Said.RECEIVED
    return None


def _clause(folded: str, *, direct: bool) -> Said | None:
    if not folded or _ASKING.search(folded) or _OTHERS.match(folded):
        return None
    if _NEITHER.search(folded):
        return Said.CAN
    if direct:
        return next((said for said, words in _READINGS if words.search(folded)), None)
    return _nothing_else(folded)


def _nothing_else(folded: str) -> Said | None:
    """What a clause says that is put together from words of answers and what goes with them, nothing left over."""
    nothing = len(_READINGS)
    best: list[int | None] = [None] * (len(folded) + 1)
    best[0] = nothing
    for place in range(len(folded)):
        so_far = best[place]
        if so_far is None:
            continue
        steps = [(words.match(folded, place), rank) for rank, (_, words) in enumerate(_READINGS)]
        steps += [(words.match(folded, place), nothing) for words in BESIDE]
        for step, rank in steps:
            if step is not None and step.end() > place:
                reached, known = min(so_far, rank), best[step.end()]
                best[step.end()] = reached if known is None else min(known, reached)
    last = best[-1]
    return None if last is None or last == nothing else _READINGS[last][0]
