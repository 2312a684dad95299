"""Whether somebody only acknowledges, thanks, greets or wishes well.

A short text is taken apart into words of courtesy, those who are addressed, and what one promises to do about
it. Only what leaves nothing over is courtesy alone; what leaves little is plausible. Longer wishes count by how
much of them is wish. Pure; work is bounded by the length up to which a text is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from enum import Enum, auto

from rules.reading.courtesy_words import (
    ACKNOWLEDGED,
    ADDRESSED,
    CLEAR,
    FESTIVE,
    FILLING,
    KIND,
    LONGEST_WORD,
    PROMISED,
    THINGS,
    WISHES,
)
from rules.reading.emergency import mentions
from rules.reading.names import COMPOUND_SURNAMES, SURNAMES, TITLES
from rules.reading.reading import Reading
from rules.reading.small_talk import Talk, small_talk

SHORT = 60
LONG = 400
REST = 12
"""So many folded code points behind an acknowledgement may still belong to it."""

ANSWER = 24
"""Folded code points up to which what begins like an answer (policy 4.1a) is plausibly nothing else."""

MOSTLY, PARTLY = 0.65, 0.4

_COMMAND = re.compile(r"[/／][\w\-]{1,16}(?![\w/.])[^\n]{0,480}(?:\n|$)")
_UNIT = re.compile(
    r"[^的是在有没不我你您他这那去来请给把就都和吗呢了看说到]{1,8}"
    r"(?:[部处科室组店班队院办厂局所站区线岗]|中心|公司|团队|车间|项目|分行|支行|事业群)"
)
_KIND_HEAD = re.compile(
    r"(?:非常|十分|衷心|再次|真诚|也)?(?:谢谢|感谢|多谢|祝|恭祝|敬祝|愿|恭喜|恭贺|致敬)"
    r"|辛苦了?(?=[^把请帮发]{0,10}(?:同事|同仁|大家|各位|们|老师|领导|师傅|人员)$)"
    r"|(?:热烈)?欢迎(?=.{0,12}(?:加入|到来|回来|归队|新))"
)
_KIND_TAIL = re.compile(
    r"(?!.*(?:[明今][天早晚]|周末|下周|都[来去到]|全组|请|要|来|朋友圈|抖音|视频|链接))给?.{1,14}"
    r"(?:点个?赞|辛苦了|辛苦啦|真棒|最棒|威武|好样的|666+)"
)
_LONGEST_THANKS = 24
_LAUGH = re.compile(r"(?:[哈呵嘿嘻嗯哦噢喔啊]{1,20}|6{2,9}|\+?1{1,9}|[√vy])")
_HEAD = re.compile(
    r"已?收到了?|已?知悉|已阅|明白了?|了解了?|知道了|好[的滴哒嘞呀吧]|嗯嗯|可以的?|行吧|没问题|ok|[好行嗯哦是]$"
)
_ASKS = re.compile(
    r"[吗谁哪把啥怎]|什么|如何|几[点个时分]|多[少长久钱]|给我|发我|报给|能不能|是否|有没有|麻烦.{0,6}[发看改给帮查填交]"
    r"|请.{0,10}(?:回|提交|发|交|参加|填|报|确认|查|完成|准时|务必|安排|通知|看|到|打)|开会|会议|报名|接龙|提醒"
    r"|放假安排|值班表|上交|报送|截止|明天.{0,4}[点前]|报表|合同|方案|文件"
)
_ANSWER = re.compile(
    r"(?:嗯+|好的?|行|哦|噢|抱歉|不好意思|对不起|亲|领导|老师|[\u4e00-\u9fff][总工哥姐])?"
    r"(?:这个|那个|这块)?(?:我(?:们|方|司|部|组)?|咱们?|本人|俺|[^的把请给]{0,6}[部组科室])?(?:这边|那边|自己)?"
    r"(?:目前|现在|暂时|今[天晚早]|刚刚?|刚才|都|还|也|正在?|在|马上|尽快|应该|可能|预计|大概|估计|最[快迟晚]|明[天早晚]|后天|上?下?午|下?周[一二三四五六日天末]?|下[周月]"
    r"|晚点|稍后|一会儿?|待会儿?|等会儿?|上班后?|早上|晚上|中午|之前|前|内|(?:\d{1,2}|[一二三四五六七八九十]{1,3})[点号日:]半?|半小时|分钟|小时|\d{1,3}){0,5}"
    r"(?:没(?:有)?(?:收到|看到|问题|弄好|做完|完成|空|时间|权限|办法|有)|收到|不(?:太)?(?:方便|清楚|知道|行|能|在|可以|确定|好(?:办|弄|说)|会|去|参加)"
    r"|无法|做不[了完]|来不及|可以(?!的话)|能(?!否|不能|源|量|力|耗)|没问题|已经?|发(?:您|你|过去|出|邮箱|群里|了)|完成|[做弄写改填办搞](?:完|好|定)|提交|上传|转给?|给[您你]|稍等|稍候|等[下会我]|等一[下会]"
    r"|处理|在的|在[路忙开外高家]|在(?:医院|车上|机场|会上|客户那|现场|出差)|[找查]不到|[让叫]\w{2,3}(?:来|去|跟|看|查|办)|看[一下看完]|回复|安排|跟进|核实|确认|[查问核][一下查]|正在|马上|尽快|争取|来得及|赶得[上及]|交(?![流接通代换易]))"
)
_BACK = re.compile(
    r"[吗谁哪啥怎]|什么|如何|(.)不\1|给我|[发报交]我|报给|有没有|麻烦|请|开会|会议|报名|接龙|[你您]们?(?!邮箱|的|了|那|微信|办公室|桌)|大家|各位"
)
"""What asks or orders, and answers nothing."""
_ORDERS = re.compile(
    r"有没有|有无|(?:大家|各位|你们|您们).{0,3}[看试查改填提交发]|[你您]们?[发改查填写整弄做交]"
)
_ASKED = re.compile(r"(?:收到|看到|听到|知道|明白|清楚|懂|了解|好|行|可以|到)了?(?:没有?|不|否)")


class Courtesy(Enum):
    """How much of a text is courtesy."""

    NONE = auto()
    PLAUSIBLE = auto()
    ALONE = auto()


def courtesy(reading: Reading, more: Collection[str] = ()) -> Courtesy:
    """How much of what was typed is courtesy; mentions and commands to a bot count for nothing.

    Args:
        reading: the text.
        more: further words that acknowledge, folded.
    """
    if len(reading.plain) > LONG:
        return Courtesy.NONE
    pieces = list(_pieces(reading))
    if not pieces:
        start, end = reading.typed
        # Nothing but mentions pokes somebody; nothing but emoji or a command says nothing to anybody.
        return Courtesy.NONE if mentions(reading.original[start:end]) else Courtesy.ALONE
    length = sum(map(len, pieces))
    if any(_ASKED.fullmatch(piece) for piece in pieces):
        return Courtesy.NONE
    if length > SHORT:
        return _wish(pieces, length)
    said = "".join(pieces)
    talk = Talk.NONE if _asked(reading) or _ASKS.search(said) else small_talk(said)
    if talk is Talk.SMALL:
        return Courtesy.ALONE
    found = [_piece(piece, more) for piece in _without_chain(pieces)]
    if all(kind is not _Kind.OTHER for kind in found):
        if any(kind is _Kind.KIND for kind in found):
            return Courtesy.PLAUSIBLE if _asked(reading) or _orders(pieces) else Courtesy.ALONE
        return Courtesy.PLAUSIBLE if _Kind.PROMISE in found else Courtesy.NONE
    head = _HEAD.match(pieces[0])
    rest = said[head.end() :] if head is not None else ""
    if rest and len(rest) <= REST and not _ASKS.search(rest):
        return Courtesy.PLAUSIBLE
    if talk is Talk.GREETING or answers(reading):
        return Courtesy.PLAUSIBLE
    return _wish(pieces, length)


def answers(reading: Reading) -> bool:
    """Whether a short text reads as what policy 4.1a asks of members: received or not, can or can't, by when."""
    plain = reading.plain
    if not plain or len(plain) > ANSWER or _asked(reading):
        return False
    said = "".join(_pieces(reading))
    found = _ANSWER.match(said)
    return found is not None and not _BACK.search(
        said.replace("发您", "").replace("给您", "").replace("回您", "")
    )


def is_command(reading: Reading) -> bool:
    """Whether nothing was typed but a command to a bot, mentions of it aside."""
    start, end = reading.typed
    typed = reading.original[start:end]
    return bool(_commands(typed)) and not any(True for _ in _pieces(reading))


def _asked(reading: Reading) -> bool:
    start, end = reading.typed
    return any(reading.original.find(sign, start, end) >= 0 for sign in "?？")


def _orders(pieces: list[str]) -> bool:
    """Whether words that are courteous one by one ask for something together: 改好了，大家看看有没有问题."""
    return any(_ORDERS.search(piece) and not _KIND_HEAD.match(piece) for piece in pieces)


def _without_chain(pieces: list[str]) -> list[str]:
    """The pieces of a list that people add themselves to (接龙), without its head and its numbers."""
    if pieces[0] != "接龙":
        return pieces
    return [piece for piece in pieces[1:] if not piece.isdigit()]


class _Kind(Enum):
    OTHER = auto()
    FILL = auto()
    PROMISE = auto()
    KIND = auto()


def _commands(typed: str) -> list[tuple[int, int]]:
    """The first line, mentions aside, if it is a command to a bot."""
    begin = 0
    for start, end in mentions(typed[:200]):
        if typed[begin:start].strip():
            break
        begin = end
    while begin < len(typed) and typed[begin].isspace():
        begin += 1
    found = _COMMAND.match(typed, begin)
    return [found.span()] if found else []


def _pieces(reading: Reading) -> Iterator[str]:
    """What was typed, folded, in pieces as punctuation divides it; without mentions and commands."""
    start, end = reading.typed
    typed = reading.original[start:end]
    skipped = [*_commands(typed), *mentions(typed)]
    silent = {place + start for first, last in skipped for place in range(first, last)}
    piece: list[str] = []
    before = -1
    for character, place in zip(reading.plain, reading.origin, strict=True):
        if piece and place > before + 1:
            yield "".join(piece)
            piece = []
        before = place
        if place not in silent:
            piece.append(character)
    if piece:
        yield "".join(piece)


def _piece(piece: str, more: Collection[str]) -> _Kind:
    if piece in more or _LAUGH.fullmatch(piece):
        return _Kind.KIND
    kindly = _KIND_HEAD.match(piece) or _KIND_TAIL.fullmatch(piece)
    if len(piece) <= _LONGEST_THANKS and kindly and not _ASKS.search(piece):
        return _Kind.KIND
    if (kind := _composed(piece, more)) is not _Kind.OTHER:
        return kind
    if _somebody(piece):
        return _Kind.FILL
    for word in CLEAR:
        if piece.endswith(word) and _ours(piece[: -len(word)]):
            return _Kind.KIND
        if piece.startswith(word) and _somebody(piece[len(word) :]):
            return _Kind.KIND
    return _Kind.OTHER


def _composed(piece: str, more: Collection[str]) -> _Kind:
    """The best kind as which a piece can be put together from known words, nothing left over."""
    best: list[_Kind | None] = [None] * (len(piece) + 1)
    best[0] = _Kind.FILL
    for start in range(len(piece)):
        so_far = best[start]
        if so_far is None:
            continue
        for end, kind in _words(piece, start, more):
            known = best[end]
            reached = max(so_far, kind, key=_RANK.__getitem__)
            if known is None or _RANK[reached] > _RANK[known]:
                best[end] = reached
    return best[-1] or _Kind.OTHER


_TITLES = frozenset(TITLES)
_RANK = {kind: rank for rank, kind in enumerate(_Kind)}


def _words(piece: str, start: int, more: Collection[str]) -> Iterator[tuple[int, _Kind]]:
    for end in range(start + 1, min(len(piece), start + LONGEST_WORD) + 1):
        word = piece[start:end]
        if word in KIND or word in WISHES or word in ACKNOWLEDGED or word in more:
            yield end, _Kind.KIND
        elif word in PROMISED:
            yield end, _Kind.PROMISE
        elif word in FILLING or word in ADDRESSED or (len(word) <= 5 and _titled(word)):
            yield end, _Kind.FILL


def _titled(word: str) -> bool:
    """张总, 李姐, 王小明经理, 小王, 老李."""
    if word[:1] in "小老阿" and 1 < len(word) <= 3:
        return len(word) == 2 or word[2:] in _TITLES
    if word[0] not in SURNAMES and word[:2] not in COMPOUND_SURNAMES:
        return False
    for length in range(1, len(word)):
        name = word[:length]
        if word[length:] in _TITLES and (name in SURNAMES or name in COMPOUND_SURNAMES or is_name(name)):
            return True
    return False


def is_name(text: str) -> bool:
    """Whether a text reads as a person's full name."""
    if text[:2] in COMPOUND_SURNAMES:
        return len(text) in (3, 4)
    return len(text) in (2, 3) and text[0] in SURNAMES


def _somebody(text: str) -> bool:
    """A name, a unit of the company, or both: 张三, 财务部, 财务部张三."""
    if len(text) > 16:
        return False
    if is_name(text) or _titled(text) or text in ADDRESSED:
        return True
    if (unit := _UNIT.match(text)) is None:
        return False
    rest = text[unit.end() :]
    return not rest or is_name(rest) or _titled(rest)


def _ours(text: str) -> bool:
    """Who or what is acknowledged for: 财务部(收到), 邮件(收到)."""
    return _somebody(text) or any(
        text in (thing, thing + "已", thing + "都", thing + "已经") for thing in THINGS
    )


def _wish(pieces: list[str], length: int) -> Courtesy:
    """Wishes may be long, and festive phrases are endless: what counts is how much of it is known."""
    if _ASKS.search("".join(pieces)):
        return Courtesy.NONE
    verses = [piece for piece in pieces if _is_verse(piece)]
    text = "".join(piece for piece in pieces if piece not in verses)
    covered, wishes = sum(map(len, verses)), len(verses) > 1
    known, wished = _known(text)
    if not (wishes or wished):
        return Courtesy.NONE
    share = (covered + known) / length
    if share >= MOSTLY:
        return Courtesy.ALONE
    return Courtesy.PLAUSIBLE if share >= PARTLY else Courtesy.NONE


def _is_verse(piece: str) -> bool:
    """A line of four to eight characters, most of them those that wishes are made of."""
    festive = sum(character in FESTIVE for character in piece)
    return 4 <= len(piece) <= 8 and 2 * festive >= len(piece)


def _known(text: str) -> tuple[int, bool]:
    """How many characters of a text are words of courtesy, and whether any of them wishes."""
    length = len(text)
    covered, start, wishes = 0, 0, False
    while start < length:
        for end in range(min(length, start + LONGEST_WORD), start, -1):
            word = text[start:end]
            wished = word in WISHES
            if wished or word in KIND or word in FILLING or word in ADDRESSED or word in ACKNOWLEDGED:
                covered += end - start
                wishes = wishes or wished
                break
        else:
            end = start + 1
        start = end
    return covered, wishes
