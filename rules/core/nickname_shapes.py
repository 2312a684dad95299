"""What can be said of a nickname without a roster to look it up in: only its shape.

So it is for outsiders (公司+姓名, policy 2.2a), and for everybody while nothing but departments is known. What
is clearly wrong is found; what can't be told apart is :class:`~rules.core.declare.Unknown`.
"""

from __future__ import annotations

import re

from rules.core.declare import Unknown
from rules.core.nicknames import Flaw, is_pictograph, kind_of_addition
from rules.core.roster import Directory, Split
from rules.reading.names import (
    COMPOUND_SURNAMES,
    HEAD_TITLES,
    SURNAMES,
    is_pet_name,
    leads,
    reads_as_name,
    split_title,
)
from rules.reading.spelling import SEPARATORS, is_han

_NUMBER = re.compile(r"(?:\d[ \-]?){7,}")
_DOTTED_NAME = re.compile(r"[^\W\d_a-z]{2,}(?:·[^\W\d_a-z]{2,})+$")
_SHORT_TITLES = "总工哥姐董"


def of_shape(plain: str, directory: Directory, certain: bool) -> Flaw | None:
    """The flaw in an employee's nickname when only departments are known; ``None`` if it has the right shape.

    Args:
        plain: the nickname as spelt.
        directory: a roster without people.
        certain: whether somebody said that the wearer is an employee.

    Raises:
        Unknown: it may be right, or not.
    """
    end = len(plain)
    splits = directory.splits(plain)
    if any(reads_as_name(split.rest) for split in splits):
        return None
    named = [split for split in splits if split.rest]
    for split in named:
        if (flaw := _after_department(split)) is not None:
            return flaw
    if splits and not named:
        return Flaw("format", "缺少姓名", 0, end)
    if splits:
        raise Unknown("whether a real name follows the department")
    if (flaw := _clearly_wrong(plain)) is not None:
        return Flaw(flaw.category, flaw.sign, flaw.start, flaw.end, doubtful=not certain)
    raise Unknown("the department")


def _after_department(split: Split) -> Flaw | None:
    """What is clearly wrong behind a known department."""
    rest, start = split.rest, split.start
    end = start + len(rest)
    before, title = split_title(rest)
    surname_only = not before or before in SURNAMES or before in COMPOUND_SURNAMES
    if rest in HEAD_TITLES or (leads(title) and surname_only):
        return Flaw("head_name", "以职务代替姓名，部门负责人应使用真实姓名", start, end)
    if title and (surname_only or reads_as_name(before)):
        return Flaw("format", "含职务或称呼", start if surname_only else end - len(title), end)
    if rest[0] in SEPARATORS:
        return Flaw("format", "部门与姓名之间多于一个分隔符", start, start + 1)
    for index, sign in enumerate(rest):
        if is_pictograph(sign) or sign.isdigit():
            return Flaw("format", kind_of_addition(rest), start + index, end)
    if is_pet_name(rest):
        return Flaw("format", "疑似称呼，不是真实姓名", start, end)
    return None


def of_external(plain: str, directory: Directory) -> Flaw | None:
    """The flaw in an outsider's nickname (公司+姓名); ``None`` if it has the right shape.

    Raises:
        Unknown: nothing tells whether it is company and name.
    """
    worn = (
        line for split in directory.splits(plain) for line in directory.lines(split.department, split.rest)
    )
    if any(line.active for line in worn):
        return Flaw("other_person", "与花名册中员工的昵称相同", 0, len(plain), doubtful=True)
    if (flaw := _clearly_wrong(plain)) is not None:
        return flaw
    if number := _NUMBER.search(plain):
        return Flaw("format", "含号码", number.start(), number.end())
    if (title := _title_at_end(plain)) is not None:
        return Flaw("format", "含职务或称呼", title, len(plain))
    gaps = _gaps(plain)
    if len(gaps) > 1:
        return Flaw("format", "多于一个分隔符", gaps[1], gaps[1] + 1)
    if any(len(plain) - length >= 2 and reads_as_name(plain[-length:]) for length in (2, 3, 4)):
        return None
    if any(
        sign in SEPARATORS and index >= 2 and reads_as_name(plain[index + 1 :])
        for index, sign in enumerate(plain)
    ):
        return None
    raise Unknown("whether it is company and name")


def _clearly_wrong(plain: str) -> Flaw | None:
    """What can be no department or company with a name behind it, whatever they are called."""
    end = len(plain)
    for index, sign in enumerate(plain):
        if is_pictograph(sign):
            return Flaw("format", "含表情或符号", index, index + 1)
    if not any(sign.isalpha() for sign in plain):
        return Flaw("format", "没有姓名", 0, end)
    before, title = split_title(plain)
    if title and (before in SURNAMES or before in COMPOUND_SURNAMES):
        return Flaw("format", "以职务或称呼代替姓名", 0, end)
    if is_pet_name(plain) or _is_bare_name(plain):
        return Flaw("format", "只有姓名或称呼", 0, end)
    return None


def _is_bare_name(plain: str) -> bool:
    """Whether nothing but a name can stand there: too short for two parts, or a name from its first sign on."""
    if not all(map(is_han, plain)):
        return False
    if len(plain) <= 2:
        return True
    if plain[:2] in COMPOUND_SURNAMES and len(plain) <= 4:
        return not reads_as_name(plain[2:])
    return len(plain) == 3 and plain[0] in SURNAMES and plain[1] not in SURNAMES


def _title_at_end(plain: str) -> int | None:
    """Where a title at the end begins; ``None`` if there is none, or if it may belong to the name."""
    before, title = split_title(plain)
    if title:
        return len(before)
    body = plain[:-1]
    if plain[-1:] in _SHORT_TITLES and body[-1:] in SURNAMES and not reads_as_name(body[-2:]):
        return len(body)
    return None


def _gaps(plain: str) -> list[int]:
    """Where separators stand, but those inside a name with dots and between words of the alphabet."""
    dotted = _DOTTED_NAME.search(plain)
    return [
        index
        for index, sign in enumerate(plain[: dotted.start() if dotted else len(plain)])
        if sign in SEPARATORS
        and not (
            plain[index - 1 : index].isascii()
            and plain[index + 1 : index + 2].isascii()
            and plain[index - 1 : index].isalnum()
            and plain[index + 1 : index + 2].isalnum()
        )
    ]
