"""When an approved announcement leaves, and how its messages are found in the outbox again: one for each room."""

from __future__ import annotations

from datetime import datetime

from bot.texts import Texts
from rules.core.worktime import WorkCalendar
from rules.procedure.announcement import State, post_at
from rules.procedure.penalty import notice_due
from storage.records import Announcement
from storage.session import UnitOfWork

AT_NIGHT_TOO = "立即"
"""The approver's remark that lets an announcement without a time of its own leave when nobody works."""


def departure(kept: Announcement, calendar: WorkCalendar, *, quiet_hours: bool) -> datetime:
    """When an approved announcement leaves.

    A time that its author set (and confirmed, outside working time) counts as it is. Without one, or if it had
    passed on approval, it leaves at once, or when work begins (policy 3.2b).
    """
    approved = kept.decided_at or kept.created_at
    at = post_at(kept.planned_at, approved)
    if at > approved:
        return at
    return notice_due(at, calendar, quiet_hours=quiet_hours, urgent=kept.remark == AT_NIGHT_TOO)


def prefix(kept: Announcement) -> str:
    """What ``unique`` begins with for the messages of an announcement as it was approved last."""
    turn = int((kept.decided_at or kept.created_at).timestamp())
    return f"announcement {kept.number} {turn} "


async def on_its_way(unit: UnitOfWork, kept: Announcement) -> bool:
    """Whether a group has it already, though not all of them may."""
    if kept.state != State.APPROVED:
        return False
    return any(fate.sent_at is not None for fate in await unit.outbox.fates(prefix(kept)))


def posted_text(texts: Texts, kept: Announcement) -> str:
    """An announcement as it stands in the group."""
    return texts.render("announcement.posted_text", text=kept.text, number=kept.number)
