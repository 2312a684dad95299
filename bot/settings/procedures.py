"""Settings of what happens after a finding: review and appeals (policy 6.1b, 6.3)."""

from __future__ import annotations

from pydantic import Field

from bot.settings.section import Section


class ReviewSettings(Section):
    """The review queue."""

    remind_hours: int = Field(
        default=8,
        ge=1,
        le=200,
        description="Cases that wait longer for a decision, in working hours, are named to the supervisors, "
        "once a working day.",
    )
    lapse_days: int = Field(
        default=10,
        ge=1,
        le=250,
        description="A doubtful case that nobody has decided within so many working days lapses: it is dismissed.",
    )
    confirm_days: int = Field(
        default=10,
        ge=2,
        le=250,
        description="A case that the bot has spoken of and nobody has confirmed within so many working days after "
        "the end of its month is closed as not established, and what was said is taken back. The month's statement "
        "is drafted on the first of them.",
    )
    explain_days: int = Field(
        default=2,
        ge=1,
        le=60,
        description="Within how many working days an explanation is due, where whoever asks names no other time.",
    )


class AppealSettings(Section):
    """Appeals against decisions (policy 6.3)."""

    days: int = Field(
        default=3,
        ge=1,
        le=60,
        description="How long a published result may be appealed against, in working days.",
    )
    decide_days: int = Field(
        default=5, ge=1, le=60, description="Within how many working days HR decides an appeal."
    )
