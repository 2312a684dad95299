"""Demands, announcements and membership under any order of moves: what must hold whoever does what when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rules.core.load import load_calendar
from rules.core.options import WorkOptions
from rules.procedure import announcement, membership, rectification
from rules.procedure.actor import BOT, HR_LEAD, LEADER, SYSTEM, Actor

CALENDAR = load_calendar(WorkOptions(), "Asia/Shanghai")
START = datetime(2026, 9, 29, 1, 0, tzinfo=UTC)
WAITS = st.sampled_from([1, 60, 60 * 9, 60 * 24, 60 * 24 * 4])
ROLES = st.frozensets(st.sampled_from([LEADER, HR_LEAD, "supervisor", "member"]), max_size=3)


class Demands(RuleBasedStateMachine):
    """One demand about P1's case; P1, two supervisors and the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.state = rectification.State.NONE
        self.due = START
        self.given: list[datetime] = []
        self.answers = 0

    @rule(minutes=WAITS)
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(
        move=st.sampled_from(rectification.Move),
        kind=st.sampled_from(rectification.Kind),
        actor=st.sampled_from(["P1", "P2", "P3", SYSTEM]),
        days=st.integers(1, 4),
        case=st.sampled_from(["review", "provisional", "confirmed", "appealed", "dismissed"]),
    )
    def step(
        self, move: rectification.Move, kind: rectification.Kind, actor: str, days: int, case: str
    ) -> None:
        gives = move in (rectification.Move.ASK, rectification.Move.REJECT)
        wanted = rectification.due(self.now, days, CALENDAR) if gives else self.due
        due = rectification.due_again(self.due, wanted)
        standing = rectification.Standing(self.state, case, "P1", due)
        result = rectification.consider(standing, kind, move, actor, self.now, CALENDAR)
        if isinstance(result, rectification.Refusal):
            return
        assert self.state not in rectification.FINAL, "out of a final state"
        assert (actor == "P1") == (move is rectification.Move.ANSWER), "nobody accepts their own"
        if result is rectification.State.OVERDUE:
            assert (actor, self.now > self.due) == (SYSTEM, True)
        if result is rectification.State.ACCEPTED:
            assert self.answers
        self.answers += move is rectification.Move.ANSWER
        if gives:
            self.given.append(due)
            self.due = due
        self.state = result

    @invariant()
    def deadlines_lie_in_working_time_and_only_move_on(self) -> None:
        assert self.given == sorted(self.given)
        assert all(CALENDAR.is_working(due) for due in self.given)


class Announcements(RuleBasedStateMachine):
    """One draft, people with any roles, and the bot."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.state = announcement.State.DRAFT
        self.planned: datetime | None = None
        self.post_at: datetime | None = None
        self.version = 0
        self.seen: tuple[str, int] | None = None

    @initialize(hours=st.none() | st.integers(-48, 48))
    def plan(self, hours: int | None) -> None:
        self.planned = None if hours is None else self.now + timedelta(hours=hours)

    @rule(minutes=WAITS)
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(
        move=st.sampled_from(announcement.Move),
        key=st.sampled_from(["P1", "P2", "P3", SYSTEM]),
        roles=ROLES,
    )
    def step(self, move: announcement.Move, key: str, roles: frozenset[str]) -> None:
        standing = announcement.Standing(self.state, "P1", self.post_at)
        result = announcement.consider(standing, move, Actor(key, roles), self.now)
        if isinstance(result, announcement.Refusal):
            return
        assert self.state not in announcement.FINAL, "out of a final state"
        if move is announcement.Move.EDIT:
            self.version += 1
        if result is announcement.State.APPROVED:
            assert key not in ("P1", SYSTEM)
            assert roles & {LEADER, HR_LEAD}
            self.seen = (key, self.version)
            self.post_at = announcement.post_at(self.planned, self.now)
        if result is announcement.State.POSTED:
            assert key == SYSTEM
            assert self.seen is not None
            assert self.seen[1] == self.version, "what is posted is what was approved"
            assert self.planned is None or self.now >= self.planned
        self.state = result

    @invariant()
    def nothing_stands_in_the_group_that_nobody_else_approved(self) -> None:
        if self.state in (announcement.State.APPROVED, announcement.State.POSTED):
            assert self.seen is not None


class Membership(RuleBasedStateMachine):
    """One request, people with any roles, and the bot."""

    def __init__(self) -> None:
        super().__init__()
        self.standing = membership.Standing(membership.State.NONE, membership.Kind.JOIN, "", "P2")
        self.asker = BOT
        self.approvals: list[tuple[membership.State, Actor]] = []

    @initialize(
        kind=st.sampled_from(membership.Kind),
        heads=st.frozensets(st.sampled_from(["P1", "P2", "P3"])),
        subject=st.sampled_from(["", "P1", "P2"]),
    )
    def about(self, kind: membership.Kind, heads: frozenset[str], subject: str) -> None:
        self.standing = replace(self.standing, kind=kind, heads=heads, subject=subject)

    @rule(
        move=st.sampled_from(membership.Move),
        key=st.sampled_from(["P1", "P2", "P3", "P4", SYSTEM]),
        roles=ROLES,
        employee=st.booleans(),
    )
    def step(self, move: membership.Move, key: str, roles: frozenset[str], employee: bool) -> None:
        actor = Actor(key, frozenset() if key == SYSTEM else roles, employee)
        before = self.standing.state
        result = membership.consider(self.standing, move, actor)
        if isinstance(result, membership.Refusal):
            return
        assert before not in membership.FINAL, "out of a final state"
        if move is membership.Move.ASK:
            self.asker = actor
            asked_by_hr = HR_LEAD in actor.roles
            self.standing = replace(self.standing, asker=key, asker_is_hr=asked_by_hr)
        if move in (membership.Move.APPROVE, membership.Move.REJECT):
            assert key not in (self.standing.asker, self.standing.subject, SYSTEM)
        if move is membership.Move.APPROVE:
            self.approvals.append((before, actor))
        self.standing = replace(self.standing, state=result)

    @invariant()
    def nobody_comes_in_without_those_whom_the_policy_names(self) -> None:
        if self.standing.state not in (
            membership.State.APPROVED,
            membership.State.BY_HAND,
            membership.State.DONE,
        ):
            return
        agreed = [actor for _, actor in self.approvals]
        everybody = [self.asker, *agreed]
        if self.standing.kind is membership.Kind.LEAVE:
            assert self.asker.is_system or any(HR_LEAD in actor.roles for actor in everybody)
            return
        assert agreed, "somebody else has agreed"
        assert any(HR_LEAD in actor.roles for actor in everybody)
        if self.standing.kind is membership.Kind.JOIN_EXTERNAL:
            assert any(LEADER in actor.roles for actor in agreed)
            assert self.asker.employee
        elif self.standing.heads - {self.asker.key, self.standing.subject}:
            assert any(actor.key in self.standing.heads for actor in everybody)


QUICK = settings(max_examples=80, stateful_step_count=30, deadline=None)
TestDemands = Demands.TestCase
TestDemands.settings = QUICK
TestAnnouncements = Announcements.TestCase
TestAnnouncements.settings = QUICK
TestMembership = Membership.TestCase
TestMembership.settings = QUICK
