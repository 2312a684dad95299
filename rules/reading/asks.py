"""Whether a message asks for an answer, whom, and by when (policy 2.3a, 3.2c, 4.1a; urgent ones: 4.1b).

Only what says so in so many words asks (请回复, 收到请扣1, 请于周五前提交, 盼复), and only those who are called by
name, or everybody (@所有人). A question in passing, an offer (如有疑问请反馈), somebody else's request that is told
on, a list that people add themselves to (接龙), a command and a quoted block ask nobody. Pure; work is bounded by
the length up to which a text is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rules.core.worktime import WorkCalendar
from rules.reading import quote
from rules.reading.deadlines import LONGEST, clauses, deadline

Fold = Callable[[str], str]
"""Reads a text as what it stands for: simplified, half-width, lower case, without separators."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request for an answer.

    Attributes:
        everybody: the whole room is asked.
        mentions: ids of those who are asked by name, as the gateway told them.
        names: the names in the text, for gateways that tell no ids.
        urgent: it asks for an answer at once.
        due: by when, in the company's zone; ``None`` if it does not say.
    """

    everybody: bool
    mentions: tuple[str, ...]
    names: tuple[str, ...]
    urgent: bool
    due: datetime | None


EVERYBODY_IDS = frozenset({"@all", "all", "notify@all", "announcement@all"})
"""What gateways put in the place of an id when everybody is mentioned."""

_EVERYBODY = re.compile(
    r"@\s?(?:所有人|全[体體](?:成[员員]|人[员員]|[员員]工)?|全[员員]|(?:all|everyone)(?![a-z]))", re.I
)
_CALLED = re.compile(r"@([^@\u2005\n]{1,40})\u2005|@([^\s@]{1,40})(?:\s|$)")
_COMMAND = re.compile(r"\s*[/／][\w\-]{1,16}(?![\w/.])")
_CHAIN = re.compile(r"#\s?接[龙龍]|^\s*接[龙龍]|接[龙龍]\s*$", re.M)

_VERB = (
    r"回复|回覆|答复|反馈|确认|回执|回话|告知|示复|签收|回报|回一下|回下|回一声|吱一声|回个|复命"
    r"|[回扣打]个?[1一](?!切|起|定|般|百|千|万|\d)"
)
_PLEASE = (
    r"(?<![申邀聘宴已我没])请(?!假|示(?!复)|教|问|客|柬|求|帖)|麻烦|烦劳|劳烦|劳驾|拜托|有劳|务必|务请"
    r"|望(?!远)|盼"
)
_GOT = r"(?<![已我没未他她])(?:收到|看到|看见|知悉|已阅|阅后|读后|知晓|了解|明白|听到|完成|办妥|办完|填完)"
_SPELLED = (
    # 收到请回复, 看到后麻烦回我一下, 已阅的请扣1
    _GOT + r".{0,8}?(?:请|麻烦|务必|都|需|要|及时|尽快|统一).{0,6}?"
    r"(?P<asked>回复|回覆|[回扣打]个?1|回个|回一下|回下|反馈|确认|答复|吱)",
    # 收到回复, 收到扣1
    _GOT + r"(?:后|的)?(?P<asked>(?:回复|回覆|回|扣|打)(?:一下|一声|下|个?1|收到|我|我一下)?)"
    r"(?:谢谢|感谢|哈|哦|啊|呀|吧|啦)?$",
    # 请尽快回复, 麻烦今天确认一下
    rf"(?P<please>{_PLEASE})(?P<mid>.{{0,24}}?)(?P<asked>{_VERB})",
    r"(?P<asked>[盼望候待]复|[恭静]候(?:回复|佳音|回音)|盼回|[盼望]回复)",
    r"等(?:待|着)?(?:你|您|你们|各位|大家)的?(?P<asked>回复|答复|反馈|确认)",
    r"(?<![会要来我])(?P<asked>(?:给|回)(?:我|我们|大家)?一?个(?:话|信|准信|准话|答复|回复|反馈|确认|收到))",
    rf"(?:能否|能不能|可否|可不可以|是否可以).{{0,10}}(?P<asked>{_VERB})",
    rf"(?:可以|方便).{{0,8}}(?P<asked>{_VERB})(?:一下|下)?[吗么]",
    # 尽快回复, 速复
    (
        r"(?P<please>尽快|立即|马上|立刻|即刻|火速|抓紧|赶紧|及时|速速?)(?P<mid>给我|给个)?"
        rf"(?P<asked>{_VERB}|[回复]$|回我)"
    ),
    r"^(?P<asked>(?:回复|确认|反馈)(?:一下|下)(?:吧|哈|呀|谢谢)?)$",
    r"(?:please|pls|plz|kindly).{0,24}?(?P<asked>reply|confirm|respond|acknowledge|ack)",
    r"(?P<asked>rsvp)",
)
_FORMS = tuple(re.compile(form) for form in _SPELLED)
_DUTY = re.compile(
    r"(?<![申邀聘宴已我没])请(?!假|示|教|问|客|柬|求)|麻烦|拜托|务必|务请|必须|须|需(?:于|在|要)|烦劳|劳烦"
)
_NEGATED = re.compile(
    r"(?:不用|无需|不必|请?勿|不需|不要|无须|毋须|不再|免(?!费)|(?<![特级类差区分性识个])别)"
    r"(?:再|都|大家|要|特意|单独|在?群里|在?群内|一一|逐一|请|各位)*$"
)
_OFFER = re.compile(
    r"(?<![没无])有(?:任何|其他|其它|不同|什么|别的)?"
    r"(?:问题|疑问|异议|意见|变动|变更|变化|需求|需要|调整|冲突|遗漏|错误|误|不妥|建议|想法|困难|不明|特殊|事)"
    r"|(?:如|若|如果|要是|倘若)(?:需|要|想|不能|无法|未能|未收到|没收到|没有收到)"
)
_IF = re.compile(r"如|若|要是|倘若|假如|万一|^(?:大家|各位|谁)?有")
_SOME = re.compile(
    r"(?:没|未|不|有|要|需|想|愿意|参加|报名|涉及|打算)[^请]{0,12}的(?:同事|人员?|同学|部门|伙伴|朋友|各位)?[都也均]?$"
)
_TOLD_ON = re.compile(
    r"(?:客户|对方|甲方|乙方|领导|老板|供应商|财务|他|她|他们|银行|政府|业主|总部|人家)"
    r"(?:那边|说|已经?|要求|让|叫|发来|又|也|刚刚?|今天|昨天|问|都|在|一直|正){1,3}.{0,6}$"
)
_OURSELVES = re.compile(r"(?:我|我们|我方|我这边|咱们|稍后|会|将|已经?|再)$")
_NOUN = re.compile(
    r"(?:按照?|根据|参考|参照|查看|等待?|依据|结合|针对|关注|注意|留意|整理|汇总|收集|跟进|处理|已经?|过|未).{0,8}$"
)
_THEN = re.compile(r"(?:并|后|及|且|再|尽快|及时|立?即|马上|务必|完|以便)$")

_URGENT = re.compile(
    r"(?<![不非])紧急(?!联系|出口|预案|程度|电话|集合|情况|演练|通道|疏散|避险)|十万火急|(?<!不)(?:火急|加急|特急)|急件|急急急|asap"
    r"|(?:立即|立刻|即刻)(?:给我|给个|请)?(?:回复|答复|反馈|确认|回|复|处理|办|上报|报|到)"
    r"|(?:马上|火速|速)(?:给我|给个|请)?(?:回复|答复|反馈|确认|回|复|处理|办)"
)
_MARKED = re.compile(r"[【\[〔［（(]\s*(?:加|特|火)?急\s*[】\]〕］）)]")


def read(text: str, mentions: Sequence[str], now: datetime, calendar: WorkCalendar, fold: Fold) -> Ask | None:
    """What a message asks for; ``None`` if it asks nobody for an answer.

    Args:
        text: the whole message, a quoted block included.
        mentions: contact ids that it mentions, as the gateway told them.
        now: when it was sent.
    """
    typed = typed_part(text)
    if "@" not in typed and not mentions:
        return None
    everybody, names = calls_everybody(typed, mentions), names_in(typed)
    ids = tuple(dict.fromkeys(one for one in mentions if one not in EVERYBODY_IDS))
    said = without_calls(typed)
    if not (everybody or ids or names) or _COMMAND.match(said) or _CHAIN.search(said):
        return None
    if not asks(said, now, calendar, fold):
        return None
    return Ask(everybody, ids, names, is_urgent(said, fold), deadline(said, now, calendar))


def calls_everybody(typed: str, mentions: Sequence[str]) -> bool:
    """Whether everybody in the room is called."""
    return any(one in EVERYBODY_IDS for one in mentions) or _EVERYBODY.search(typed) is not None


def without_calls(typed: str) -> str:
    """Words without those whom they call."""
    return _CALLED.sub(" ", _EVERYBODY.sub(" ", typed))


def names_in(typed: str) -> tuple[str, ...]:
    """The names by which words call people, as they were typed; everybody is no name."""
    found = _CALLED.findall(_EVERYBODY.sub(" ", typed))
    return tuple(dict.fromkeys(name.strip() for pair in found for name in pair if name.strip()))


def typed_part(text: str) -> str:
    """What the sender typed, without the quoted block, as far as it is looked at."""
    quoted = quote.parse(text)
    typed = text[quoted.typed[0] :] if quoted else text
    return typed[:LONGEST].replace("＠", "@")


def asks(said: str, now: datetime, calendar: WorkCalendar, fold: Fold) -> bool:
    """Whether words ask for an answer, whoever is meant."""
    before = ""
    for clause in clauses(said):
        folded = fold(clause)
        if _asks(folded, before):
            return True
        please = _DUTY.search(folded)
        if (
            please is not None
            and not _excused(folded, before, please.start(), please.start())
            and deadline(clause, now, calendar) is not None
        ):
            return True
        before = folded
    return False


def is_urgent(said: str, fold: Fold) -> bool:
    """Whether words ask for something at once."""
    return _MARKED.search(said) is not None or _URGENT.search(fold(said)) is not None


def _asks(clause: str, before: str) -> bool:
    for form in _FORMS:
        for found in form.finditer(clause):
            parts = found.groupdict()
            middle = parts.get("mid") or ""
            if middle and _NOUN.search(middle) and not _THEN.search(middle):
                continue
            if parts.get("please") and _OURSELVES.search(clause[: found.start()]):
                continue
            if not _excused(clause, before, found.start(), found.start("asked")):
                return True
    return False


def _excused(clause: str, before: str, start: int, verb: int) -> bool:
    """Whether what stands before a request takes it back, makes it an offer, or somebody else's."""
    lead = clause[:start]
    if _NEGATED.search(clause[:verb]) or _NEGATED.search(lead):
        return True
    if any(pattern.search(lead) is not None for pattern in (_OFFER, _SOME, _TOLD_ON)):
        return True
    return _IF.search(before) is not None and _OFFER.search(before) is not None
