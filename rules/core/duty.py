"""Whether a rota's duty is a member's own: it frees them of a rule, so nobody may put it on like a nickname (3.2a)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rules.core.model import Context, Member
from rules.core.nicknames import wearers
from rules.core.roster import Directory, Employee, Roster


def on_duty(member: Member, moment: datetime, context: Context) -> bool:
    """Whether a member is on duty.

    An employee number counts for whoever is confirmed to have it. Where the roster has lines, a name or nickname counts
    for the member who is confirmed to be the line of that name, or who wears the right nickname of exactly one line;
    without lines, for whoever goes by it.
    """
    return context.rota.on_duty(tuple(_names(member, context)), moment)


def _names(member: Member, context: Context) -> Iterator[str]:
    if context.directory is None or not context.directory.people:
        yield from member.known_as
        return
    yield member.id
    line = _line(member, context.roster, context.directory)
    if member.employee_no:
        yield member.employee_no
    if line is None:
        return
    yield line.name
    yield line.department + line.name
    if member.alias and line in _worn(member.alias, context.directory):
        yield member.alias


def worn_by(member: Member, directory: Directory) -> Employee | None:
    """The one line of the roster whose right nickname a member wears; ``None`` if none, or several, could be theirs."""
    worn = _worn(member.alias, directory) if member.alias else []
    return worn[0] if len(worn) == 1 else None


def _line(member: Member, roster: Roster, directory: Directory) -> Employee | None:
    if member.employee_no:
        return roster.by_number.get(member.employee_no)
    return worn_by(member, directory)


def _worn(alias: str, directory: Directory) -> list[Employee]:
    return list(dict.fromkeys(wearers(directory.splits(directory.spell(alias).plain), directory)))
