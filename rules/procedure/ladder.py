"""What happens as points add up (policy 6.2, 5.1): the steps of the escalation ladder, and what is due at once.

Only points that a person has confirmed count, each for a step's number of days. A step is due once each time that it
is reached: again only after the sum has been below it since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

COUNTING = frozenset({"confirmed", "upheld"})
"""States of a case whose points count; an appeal suspends them."""

GRAVE = 5


class Action(StrEnum):
    """Who is told what."""

    TELL_HEAD = "tell_head"
    PROPOSE_DISCIPLINE = "propose_discipline"
    TELL_SUPERVISORS = "tell_supervisors"
    EDUCATE = "educate"


@dataclass(frozen=True, slots=True)
class LadderStep:
    """So many points within so many days lead to an action.

    Raises:
        ValueError: ``points`` or ``days`` is less than 1.
    """

    points: int
    days: int
    action: Action

    def __post_init__(self) -> None:
        if self.points < 1 or self.days < 1:
            raise ValueError("a step of the ladder has at least 1 point and 1 day")

    @property
    def key(self) -> str:
        """What tells the step from others, to remember that it was taken: ``tell_head:6:30``."""
        return f"{self.action}:{self.points}:{self.days}"

    @classmethod
    def named(cls, key: str) -> LadderStep | None:
        """The step with this :attr:`key`, whether it is configured still or not; ``None`` if it is none."""
        try:
            action, points, days = key.split(":")
            return cls(int(points), int(days), Action(action))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Entry:
    """One ledger entry of a case.

    Attributes:
        case: the case's number.
        points: as in the ledger: a deduction is negative, its reversal positive.
        at: when it was entered.
        state: the case's state now.
        bonus: it rewards; good work does not undo conduct, so it does not count here.
    """

    case: str
    points: int
    at: datetime
    state: str
    bonus: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """That a step (:attr:`LadderStep.key`) was taken for somebody, and when."""

    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Charge:
    cost: int
    at: datetime


def due(
    entries: Iterable[Entry], now: datetime, steps: Sequence[LadderStep], done: Collection[Done]
) -> tuple[LadderStep, ...]:
    """The steps that one person has reached at ``now`` and that nobody has taken for it yet, in their order.

    A case costs the sum of its entries, from the time of the first. What was reversed since does not count for
    the past either: a step that only an overturned case had reached is due again when others reach it.
    """
    charges = _charges(entries)
    return tuple(
        step for step in steps if _reached(charges, now, step) and not _taken(charges, now, step, done)
    )


def total(entries: Iterable[Entry], now: datetime, days: int) -> int:
    """The points that count against somebody at ``now`` within ``days`` days; never negative."""
    return _sum(_charges(entries), now, days)


def at_once(
    points: int,
    rule: str,
    *,
    confirmed: bool,
    grave: int = GRAVE,
    educate: Collection[str] = ("incivility",),
) -> tuple[Action, ...]:
    """What one case leads to by itself.

    Args:
        points: what it costs.
        rule: its rule's id.
        confirmed: a person has confirmed it.
        grave: from so many points on supervisors hear of a case at once, confirmed or not: they decide it.
        educate: the rules whose cases come with education (policy 6.2c), once confirmed.
    """
    told = (Action.TELL_SUPERVISORS,) if points >= grave else ()
    return (*told, Action.EDUCATE) if confirmed and rule in educate else told


def _charges(entries: Iterable[Entry]) -> tuple[_Charge, ...]:
    cases: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.state in COUNTING and not entry.bonus:
            cases[entry.case].append(entry)
    charges = (
        _Charge(-sum(entry.points for entry in of), min(entry.at for entry in of)) for of in cases.values()
    )
    return tuple(charge for charge in charges if charge.cost > 0)


def _sum(charges: Iterable[_Charge], moment: datetime, days: int) -> int:
    since = moment - timedelta(days=days)
    return sum(charge.cost for charge in charges if since < charge.at <= moment)


def _reached(charges: Iterable[_Charge], moment: datetime, step: LadderStep) -> bool:
    return _sum(charges, moment, step.days) >= step.points


def _taken(charges: Collection[_Charge], now: datetime, step: LadderStep, done: Collection[Done]) -> bool:
    """Whether the step was taken, and the sum has stood at it ever since: it falls only when a charge expires."""
    taken = [one.at for one in done if one.key == step.key and one.at <= now]
    if not taken:
        return False
    last = max(taken)
    falls = (charge.at + timedelta(days=step.days) for charge in charges)
    moments = [last, *(moment for moment in falls if last < moment <= now)]
    return all(_reached(charges, moment, step) for moment in moments)
