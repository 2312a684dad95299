"""What a change from chat would have done on the messages of the last days, in a line or two.

Examples are the words of members: they are masked, cut, and for those whose office it is to review.
"""

from __future__ import annotations

from bot.commands.table import SUPERVISION, Call, Counter
from bot.pipeline.foresight import DAYS, Tried
from bot.pipeline.notice import local, surroundings
from rules.procedure.impact import Grade


def outlook(desk: Counter, call: Call, tried: Tried, *, examples: bool = True) -> str:
    """What a rule would find, or finds and would not any more; empty where it runs nowhere otherwise than now.

    Args:
        examples: with some of the messages, if whoever asks may review.
    """
    if not tried.rooms:
        return ""
    impact, zone = tried.impact, desk.book().calendar.zone
    reviewer = examples and bool(call.sender.roles & SUPERVISION)
    return desk.texts.render(
        "rulings.tried",
        days=DAYS,
        read=impact.messages,
        since=local(impact.first, zone) if impact.first else "",
        until=local(impact.last, zone) if impact.last else "",
        runs=tried.runs,
        violation=tried.found(Grade.VIOLATION),
        review=tried.found(Grade.REVIEW),
        examples=[surroundings(one.text, one.span) for one in impact.examples] if reviewer else [],
    ).strip()
