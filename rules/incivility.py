"""In a work group people are addressed with respect: no insults, no threats, no contempt for a group of people
(policy 2.3c, 5.1).

A coarse word is not an attack, and an attack needs no coarse word. Evidence is summed: words that are only ever
meant for a person, words that belittle when they are aimed at one, turns of phrase that belittle or threaten without
any such word, verdicts on everybody of a group, and what the whole message reads like. Whoever scolds a printer or
oneself, reports what a customer shouted, or teaches others not to say it, has attacked nobody. Irony, hearsay about
somebody's private life and banter among friends are for people to judge.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import Field

from rules.core.declare import Bars, Penalty, RuleSettings, bad, good, rule
from rules.core.model import Context, Finding, Message, MessageType, Tier
from rules.reading.attack_words import BELITTLING
from rules.reading.evidence import Evidence, between, diminishing
from rules.reading.goodwill import jokes, plays
from rules.reading.group_words import names_a_group, slights
from rules.reading.meant import ATTACKS, ENOUGH, PERSONAL, for_people, leaves_no_doubt, likeness, reads_like_an_attack
from rules.reading.pictures import PICTURES, UNMISTAKABLE
from rules.reading.reader import Hit, Reading
from rules.reading.reading import Unmasked
from rules.reading.relayed import quoted
from rules.reading.span import Span
from rules.reading.targets import Aim, Speech, aimed, calls, denied, speech, told, unnamed
from rules.reading.threat_words import HINTING, THREATENING

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
THREAT, OBSCENE = frozenset({"threat", "menace"}), frozenset({"curse"})
BIAS = frozenset({"group", "bias", "sweeping", "hostile"})
CALM = frozenset({"report", "policy", "fair"})
PLAIN = frozenset({"threat", "wish", "curse", "insult", "belittle", "group", "bias"})
"""Kinds that can decide. All others bring a message to people, never further."""
TELLING = frozenset({"nick", "scorn", "sweeping"})
"""Kinds that decide as well where the whole message reads like an attack beyond doubt."""
AIMED = frozenset({"insult", "belittle", "threat", "defame"})
READ_AS_A_WHOLE = frozenset({"tone", "hostile", "veiled"})
MILD = frozenset({"nick", "scorn", "oath", "menace", "tone", "hostile"})

# Log-odds. Words carry theirs in rules/data/incivility.yaml, turns of phrase in rules/reading/attack_words.py.
BASE = -2.2
MOST_CALM = 4.5
SCORNED: Mapping[Aim, float] = MappingProxyType(
    {Aim.YOU: 1.5, Aim.THEM: 0.5, Aim.BARE: -0.4, Aim.NOBODY: -1.0}
)
"""What a word that only belittles somebody it is aimed at gains or loses by its aim."""
NAMED: Mapping[Aim, float] = MappingProxyType({Aim.YOU: 1.5, Aim.THEM: 0.5, Aim.BARE: 0.2, Aim.NOBODY: -0.6})
"""The same of a belittling name."""
CALLED: Mapping[str, float] = MappingProxyType({"nick": 3.4, "scorn": 3.4})
"""What such a word weighs where it is said of somebody in so many words: 就是个…, 这帮…, …吧你."""
AT_SOMEBODY = 0.6  # what an insult gains where it is clear at whom it is aimed
UNAIMED = 1.0  # what a turn of phrase loses where it is aimed at nobody that can be told
LISTED = -3.0  # words of this weight announce a list of what may not be said
LOOKED_AT = 8  # so many places of one word are looked at
SIGN, VEILED = 4.2, 0.5  # abuse in a picture, and writing that nobody is meant to read
TOLD, DENIED, BANTER = -3.6, -2.6, -1.2
FAIR = -1.5  # a verdict on a group where the message speaks against such verdicts
TONE = ((0.0, -1.6), (0.14, 0.0), (0.25, 0.3), (0.5, 2.3), (0.9, 3.3), (1.0, 3.4))
HOSTILITY = ((0.0, 0.0), (0.45, 0.0), (0.8, 2.0), (0.9, 2.6), (1.0, 3.0))
"""What a score adds, between the points in a straight line."""
HOSTILE = 2.3  # what a score that brings a message to people by itself adds at least
HOSTILE_ALONE, DOUBTFUL = 0.6, 0.5
"""From this score on how a message reads of a group brings it to people without any telling word."""
HOSTILE_ALL_THE_SAME = 0.65  # whatever decent words stand beside it
REPROVED = -2.5  # so much against it, or a quotation beside it, and a message reproves what it names
GRAVE, FOUL = 4.5, 4.1  # threats and obscene abuse of such a weight need not read like an attack otherwise
CERTAIN, HOSTILE_CERTAIN = 0.9, 0.95
GUESS_NEEDS, TELLING_GUESS_NEEDS, GUESS_DECIDES, VEILED_DOUBTS = 0.2, 0.3, 0.8, 0.25
"""From these scores on a guess at disguised words is believed, and decides: the whole has to read like an attack; and
people look at what was written so that nobody reads it."""
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
class _Weighing(Evidence):
    """Evidence, at whom it was aimed, and how far it can go."""

    base: float = BASE
    own: bool = False  # a word of abuse is turned on the writer
    meant: bool = False  # a belittling word is aimed at somebody
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
        unsure = not disguised.decides or disguised.reading.score("incivility") < GUESS_DECIDES
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
    _weigh_words(weighing, said, hits)
    _weigh_frames(weighing, said)
    _weigh_groups(weighing, said, fair)
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
    weighing.calm += (0.0 if alone else min(tone, 0.0) * (1.0 - hostility)) + _calm(hits)
    if jokes(reading):
        weighing.calm += BANTER
    listed = any(hit.term.category == "policy" and hit.term.weight <= LISTED for hit in hits)
    words = weighing.where(frozenset(weighing.kinds) - PLAIN)
    agrees = (
        reads_like_an_attack(reading, words, ATTACKS if weighing.of(BIAS - {"hostile"}) > 0 or names_a_group(said.said) else PERSONAL)
        or (weighing.of(THREAT) >= GRAVE or weighing.of(OBSCENE) >= FOUL)
        or any(UNMISTAKABLE.search(sign[0]) for sign in signs)
    )
    playful = plays(reading) and weighing.of(PLAIN - THREAT) <= 0
    theirs = listed or playful or for_people(reading, said, words)
    decided = plain and agrees and not theirs
    undoubted = settings.by_tone and settings.tone_decides and leaves_no_doubt(reading)
    weighing.by_tone = undoubted and not (decided or theirs or fair or weighing.own or _calm(hits) < 0)
    if not (decided or weighing.by_tone):
        weighing.most = UNDECIDED
    return weighing


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


def _weigh_words(weighing: _Weighing, said: Speech, hits: tuple[Hit, ...]) -> None:
    strongest: dict[str, tuple[float, str, Span]] = {}  # repeating a word is flooding, not stronger evidence
    seen: Counter[str] = Counter()
    for hit in hits:
        kind, weight = hit.term.category, hit.term.weight
        seen[hit.term.word] += 1
        if kind in CALM or seen[hit.term.word] > LOOKED_AT:
            continue
        start, end = said.find(hit.start, hit.end)
        weighing.own = weighing.own or aimed(said, start, end) is Aim.SELF
        if kind in CALLED and calls(said, start, end, noun=kind == "nick"):
            kind, weight = "belittle", CALLED[kind]
        found = (_weight(said, start, end, kind, weight), kind, (hit.start, hit.end))
        if kind in TELLING and found[0] > 0 and not unnamed(said, start, end):
            weighing.meant = weighing.meant or aimed(said, start, end) in (Aim.YOU, Aim.THEM)
        strongest[hit.term.word] = max(found, strongest.get(hit.term.word, found))
    for weight, kind, span in strongest.values():
        weighing.add(kind, weight, span)


def _weight(said: Speech, start: int, end: int, kind: str, weight: float) -> float:
    """What an expression counts where it stands."""
    aim = aimed(said, start, end)
    if aim is Aim.SELF and kind in THREAT:  # whoever threatens speaks of oneself
        aim = Aim.YOU
    if (aim in (Aim.SELF, Aim.THING) and kind != "wish") or (
        kind == "oath" and aim not in (Aim.YOU, Aim.THEM)
    ):
        return 0.0
    if kind in ("scorn", "oath", "sweeping"):
        weight += SCORNED.get(aim, 0.0)
    elif kind == "nick":
        weight += NAMED.get(aim, 0.0)
    elif aim in (Aim.YOU, Aim.THEM) and kind in AIMED:
        weight += AT_SOMEBODY
    if told(said, start, end):
        weight += TOLD
    elif denied(said, start, end):
        weight += DENIED
    return weight


def _weigh_frames(weighing: _Weighing, said: Speech) -> None:
    for frame in (*BELITTLING, *THREATENING, *HINTING):
        for found in frame.pattern.finditer(said.said):
            start, end = found.span()
            aim = aimed(said, start, end)
            if frame.kind == "hint" and aim is Aim.NOBODY:
                continue
            kind = "hint" if frame.kind == "belittle" and unnamed(said, start, end) else frame.kind
            weight = _weight(said, start, end, kind, frame.weight)
            if frame.aimed and aim in (Aim.NOBODY, Aim.BARE):
                weight -= UNAIMED
            weighing.add(kind, weight, said.span(start, end))


def _weigh_groups(weighing: _Weighing, said: Speech, fair: bool) -> None:
    for slight in slights(said.said):
        weight = slight.weight + (FAIR if fair else 0.0)
        if told(said, slight.start, slight.end) or denied(said, slight.start, slight.end):
            weight += TOLD
        weighing.meant = weighing.meant or weight > 0
        weighing.add("bias" if slight.plain else "sweeping", weight, said.span(slight.start, slight.end))
