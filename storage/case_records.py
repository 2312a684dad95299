"""Cases as storage hands them out: frozen values, times in UTC."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class CaseState(StrEnum):
    """Where a case stands (policy: what fairness asks)."""

    REVIEW = "review"
    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    APPEALED = "appealed"
    UPHELD = "upheld"
    OVERTURNED = "overturned"
    RECALLED = "recalled"
    SHADOW = "shadow"


@dataclass(frozen=True, slots=True)
class Case:
    """One case; ids are the gateway's at the time, keys are ours.

    ``signs`` is what reviewers see of a finding beyond its reason, in Chinese; it is never shown in public.
    """

    number: str
    room_id: str
    sender_id: str
    message_id: str
    rule: str
    category: str
    clause: str
    points: int
    state: CaseState
    tier: str
    confidence: float
    reason: str
    room_key: int
    person_key: str
    sender_name: str
    sent_at: datetime
    created_at: datetime
    evidence: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    signs: str = ""
    graver_rule: str = ""
    graver_category: str = ""
    graver_clause: str = ""
    graver_points: int = 0
    graver_reason: str = ""
    graver_signs: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    noticed_at: datetime | None = None
    verdict: str = ""  # of a shadow case: confirmed | dismissed, empty before
    published_at: datetime | None = None  # the later of notice and statement (policy 6.3)
    repeats: int = 0  # further messages of the same burst, or evening
    last_at: datetime | None = None  # when the last of those was sent
    waived_points: int = (
        0  # how much more it would cost: it stands as a reminder, or an appeal has lowered it
    )
    recorded_by: str = ""  # key of whoever recorded it by hand; empty for what the bot heard
    filed_rule: str = (
        ""  # as what it was filed, once people have confirmed it under another rule; empty otherwise
    )
    filed_category: str = ""
    filed_clause: str = ""
    filed_points: int = 0
    filed_reason: str = ""
    filed_signs: str = ""

    @property
    def as_filed(self) -> Case:
        """The case as it was filed, whatever rule people have confirmed it under."""
        if not self.filed_rule:
            return self
        return replace(
            self,
            rule=self.filed_rule,
            category=self.filed_category,
            clause=self.filed_clause,
            points=self.filed_points,
            reason=self.filed_reason,
            signs=self.filed_signs,
            waived_points=0,
            filed_rule="",
            filed_category="",
            filed_clause="",
            filed_points=0,
            filed_reason="",
            filed_signs="",
        )


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many cases of a rule in a room stand in a state.

    Attributes:
        verdict: what people said of shadow cases.
        found_by: the rule that found them: another one where people have confirmed them under this; empty for
            what a person recorded by hand, which says nothing of any rule.
    """

    rule: str
    room_key: int
    state: CaseState
    verdict: str
    count: int
    found_by: str


@dataclass(frozen=True, slots=True)
class CaseMove:
    """One step of a case from state to state; ``by`` is a person key, ``system`` or ``operator``."""

    number: str
    from_state: CaseState
    to_state: CaseState
    by: str
    at: datetime
    reason: str
