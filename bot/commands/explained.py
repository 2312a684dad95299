"""An explanation in words: for role holders alone, since it shows where a filter looks and where it does not.

The text is hostile: it is masked, on one line, with everything spelt out that moves the cursor, reverses or hides.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.commands.docket import title_of
from bot.commands.table import Counter
from bot.masking import one_line, personal_data_hidden
from bot.pipeline.notice import shown, sureness
from rules.core.declare import Bars
from rules.core.explain import Explanation, RuleView, TextView, Weighed
from rules.core.model import Tier, Verdict
from rules.reading.reading import Fate, Match

LONGEST = 1500
"""Code points of a whole answer."""

VIEW_LENGTH = 140
LETTERS_SHOWN = 6
MATCHES_SHOWN = 6
FINDINGS_SHOWN = 2
TERM_LENGTH = 24
REASON_LENGTH = 60
SIGNS_LENGTH = 60

VERDICTS = {
    Verdict.CLEAN: "未触发",
    Verdict.VIOLATION: "违规",
    Verdict.REVIEW: "待人工判断",
    Verdict.OFF: "已关闭",
    Verdict.EXEMPT: "豁免",
    Verdict.UNKNOWN: "无法判断",
    Verdict.CRASHED: "规则出错",
}
FATES = {
    Fate.HIT: "命中",
    Fate.NO_WORD: "不算：此处不成词",
    Fate.LONGER: "不算：属于更长的词",
    Fate.ALLOWED: "不算：在放行短语内",
    Fate.ALLOWS: "放行短语",
    Fate.SPLIT: "放行短语，被拆开，不生效",
}
NEEDS = {
    "sender": "发言人",
    "sent_at": "发送时间",
    "room": "群",
    "alias": "群昵称",
    "roster": "通讯录",
}
NOTES = {
    "bots are not judged": "机器人的消息不判断",
    "recalled": "已撤回",
    "exempt here and now": "已豁免",
    "part of an open burst": "属于已记录过的同一次刷屏",
}
UNKNOWN = "not known: "
UNKNOWNS = {
    "the nickname, or what it is compared with": "群昵称，或用来核对的资料",
    "whether a real name follows the department": "部门之后是不是真实姓名",
    "the department": "是哪个部门",
    "whether it is company and name": "是不是“公司+姓名”",
}
"""What a rule could not tell (:class:`rules.core.declare.Unknown`)."""


def visible(text: str, length: int = VIEW_LENGTH) -> str:
    """A text as it is, on one line: unseen characters spelt out, bounded, no mention signs."""
    # Bounded before and after: spelling a character out makes ten of it.
    spelt = one_line(text[: length + 1]).replace("@", "＠")
    return spelt if len(spelt) <= length else spelt[: length - 1] + "…"


def masked_views(text: TextView) -> tuple[str, str]:
    """Original and normalised text without personal data: what either of them shows to be such is hidden in both.

    Every character stays in its place.
    """
    hidden = {
        index
        for index, (old, new) in enumerate(
            zip(text.original, personal_data_hidden(text.original), strict=True)
        )
        if old != new
    }
    plain = personal_data_hidden(text.plain)
    hidden |= {text.places[index] for index, new in enumerate(plain) if new != text.plain[index]}
    original = "".join("*" if index in hidden else one for index, one in enumerate(text.original))
    return original, "".join(
        "*" if place in hidden else one for place, one in zip(text.places, text.plain, strict=True)
    )


def bounded(text: str) -> str:
    """A whole answer, cut where it gets too long."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def told(desk: Counter, explanation: Explanation) -> str:
    """Every view of the text, and what each rule made of it."""
    text, matches = explanation.text, explanation.text.matches
    original, plain = masked_views(text)
    return desk.texts.render(
        "explained.all",
        original=visible(original),
        quoted=shown(text.quoted),
        typed=visible(original[len(original) - len(text.typed) :]) if text.quoted else "",
        plain=visible(plain),
        cut=visible("／".join(_slices(plain, text.words))),
        meant=[visible(personal_data_hidden(meant)) for meant in text.meant],
        letters=[visible(letters[:TERM_LENGTH]) for letters in text.letters[:LETTERS_SHOWN]],
        letters_more=max(len(text.letters) - LETTERS_SHOWN, 0),
        matches=[match_row(desk, match) for match in _telling(matches)],
        more=max(len(matches) - MATCHES_SHOWN, 0),
        rules=[rule_row(desk, view) for view in explanation.rules],
    )


def match_row(desk: Counter, match: Match) -> dict[str, str]:
    """A term, what became of it, and what it says."""
    term = match.term
    return {
        "word": shown(term.word, TERM_LENGTH),
        "fate": FATES[match.fate],
        "category": category_title(desk, term.rule, term.category) if term.category else "",
        "rule": title_of(desk, term.rule),
        "weight": "" if term.allow else f"{term.weight:g}",
        # Why a built-in word is in the list is told in English, to whoever works on the list.
        "reason": "" if term.reason.isascii() else shown(term.reason, REASON_LENGTH),
    }


def rule_row(desk: Counter, view: RuleView) -> dict[str, object]:
    """What a rule made of the text, and why."""
    return {
        "title": view.title,
        "id": view.rule,
        "verdict": VERDICTS[view.verdict],
        "trial": view.trial,
        "note": "、".join(NEEDS.get(need, need) for need in view.lacking) or _note(view.note),
        "lacking": bool(view.lacking),
        "findings": [finding_row(desk, view.rule, one, view.bars) for one in view.findings[:FINDINGS_SHOWN]],
    }


def finding_row(desk: Counter, rule: str, found: Weighed, bars: Bars) -> dict[str, str]:
    """A finding, and how it compares with the bars."""
    return {
        "category": category_title(desk, rule, found.category),
        "confidence": sureness(found.confidence),
        "violation": f"{bars.violation:.0%}",
        "review": f"{bars.review:.0%}",
        "tier": {Tier.VIOLATION: "违规", Tier.REVIEW: "待人工判断", None: "不足"}[found.tier],
        "clause": found.clause,
        "points": str(found.points),
        "signs": shown(found.signs, SIGNS_LENGTH),
    }


def category_title(desk: Counter, rule: str, category: str) -> str:
    """A category of a rule, or of its words, in Chinese; one that has no name is a company's own and is its id."""
    return desk.texts.named(f"category.{rule}", category, category)


def _note(note: str) -> str:
    if note.startswith(UNKNOWN):
        lacking = note.removeprefix(UNKNOWN)
        return f"不能确定{UNKNOWNS.get(lacking, lacking)}"
    return NOTES.get(note, note)


def _telling(matches: tuple[Match, ...]) -> list[Match]:
    """What fits, hits first."""
    ordered = sorted(matches, key=lambda match: match.fate is not Fate.HIT)
    return ordered[:MATCHES_SHOWN]


def _slices(plain: str, words: tuple[str, ...]) -> Iterator[str]:
    start = 0
    for word in words:
        yield plain[start : start + len(word)]
        start += len(word)
