"""What is wrong in an employee's nickname, compared with the roster (policy 2.2a, 2.2b).

A nickname is right if any of its readings is: some known department, at most one separator, and the name of
somebody who works there. Only when none is right is it asked what is wrong, so that reviewers need not guess.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rules.core.roster import Directory, Employee, Split
from rules.reading.names import (
    COMPOUND_SURNAMES,
    HEAD_TITLES,
    SURNAMES,
    is_pet_name,
    leads,
    looks_like_department,
    reads_as_name,
    split_title,
)
from rules.reading.spelling import DOT, SEPARATORS, is_han, is_latin

_DEPARTMENTS_NAMED = 3
UNITS = ("部", "门", "处", "科", "室", "组", "部门", "中心")
"""What people put behind a department's name that the roster writes without it."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong in a nickname: category, words for reviewers, where (in the spelling), how sure."""

    category: str
    sign: str
    start: int
    end: int
    doubtful: bool = False


def of_employee(plain: str, directory: Directory, own: Employee | None, certain: bool) -> Flaw | None:
    """The flaw in the nickname of somebody who is, or may be, an employee; ``None`` if it is right.

    Args:
        plain: the nickname as spelt.
        directory: the roster.
        own: the line that its wearer is known to be; then only that line's nickname is right.
        certain: whether somebody said that the wearer is an employee. An outsider wears what the roster does not
            know, and the roster may lag behind: without it only a colleague's name with something added is
            surely wrong.
    """
    splits = directory.splits(plain)
    right = wearers(splits, directory)
    if right and (own is None or own in right):
        return None
    if right:
        return Flaw("other_person", "花名册中这一昵称属于另一人", 0, len(plain))
    squeezed = plain.replace(" ", "")
    if squeezed != plain and wearers(directory.splits(squeezed), directory):
        return Flaw("format", "含多余空格", 0, len(plain))
    flaw = _in_split(plain, splits, directory) if splits else _without_department(plain, directory)
    if own is not None and own.is_head and not flaw.doubtful and directory.name_of(own) not in plain:
        return replace(flaw, category="head_name")
    if certain or own is not None or (flaw.category == "format" and _is_colleague(splits, directory)):
        return flaw
    return replace(flaw, doubtful=True)


def _is_colleague(splits: Sequence[Split], directory: Directory) -> bool:
    """Whether the name of somebody who works there stands behind the department in a nickname."""
    for split in splits:
        found = directory.colleague_in(split.rest, split.department) if split.rest else None
        # Behind the department itself: 质检 is no department of 质检院李明.
        if found is not None and not any(sign.isalnum() for sign in split.rest[: found[0]]):
            return True
    return False


def wearers(splits: Sequence[Split], directory: Directory) -> list[Employee]:
    """Everybody who works here and whose nickname one of these readings is, letter by letter."""
    return [line for split in splits for line in directory.lines(split.department, split.rest) if line.active]


def _in_split(plain: str, splits: Sequence[Split], directory: Directory) -> Flaw:
    """What is wrong in a nickname that begins with a known department."""
    end = len(plain)
    named = [split for split in splits if split.rest]
    for split in named:
        if (near := _nearly(split, directory, end)) is not None:
            return near
    for split in named:
        if lines := directory.named(split.rest):
            return _elsewhere(split, lines, end)
    if not splits[0].rest:  # of 技术部测试组 the shorter readings say nothing either
        return Flaw("format", "缺少姓名", 0, end)
    for split in named:
        if (added := _added(split, directory, end)) is not None:
            return added
    for split in named:
        if (titled := _titled(split.rest, split.department, split.start, directory)) is not None:
            return titled
    split = named[0]
    if is_pet_name(split.rest):
        return Flaw("format", "疑似称呼，不是真实姓名", split.start, end)
    if all(is_han(sign) or is_latin(sign) or sign in f"{DOT}. '" for sign in split.rest):
        return Flaw("unknown_person", "花名册中查不到此姓名", split.start, end)
    return Flaw("format", kind_of_addition(split.rest), split.start, end)


def _nearly(split: Split, directory: Directory, end: int) -> Flaw | None:
    """A name that is right but for its dots or blanks, or for the sign before it: people decide."""
    rest = split.rest
    if (
        rest[0] not in SEPARATORS
        and rest[-1] not in SEPARATORS
        and any(
            line.active and _has_gaps(directory.name_of(line))
            for line in directory.alike(split.department, rest)
        )
    ):
        return Flaw("format", "姓名的间隔符与花名册不一致", split.start, end, doubtful=True)
    if rest[0] == "." and any(line.active for line in directory.lines(split.department, rest[1:])):
        return Flaw("format", "部门与姓名之间不是规定的分隔符", split.start, split.start + 1, doubtful=True)
    return None


def _has_gaps(name: str) -> bool:
    return DOT in name or any(map(is_latin, name))


def _elsewhere(split: Split, lines: Sequence[Employee], end: int) -> Flaw:
    """A name that the roster has, but not (or no longer) in this department."""
    here = sorted({line.department for line in lines if line.active})
    if not here:
        return Flaw("unknown_person", "花名册中此人已离职", split.start, end)
    named = "".join(f"“{department}”" for department in here[:_DEPARTMENTS_NAMED])
    more = "等" if len(here) > _DEPARTMENTS_NAMED else ""
    return Flaw("other_department", f"花名册中该姓名在{named}{more}", 0, len(split.department))


def _added(split: Split, directory: Directory, end: int) -> Flaw | None:
    """Somebody of the department, with something before or behind the name."""
    found = directory.colleague_in(split.rest, split.department)
    if found is None or reads_as_name(split.rest):
        return None
    before, name, after = split.rest[: found[0]], split.rest[found[0] : found[1]], split.rest[found[1] :]
    start = split.start
    if before in UNITS and not after:
        return Flaw("format", "部门名称与花名册不一致", 0, start + len(before), doubtful=True)
    if before and not before.strip("-_ ·"):
        return Flaw("format", "部门与姓名之间多于一个分隔符", start, start + len(before))
    twice = sum(line.active for line in directory.lines(split.department, name)) > 1
    told_apart = twice and not before and len(after) == 1 and after.isalnum()
    if told_apart:
        return Flaw("format", "同部门有同名人员，疑似用于区分", start + found[1], end, doubtful=True)
    span = (0 if before else found[1], len(split.rest) if after else found[0])
    return Flaw("format", kind_of_addition(before + after), start + span[0], start + span[1])


def _without_department(plain: str, directory: Directory) -> Flaw:
    """What is wrong in a nickname that begins with no known department."""
    end = len(plain)
    if lines := directory.named(plain):
        if any(line.active for line in lines):
            return Flaw("format", "缺少部门", 0, end)
        return Flaw("unknown_person", "花名册中此人已离职", 0, end)
    if (found := directory.anybody_in(plain)) is not None:
        start, stop = found
        before = plain[:start].rstrip("-_ ·")
        lines = [line for line in directory.named(plain[start:stop]) if line.active]
        for at in range(1, end):
            if wearers(directory.splits(plain[at:]), directory):
                return Flaw("format", kind_of_addition(plain[:at]), 0, at)
        if any(line.department in plain for line in lines):
            return Flaw("format", "部门与姓名的顺序不对，或有多余内容", 0, end)
        if not before:
            return Flaw("format", f"缺少部门，{kind_of_addition(plain[stop:])}", 0, end)
        if stop == end and any(line.department.startswith(before) for line in lines):
            return Flaw("format", "部门名称不完整", 0, len(before))
        if stop == end and looks_like_department(before):
            return Flaw("other_department", "花名册中没有这一部门", 0, len(before))
        if stop == end and lines:
            near = any(before in (line.department + unit for unit in UNITS) for line in lines)
            return Flaw("format", "部门名称与花名册不一致", 0, len(before), doubtful=near)
    if (titled := _titled(plain, "", 0, directory)) is not None:
        return titled
    if is_pet_name(plain):
        return Flaw("format", "疑似称呼，不是部门加真实姓名", 0, end)
    return Flaw("unknown_person", "部门和姓名在花名册中都查不到", 0, end)


def _titled(text: str, department: str, start: int, directory: Directory) -> Flaw | None:
    """A title in place of a name: a head's (policy 2.2b), if the department has a head who may be meant."""
    before, title = split_title(text)
    end = start + len(text)
    if text in HEAD_TITLES:
        before, title = "", text
    if not title:
        return None
    heads = directory.heads(department)
    if before in SURNAMES or before in COMPOUND_SURNAMES or not before:
        meant = not heads if before == "" else any(name.startswith(before) for name in heads)
        if leads(title) and (meant or (department and (not heads or not before))):
            return Flaw("head_name", "以职务代替姓名，部门负责人应使用真实姓名", start, end)
        return Flaw("format", "以职务或称呼代替姓名", start, end)
    return Flaw("format", "含职务或称呼", end - len(title), end)


def kind_of_addition(added: str) -> str:
    """What kind of thing was added, in words for reviewers that don't repeat it."""
    if any(map(is_pictograph, added)):
        return "含表情或符号"
    if any(sign.isdigit() for sign in added):
        return "含数字"
    if split_title(added.strip("-_ ·()（）"))[1] or added in HEAD_TITLES:
        return "含职务或称呼"
    return "含多余内容"


def is_pictograph(sign: str) -> bool:
    """Whether a sign is an emoji or a symbol in a picture's place; new ones are unassigned to older tables."""
    return unicodedata.category(sign) in ("So", "Co", "Cn", "Cs") and sign not in "©®°"
