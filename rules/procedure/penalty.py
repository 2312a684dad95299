"""From a judgement to a case: which finding counts, whether people decide first, and whether the bot may speak.

Policy (what fairness asks): one message is sanctioned once, by its gravest finding; a graver doubtful finding
joins the same case; a machine's doubt is a person's decision; role holders and heads always go to review;
what is stale is recorded and not scolded in public.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from rules.core.model import Ruling, Tier
from rules.core.worktime import WorkCalendar

ONE_EVENING = timedelta(hours=12)
"""A case from later than this after a message that came late is one of another evening."""
ONE_BURST = timedelta(minutes=5)
"""How long somebody has to be quiet for a burst to be over, where no rule says so."""


class Silence(StrEnum):
    """Why nothing is said in the group."""

    NONE = ""
    REVIEW = "review"  # doubtful: people decide first
    STANDING = "standing"  # role holders, heads and leaders are always reviewed first
    STALE = "stale"  # decided too long after it was sent
    DEFERRED = "deferred"  # its rule speaks only when work next begins
    MUTED = "muted"  # supervisors asked for quiet in this room
    TRIAL = "trial"  # its rule is on trial: recorded and reviewed, nothing else


@dataclass(frozen=True, slots=True)
class Situation:
    """What deciding needs beyond the judgement.

    Attributes:
        now: when it is decided.
        sent_at: when the message was sent.
        reviewed_first: the sender holds a role, or heads a department.
        stale_after: from this age on nothing is said in public.
        muted: nothing is to be said in this room now.
        outsider: the sender is no employee: there is no appraisal that points could count in (policy 1.2, 6.2a).
    """

    now: datetime
    sent_at: datetime
    reviewed_first: bool = False
    stale_after: timedelta = timedelta(minutes=10)
    muted: bool = False
    outsider: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """One case to open.

    Attributes:
        main: the finding that it rests on.
        graver: a doubtful finding that would cost more; on confirmation the difference is one more entry.
        provisional: the case opens with provisional points; otherwise it opens in review, without any.
        silence: why nothing is said in the group now; ``Silence.NONE`` if a notice goes out.
        outsider: the sender is no employee; it costs nothing, and is put as a request.
    """

    main: Ruling
    graver: Ruling | None
    provisional: bool
    silence: Silence
    outsider: bool = False

    @property
    def public(self) -> bool:
        """Whether its notice is for the group, now or when work next begins."""
        return self.provisional and self.silence in (Silence.NONE, Silence.DEFERRED)


def gravity(ruling: Ruling) -> tuple[int, float, str]:
    """Sort key: most points first, ties by confidence, then by rule id (ascending, hence the inverted id)."""
    return (-ruling.points, -ruling.confidence, ruling.rule)


def decide(rulings: Iterable[Ruling], situation: Situation) -> Decision | None:
    """The one case that the findings on one message open; ``None`` if there are none."""
    ordered = sorted(rulings, key=gravity)
    sure = [ruling for ruling in ordered if ruling.tier is Tier.VIOLATION]
    doubtful = [ruling for ruling in ordered if ruling.tier is Tier.REVIEW]
    if situation.outsider:
        sure = [replace(ruling, points=0) for ruling in sure]
        doubtful = [replace(ruling, points=0) for ruling in doubtful]
    if not sure:
        return Decision(doubtful[0], None, provisional=False, silence=Silence.REVIEW) if doubtful else None
    main = sure[0]
    graver = next((ruling for ruling in doubtful if ruling.points > main.points), None)
    if situation.reviewed_first:
        return Decision(main, graver, provisional=False, silence=Silence.STANDING)
    silence = _silence(main, situation)
    return Decision(main, graver, provisional=True, silence=silence, outsider=situation.outsider)


def on_trial(rulings: Iterable[Ruling]) -> Decision | None:
    """What rules on trial would have acted on: one case to learn from, without points and without a word."""
    ordered = sorted(rulings, key=lambda ruling: (ruling.tier is not Tier.VIOLATION, *gravity(ruling)))
    return Decision(ordered[0], None, provisional=False, silence=Silence.TRIAL) if ordered else None


def one_evening(decision: Decision, sent_at: datetime, earlier_at: datetime, earlier_tier: str) -> bool:
    """Whether a deferred finding belongs to a case of the same hours off: one case a person and evening.

    Args:
        sent_at: when its message was sent.
        earlier_at, earlier_tier: of the newest case of that person and rule since work last ended.
    """
    main = decision.main
    if not main.deferred or decision.graver is not None or decision.silence is Silence.TRIAL:
        return False
    if earlier_at > sent_at + ONE_EVENING:
        return False
    return earlier_tier == Tier.VIOLATION or main.tier is Tier.REVIEW


class Join(StrEnum):
    """What becomes of a message that goes on with an earlier case (policy: a burst is one case)."""

    NEW = "new"  # it does not: it opens a case of its own
    REPEAT = "repeat"  # it is counted in that case, and costs nothing more
    GRAVER = "graver"  # it is, and the case gets its graver finding, which people decide about


@dataclass(frozen=True, slots=True)
class Earlier:
    """A case of the same person and room, the last message of which lies within the burst.

    Attributes:
        rule, tier, points: what it stands for.
        graver_points: of the graver finding that joined it; 0 without one.
        undecided: nobody has decided it yet.
    """

    rule: str
    tier: str
    points: int
    graver_points: int = 0
    undecided: bool = True


def joins(decision: Decision, earlier: Earlier, *, episodic: bool) -> Join:
    """How a decision's message belongs to an earlier case of the same burst.

    Conduct of the same kind is one case, however often it comes. Where the run itself is the finding (``episodic``:
    flooding) it belongs to the case of what was said again and again, and is the graver of the two if it costs more.
    A certain finding never disappears in a doubtful case.
    """
    main = decision.main
    if decision.silence is Silence.TRIAL or (earlier.tier != Tier.VIOLATION and main.tier is Tier.VIOLATION):
        return Join.NEW
    same = main.rule == earlier.rule
    if not same and not episodic:
        return Join.NEW
    graver = decision.graver if same else main
    if graver is None or graver.points <= max(earlier.points, earlier.graver_points):
        return Join.REPEAT
    return Join.GRAVER if earlier.undecided and not earlier.graver_points else Join.NEW


def _silence(main: Ruling, situation: Situation) -> Silence:
    if situation.now - situation.sent_at > situation.stale_after:
        return Silence.STALE
    if situation.muted:
        return Silence.MUTED
    return Silence.DEFERRED if main.deferred else Silence.NONE


def notice_due(now: datetime, calendar: WorkCalendar, *, quiet_hours: bool, urgent: bool = False) -> datetime:
    """When a word about a case may leave: at once, or with the next working time (policy 3.2b) unless urgent."""
    if not quiet_hours or urgent or calendar.is_working(now):
        return now
    return calendar.next_opening(now)
