"""Who is on duty or on leave when (policy 3.2a). Frozen, and swapped as a whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property


class ShiftKind(StrEnum):
    """What a span of time means for a person."""

    DUTY = "duty"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Shift:
    """A span of time of one person, both ends inside.

    Attributes:
        person: whom it is about: a person key, employee number, nickname or name, folded (``str.casefold``).
        start, end: aware datetimes.
    """

    person: str
    start: datetime
    end: datetime
    kind: ShiftKind = ShiftKind.DUTY

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None or self.end < self.start:
            raise ValueError("a shift needs aware times, and ends after it starts")


@dataclass(frozen=True)
class Rota:
    """Every shift that is known."""

    shifts: tuple[Shift, ...] = ()

    @cached_property
    def _by_person(self) -> Mapping[tuple[str, ShiftKind], Sequence[Shift]]:
        found: dict[tuple[str, ShiftKind], list[Shift]] = defaultdict(list)
        for shift in self.shifts:
            found[shift.person.casefold(), shift.kind].append(shift)
        return found

    def shift(self, who: Collection[str], moment: datetime, kind: ShiftKind) -> Shift | None:
        """The shift of a kind in which somebody is at ``moment``; ``who`` are all the names they go by."""
        for name in who:
            for shift in self._by_person.get((name.casefold(), kind), ()):
                if shift.start <= moment <= shift.end:
                    return shift
        return None

    def leave_between(self, who: Collection[str], start: datetime, end: datetime) -> bool:
        """Whether somebody is on leave at any time from ``start`` to before ``end``."""
        return any(
            shift.start < end and shift.end > start
            for name in who
            for shift in self._by_person.get((name.casefold(), ShiftKind.LEAVE), ())
        )

    def on_duty(self, who: Collection[str], moment: datetime) -> bool:
        """Whether somebody is on duty."""
        return self.shift(who, moment, ShiftKind.DUTY) is not None

    def on_leave(self, who: Collection[str], moment: datetime) -> bool:
        """Whether somebody is on leave."""
        return self.shift(who, moment, ShiftKind.LEAVE) is not None


NO_SHIFTS = Rota()
