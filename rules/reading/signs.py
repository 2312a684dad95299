"""What a text shows beside its words, as the classifier counts it: which lexicon categories were hit, and its form.

A sign is written with ``=`` in front, which no folded text holds, so that signs and n-grams share one table of weights.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable

from rules.reading.reading import Hit

_FORMS = (
    (
        "=form.url",
        re.compile(r"https?://|www\.|[a-z0-9]\.(?:cn|com|cc|me|top|xyz|vip|net)(?![a-z])", re.IGNORECASE),
    ),
    ("=form.mobile", re.compile(r"(?<![\dx*])1(?:[\dx*] ?-?){10}(?![\dx*])")),
    ("=form.landline", re.compile(r"(?<![\dx*])(?:400|0[\dx]{2,3}|95)[\dx-]{3,11}(?![\dx*])")),
    ("=form.number", re.compile(r"(?<![\d.])\d{6,10}(?![\d.])")),
    ("=form.handle", re.compile(r"@[A-Za-z]\w{3,}")),
    ("=form.mention", re.compile(r"@[\u4e00-\u9fff]{2,}")),
    ("=form.signature", re.compile(r"^【[^】]{2,12}】|[【\[][^】\]]{2,12}[】\]]\s*$")),
    ("=form.percent", re.compile(r"\d ?[%％折]")),
    ("=form.money", re.compile(r"[\dx] ?(?:元|块|万|¥|￥)|[¥￥$] ?[\dx]")),
    ("=form.shout", re.compile(r"[!！]{2,}|[!！~～].*[!！~～].*[!！~～]", re.DOTALL)),
    (
        "=form.emoji",
        re.compile("[\U0001f300-\U0001faff\u2600-\u27bf].*[\U0001f300-\U0001faff\u2600-\u27bf]", re.DOTALL),
    ),
    ("=form.lines", re.compile(r"\n.*\n", re.DOTALL)),
)
APART = frozenset({"off_topic", "rumour", "unapproved_announcement"})
"""Rules that add a score to their own words: were those in the score as well, they would count twice."""
FARTHEST = 400
"""Forms are looked for in so many code points: more of them say nothing more."""


def signs_of(hits: Iterable[Hit], typed: str) -> Collection[str]:
    """The signs of a text: its hits by rule and category (``+`` where two different words were hit), and its forms."""
    words: dict[str, set[str]] = defaultdict(set)
    kinds: dict[str, set[str]] = defaultdict(set)
    for hit in hits:
        if hit.term.rule in APART:
            continue
        words[f"={hit.term.rule}.{hit.term.category}"].add(hit.term.word)
        if hit.term.weight > 0:
            kinds[hit.term.rule].add(hit.term.category)
    found = set(words)
    found.update(f"{sign}+" for sign, several in words.items() if len(several) > 1)
    for rule, several in kinds.items():
        found.update(f"={rule}:{count}" for count in range(2, min(len(several), 4) + 1))
    head = typed[:FARTHEST]
    found.update(name for name, form in _FORMS if form.search(head))
    return found
