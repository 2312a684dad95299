"""Advertising does not belong into a work group (policy 2.3b, 3.1d): it is noise for everybody, and the
friendly offer of easy money is how fraud begins.

No single word makes an advertisement. Indicators are summed: a way out of the group (a contact, a code, a
link, a hotline), an offer (money, jobs, loans, goods), pressure, disguise. What speaks for work counts
against it: drafts under discussion, purchasing, warnings of fraud, the rules of the group itself. Nobody is
charged for a link, a price or a telephone number alone; what is unclear goes to people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pydantic import Field

from rules.core.declare import Bars, Penalty, RuleSettings, bad, good, rule
from rules.core.model import Context, Finding, Kind, Message, MessageType, Tier
from rules.reading.around import around
from rules.reading.inside import inside
from rules.reading.promotion import BASE, CAUTION, COUNTER, HARD, MODEL_DOUBTS, SOFT, UNDECIDED, Promotion
from rules.reading.reader import Hit, Reading
from rules.reading.reading import Unmasked
from rules.reading.relayed import relayed
from rules.reading.roll import is_roll
from rules.reading.signs import evasive
from rules.reading.solicitation import ACCOUNT_AT_CONTACT, LINK, account_after, leads_out, links, numbers
from rules.reading.spelling import is_han
from rules.reading.weighing import probability

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "contact": "引导私下联系",
        "account": "留有联系方式",
        "invite": "招揽用语",
        "qr": "引导识别图码",
        "group": "拉人入群",
        "link": "站外链接",
        "mini_program": "程序卡片",
        "card": "推送名片",
        "gain": "许诺收益",
        "job": "零工招揽",
        "loan": "借贷招揽",
        "invoice": "票证买卖",
        "gamble": "涉赌招揽",
        "traffic": "账号流量买卖",
        "adult": "涉黄招揽",
        "promo": "叫卖用语",
        "estate": "房铺推销",
        "sale": "商品服务推销",
        "soft": "私下接洽",
        "side": "副业兜售",
        "urgent": "催促用语",
        "disguise": "夹杂符号躲避识别",
        "veiled": "疑似以谐音、形近、拆字或首字母书写",
        "elsewhere": "多群重复发送",
        "style": "整体像推广内容",
    }
)
# Log-odds. What people add up by themselves stands in rules/data/advertising.yaml, word by word.
MINI_PROGRAM = 0.8
DISGUISE = 1.5  # what is written so that it is not found
EVASIVE = 2.0  # letters and signs that nobody uses by accident
ENOUGH_TO_RAISE = 1.5  # who sent it and where else only matters for what looks like advertising by itself
ENOUGH_ELSEWHERE = 0.2  # from this confidence on repetition in other rooms says something
EXTERNAL = 0.8
CARD_BY_EXTERNAL = 4.4
CARD_BY_UNKNOWN = 2.0
MODEL_DECIDES, DECIDES_LONG, NAMED = 0.8, 0.65, 0.2
"""Below these what can be named does not bear out the model, and a model alone accuses nobody in public."""
CARDS = frozenset({MessageType.URL, MessageType.MINI_PROGRAM})
"""What holds a link by its nature."""
WORDS_NEED = 0.4
UNREAD = frozenset({"veiled", "disguise", "card", "mini_program", "link"})
"""A message whose words alone speak for an offer reads a little like one, too, unless it is written so that it does not
or says next to nothing: of 14,200 advertisements eleven do not, of 25 harmless messages that words accused nine."""
WAY_OUT = 1.0  # what a number, an account or a link adds to a score from which people look
NO_WAY_OUT = 0.95
"""In a short message that names no way to be reached and nothing shady only a model that is surer than this accuses: so
do shops tell their own staff what is on offer, and companies their own people whom they hire."""
LONG, SAYS_MORE = 40, 1.6
"""In so many characters, an indicator among them, the model has more to go by: the lower bar holds, and above it the
score says so much more."""
GUESS_NEEDS = 0.2  # without this score no guess at disguised words is believed
ALONE = 0.14  # nor, without this score of the text as it stands, a single one that nothing else supports
VEILED_DOUBTS = 0.35  # from this score on people look at what was written so that nobody reads it
ASKS_COLLEAGUES = (
    -1.8
)  # what speaks so much for work asks colleagues for something: the model alone accuses nobody
ALIKE = 0.02  # two scores of the model that differ by no more are alike
MOSTLY = 0.8  # of a text that is nothing but figures
_SIGNED = re.compile(r"^\s{0,4}[【\[][^】\]\n]{2,16}[】\]]|[【\[][^】\]\n]{2,16}[】\]]\s{0,4}$")
"""The brand that sends a notice, before or behind it."""
LEAST_SAID = 8  # of so few characters the model alone says nothing
LEAST = 0.05  # what is less sure than this is not worth a finding that nobody sees


class Settings(RuleSettings):
    """What a company may set for this rule."""

    own_domains: tuple[str, ...] = Field(
        default=(),
        description="Domains (subdomains included) whose links are never an indicator, such as example.com.",
    )
    elsewhere_weight: float = Field(
        default=0.8,
        ge=0,
        le=3,
        description="Log-odds added for each other room that got the same text, up to three; "
        "by this alone nothing becomes a violation.",
    )


@rule(
    id="advertising",
    title="商业推广",
    categories={"advertising": Penalty(clause="3.1d", points=2)},
    bars=Bars(violation=0.9, review=0.5),
    reason="可能属于商业推广内容",
    signs="迹象：{signs}",
    settings=Settings,
    label="advertising",
    examples=[
        bad("加薇❤信 abc12345 兼职刷单日结300，扫码进群", tier=Tier.VIOLATION),
        bad("专业代开各类发票，税点低，验后付款，电话13700001111 陈经理", tier=Tier.VIOLATION),
        bad("无抵押贷款，当天放款，不看征信，加V：dk88661", tier=Tier.VIOLATION),
        bad("张三", type=MessageType.CONTACT, kind=Kind.EXTERNAL, tier=Tier.REVIEW),
        good("今天下午三点开会，请大家准时参加"),
        good(
            "大家注意防范刷单诈骗，凡是让加微信、日结返利的都是骗子", why="a warning names what it warns of"
        ),
        good("本群禁止推广产品，禁止发二维码拉人进群", why="a rule names what it forbids"),
        good("供应商报价单已发邮箱，单价便宜两成，请采购部核对", why="prices are work"),
        good("张三", type=MessageType.CONTACT, why="a colleague's card is ordinary"),
    ],
)
def advertising(message: Message, context: Context, settings: Settings) -> Iterator[Finding]:
    """One finding per message with every indicator's span; its facts name kinds of indicators, no words."""
    weighing = _weigh(message, context.reading, settings)
    sure, spans = _sure(message, context, settings, weighing), weighing.spans
    for disguised in context.reading.views:
        bare = _weigh(message, disguised.reading, settings, disguised)
        guessed = _sure(message, context, settings, bare)
        doubtful = bare.score < MODEL_DOUBTS
        if doubtful or not disguised.decides or not (bare.supported or disguised.veiled):
            guessed = min(guessed, UNDECIDED)
        if disguised.veiled and bare.score >= VEILED_DOUBTS:
            guessed = max(guessed, MODEL_DOUBTS)
        if disguised.letters:
            guessed = min(guessed, MODEL_DOUBTS)
        believed = (bare.supported and disguised.odd) or (
            not doubtful and (disguised.odd or disguised.telling)
        )
        alone = not (bare.supported or disguised.veiled) and context.reading.score("advertising") < ALONE
        if guessed > sure and believed and bare.score >= GUESS_NEEDS and not alone:
            weighing, sure = bare, guessed
            spans = list(disguised.letters) or [disguised.back(*span) for span in bare.spans]
    if not weighing.kinds and (sure < LEAST or len(context.reading.plain) < LEAST_SAID):
        return
    if not spans:
        reading = context.reading
        spans = list(reading.strongest("advertising")) or [(0, len(message.text))]
    spans = sorted(set(spans))
    labels = [LABELS[kind] for kind in LABELS if kind in weighing.kinds]
    yield Finding.over(spans, sure, "advertising", signs="、".join(labels) or LABELS["style"])


def _weigh(
    message: Message, reading: Reading, settings: Settings, disguised: Unmasked | None = None
) -> Promotion:
    weighing = Promotion(
        reading.score("advertising"), reading.score("peddling"), long=len(reading.plain) >= LONG
    )
    if disguised is not None and disguised.veiled:
        weighing.kinds["veiled"].append(DISGUISE)
    _weigh_hits(weighing, reading.of("advertising"), reading.original, disguised)
    for kind, weight, span in numbers(reading):
        weighing.add(kind, weight, span)
    linked = False
    for kind, weight, span in links(reading, settings.own_domains):
        linked = True
        if weight:
            weighing.add(kind, weight, span)
    if evasive(reading.original[slice(*reading.typed)]):
        weighing.kinds["disguise"].append(EVASIVE)
    _weigh_carrier(weighing, message, linked)
    if weighing.score < WORDS_NEED:
        weighing.nearby = around(reading, weighing.spans, ("advertising",))
    return weighing


def _sure(message: Message, context: Context, settings: Settings, weighing: Promotion) -> float:
    """What indicators and score together say; what speaks for work, and doubt whose words they are, hold it back."""
    more = weighing.long and weighing.score >= DECIDES_LONG and weighing.signs() > 0
    weighing.raised = SAYS_MORE if more else 0.0
    external = message.sender is not None and message.sender.kind is Kind.EXTERNAL
    if external and (weighing.signs() >= ENOUGH_TO_RAISE or weighing.score >= MODEL_DOUBTS):
        weighing.raised += EXTERNAL
    out = leads_out(context.reading, settings.own_domains, card=message.type in CARDS)
    if out and weighing.score >= MODEL_DOUBTS:
        weighing.raised += WAY_OUT
    sure = weighing.confidence()
    if context.elsewhere and ENOUGH_ELSEWHERE <= sure < UNDECIDED:
        weighing.raised += settings.elsewhere_weight * min(context.elsewhere, 3)
        weighing.kinds["elsewhere"] = [0.0]
        sure = min(weighing.confidence(), UNDECIDED)
    named = message.type is MessageType.FILE  # the model has read no names of files
    if sure > UNDECIDED and (named or _for_people(context.reading, weighing, out=out or external)):
        return UNDECIDED
    if sure > UNDECIDED and not SOFT.isdisjoint(weighing.kinds):
        return max(UNDECIDED, weighing.confidence(COUNTER | SOFT))
    return sure


def _for_people(reading: Reading, weighing: Promotion, *, out: bool) -> bool:
    """Whether people decide however sure it seems: whose words it holds or whose offer it is has to be asked.

    So do they where nothing stands but figures or letters, unless those are written so that they are not found.

    Args:
        out: it leads out of the group, or is from outside.
    """
    if not CAUTION.isdisjoint(weighing.kinds) or relayed(reading):
        return True
    if weighing.notifies(signed=_SIGNED.search(reading.original) is not None):
        return True
    if max(weighing.score, weighing.nearby) < WORDS_NEED and UNREAD.isdisjoint(weighing.kinds):
        return True
    if not weighing.hard:
        if any("投" in hit.term.word for hit in reading.of("off_topic")):
            return True  # begging for votes is judged as that
        peddled = weighing.peddling >= max(weighing.score - ALIKE, MODEL_DOUBTS)
        if peddled or weighing.counters() <= ASKS_COLLEAGUES or inside(reading):
            return True
        if is_roll(reading.original[slice(*reading.typed)]):
            return True
        beside = not SOFT.isdisjoint(weighing.kinds)
        if not out and weighing.within and (beside or (not weighing.long and weighing.score < NO_WAY_OUT)):
            return True
        named = NAMED if HARD.isdisjoint(weighing.kinds) else 0.0
        decides = DECIDES_LONG if weighing.long and weighing.signs() > 0 else MODEL_DECIDES
        if weighing.score < decides and probability(BASE + weighing.signs()) < named:
            return True
    if "disguise" in weighing.kinds:
        return False
    return not any(map(is_han, reading.plain)) or (
        "contact" not in weighing.kinds and _mostly_figures(reading)
    )


def _mostly_figures(reading: Reading) -> bool:
    """Whether a text is numbers with next to nothing beside them, such as a telephone: the model reads words."""
    figures = sum(sign.isdecimal() for sign in reading.plain)
    return figures > MOSTLY * len(reading.plain)


def _weigh_hits(
    weighing: Promotion, hits: tuple[Hit, ...], text: str, disguised: Unmasked | None = None
) -> None:
    seen: set[str] = set()
    for hit in hits:
        kind = hit.term.category
        if hit.term.word in seen:  # repeating a word is flooding, not stronger evidence
            continue
        seen.add(hit.term.word)
        guessed = disguised is not None and disguised.guessed(hit.start, hit.end)
        weighing.add(kind, hit.term.weight, (hit.start, hit.end), guessed=guessed)
        if kind in COUNTER:
            continue
        if _disguised(text[hit.start : hit.end], hit.term.word):
            weighing.kinds["disguise"].append(DISGUISE)
        elif guessed and disguised is not None and disguised.odd:
            weighing.kinds["veiled"].append(DISGUISE)
        if kind == "contact" and (account := account_after(text, hit.end)) is not None:
            weighing.add("account", ACCOUNT_AT_CONTACT, account)


def _disguised(shown: str, word: str) -> bool:
    """Whether a hit was written with something between its characters that no one puts there by accident."""
    between = len(shown) - len(word)
    if between <= 0:
        return False
    return any(
        not character.isspace() and not character.isalnum() and character not in "+," for character in shown
    )


def _weigh_carrier(weighing: Promotion, message: Message, linked: bool) -> None:
    if message.type is MessageType.CONTACT:
        kind = message.sender.kind if message.sender is not None else None
        if kind is Kind.EXTERNAL:
            weighing.add("card", CARD_BY_EXTERNAL)
        elif kind is None:
            weighing.add("card", CARD_BY_UNKNOWN)
    elif message.type is MessageType.MINI_PROGRAM:
        weighing.add("mini_program", MINI_PROGRAM)
    elif message.type is MessageType.URL and not linked:
        weighing.add("link", LINK)
