"""Obscene, violent and unlawful content is forbidden in a work group (policy 3.1d), and a few words show it.

The shipped list is small, and each of its words bears a category, a confidence and a reason. Words that
medicine, law, news or safety work use as well only ever ask for a person's look, and a message that evidently
reports, forbids or teaches is judged more mildly. Companies add words of their own; no list is political.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pydantic import Field

from rules.core.declare import Bars, Penalty, RuleSettings, bad, good, rule
from rules.core.model import Context, Finding, Message, Tier
from rules.reading.reader import Hit

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "obscene": "涉黄",
        "violence": "涉暴涉恐",
        "gambling": "涉赌",
        "drugs": "涉毒",
        "illegal_trade": "非法买卖",
        "company": "公司自定",
    }
)
CONTEXT = "context"


class Settings(RuleSettings):
    """What a company may set for this rule."""

    mild_in_context: bool = Field(
        default=True,
        description="Judge more mildly what evidently reports, forbids or teaches (never company words).",
    )


@rule(
    id="banned_words",
    title="违禁内容",
    categories={name: Penalty(clause="3.1d", points=5) for name in LABELS},
    bars=Bars(violation=0.85, review=0.5),
    reason="含有违禁内容（{kind}类）",
    settings=Settings,
    examples=[
        bad("推荐个赌博网站，注册就送", tier=Tier.VIOLATION, category="gambling"),
        bad("谁要看黄.片，我发", tier=Tier.VIOLATION, category="obscene"),
        bad("出售银行卡四件套，量大优惠", tier=Tier.VIOLATION, category="illegal_trade"),
        bad("晚上一起去赌博吧", tier=Tier.REVIEW, category="gambling"),
        good("请到路口交通岗集合", why="the characters of an obscene word, across two ordinary words"),
        good("扫码枪坏了，杀毒软件也该升级了，病毒库太旧", why="ordinary words that hold 枪 and 毒"),
        good("保安部今天组织禁毒宣传，严禁吸毒贩毒", why="forbids what it names"),
    ],
)
def banned_words(_: Message, context: Context, settings: Settings) -> Iterator[Finding]:
    """One finding per category: the more different words, the surer; each word counts once."""
    hits = context.reading.of("banned_words")
    if not hits:
        return
    grouped: dict[str, list[Hit]] = defaultdict(list)
    mild = 1.0
    for hit in hits:
        if hit.term.category == CONTEXT:
            mild = min(mild, 1.0 + hit.term.weight) if settings.mild_in_context else mild
        else:
            grouped[hit.term.category].append(hit)
    for category, found in grouped.items():
        spans = [(hit.start, hit.end) for hit in found]
        sure = _together(found) * (1.0 if category == "company" else mild)
        yield Finding(
            field="text",
            start=spans[0][0],
            end=spans[0][1],
            confidence=sure,
            category=category,
            facts={"kind": LABELS[category]},
            more=tuple(spans[1:]),
        )


def _together(hits: list[Hit]) -> float:
    """The confidence of several words: one minus the chance that every one of them is meant harmlessly."""
    weights = {hit.term.word: hit.term.weight for hit in hits}
    doubt = 1.0
    for weight in weights.values():
        doubt *= 1.0 - min(weight, 1.0)
    return 1.0 - doubt
