"""What carries nothing: single characters, drawn-out sounds, a text that is one thing over and over.

And what looks like it and is work: ticks, calls, columns and lists.
"""

from __future__ import annotations

import re
from collections import Counter
from enum import Enum, auto
from operator import eq

TICKS = frozenset(
    {
        "ok",
        "okay",
        "pass",
        "done",
        "yes",
        "no",
        "y",
        "n",
        "1",
        "123",
        "+1",
        "√",
        "合格",
        "不合格",
        "正常",
        "异常",
    }
    | {
        "过",
        "不过",
        "通过",
        "放行",
        "是",
        "否",
        "无",
        "有",
        "没有",
        "在",
        "到",
        "在职",
        "男",
        "女",
        "完成",
        "已完成",
    }
    | {
        "未完成",
        "已到",
        "已通知",
        "已签",
        "已签收",
        "已交",
        "收到",
        "好",
        "好的",
        "好了",
        "行",
        "可",
        "可以",
        "同意",
    }
    | {"测试", "试音", "开始", "停", "下一个", "谢谢"}
)
"""Folded words that tick things off one by one, or acknowledge: said often because there is much to tick off."""

NODS = frozenset({"嗯", "嗯嗯", "哦"})
"""Sounds that answer where somebody asked."""

_SOUNDS = frozenset(
    "哈呵嘿嘻啊呀哦喔噢额呃嗯恩唉哎诶哟喂哼切呸嘘咦哇啦吧呢嘛么哒嗷咳欸咯嘎靠草顶赞嗨咩喵汪嗡唔吼"
)
_TRAILS = "".join(sorted(_SOUNDS - frozenset("顶赞靠草"))) + "了"
_MORE = 3
"""So many characters more say nothing new."""
LONGEST_GIST = 30
"""Folded code points up to which a text is looked at for its gist."""
_COUNTS = frozenset("0123456789〇零一二两三四五六七八九十百千万第半")
_FIRST_HAN = "\u3400"
_COURTEOUS = re.compile("谢|快乐|恭喜|恭贺|辛苦|祝|早安|晚安|早上好|愉快|平安|欢迎|加油")
_ALARM = re.compile(
    "着火|起火|失火|火警|冒烟|泄漏|泄露|撤离|疏散|触电|坍塌|塌方|塌了|晕倒|昏倒|抢救|急救|救命|救人|报警|心跳|地震|爆炸|中毒"
)
_RULED = re.compile(r"[-=_*#~.·—–─…+|\s]+")  # what draws lines and tables
_DATA = re.compile(r"[0-9a-fA-Fx,.:;/\\\s-]+")
_PIECE = re.compile(r"[\n,，;；、。]+")
_STICKER = re.compile(r"\[[^\[\]\x00-\x7f]{1,4}\]")
_SHARE, _EXACT = 0.8, 0.95
_LONGEST_UNIT, _SHORT_UNIT = 30, 12
_PIECES = 5
_LOG_LINE = 5


def alarming(key: str) -> bool:
    """Whether somebody cries fire: who does may repeat themselves."""
    return _ALARM.search(key) is not None


def thin(key: str) -> bool:
    """Whether a folded text is a sound or a character drawn out (哈, 呵呵, 啊啊啊, 666).

    Two characters may be a name, one may be called out, and so may a number.
    """
    if ticks(key):
        return False
    different = set(key)
    if different <= _SOUNDS:
        return True
    return len(different) < len(key) - 1 and len(different) <= 2


def called(key: str) -> bool:
    """Whether a folded text is one Chinese character and no sound: what is called out, or a piece of a sentence."""
    return len(key) == 1 and key >= _FIRST_HAN and key not in _SOUNDS


def gist(key: str) -> str:
    """What a folded text says, once: without the sounds at its end (修好没 for 修好没啊啊), and without repetition
    (催更 for 催更催更催更). Figures, courtesy and long texts stay as they are."""
    if len(key) > LONGEST_GIST or key.isdecimal() or _COURTEOUS.search(key):
        return key
    said = key.rstrip(_TRAILS) or key
    for length in range(1, len(said) // 2 + 1):
        if len(said) % length == 0 and said[:length] * (len(said) // length) == said:
            return said[:length]
    return said


def ticks(key: str) -> bool:
    """Whether a folded text ticks something off, or is a number that is read out."""
    return key in TICKS or (key.isdecimal() and len(set(key)) > 1)


def restates(key: str, before: str) -> bool:
    """Whether a folded text only says an earlier one again, with a few characters more (顶, 顶上去).

    What differs in a number (一楼, 十一楼) or is called out names different things.
    """
    if before in TICKS or called(before) or key.isascii() or len(key) - len(before) > _MORE:
        return False
    start = key.find(before) if before else -1
    return start >= 0 and _COUNTS.isdisjoint(key[:start] + key[start + len(before) :])


class Wall(Enum):
    """What a wall is made of."""

    WORDS = auto()
    BLANKS = auto()
    COLUMN = auto()  # ticks below each other: pasted out of a table, most likely


def wall(typed: str, length: int, lines: int) -> tuple[Wall, int] | None:
    """Of what a text is a wall and how often it says it; ``None`` if it is none. Linear in its length.

    Args:
        typed: the text as it was typed.
        length: from how many characters one unit, repeated over and over, is a wall.
        lines: from how many equal (or empty) lines it is one.
    """
    if len(typed) < min(length, lines):
        return None
    return _of_lines(typed, lines) or _of_units(typed, length)


def _of_lines(typed: str, fewest: int) -> tuple[Wall, int] | None:
    lines = [line.strip() for line in typed.splitlines()]
    if len(lines) < fewest:
        return None
    filled = [line for line in lines if line]
    empty = len(lines) - len(filled)
    if empty >= fewest and empty >= _SHARE * len(lines):
        return Wall.BLANKS, empty
    words = [line for line in filled if not _RULED.fullmatch(line)]
    if len(words) < fewest:
        return None
    line, times = Counter(words).most_common(1)[0]
    # A column of figures or one line of a log again and again is pasted work.
    if times < _SHARE * len(words) or _DATA.fullmatch(line) or (line.isascii() and len(line) >= _LOG_LINE):
        return None
    return (Wall.COLUMN if line.casefold() in TICKS else Wall.WORDS), times


def _of_units(typed: str, length: int) -> tuple[Wall, int] | None:
    text = _RULED.sub("", _STICKER.sub("★", typed))
    if len(text) < length or len(set(text)) * 4 > len(text) or _DATA.fullmatch(text) or _is_list(typed):
        return None
    for unit in range(1, _LONGEST_UNIT + 1):
        if unit > _SHORT_UNIT and text[:unit].isascii():
            return None  # records and statements
        share = _SHARE if unit <= _SHORT_UNIT else _EXACT
        if sum(map(eq, text, text[unit:])) >= share * (len(text) - unit):
            return Wall.WORDS, len(text) // unit
    return None


def _is_list(typed: str) -> bool:
    """Whether it is a list: entries that look alike, but most of them differ and none is a wall itself."""
    pieces = [piece for piece in map(str.strip, _PIECE.split(typed)) if piece]
    return (
        len(pieces) >= _PIECES
        and 2 * len(set(pieces)) > len(pieces)
        and 4 * max(map(len, pieces)) <= len(typed)
    )
