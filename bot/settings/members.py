"""Settings of who is in the groups and what is asked of members (policy 2.1, 3.1c)."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from bot.settings.section import Section


class MemberSettings(Section):
    """Who is in the groups, by roster and requests."""

    roster_file: str = Field(
        default="",
        max_length=4096,
        description="Path of the roster (CSV or XLSX), relative to the working directory; once it has changed it "
        "is taken over. Unset: rosters are imported by hand.",
    )
    check_minutes: int = Field(
        default=10, ge=1, le=1440, description="How often that file is looked at, in minutes."
    )
    remove_departed: Literal["off", "list", "remove"] = Field(
        default="list",
        description="Whoever the roster says has left: `list` names to HR the groups they are still in, `remove` "
        "takes them out where their WeChat id is confirmed (and lists the others), `off` does neither.",
    )
    welcome: bool = Field(
        default=True, description="Whether newcomers are told the rules, once in each group."
    )
    feedback_hints: bool = Field(
        default=True,
        description="Whether a #反馈 that lacks what, when or who gets a hint, once a day and person.",
    )

    @property
    def check(self) -> timedelta:
        """How often the roster's file is looked at."""
        return timedelta(minutes=self.check_minutes)
