"""Obscene, violent and unlawful content is forbidden in a work group (policy 3.1d), and a few words show it.

The shipped list is small, and each of its words bears a category, a confidence and a reason. A noun alone
decides nothing: those who fight a thing name it as often as those who sell it, so without an offer or a threat
beside it a person looks. Words that medicine, law, news or safety work use as well never get further than
that, and a message that evidently reports, forbids or teaches is judged more mildly. Companies add words of
their own; no list is political.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from pydantic import Field

from rules.core.declare import Bars, Penalty, RuleSettings, bad, good, rule
from rules.core.model import Context, Finding, Message, Tier
from rules.reading.around import around
from rules.reading.inside import inside
from rules.reading.reader import Hit, Reading
from rules.reading.reading import Unmasked
from rules.reading.relayed import relayed
from rules.reading.signs import hiding
from rules.reading.span import Span

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "obscene": "涉黄",
        "violence": "涉暴涉恐",
        "gambling": "涉赌",
        "drugs": "涉毒",
        "illegal_trade": "非法买卖",
        "company": "公司自定",
        "unclear": "疑似违法不良信息",
    }
)
CONTEXT = "context"
UNCLEAR = "unclear"
"""What no word of the list says, and the whole text seems to."""

LIFTS: Mapping[str, str] = MappingProxyType(dict.fromkeys(LABELS, "offer") | {"violence": "threat"})
"""What has to stand beside a word of each category before the word decides."""

BESIDE = 20
"""So many code points away something still stands beside a word."""

DECIDES = 0.85
LIFTED = 0.8
UNDECIDED = 0.84
"""A word from ``DECIDES`` on decides alone, from ``LIFTED`` on with a lift; all others only reach this far."""

MODEL_DOUBTS, CERTAIN = 0.54, 0.985
GUESS_NEEDS, SUPPORTED = 0.2, 0.3
VEILED_DOUBTS, VEILED_WORSE, READS_WORSE = 0.28, 0.18, 0.075
"""The model's score from which people look whatever the words are, and from which they do although the company's own
affairs stand beside them; without which no guess is believed; and from which they look at what was written so that
nobody reads it: less is enough where it reads so much worse than as it stands."""

HIDDEN_DOUBTS = 0.5
"""The first of these where words had to be put in before a text could be read."""

ALIKE = 0.3
"""By so much something else may be surer of a text that hides, or in which words had to be put in before it could be
read: the signs of hiding speak for that as well, and who writes so has more to hide than an offer."""

AGREES = 0.3
"""What reads less like banned matter than this is for people, whatever words it holds: so did two of 241 messages that
a word was right to decide, and five of twelve that it was wrong to decide."""

LEAST_SAID = 7
"""In fewer characters there is too little for the model to read: only words count."""

AGREEING = ("banned", "advertising")
ALSO_AGREEING: Mapping[str, Sequence[str]] = MappingProxyType(
    {"violence": ("incivility",), "illegal_trade": ("confidential",)}
)
"""The labels whose score agrees with a word or a guess, and those that do so for words of some categories."""


class Settings(RuleSettings):
    """What a company may set for this rule."""

    mild_in_context: bool = Field(
        default=True,
        description="Judge more mildly what evidently reports, forbids or teaches (never company words).",
    )


@rule(
    id="banned_words",
    title="不宜内容",
    categories={name: Penalty(clause="3.1d", points=5) for name in LABELS},
    bars=Bars(violation=0.85, review=0.5),
    reason="可能含有不适合在工作群发布的内容",
    signs="疑似：{kind}",
    settings=Settings,
    label="banned",
    examples=[
        bad("推荐个赌博网站，注册就送", tier=Tier.VIOLATION, category="gambling"),
        bad("谁要看黄.片，我发", tier=Tier.VIOLATION, category="obscene"),
        bad("出售银行卡四件套，量大优惠", tier=Tier.VIOLATION, category="illegal_trade"),
        bad("晚上一起去赌博吧", tier=Tier.REVIEW, category="gambling"),
        good("请到路口交通岗集合", why="the characters of an obscene word, across two ordinary words"),
        good("扫码枪坏了，杀毒软件也该升级了，病毒库太旧", why="ordinary words that hold 枪 and 毒"),
        good("门卫昨天收到假币一张，请验钞", why="a noun of the trade, without the trade"),
        good("大家注意，有人发小广告办假证，不要上当", why="warns of what it names"),
        good("保安部今天组织禁毒宣传，严禁吸毒贩毒", why="forbids what it names"),
    ],
)
def banned_words(_: Message, context: Context, settings: Settings) -> Iterator[Finding]:
    """One finding per category: the more different words, the surer; each word counts once."""
    reading = context.reading
    weighed = _weighed(reading, settings)
    for disguised in reading.views:
        for category, (sure, spans) in _weighed(disguised.reading, settings).items():
            guessed = _believed(category, sure, spans, disguised, reading)
            if guessed > weighed.get(category, (0.0, ()))[0]:
                weighed[category] = guessed, tuple(disguised.back(*span) for span in spans)
    if not any(sure >= MODEL_DOUBTS for sure, _ in weighed.values()):
        typed = reading.original[slice(*reading.typed)]
        hidden = hiding(typed) or any(disguised.letters for disguised in reading.views)
        score, spans = _as_a_whole(reading, settings, alike=ALIKE * hidden), reading.strongest("banned")
        for disguised in reading.views:
            if disguised.odd:
                veiled = disguised.veiled and _tells(disguised.reading, reading)
                guessed = _as_a_whole(
                    disguised.reading, settings, least=HIDDEN_DOUBTS, alike=ALIKE, veiled=veiled
                )
                if disguised.letters:
                    guessed = min(guessed, MODEL_DOUBTS)
                if guessed > score:
                    score, spans = guessed, disguised.letters or spans
        if score:
            weighed[UNCLEAR] = score, spans or ((0, len(reading.original)),)
    told = relayed(reading)
    for category in [name for name in LABELS if name in weighed]:
        sure, spans = weighed[category]
        if category != "company" and (told or not _reads_so(reading, category, spans)):
            sure = min(sure, UNDECIDED)
        yield Finding.over(spans, sure, category, kind=LABELS[category])


def _reads_so(reading: Reading, category: str, spans: Sequence[Span]) -> bool:
    """Whether a text reads like banned matter of a category: as it stands, as it is meant, or at its words."""
    readings = (reading, *(disguised.reading for disguised in reading.views))
    labels = (*AGREEING, *ALSO_AGREEING.get(category, ()))
    if any(one.score(label) >= AGREES for one in readings for label in labels):
        return True
    return around(reading, spans, labels) >= AGREES


def _as_a_whole(
    reading: Reading, settings: Settings, *, alike: float, least: float = MODEL_DOUBTS, veiled: bool = False
) -> float:
    """How sure the model is of a text that no word decides, for people to look at; 0 where it has no say.

    What was ``veiled`` so that nobody reads it needs no more of a score than :func:`_tells` asks for.

    Args:
        alike: by so much something else may be surer of it.
        least: from this score on people look.
    """
    score = reading.score("banned")
    if veiled:
        return max(MODEL_DOUBTS, min(score, UNDECIDED))
    other = max(reading.score("advertising"), reading.score("off_topic")) - alike
    if len(reading.plain) < LEAST_SAID or score < max(least, other):
        return 0.0
    if score < CERTAIN and inside(reading):
        return 0.0
    if (
        score < CERTAIN
        and settings.mild_in_context
        and any(hit.term.category == CONTEXT for hit in reading.of("banned_words"))
    ):
        return 0.0
    return min(score, UNDECIDED)


def _tells(restored: Reading, reading: Reading) -> bool:
    """Whether what no one was meant to read is bad enough: rare characters (锶钡镉) are no disguise of anything."""
    score = restored.score("banned")
    worse = score >= reading.score("banned") + READS_WORSE
    return score >= (VEILED_WORSE if worse else VEILED_DOUBTS)


def _weighed(reading: Reading, settings: Settings) -> dict[str, tuple[float, tuple[Span, ...]]]:
    """By category how sure it is, and where its words stand."""
    hits = reading.of("banned_words")
    grouped: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        grouped[hit.term.category].append(hit)
    mild = 1.0
    if settings.mild_in_context:
        mild += min((hit.term.weight for hit in grouped[CONTEXT]), default=0.0)
    return {
        category: (
            _together(grouped[category], grouped[LIFTS[category]]) * (1.0 if category == "company" else mild),
            tuple((hit.start, hit.end) for hit in grouped[category]),
        )
        for category in LABELS
        if grouped[category]
    }


def _believed(
    category: str, sure: float, spans: tuple[Span, ...], disguised: Unmasked, reading: Reading
) -> float:
    """How sure it is where words were guessed: only if the text agrees, and ordinary language is never acted on.

    Nor is a single guess where nothing speaks for it as it stands: 急吧 is no word, and mostly no disguise either.
    """
    score = max(disguised.reading.score(label) for label in AGREEING)
    several = sum(disguised.guessed(*span) for span in spans) > 1
    if not any(disguised.guessed(*span) for span in spans):
        return sure
    if category != "company" and score < GUESS_NEEDS and not several:
        return 0.0
    agrees = score >= MODEL_DOUBTS and (several or max(map(reading.score, AGREEING)) >= SUPPORTED)
    return sure if disguised.decides and agrees else min(sure, UNDECIDED)


def _together(hits: list[Hit], lifts: list[Hit]) -> float:
    """The confidence of several words: one minus the chance that every one of them is meant harmlessly."""
    doubts: dict[str, float] = {}
    starts = [lift.start for lift in lifts]
    decided = False
    for hit in hits:
        weight = min(hit.term.weight, 1.0)
        after = bisect_left(starts, hit.start)
        near = (lift for lift in lifts[max(0, after - 1) : after + 1] if _beside(hit, lift))
        lift = max((lift.term.weight for lift in near), default=0.0)
        doubt = (1.0 - weight) * (1.0 - lift)
        doubts[hit.term.word] = min(doubt, doubts.get(hit.term.word, 1.0))
        decided = decided or weight >= DECIDES or (lift > 0 and weight >= LIFTED)
    sure = 1.0 - math.prod(doubts.values())
    return sure if decided else min(sure, UNDECIDED)


def _beside(hit: Hit, other: Hit) -> bool:
    return other.start - hit.end <= BESIDE and hit.start - other.end <= BESIDE
