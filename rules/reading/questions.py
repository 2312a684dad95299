"""Whether a message wants something of colleagues: what a short message after it may well answer (policy 4.1a).

Wider than a request for an answer (:mod:`rules.reading.asks`): a question in passing, a name that is called, an
order and a cry for help all make people write. Pure, and linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rules.reading.emergency import bad_news, mentions
from rules.reading.emergency_words import DANGER, LOUD_CALL, SOFT_CALL
from rules.reading.reading import Reading

LONG = 400
"""Folded code points above which a text is an article."""

_QUESTION = re.compile(
    r"[吗么呢谁哪啥咋怎几]|多[少长久大高钱]|什么|如何|何时|为何|是否|能否|可否|(.)不\1|有没有|有无|了没|没有?$|[行好对是]不"
)
_ORDER = re.compile(
    r"请(?!假|示|教|客|忽略|保重|节哀)|麻烦|劳驾|拜托|务必|尽快|抓紧|赶紧|记得|别忘|帮(?:我|忙|个)|给我|[发报交拿传寄送]我|发[群来]|报[给送到]|整理|提交"
    r"|安排|落实|回复|确认|通知"
)
_ANSWERS = re.compile(r"已?收到(?!请|回|的?扣|后)|好[的滴哒嘞]|ok|明白|了解|知道了|谢谢|辛苦|嗯")


def wants(reading: Reading, called: Sequence[str] = ()) -> bool:
    """Whether a text asks, orders, calls somebody, cries for help or tells bad news; acknowledgements don't.

    Args:
        reading: the text.
        called: ids that it mentions, as the gateway told them.
    """
    plain = reading.plain
    if len(plain) > LONG or not (plain or called):
        return False
    if asks(reading) or orders(reading) or any(sign.search(plain) for sign in (LOUD_CALL, SOFT_CALL, DANGER)):
        return True
    if bad_news(plain):
        return True
    start, end = reading.typed
    return bool(called or mentions(reading.original[start:end])) and _ANSWERS.search(plain) is None


def asks(reading: Reading) -> bool:
    """Whether a text is a question."""
    start, end = reading.typed
    marked = any(reading.original.find(sign, start, end) >= 0 for sign in "?？")
    return marked or _QUESTION.search(reading.plain) is not None


def orders(reading: Reading) -> bool:
    """Whether a text tells or begs somebody to do something."""
    return _ORDER.search(reading.plain) is not None
