"""What the program keeps by names of its own, as the people who read tables and reports call it.

Stored names are for the program: they stay as they are whatever language they are read in.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.texts import Texts
from storage.records import AuditEntry

LADDER = "ladder step"
SWITCHED = "rule switched"
OBJECTION = "identity: "
"""Before the reason for which a code was not taken as proof of who somebody is."""

LOWERED = "申诉后减分"
"""A case that stands at fewer points after an appeal, wherever cases are listed or counted."""

_STEP_PARTS = 3


def outage(texts: Texts, reason: str) -> str:
    """Why the bot was blind; empty if nobody knows. What a gateway says in its own words is not repeated."""
    if not reason:
        return ""
    return texts.named("offline", reason.partition(": ")[0], texts.render("offline.other"))


def action(texts: Texts, entry: AuditEntry) -> str:
    """What was done."""
    return texts.named("audit", entry.action, entry.action)


def subject(texts: Texts, entry: AuditEntry, title: Callable[[str], str]) -> str:
    """What it was done to, where that is neither a person nor a case."""
    return (
        title(entry.target)
        if entry.action == SWITCHED
        else _word(texts, entry.target.removeprefix(OBJECTION))
    )


def detail(texts: Texts, entry: AuditEntry) -> str:
    """What else was noted of it."""
    if entry.action == LADDER and entry.detail.count(":") == _STEP_PARTS - 1:
        step, points, days = entry.detail.split(":")
        if f"audit_step.{step}" in texts.keys:
            return texts.render(f"audit_step.{step}", points=points, days=days)
    return _word(texts, entry.detail)


def _word(texts: Texts, word: str) -> str:
    return texts.named("audit_word", word, word)
