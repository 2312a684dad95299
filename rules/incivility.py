"""In a work group people are addressed with respect: no insults, no threats, no contempt for a group of people
(policy 2.3c, 5.1).

A coarse word is not an attack, and an attack needs no coarse word. Evidence is summed: words that are only ever
meant for a person, words that belittle when they are aimed at one, turns of phrase that belittle or threaten without
any such word, verdicts on everybody of a group, and what the whole message reads like. Whoever scolds a printer or
oneself, reports what a customer shouted, or teaches others not to say it, has attacked nobody. Irony, hearsay about
somebody's private life and banter among friends are for people to judge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import Field

from rules.core.declare import Bars, Penalty, RuleSettings, bad, good, rule
from rules.core.model import Context, Finding, Message, MessageType, Tier
from rules.reading.around import around, in_their_sentence
from rules.reading.attack import (
    CALM,
    TELLING,
    THREAT,
    Attack,
    weigh_frames,
    weigh_groups,
    weigh_words,
)
from rules.reading.evidence import between, diminishing
from rules.reading.goodwill import jokes, plays
from rules.reading.group_words import names_a_group
from rules.reading.meant import (
    ATTACKS,
    ENOUGH,
    PERSONAL,
    for_people,
    leaves_no_doubt,
    likeness,
    reads_like_an_attack,
)
from rules.reading.pictures import PICTURES, UNMISTAKABLE
from rules.reading.reader import Hit, Reading
from rules.reading.reading import Unmasked
from rules.reading.relayed import quoted
from rules.reading.span import Span
from rules.reading.targets import speech

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "threat": "威胁恐吓",
        "menace": "疑似威胁",
        "wish": "咒骂他人",
        "curse": "辱骂他人或其家人",
        "insult": "针对他人的侮辱用语",
        "belittle": "贬低他人",
        "nick": "贬损性称呼",
        "scorn": "轻蔑用语",
        "oath": "粗口",
        "group": "蔑称某一群体",
        "bias": "以群体论人",
        "sweeping": "以偏概全",
        "defame": "涉他人名誉或私生活",
        "hint": "讽刺挖苦",
        "tone": "语气近似攻击",
        "hostile": "内容近似群体歧视",
        "veiled": "疑似以谐音、形近、拆字或首字母书写",
    }
)
OBSCENE = frozenset({"curse"})
BIAS = frozenset({"group", "bias", "sweeping", "hostile"})
PLAIN = frozenset({"threat", "wish", "curse", "insult", "belittle", "group", "bias"})
"""Kinds that can decide. All others bring a message to people, never further."""
READ_AS_A_WHOLE = frozenset({"tone", "hostile", "veiled"})
MILD = frozenset({"nick", "scorn", "oath", "menace", "tone", "hostile"})

# Log-odds. Words carry theirs in rules/data/incivility.yaml, turns of phrase in rules/reading/attack_words.py.
BASE = -2.2
MOST_CALM = 4.5
LISTED = -3.0  # words of this weight announce a list of what may not be said
SIGN, VEILED = 4.2, 0.5  # abuse in a picture, and writing that nobody is meant to read
BANTER = -1.2
TONE = ((0.0, -1.6), (0.14, 0.0), (0.25, 0.3), (0.5, 2.3), (0.9, 3.3), (1.0, 3.4))
HOSTILITY = ((0.0, 0.0), (0.45, 0.0), (0.8, 2.0), (0.9, 2.6), (1.0, 3.0))
"""What a score adds, between the points in a straight line."""
HOSTILE = 2.3  # what a score that brings a message to people by itself adds at least
HOSTILE_ALONE, DOUBTFUL = 0.6, 0.5
"""From this score on how a message reads of a group brings it to people without any telling word."""
HOSTILE_ALL_THE_SAME = 0.65  # whatever decent words stand beside it
REPROVED = -2.5  # so much against it, or a quotation beside it, and a message reproves what it names
GRAVE, FOUL, GRAVE_NEEDS = 4.5, 4.1, 0.25
"""Threats and obscene abuse of such a weight need hardly read like an attack otherwise, or like unlawful matter: of 171
that were meant one reads less like it, of 16 that were not 12."""
CERTAIN, HOSTILE_CERTAIN = 0.9, 0.95
GUESS_NEEDS, TELLING_GUESS_NEEDS, VEILED_DOUBTS = 0.2, 0.3, 0.25
GUESS_DECIDES, UNTELLING_GUESS_DECIDES = 0.8, 0.5
"""From these scores on a guess at disguised words is believed, and people look at what was written so that nobody reads
it; and from which a guess decides: the whole has to read like an attack, and at two characters (真尖 for 真贱)
what was written has to as well."""
SEARCHED, HOSTILE_SEARCHED = 0.08, 0.15
"""Below both nothing speaks of an attack, and turns of phrase are not looked for: most work talk ends here."""
UNDECIDED, DECIDED = 0.84, 0.9


class Settings(RuleSettings):
    """What a company may set for this rule."""

    by_tone: bool = Field(
        default=True,
        description="Whether a message without any telling word may go to people because of how it reads as a whole.",
    )
    tone_decides: bool = Field(
        default=True,
        description="Whether it is a violation where it reads like an attack on a person beyond doubt.",
    )


@dataclass
class _Weighing(Attack):
    """Evidence, and how far it can go."""

    base: float = BASE
    least: float = 0.0
    most: float = 1.0
    by_tone: bool = False  # nothing but how the whole reads brings it beyond doubt

    @property
    def sure(self) -> float:
        """The confidence; only what says it in words, and what goes with that, brings it beyond doubt, or the whole."""
        if self.by_tone and self.kinds:
            return DECIDED
        sure = min(max(self.confidence(), self.least), self.most)
        if not self.kinds or sure <= UNDECIDED:
            return sure if self.kinds else 0.0
        return max(UNDECIDED, self.confidence(PLAIN | TELLING | MILD))


@rule(
    id="incivility",
    title="不文明用语",
    categories={
        "abuse": Penalty(clause="5.1", points=4),
        "threat": Penalty(clause="5.1", points=4),
        "discrimination": Penalty(clause="5.1", points=4),
    },
    bars=Bars(violation=0.85, review=0.5),
    reason="可能含有不够文明、不够尊重他人的表述",
    signs="迹象：{signs}",
    settings=Settings,
    label="incivility",
    examples=[
        bad("你是不是傻逼，连个表都填不对", tier=Tier.VIOLATION, category="abuse"),
        bad("@李工 你脑子进水了吧，图纸都能发错", tier=Tier.VIOLATION, category="abuse"),
        bad("下班别走，信不信我打断你的腿", tier=Tier.VIOLATION, category="threat"),
        bad("河南人都是骗子，以后招工一个都别要", tier=Tier.VIOLATION, category="discrimination"),
        bad("她升职还不是因为跟老板有一腿", tier=Tier.REVIEW, why="hearsay about a private life"),
        good("这方案太差了，数据全错，请重写", why="hard on the work, not on the person"),
        good("我真是个猪脑子，又忘带工卡了", why="about oneself"),
        good("客户在电话里骂小林“废物”，已安抚，工单转二线", why="a report of what somebody else said"),
        good("这破打印机真垃圾，又卡纸", why="a thing"),
        good("请不要说“河南人都是骗子”这种话，地域歧视在我们公司不允许", why="speaks against it"),
    ],
)
def incivility(message: Message, context: Context, settings: Settings) -> Iterator[Finding]:
    """One finding per message: the kind of evidence that weighs most gives its category."""
    if message.type is not MessageType.TEXT:
        return
    weighing = _weigh(context.reading, settings)
    spans = weighing.where(READ_AS_A_WHOLE)
    for disguised in filter(_believed, context.reading.views):
        bare = _weigh(disguised.reading, settings)
        if bare.by_tone:  # what was guessed at has to hold words
            bare.by_tone, bare.most = False, UNDECIDED
        if disguised.veiled and settings.by_tone and likeness(disguised.reading) >= VEILED_DOUBTS:
            bare.add("veiled", VEILED, disguised.reading.typed)
            bare.least = max(bare.least, DOUBTFUL)
        telling = disguised.telling or context.reading.score("incivility") >= UNTELLING_GUESS_DECIDES
        unsure = not (disguised.decides and telling) or disguised.reading.score("incivility") < GUESS_DECIDES
        if unsure or jokes(context.reading):  # laughter within a disguised word is gone in the view
            bare.most = min(bare.most, DOUBTFUL if disguised.letters else UNDECIDED)
        if bare.sure > weighing.sure:
            weighing = bare
            spans = list(disguised.letters) or [disguised.back(*span) for span in bare.where(READ_AS_A_WHOLE)]
    if not weighing.kinds:
        return
    spans = sorted(spans) or list(context.reading.strongest("incivility")) or [context.reading.typed]
    yield Finding.over(
        spans,
        weighing.sure,
        _category(weighing),
        signs="、".join(LABELS[kind] for kind in LABELS if kind in weighing.kinds),
    )


def _believed(disguised: Unmasked) -> bool:
    """Whether a guess at disguised words may bring a message to people."""
    score = likeness(disguised.reading)
    return score >= GUESS_NEEDS if disguised.odd else disguised.telling and score >= TELLING_GUESS_NEEDS


def _weigh(reading: Reading, settings: Settings) -> _Weighing:
    weighing = _Weighing()
    hits = reading.of("incivility")
    score, hostility = reading.score("incivility"), reading.score("hostility")
    worded = any(hit.term.weight > 0 for hit in hits)
    typed = reading.original[reading.typed[0] : reading.typed[1]]
    signs = list(PICTURES.finditer(typed))
    if not worded and not signs and score < SEARCHED and hostility < HOSTILE_SEARCHED:
        return weighing
    said = speech(reading)
    fair = any(hit.term.category == "fair" for hit in hits)
    weigh_words(weighing, said, hits)
    weigh_frames(weighing, said)
    weigh_groups(weighing, said, fair)
    for sign in signs:
        weighing.add("insult", SIGN, (reading.typed[0] + sign.start(), reading.typed[0] + sign.end()))
    certain = score >= CERTAIN or hostility >= HOSTILE_CERTAIN
    plain = weighing.of(PLAIN) > 0 or (certain and not fair and weighing.meant)
    tone, worded = between(TONE, score), bool(weighing.kinds)
    alone = settings.by_tone and hostility >= HOSTILE_ALONE and not fair
    reproved = fair and (quoted(reading) or _calm(hits) <= REPROVED)
    if settings.by_tone and hostility >= HOSTILE_ALL_THE_SAME and not reproved:
        alone, weighing.least = True, DOUBTFUL
    if alone or (worded and not fair):
        weighing.add("hostile", max(between(HOSTILITY, hostility), HOSTILE * alone), reading.typed)
    if worded or (settings.by_tone and not weighing.own and score >= ENOUGH):
        weighing.add("tone", tone, reading.typed)
    unmistakable = any(UNMISTAKABLE.search(sign[0]) for sign in signs)  # and has no tone
    weighing.calm += (0.0 if alone or unmistakable else min(tone, 0.0) * (1.0 - hostility)) + _calm(hits)
    if jokes(reading):
        weighing.calm += BANTER
    listed = any(hit.term.category == "policy" and hit.term.weight <= LISTED for hit in hits)
    words = weighing.where(frozenset(weighing.kinds) - PLAIN)
    slighted = weighing.of(BIAS - {"hostile"}) > 0
    labels = ATTACKS if slighted or names_a_group(said.said) else PERSONAL
    agrees = (
        reads_like_an_attack(
            reading, words, labels, aimed=weighing.at_somebody, told=slighted or weighing.called
        )
        or _grave(weighing, reading, words)
        or unmistakable
    )
    playful = plays(reading) and weighing.of(PLAIN - THREAT) <= 0
    theirs = listed or playful or for_people(reading, said, words)
    decided = plain and agrees and not theirs
    undoubted = settings.by_tone and settings.tone_decides and leaves_no_doubt(reading)
    weighing.by_tone = undoubted and not (decided or theirs or fair or weighing.own or _calm(hits) < 0)
    if not (decided or weighing.by_tone):
        weighing.most = UNDECIDED
    return weighing


def _grave(weighing: _Weighing, reading: Reading, words: Sequence[Span]) -> bool:
    """Whether it threatens or abuses so gravely that it need hardly read like an attack otherwise."""
    labels = (*ATTACKS, "banned")
    if weighing.of(OBSCENE) >= FOUL and in_their_sentence(reading, words, labels) >= GRAVE_NEEDS:
        return True
    if max(weighing.of(THREAT) - GRAVE, weighing.of(OBSCENE) - FOUL) < 0:
        return False
    whole = max(likeness(reading), reading.score("banned"))
    return max(whole, around(reading, words, labels)) >= GRAVE_NEEDS


def _category(weighing: _Weighing) -> str:
    if weighing.by_tone:
        return "abuse"
    threat, bias = weighing.of(THREAT), weighing.of(BIAS)
    abuse = weighing.of(frozenset(weighing.kinds) - THREAT - BIAS - {"tone", "hint"})
    if threat >= max(abuse, bias) and threat > 0:
        return "threat"
    return "discrimination" if bias > abuse else "abuse"


def _calm(hits: tuple[Hit, ...]) -> float:
    """What speaks for the message: at most so much, for a few decent words buy no insult."""
    kinds: dict[str, set[tuple[str, float]]] = defaultdict(set)
    for hit in hits:
        if hit.term.category in CALM:
            kinds[hit.term.category].add((hit.term.word, -hit.term.weight))
    total = sum(diminishing([weight for _, weight in found]) for found in kinds.values())
    return -min(MOST_CALM, total)
