"""Settings of points: when they count, what they add up to, and what good work earns (policy 6.2)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bot.settings.section import Names, Section
from rules.procedure.ladder import GRAVE, Action, LadderStep


class Rung(Section):
    """One step of the escalation ladder."""

    points: int = Field(ge=1, le=1000, description="So many confirmed points …")
    days: int = Field(
        ge=1, le=366, description="… within so many days lead to the action; older ones no longer count."
    )
    action: Literal["tell_head", "propose_discipline"] = Field(
        description="`tell_head`: the head of the person's department is told; `propose_discipline`: the "
        "supervisors get a proposal."
    )

    @property
    def step(self) -> LadderStep:
        """The step as the procedure takes it."""
        return LadderStep(self.points, self.days, Action(self.action))


def _once(rungs: tuple[Rung, ...]) -> tuple[Rung, ...]:
    if len(set(rungs)) < len(rungs):
        raise ValueError("names a step twice; keep one of each")
    return rungs


class BonusSettings(Section):
    """Points for good work (policy 6.2b)."""

    at_most: int = Field(default=5, ge=1, le=100, description="Points that one `/加分` gives at most.")
    per_month: int = Field(
        default=10, ge=1, le=1000, description="Points that one person gets by hand in a month at most."
    )
    answered: int = Field(
        default=1,
        ge=0,
        le=100,
        description="Points for whoever answered every request of a month in time, given when it is over; 0: none.",
    )
    answered_from: int = Field(
        default=3, ge=1, le=1000, description="So many requests somebody must have got for that, at least."
    )


class PenaltySettings(Section):
    """When points count (policy: what fairness asks), and what they lead to."""

    confirm: Literal["statement", "each"] = Field(
        default="statement", description="People confirm the day's list at once (`statement`) or `each` case."
    )
    ladder: Annotated[tuple[Rung, ...], AfterValidator(_once)] = Field(
        default=(
            Rung(points=6, days=30, action="tell_head"),
            Rung(points=10, days=30, action="propose_discipline"),
        ),
        description="What confirmed points lead to as they add up; each step is taken once until the sum falls.",
    )
    grave: int = Field(
        default=GRAVE,
        ge=1,
        le=1000,
        description="Supervisors are told at once of a case that costs so many points.",
    )
    educate: Names = Field(
        default=("incivility",),
        description="Rules whose confirmed cases come with a word of education, by id.",
    )
    bonuses: BonusSettings = Field(default_factory=BonusSettings)
