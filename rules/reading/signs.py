"""What a text shows beside its words, as the classifier counts it: which lexicon categories were hit, and its form.

A sign is written with ``=`` in front, which no folded text holds, so that signs and n-grams share one table of weights.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import lru_cache

from rules.reading.disguise import EDGE
from rules.reading.reading import Hit
from rules.reading.stickers import BLANK

_PUNCTUATION = (
    r"\u3000-\u303f\uff00-\uffef\u2010-\u2027\u2190-\u21ff!-/:-@\[-`{-~¥·•●°×÷≤≥≠±≈№℃Ω"  # and common signs
)
_PICTURES = "\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\ufe0f\u200d"
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
    ("=form.account", re.compile(r"(?<![A-Za-z\d])[A-Za-z]{1,12}_?\d{3,12}(?![A-Za-z\d])")),
    # A short line that is an account and a word or two.
    ("=form.brief", re.compile(r"(?s)^(?=.{0,30}$).*(?:[A-Za-z]{1,12}\d{3,}|(?:\d[ -]?){7,12})")),
    ("=form.wide", re.compile("[０-９Ａ-Ｚａ-ｚ①-⓿㈠-㉃]{2}|[\U0001f100-\U0001f1ff]")),
    # Letters of scripts that few here write, set in for show.
    ("=form.foreign", re.compile("[\u0250-\u02af\u0530-\u1fff\u2c00-\u2dff\ua000-\uabff]")),
    # Letters of formulas, of runes and other scripts that nobody writes, and signs of currencies as letters.
    (
        "=form.styled",
        re.compile(
            "[\U0001d400-\U0001d7ff\u13a0-\u16ff\u1d00-\u1dbf\u2c00-\u2dff\ua4d0-\ua63f]"
            "|[A-Za-z][\u20a0-\u20ab\u20ad-\u20bf]|[\u20a0-\u20ab\u20ad-\u20bf][A-Za-z]"
        ),
    ),
    # A number of an account cut in two, and one beside what channels are called so that nobody reads it.
    ("=form.halves", re.compile(r"(?<![\d.])\d{3,6}(?: ?[qQ扣口] ?| {1,2})\d{4,6}(?![\d.])")),
    (
        "=form.channel",
        re.compile(
            r"(?:\d ?){5,12}\W{0,2}[\u4e00-\u9fff]{0,2}\W{0,2}(?:口口|扣扣|[qQ扣叩寇口蔻冦抠]|企鹅|[企鹅])"
            r"(?![\u4e00-\u9fffA-Za-z]| ?\d{1,2}(?!\d))|(?:口口|扣扣|[qQ扣叩寇蔻冦抠]|[企鹅])\W{0,3}(?:\d ?){5}"
        ),
    ),
    ("=form.echo", re.compile(r"(?s)(.{3,30}?)\1\1")),
    # What stands between characters where nothing stands: a rare sign, the same sign again and again, blanks.
    (
        "=form.inlaid",
        re.compile(
            rf"[\u4e00-\u9fff][^\w\s{_PUNCTUATION}{_PICTURES}][\u4e00-\u9fff]"
            r"|(?s:[\u4e00-\u9fff]([*#@=<>|\\^_`$•+])[\u4e00-\u9fff].*[\u4e00-\u9fff]\1[\u4e00-\u9fff])"
            r"|(?:[\u4e00-\u9fff] ){4}"
        ),
    ),
)
EVASIVE = frozenset({"=form.styled", "=form.inlaid"})
"""Forms that nobody uses by accident in a text that reads like an offer."""
HIDING = EVASIVE | {"=form.wide", "=form.foreign"}
_NOTHING_SEEN = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff]")
_UNSEEN = str.maketrans("", "", EDGE + BLANK)
_TABLE = re.compile(r"(?m)^[^|\n]+\|[^|\n]+\|.*\n[^|\n]+\|[^|\n]+\|")
"""Rows whose cells stand between bars, as people paste them from a table."""
APART = frozenset({"off_topic", "rumour", "unapproved_announcement"})
"""Rules that add a score to their own words: were those in the score as well, they would count twice."""
FARTHEST = 400
"""Forms are looked for in so many code points: more of them say nothing more."""


def signs_of(hits: Iterable[Hit], typed: str, plain: str) -> Collection[str]:
    """The signs of a text: its hits by rule and category (``+`` where two different words were hit), and its forms.

    Args:
        typed: as it was typed.
        plain: the same folded, so that traditional characters are not taken for rare ones.
    """
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
    head = _shown(typed)
    found.update(name for name, form in _FORMS if form.search(head))
    if rare := sum("\u4e00" <= sign <= "\u9fff" and not _common(sign) for sign in plain[:FARTHEST]):
        found.add("=form.rare")
        if rare > 1:
            found.add("=form.rare+")
    return found


def evasive(typed: str) -> bool:
    """Whether a text is written so that it is not found, as its form shows."""
    head = _shown(typed)
    if _TABLE.search(head):
        return False
    return any(form.search(head) for name, form in _FORMS if name in EVASIVE)


def hiding(typed: str) -> bool:
    """Whether a text may hide from being found: it is evasive, or of letters and signs used by accident as well."""
    head = _shown(typed)
    return _NOTHING_SEEN.search(head) is not None or any(
        form.search(head) for name, form in _FORMS if name in HIDING
    )


def _shown(typed: str) -> str:
    """What is looked at: the edges of words that were put in hide nothing, nor do pictures."""
    return typed.translate(_UNSEEN)[:FARTHEST]


@lru_cache(maxsize=20_000)
def _common(sign: str) -> bool:
    """Whether a Chinese character is one of those that everybody types: simplified, and none of the rarest."""
    try:
        sign.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
