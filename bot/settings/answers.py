"""Settings of answers to work messages (policy 4.1)."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from bot.settings.section import Section
from rules.procedure.reply import Patience


class AnswerSettings(Section):
    """Messages that ask for an answer are followed up."""

    enabled: bool = Field(
        default=True,
        description="Whether a message that asks people by name, or everybody, for an answer in so many words "
        "(请回复, 收到请回复, 请于…前) is followed up by itself; `off`: only what `/跟踪` names.",
    )
    hours: float = Field(
        default=4,
        ge=0.25,
        le=200,
        description="Time for an answer where the message does not say by when, in working hours.",
    )
    urgent_minutes: int = Field(
        default=30, ge=5, le=600, description="The same for what is marked urgent, in working minutes."
    )
    remind: bool = Field(
        default=True,
        description="Whether those who are missing are reminded in the group, half-way and at the deadline.",
    )
    named_at_most: int = Field(
        default=20,
        ge=1,
        le=100,
        description="A reminder mentions so many people at most; beyond, it says how many are missing. Where more "
        "people were asked, a missing answer never becomes a case.",
    )
    points: int = Field(
        default=1,
        ge=0,
        le=100,
        description="Points proposed to the supervisors for an overdue answer that held work up; 0: no cases.",
    )

    @property
    def patience(self) -> Patience:
        """How much working time people have."""
        return Patience(timedelta(hours=self.hours), timedelta(minutes=self.urgent_minutes))
