"""From a judgement to a case: which finding counts, whether people decide first, and whether the bot may speak.

Policy (what fairness asks): one message is sanctioned once, by its gravest finding; a graver doubtful finding
joins the same case; a machine's doubt is a person's decision; role holders and heads always go to review;
what is stale is recorded and not scolded in public.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rules.core.model import Judgement, Ruling, Tier
from rules.core.worktime import WorkCalendar


class Silence(StrEnum):
    """Why nothing is said in the group."""

    NONE = ""
    REVIEW = "review"  # doubtful: people decide first
    STANDING = "standing"  # role holders, heads and leaders are always reviewed first
    STALE = "stale"  # decided too long after it was sent


@dataclass(frozen=True, slots=True)
class Situation:
    """What deciding needs beyond the judgement.

    Attributes:
        now: when it is decided.
        sent_at: when the message was sent.
        reviewed_first: the sender holds a role, or heads a department.
        stale_after: from this age on nothing is said in public.
    """

    now: datetime
    sent_at: datetime
    reviewed_first: bool = False
    stale_after: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Decision:
    """One case to open.

    Attributes:
        main: the finding that it rests on.
        graver: a doubtful finding that would cost more; on confirmation the difference is one more entry.
        provisional: the case opens with provisional points; otherwise it opens in review, without any.
        silence: why nothing is said in the group; ``Silence.NONE`` if a notice goes out.
    """

    main: Ruling
    graver: Ruling | None
    provisional: bool
    silence: Silence


def gravity(ruling: Ruling) -> tuple[int, float, str]:
    """Sort key: most points first, ties by confidence, then by rule id (ascending, hence the inverted id)."""
    return (-ruling.points, -ruling.confidence, ruling.rule)


def decide(judgement: Judgement, situation: Situation) -> Decision | None:
    """The case that a judgement opens; ``None`` if nothing was found."""
    rulings = sorted(judgement.rulings, key=gravity)
    sure = [ruling for ruling in rulings if ruling.tier is Tier.VIOLATION]
    doubtful = [ruling for ruling in rulings if ruling.tier is Tier.REVIEW]
    if not sure:
        return Decision(doubtful[0], None, provisional=False, silence=Silence.REVIEW) if doubtful else None
    main = sure[0]
    graver = next((ruling for ruling in doubtful if ruling.points > main.points), None)
    if situation.reviewed_first:
        return Decision(main, graver, provisional=False, silence=Silence.STANDING)
    stale = situation.now - situation.sent_at > situation.stale_after
    return Decision(main, graver, provisional=True, silence=Silence.STALE if stale else Silence.NONE)


def notice_due(now: datetime, calendar: WorkCalendar, *, quiet_hours: bool, urgent: bool = False) -> datetime:
    """When a word about a case may leave: at once, or with the next working time (policy 3.2b) unless urgent."""
    if not quiet_hours or urgent or calendar.is_working(now):
        return now
    return calendar.next_opening(now)
