"""Ways out of a group and prices, as they are written: channels with an id, telephone numbers, links, amounts.

What each of them says by itself is a weight in log-odds; what they say together is the rule's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rules.reading.reading import Reading
from rules.reading.signs import FARTHEST
from rules.reading.span import Span

# Log-odds.
ACCOUNT_AT_CONTACT = 2.0
PHONE = 1.2
LINK = 0.8
SHORT_LINK = 1.6
PRICE = 1.0
INTRODUCTION = 1.2

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
# A number beside a channel's disguised name, or cut in two by it.
_VEILED_ACCOUNT = re.compile(
    r"(?<!\d)\d{4,6}[q扣叩寇蔻冦]\d{4,6}(?!\d)"
    r"|(?<!\d)\d{7,11}[\u4e00-\u9fff]{0,2}(?:口口|扣扣|叩叩|[q扣叩寇蔻冦]|企鹅)(?![a-z\d\u4e00-\u9fff])"
    r"|(?:口口|扣扣|叩叩|[叩寇蔻冦]|企鹅)\d{7,11}(?!\d)"
)
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
    (_VEILED_ACCOUNT, "contact", ACCOUNT_AT_CONTACT),
    (_PRICE, "promo", PRICE),
    (_SPOKEN_NUMBER, "account", PHONE),
)
_DIGIT = re.compile(r"[0-9]")
_LEADS_OUT = frozenset(
    f"=form.{form}"
    for form in ("mobile", "halves", "channel", "wide", "foreign", "styled", "inlaid", "rare+")
)
"""Signs (:mod:`rules.reading.signs`) that a text names a way out of the group, or hides one."""
_DATED = r"20[0-4]\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?!\d)"
_COUNTED = r"[件个元块份人台套米斤吨公张箱条次年号]|万"
_CARD = r"(?:[\dx]{4}[ .-]?){3,4}[\dx]{1,4}(?![\dx])"
_REACHED = re.compile(
    # A landline or hotline, a number that is neither a date nor counts anything, that of a bank account, an account, a
    # sender's brand behind it, the same said three times over.
    r"(?<![\dx])(?:400[-—]?[\dx]{3,4}[-—]?[\dx]{3,4}|0[\dx]{2,3}[-—]?[\dx]{7,8})(?![\dx])"
    rf"|(?<![\dx.])(?!{_DATED})[\dx]{{6,11}}(?![\dx.]|{_COUNTED})"
    rf"|(?<![\dx]){_CARD}(?=[^\n]{{0,20}}[行卡账帐户储])|(?<=[行卡账帐户储号：:]){_CARD}"
    r"|(?<![A-Za-z\d])[A-Za-z]{2,12}_?\d{3,12}(?![A-Za-z\d])|@[A-Za-z]\w{0,18}\d"
    r"|[【\[][^】\]]{2,12}[】\]]\s*$"
    r"|(?!([\u4e00-\u9fff])\1\1)([\u4e00-\u9fff]{3,10}?)\2\2",
    re.ASCII,
)
_HOST = re.compile(
    r"(?<![\w.@-])[a-z0-9-]{2,40}(?:\.[a-z0-9-]{1,40}){0,3}\.(?:cn|com|cc|me|top|xyz|vip|net)(?![a-z])",
    re.IGNORECASE | re.ASCII,
)


Mark = tuple[str, float, Span]
"""A kind of indicator, its weight, and where it stands in the original."""


def account_after(text: str, end: int) -> Span | None:
    """The id of an account that stands right behind a word that asks for contact."""
    found = _ID.search(text, end, end + _ID_REACH + _LONGEST_ID)
    return found.span() if found is not None and found.start() - end <= _ID_REACH else None


def numbers(reading: Reading) -> Iterator[Mark]:
    """Contacts, prices and telephone numbers of what was typed, in linear time."""
    if "我是" in reading.plain:
        for found in _INTRODUCTION.finditer(reading.plain):
            yield "invite", INTRODUCTION, reading.span(*found.span())
    if _DIGIT.search(reading.plain) is None:
        return
    for pattern, kind, weight in _NUMBERS:
        for found in pattern.finditer(reading.plain):
            yield kind, weight, reading.span(*found.span())
    offset = reading.typed[0]
    typed = reading.original[offset : reading.typed[1]]
    for pattern, kind, weight in (
        (_SIGNED_CONTACT, "contact", 2 * ACCOUNT_AT_CONTACT),
        (_PHONE, "account", PHONE),
    ):
        for found in pattern.finditer(typed):
            yield kind, weight, (found.start() + offset, found.end() + offset)


def leads_out(reading: Reading, own: tuple[str, ...] = (), *, card: bool = False) -> bool:
    """Whether a message shows a number to call, an account, a link that is not the company's, or a sender's brand, or
    is written so that none is found.

    Args:
        own: the company's own domains.
        card: it is a card: each holds a link, and that says nothing.
    """
    if not _LEADS_OUT.isdisjoint(reading.signs):
        return True
    typed = reading.original[reading.typed[0] : reading.typed[1]][:FARTHEST]
    if card:
        return _REACHED.search(_URL.sub(" ", typed)) is not None
    return _REACHED.search(typed) is not None or any(not _own(host[0], own) for host in _HOST.finditer(typed))


def links(reading: Reading, own: tuple[str, ...]) -> Iterator[Mark]:
    """Links of what was typed; those to the company's own domains weigh nothing."""
    offset = reading.typed[0]
    typed = reading.original[offset : reading.typed[1]]
    if "/" not in typed and "." not in typed:
        return
    for found in _URL.finditer(typed):
        yield "link", 0.0 if _own(found[0], own) else LINK, (found.start() + offset, found.end() + offset)
    for found in _SHORT_HOST.finditer(typed):
        yield "link", SHORT_LINK, (found.start() + offset, found.end() + offset)


def _own(url: str, domains: tuple[str, ...]) -> bool:
    host = re.sub(r"^[a-z]+://", "", url, flags=re.IGNORECASE).split("/", 1)[0].split(":")[0].lower()
    return any(host == domain or host.endswith("." + domain) for domain in (*WORK_DOMAINS, *domains))
