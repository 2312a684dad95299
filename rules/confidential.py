"""Trade secrets, technical secrets and what customers entrust to the company stay out of a work group (policy 5.3):
whoever joins later, or loses a telephone, gives all of it away.

What can be proved is acted on: a resident id or a bank card by its check digit, a key by its shape, a password by its
label, a marking by its form. What has to be understood is for people: a word such as 底价 says nothing, and with a
figure beside it only perhaps. One colleague's, supplier's or driver's telephone is how work is done; a list of
customers with theirs is not. Numbers of orders, parcels, invoices and companies are no one's, and examples and masked
numbers harm nobody. What was found is never repeated in a notice, and is masked for those who review it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from rules.core.declare import Bars, Penalty, RuleSettings, bad, good, rule
from rules.core.model import Context, Finding, Message, MessageType, Tier
from rules.reading import credentials, marking
from rules.reading.bearing import Bearing, bearing, given_away
from rules.reading.credentials import Secret, SecretKind
from rules.reading.file_names import telling
from rules.reading.patterns import MOST_PATTERNS, compiled, spans
from rules.reading.people import People, Whose, hints_at_pay, people
from rules.reading.pii import Number, NumberKind, born, holds_numbers, numbers
from rules.reading.reader import Reading
from rules.reading.span import Span
from rules.reading.verbatim import Verbatim, verbatim

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "stamp": "密级标识",
        "internal": "内部资料标识",
        "resident": "居民身份证号",
        "card": "银行卡号",
        "permit": "护照或通行证号",
        "people": "多人姓名与电话",
        "home": "姓名、电话与住址",
        "ill": "患者信息",
        "key": "密钥或令牌",
        "url": "含口令的连接地址",
        "password": "口令",
        "code": "验证码",
        "customers": "客户资料",
        "salary": "薪酬资料",
        "pricing": "价格底线",
        "finance": "未公开财务资料",
        "technical": "技术资料",
        "keys": "密码或密钥文件",
        "papers": "个人证件资料",
        "personnel": "人事资料",
        "contract": "合同协议",
        "withheld": "标明不宜外传",
        "leak": "内容近似内部信息",
    }
)

PROVED, SURE, LIKELY, UNCLEAR = 0.97, 0.92, 0.7, 0.6
"""What a check digit or a marking proves; what context makes sure; what is for people."""

MODEL_DOUBTS, CERTAIN = 0.6, 0.965
"""The model's score from which people look, whatever the words are; and from which they do although it holds numbers or
credentials that are none by themselves."""
LEAST_SAID = 9
_HAN = re.compile("[\u4e00-\u9fff]")
_NUMBER = re.compile("(?<![a-z0-9])[0-9]+(?![a-z0-9])")
_REMINDER = re.compile(
    "(?:不得|不要|不能|禁止|严禁|请勿|切勿|别(?![的人]))[^，。]{0,12}(?:泄露|外传|外发|透露|发群|发到群|截图)|保密(?:培训|协议|制度|规定|意识|检查)|脱敏|打码|加密(?:邮件|发送|压缩)"
)

PAIR = 2
NEWBORN = timedelta(days=5 * 365)
"""A date of birth that recent is rather the date of an order; a child's id needs the word beside it."""


class CompanyPattern(BaseModel):
    """One pattern of the company's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=20, description="What it finds, as reviewers read it.")
    pattern: str = Field(description="A regular expression in the syntax of RE2, such as 合同号XM-[0-9]{6}.")
    tier: Tier = Field(default=Tier.REVIEW, description="violation: the bot acts; review: people decide.")

    @field_validator("pattern")
    @classmethod
    def _can_be_used(cls, pattern: str) -> str:
        compiled(pattern)
        return pattern


class Settings(RuleSettings):
    """What a company may set for this rule."""

    marking: bool = Field(default=True, description="Whether markings of secrecy are looked for.")
    identity: bool = Field(default=True, description="Whether personal data is looked for.")
    credential: bool = Field(default=True, description="Whether keys and passwords are looked for.")
    business: bool = Field(
        default=True, description="Whether business secrets that are named are looked for."
    )
    people: int = Field(
        default=3,
        ge=2,
        le=50,
        description="From so many customers with name and telephone in one message on the bot acts; below it, and "
        "for anybody else, people decide.",
    )
    patterns: Annotated[tuple[CompanyPattern, ...], Field(max_length=MOST_PATTERNS)] = Field(
        default=(),
        description="The company's own patterns, such as {name: 项目代号, pattern: '青鸾-[0-9]{4}', tier: review}: "
        "regular expressions in the syntax of RE2, read over the text with digits and letters unified. At most 50, "
        "of at most 200 characters each.",
    )
    safe_words: tuple[Annotated[str, Field(min_length=2, max_length=40)], ...] = Field(
        default=(),
        description="A message in which one of these stands is for people at most, such as the name of a test "
        "system; case, width and spaces don't matter.",
    )

    @field_validator("safe_words")
    @classmethod
    def _can_be_read(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if any(len(_squeezed(verbatim(word).text)) < 2 for word in words):
            raise ValueError(
                "less than two characters are left of a word when text is read; remove it or write it out"
            )
        return words


@dataclass(frozen=True, slots=True)
class _Sign:
    """One thing noticed; ``span`` points into the original."""

    category: str
    label: str
    confidence: float
    span: Span


@rule(
    id="confidential",
    title="涉密信息",
    categories={
        name: Penalty(clause="5.3", points=5)
        for name in ("marking", "identity", "credential", "business", "company")
    },
    bars=Bars(violation=0.85, review=0.5),
    reason="可能含有不应在群内公开的涉密信息或个人信息",
    signs="疑似：{kind}",
    urgent=True,
    label="confidential",
    settings=Settings,
    examples=[
        bad("【机密】二期投标方案，仅限项目组", tier=Tier.VIOLATION, category="marking"),
        bad("客户张三身份证110101199003070011，帮忙开户", tier=Tier.VIOLATION, category="identity"),
        bad("数据库密码：Qg#2026run", tier=Tier.VIOLATION, category="credential"),
        bad("投标底价定在1280万", tier=Tier.REVIEW, category="business"),
        bad("客户名单.xlsx", type=MessageType.FILE, tier=Tier.REVIEW, category="business"),
        bad("机密-二期客户名单.xlsx", type=MessageType.FILE, tier=Tier.VIOLATION, category="marking"),
        good("司机王师傅13800001111，车牌京A12345，十点到", why="one telephone, for work"),
        good("运单号6222021234567890128，请查收", why="a parcel's number"),
        good("密码已重置，请自行设置新密码", why="names a password and tells none"),
        good("开票信息：滨江建设有限公司，税号91110108MA01A2B3C4，开户行建行", why="a company's own data"),
        good("保密协议今天签完，请大家遵守保密制度", why="about secrecy"),
        good("客户名单请线下交接，不要发群里", why="forbids what it names"),
    ],
)
def confidential(message: Message, context: Context, settings: Settings) -> Iterator[Finding]:
    """One finding per category, as sure as its surest sign; its facts name kinds, never what was found."""
    signs = [
        sign
        for sign in _signs(message, context.reading, settings)
        if sign.category == "company" or getattr(settings, sign.category)
    ]
    if not signs and settings.business and message.type is not MessageType.FILE:
        signs = list(_leak(context.reading))
    if not signs:
        return
    most = LIKELY if _safe(context.reading, settings.safe_words) else 1.0
    grouped: dict[str, list[_Sign]] = defaultdict(list)
    for sign in signs:
        grouped[sign.category].append(sign)
    for category, found in grouped.items():
        places = sorted({sign.span for sign in found})
        labels = dict.fromkeys(LABELS.get(sign.label, sign.label) for sign in found)
        yield Finding(
            field="text",
            start=places[0][0],
            end=places[0][1],
            confidence=min(most, max(sign.confidence for sign in found)),
            category=category,
            facts={"kind": "、".join(labels)},
            more=tuple(places[1:]),
        )


def _safe(reading: Reading, words: tuple[str, ...]) -> bool:
    if not words:
        return False
    text = _squeezed(verbatim(reading.original[slice(*reading.typed)]).text)
    return any(_squeezed(verbatim(word).text) in text for word in words)


def _squeezed(text: str) -> str:
    return "".join(text.casefold().split())


def _signs(message: Message, reading: Reading, settings: Settings) -> Iterator[_Sign]:
    named = message.type is MessageType.FILE
    yield from _business(reading, named)
    plain = reading.plain
    marked, secret, counted = marking.hinted(plain), credentials.hinted(plain), holds_numbers(plain)
    paid = hints_at_pay(plain)
    if not (marked or secret or counted or paid or settings.patterns):
        return  # nearly every message
    start, end = reading.typed
    text = verbatim(reading.original[start:end], start)
    if marked:
        for one in (marking.markings_in_name if named else marking.markings)(text):
            label, sure = ("stamp", SURE) if one.strong else ("internal", UNCLEAR)
            yield _Sign("marking", label, sure, text.span(one.start, one.end))
    if counted or paid:
        yield from _identity(message, text, settings)
    if secret:
        for found in credentials.secrets(text):
            yield _Sign("credential", found.kind.value, _trust(found), text.span(found.start, found.end))
    for own in settings.patterns:
        sure = PROVED if own.tier is Tier.VIOLATION else LIKELY
        for place in spans(own.pattern, text.text):
            yield _Sign("company", own.name, sure, text.span(*place))


def _trust(secret: Secret) -> float:
    if secret.kind is SecretKind.CODE:
        return UNCLEAR
    return SURE if secret.sure and not secret.shared else LIKELY


def _identity(message: Message, text: Verbatim, settings: Settings) -> Iterator[_Sign]:
    found = numbers(text)
    told = people(text, found)
    for number in found:
        sure = _certainty(number, bearing(text, number), message)
        if sure:
            label = "resident" if number.kind is NumberKind.OLD_RESIDENT else number.kind.value
            yield _Sign("identity", label, sure, text.span(number.start, number.end))
    yield from _people(text, told, settings.people)
    yield from _paid(text, told)


def _certainty(number: Number, bears: Bearing, message: Message) -> float:
    """How surely a number is somebody's that should not be here; 0 for what is ordinary."""
    if bears.sample or bears.of_thing:
        return 0.0
    if number.kind is NumberKind.RESIDENT:
        late = message.sent_at is not None and born(number.digits) > message.sent_at.date() - NEWBORN
        return LIKELY if late and not bears.of_person else PROVED
    if number.kind is NumberKind.CARD:
        if number.linked or bears.of_company:
            return 0.0
        return SURE if bears.of_card else UNCLEAR
    if number.kind is NumberKind.PERMIT:
        return SURE
    return SURE if number.kind is NumberKind.OLD_RESIDENT else 0.0


def _people(text: Verbatim, told: People, least: int) -> Iterator[_Sign]:
    """Several people's telephones, or one with a home address."""
    count, served = len(told.reached), told.whose is Whose.SERVED
    sure, label = 0.0, "people"
    if told.homes and count:
        label = "home"
        several = min(count, len(told.homes)) >= PAIR
        sure = SURE if served or several else LIKELY
    elif told.places and count and (served or (count >= PAIR and told.whose is Whose.ANYBODY)):
        label = "home"
        sure = SURE if served and min(count, len(told.places)) >= PAIR else LIKELY
    elif count and told.ill:
        label, sure = "ill", LIKELY
    elif served and count >= least:
        sure = SURE
    elif count >= PAIR and told.whose is not Whose.AT_WORK and count > told.titled:
        sure = LIKELY
    where = (told.homes or told.places) if label == "home" else ()
    for place in (*told.reached, *where) if sure else ():
        yield _Sign("identity", label, sure, text.span(*place))


def _paid(text: Verbatim, told: People) -> Iterator[_Sign]:
    if len(told.paid) >= PAIR:
        for place in told.paid:
            yield _Sign("business", "salary", LIKELY, text.span(*place))


def _business(reading: Reading, named: bool) -> Iterator[_Sign]:
    """What the company does not want to lose, by name: never more than a reason for people to look."""
    if named:
        for kind, (start, end) in telling(reading.original):
            yield _Sign("business", kind, LIKELY, (start, end))
    for hit in reading.of("confidential"):
        if given_away(reading.original, hit.term.category, (hit.start, hit.end), named=named):
            yield _Sign("business", hit.term.category, min(hit.term.weight, LIKELY), (hit.start, hit.end))


def _leak(reading: Reading) -> Iterator[_Sign]:
    """What the text seems to give away though nothing in it is listed: the model's word, for people to look at."""
    score = reading.score("confidential")
    if score < max(MODEL_DOUBTS, reading.score("advertising")) or _reminds(reading):
        return
    exact = credentials.hinted(reading.plain) or holds_numbers(reading.plain)
    if exact and score < CERTAIN:
        return  # what is exact has been looked at, and is no secret
    said = _NUMBER.sub("", reading.plain)
    if len(_HAN.findall(said)) < max(LEAST_SAID, len(said) // 2):
        return  # the model reads Chinese, not identifiers
    for span in reading.strongest("confidential") or ((0, len(reading.original)),):
        yield _Sign("business", "leak", min(score, LIKELY), span)


def _reminds(reading: Reading) -> bool:
    """Whether it asks others to keep something to themselves, or says how; nobody gives anything away by that."""
    return _REMINDER.search(reading.plain) is not None
