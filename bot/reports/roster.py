"""What importing a roster means, in words for the operator who has to agree to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.pipeline.notice import shown
from storage.records import RosterRow
from storage.results import RosterChange, RosterDiff

_MARKS = {"added": "+", "changed": "~", "left": "-", "returned": "^", "missing": "?"}
_FEW = 5
"""So few people leaving or changing their name are never taken for a mistake in the file."""


def diff_lines(diff: RosterDiff) -> Iterator[str]:
    """A line for each entry that changes or that the file does not name, and a last one that counts them."""
    for change in diff.details:
        yield f"{_MARKS[change.what]} {_described(change)}"
    yield counted(diff)


def changes_anything(diff: RosterDiff) -> bool:
    """Whether importing would write anything; who is missing from the file stays as they are."""
    return any(change.after is not None for change in diff.details)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a file looks like a mistake: ``many`` of ``active`` people would be ``left`` or ``renamed`` by it."""

    many: int
    active: int
    what: Literal["left", "renamed"]


def doubt(diff: RosterDiff, known: Sequence[RosterRow]) -> Doubt | None:
    """Why a file looks like a mistake (another company's, columns mixed up); ``None`` if it does not."""
    active = sum(row.active for row in known)
    renamed = sum(
        change.before is not None and change.after is not None and change.before.name != change.after.name
        for change in diff.details
    )
    counts: tuple[tuple[int, Literal["left", "renamed"]], ...] = (
        (len(diff.left), "left"),
        (renamed, "renamed"),
    )
    for many, what in counts:
        if many > _FEW and many * 2 > active:
            return Doubt(many, active, what)
    return None


def sweeping(diff: RosterDiff, known: Sequence[RosterRow]) -> str:
    """Why a file looks like a mistake, in words; empty if it does not."""
    why = doubt(diff, known)
    if why is None:
        return ""
    what = "would be marked as left" if why.what == "left" else "would get another name"
    return f"{why.many} of {why.active} people {what}"


def counted(diff: RosterDiff) -> str:
    """How many entries an import changes in which way, for the audit; it names nobody."""
    counts = {
        "added": diff.added,
        "changed": diff.changed,
        "left": diff.left,
        "returned": diff.returned,
        "not in the file": diff.missing,
    }
    return ", ".join(f"{len(numbers)} {what}" for what, numbers in counts.items())


def _described(change: RosterChange) -> str:
    before, after = change.before, change.after
    row = after or before
    if row is None:
        return shown(change.employee_no)
    said = f"{shown(change.employee_no)} {shown(row.name)} {shown(row.department)}"
    if before is None:
        return said + (", head" if row.is_head else "") + ("" if row.active else ", has left")
    if after is None:
        return f"{said}: not in the file, kept as they are"
    differences = list(_differences(before, after))
    if before.active != after.active:
        differences.insert(0, "returned" if after.active else "left")
    return f"{said}: {', '.join(differences) or 'day of leaving'}"


def _differences(before: RosterRow, after: RosterRow) -> Iterator[str]:
    if before.name != after.name:
        yield f"name {shown(before.name)} → {shown(after.name)}"
    if before.department != after.department:
        yield f"department {shown(before.department)} → {shown(after.department)}"
    if before.is_head != after.is_head:
        yield f"head {_yes(before.is_head)} → {_yes(after.is_head)}"


def _yes(value: bool) -> str:
    return "是" if value else "否"
