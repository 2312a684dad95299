"""Advertising does not belong into a work group (policy 2.3b, 3.1d): it is noise for everybody, and the
friendly offer of easy money is how fraud begins.

No single word makes an advertisement. Indicators are summed: a way out of the group (a contact, a code, a
link, a hotline), an offer (money, jobs, loans, goods), pressure, disguise. What speaks for work counts
against it: drafts under discussion, purchasing, warnings of fraud, the rules of the group itself. Nobody is
charged for a link, a price or a telephone number alone; what is unclear goes to people.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pydantic import Field

from rules.core.declare import Bars, Penalty, RuleSettings, bad, good, rule
from rules.core.model import Context, Finding, Kind, Message, MessageType, Tier
from rules.reading.reader import Hit, Reading
from rules.reading.span import Span

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
        "elsewhere": "多群重复发送",
    }
)
REACH = frozenset({"contact", "account", "invite", "qr", "group", "link", "mini_program", "card", "soft"})
OFFER = frozenset(
    {"gain", "job", "loan", "invoice", "gamble", "traffic", "adult", "promo", "estate", "sale", "side"}
)
SOFT = frozenset({"soft", "side"})
"""How colleagues sell beside the job, and talk of home: it brings a message to people, never further."""
COUNTER = frozenset({"work", "warning", "ban", "report"})

# Log-odds. What people add up by themselves stands in rules/data/advertising.yaml, word by word.
BASE = -3.3
REACH_MEETS_OFFER = 1.6
ACCOUNT_AT_CONTACT = 2.0
PHONE = 1.2
LINK = 0.8
SHORT_LINK = 1.6
PRICE = 1.0
INTRODUCTION = 1.2
MINI_PROGRAM = 0.8
DISGUISE = 1.5
FURTHER = 0.4  # each further indicator of a kind counts so much of its weight
MOST = {"work": -3.0, "warning": -6.0, "ban": -4.0, "report": -3.0}  # how far what speaks for work can go
MOST_OF_A_KIND = 4.0
ENOUGH_TO_RAISE = 1.5  # who sent it and where else only matters for what looks like advertising by itself
ENOUGH_ELSEWHERE = 0.2  # from this confidence on repetition in other rooms says something
UNDECIDED = 0.89  # what was only repeated elsewhere, or is shown as somebody else's, people decide
EXTERNAL = 0.8
CARD_BY_EXTERNAL = 4.4
CARD_BY_UNKNOWN = 2.0

WORK_DOMAINS = ("meeting.tencent.com", "docs.qq.com", "feishu.cn", "dingtalk.com", "zoom.us", "kdocs.cn")
"""Where meetings and shared documents lie: a link there is work."""

_URL = re.compile(r"(?:https?://|www\.)[^\s\u3000-\u9fff，。]+", re.IGNORECASE | re.ASCII)
_SHORT_HOST = re.compile(
    r"(?<![\w.-])(?:t\.cn|url\.cn|dwz\.cn|suo\.im|t\.me|bit\.ly|tinyurl\.com|0x7\.me|m\.tb\.cn|u\.jd\.com)/",
    re.IGNORECASE | re.ASCII,
)
_PHONE = re.compile(
    r"(?<![\w.-])(?:1[3-9]\d(?:[ -]?\d{4}){2}|400[ -]?\d{3,4}[ -]?\d{3,4}|0\d{2,3}[ -]?\d{7,8})(?![\w.-]?\d)",
    re.ASCII,
)
_ID = re.compile(r"[a-z][a-z0-9_-]{5,19}|\d[\d -]{4,14}\d", re.IGNORECASE | re.ASCII)
_ID_REACH = 12
_LONGEST_ID = 20
# On the folded text: 加 and the channel in any of the characters that disguise them, next to an id.
_JOIN = r"(?:[加伽珈迦嘉佳茄+]|(?<![大国专厂商卖买玩独店回人管搬])家)我?"
_CHANNEL = r"(?:[微薇威徽葳溦魏崴]|vx?|wx|扣|口口|叩|寇|球球|qq?|企鹅|飞机)信?"
_DISGUISED_CONTACT = re.compile(
    rf"{_JOIN}{_CHANNEL}[号:]?(?=[a-z]{{0,12}}\d{{3}})|(?<=\d{{6}}){_JOIN}(?:{_CHANNEL}|[群裙])"
    r"|(?:[薇葳溦]信?|[威徽]信)号?(?=[a-z]{0,12}\d{3})|微亻言号?(?=[a-z]{0,12}\d{3})|(?<![衣长短半连筒纱舞])裙号?(?=\d{6})"
)
_NUMBERED_GROUP = re.compile(r"(?:[扣q]|口口|企鹅)群号?(?=\d{6})")
# On the text as typed: folding drops the sign that stands between channel and id.
_SIGN = r"[\u2600-\u27bf\U0001f300-\U0001faff]\ufe0f?"
_SIGNED_CONTACT = re.compile(
    rf"(?:[vV微薇威卫]{_SIGN}信?号?[:：]?\s*|[+＋➕加]\s*🐧\s*|(?:TG|tg|电报|飞机)\s*[:：@＠]\s*@?)(?=[A-Za-z\d][\w-]{{4,}})"
)
_PRICE = re.compile(
    r"\d折|[满买存充]\d{1,6}(?:元|万|件)?[减送赠返抵立]|(?<!\d)\d{1,7}元起|\d抵\d|(?:仅需|仅售|只需|只要|只售|特价|现价|低至)\d{1,7}"
    r"|[送赠]\d{1,6}(?:元|万)|日[结赚入]\d{2,6}|月[入赚]\d{1,7}|一单\d{1,4}元"
)
_INTRODUCTION = re.compile(
    r"我是[^。，]{2,14}?(?:公司|集团|地产|店|银行|平安|保险|贷款|金融|教育|中心)的?(?:小|客户经理|业务员|业务经理)"
)
_SPOKEN_NUMBER = re.compile(r"(?:电话|热线|详询|咨询|致电|询|tel|电)(?:[2-9]\d{6,7})(?!\d)")
_NUMBERS = (
    (_DISGUISED_CONTACT, "contact", 2 * ACCOUNT_AT_CONTACT),
    (_NUMBERED_GROUP, "contact", ACCOUNT_AT_CONTACT),
    (_PRICE, "promo", PRICE),
    (_SPOKEN_NUMBER, "account", PHONE),
)
_DIGIT = re.compile(r"[0-9]")


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


@dataclass
class _Weighing:
    """The sum as it grows: per kind the weights seen, and where."""

    kinds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    spans: list[Span] = field(default_factory=list)
    raised: float = 0.0

    def add(self, kind: str, weight: float, span: Span | None = None) -> None:
        self.kinds[kind].append(weight)
        if span is not None and kind not in COUNTER:
            self.spans.append(span)

    def signs(self, without: frozenset[str] = COUNTER) -> float:
        """What speaks for advertising."""
        shown = [kind for kind in self.kinds if kind not in without]
        sums = {kind: min(MOST_OF_A_KIND, _diminishing(self.kinds[kind])) for kind in shown}
        reach = sum(sums[kind] for kind in sums if kind in REACH)
        offer = sum(sums[kind] for kind in sums if kind in OFFER)
        return sum(sums.values()) + min(reach, offer, REACH_MEETS_OFFER)

    def counters(self) -> float:
        """What speaks for work: at most zero, and bounded: a few decent words buy no advertisement."""
        return sum(
            max(MOST[kind], -_diminishing([-weight for weight in self.kinds[kind]]))
            for kind in COUNTER
            if kind in self.kinds
        )

    def confidence(self, without: frozenset[str] = COUNTER) -> float:
        """The bounded sum as a probability."""
        return 1.0 / (1.0 + math.exp(-(BASE + self.signs(without) + self.counters() + self.raised)))


def _diminishing(weights: list[float]) -> float:
    highest = max(weights)
    return highest + FURTHER * (sum(weights) - highest)


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
    weighing = _Weighing()
    reading = context.reading
    typed = reading.original[reading.typed[0] : reading.typed[1]]
    _weigh_hits(weighing, reading.of("advertising"), reading.original)
    _weigh_numbers(weighing, reading, typed)
    linked = _weigh_links(weighing, typed, reading.typed[0], settings.own_domains)
    _weigh_carrier(weighing, message, linked)
    if not weighing.kinds or weighing.signs() <= 0:
        return
    if weighing.signs() >= ENOUGH_TO_RAISE and message.sender is not None:
        weighing.raised += EXTERNAL if message.sender.kind is Kind.EXTERNAL else 0.0
    sure = weighing.confidence()
    if context.elsewhere and ENOUGH_ELSEWHERE <= sure < UNDECIDED:
        weighing.raised += settings.elsewhere_weight * min(context.elsewhere, 3)
        weighing.kinds["elsewhere"] = [0.0]
        sure = min(weighing.confidence(), UNDECIDED)
    if "report" in weighing.kinds:
        sure = min(sure, UNDECIDED)
    elif sure > UNDECIDED and not SOFT.isdisjoint(weighing.kinds):
        sure = max(UNDECIDED, weighing.confidence(COUNTER | SOFT))
    labels = [LABELS[kind] for kind in LABELS if kind in weighing.kinds]
    spans = sorted(set(weighing.spans)) or [(0, len(message.text))]
    yield Finding(
        field="text",
        start=spans[0][0],
        end=spans[0][1],
        confidence=sure,
        category="advertising",
        facts={"signs": "、".join(labels)},
        more=tuple(spans[1:]),
    )


def _weigh_hits(weighing: _Weighing, hits: tuple[Hit, ...], text: str) -> None:
    seen: set[str] = set()
    for hit in hits:
        kind = hit.term.category
        if hit.term.word in seen:  # repeating a word is flooding, not stronger evidence
            continue
        seen.add(hit.term.word)
        weighing.add(kind, hit.term.weight, (hit.start, hit.end))
        if kind in COUNTER:
            continue
        if _disguised(text[hit.start : hit.end], hit.term.word):
            weighing.add("disguise", DISGUISE)
        if kind == "contact":
            account = _ID.search(text, hit.end, hit.end + _ID_REACH + _LONGEST_ID)
            if account is not None and account.start() - hit.end <= _ID_REACH:
                weighing.add("account", ACCOUNT_AT_CONTACT, account.span())


def _weigh_numbers(weighing: _Weighing, reading: Reading, typed: str) -> None:
    if "我是" in reading.plain:
        for found in _INTRODUCTION.finditer(reading.plain):
            weighing.add("invite", INTRODUCTION, reading.span(*found.span()))
    if _DIGIT.search(reading.plain) is None:
        return
    for pattern, kind, weight in _NUMBERS:
        for found in pattern.finditer(reading.plain):
            weighing.add(kind, weight, reading.span(*found.span()))
    offset = reading.typed[0]
    for found in _SIGNED_CONTACT.finditer(typed):
        weighing.add("contact", 2 * ACCOUNT_AT_CONTACT, (found.start() + offset, found.end() + offset))
    for found in _PHONE.finditer(typed):
        weighing.add("account", PHONE, (found.start() + offset, found.end() + offset))


def _disguised(shown: str, word: str) -> bool:
    """Whether a hit was written with something between its characters that no one puts there by accident."""
    between = len(shown) - len(word)
    if between <= 0:
        return False
    return any(
        not character.isspace() and not character.isalnum() and character not in "+," for character in shown
    )


def _weigh_links(weighing: _Weighing, typed: str, offset: int, own: tuple[str, ...]) -> bool:
    """Weigh links; returns whether there is any, the company's own included."""
    linked = False
    if "/" not in typed and "." not in typed:
        return linked
    for found in _URL.finditer(typed):
        linked = True
        if not _own(found[0], own):
            weighing.add("link", LINK, (found.start() + offset, found.end() + offset))
    for found in _SHORT_HOST.finditer(typed):
        linked = True
        weighing.add("link", SHORT_LINK, (found.start() + offset, found.end() + offset))
    return linked


def _own(url: str, domains: tuple[str, ...]) -> bool:
    host = re.sub(r"^[a-z]+://", "", url, flags=re.IGNORECASE).split("/", 1)[0].split(":")[0].lower()
    return any(host == domain or host.endswith("." + domain) for domain in (*WORK_DOMAINS, *domains))


def _weigh_carrier(weighing: _Weighing, message: Message, linked: bool) -> None:
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
