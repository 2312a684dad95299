"""Announcements: every move of everybody in every state (policy 3.3a)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fakes.matrix import Cell, broken, matrix

from rules.procedure.actor import BOT, HR_LEAD, LEADER, Actor
from rules.procedure.announcement import FINAL, Move, Refusal, Standing, State, consider, post_at
from storage.records import Role

NOW = datetime(2026, 10, 13, 2, 0, tzinfo=UTC)
# The author leads the company, so that it is not for want of a role that they are refused.
ACTORS = {
    "author": Actor("P1", frozenset({LEADER, HR_LEAD})),
    "leader": Actor("P2", frozenset({Role.LEADER})),
    "hr_lead": Actor("P3", frozenset({Role.HR_LEAD})),
    "supervisor": Actor("P4", frozenset({Role.SUPERVISOR, Role.OPERATOR, Role.MEMBER})),
    "nobody": Actor("P5"),
    "system": BOT,
}

TABLE = """
move      state      author       leader         hr_lead        supervisor    nobody        system
edit      draft      draft        not_author     not_author     not_author    not_author    not_author
edit      submitted  already      not_author     not_author     not_author    not_author    not_author
edit      approved   already      not_author     not_author     not_author    not_author    not_author
edit      returned   draft        not_author     not_author     not_author    not_author    not_author
edit      posted     closed       not_author     not_author     not_author    not_author    not_author
edit      failed     closed       not_author     not_author     not_author    not_author    not_author
edit      withdrawn  closed       not_author     not_author     not_author    not_author    not_author
submit    draft      submitted    not_author     not_author     not_author    not_author    not_author
submit    submitted  already      not_author     not_author     not_author    not_author    not_author
submit    approved   already      not_author     not_author     not_author    not_author    not_author
submit    returned   submitted    not_author     not_author     not_author    not_author    not_author
submit    posted     closed       not_author     not_author     not_author    not_author    not_author
submit    failed     closed       not_author     not_author     not_author    not_author    not_author
submit    withdrawn  closed       not_author     not_author     not_author    not_author    not_author
approve   draft      own_draft    not_submitted  not_submitted  not_approver  not_approver  not_approver
approve   submitted  own_draft    approved       approved       not_approver  not_approver  not_approver
approve   approved   own_draft    already        already        not_approver  not_approver  not_approver
approve   returned   own_draft    not_submitted  not_submitted  not_approver  not_approver  not_approver
approve   posted     own_draft    closed         closed         not_approver  not_approver  not_approver
approve   failed     own_draft    closed         closed         not_approver  not_approver  not_approver
approve   withdrawn  own_draft    closed         closed         not_approver  not_approver  not_approver
return    draft      own_draft    not_submitted  not_submitted  not_approver  not_approver  not_approver
return    submitted  own_draft    returned       returned       not_approver  not_approver  not_approver
return    approved   own_draft    returned       returned       not_approver  not_approver  not_approver
return    returned   own_draft    not_submitted  not_submitted  not_approver  not_approver  not_approver
return    posted     own_draft    closed         closed         not_approver  not_approver  not_approver
return    failed     own_draft    closed         closed         not_approver  not_approver  not_approver
return    withdrawn  own_draft    closed         closed         not_approver  not_approver  not_approver
withdraw  draft      withdrawn    not_author     not_author     not_author    not_author    not_author
withdraw  submitted  withdrawn    not_author     not_author     not_author    not_author    not_author
withdraw  approved   withdrawn    not_author     not_author     not_author    not_author    not_author
withdraw  returned   withdrawn    not_author     not_author     not_author    not_author    not_author
withdraw  posted     closed       not_author     not_author     not_author    not_author    not_author
withdraw  failed     closed       not_author     not_author     not_author    not_author    not_author
withdraw  withdrawn  closed       not_author     not_author     not_author    not_author    not_author
post      draft      system_only  system_only    system_only    system_only   system_only   not_approved
post      submitted  system_only  system_only    system_only    system_only   system_only   not_approved
post      approved   system_only  system_only    system_only    system_only   system_only   posted
post      returned   system_only  system_only    system_only    system_only   system_only   not_approved
post      posted     system_only  system_only    system_only    system_only   system_only   closed
post      failed     system_only  system_only    system_only    system_only   system_only   closed
post      withdrawn  system_only  system_only    system_only    system_only   system_only   closed
fail      draft      system_only  system_only    system_only    system_only   system_only   not_approved
fail      submitted  system_only  system_only    system_only    system_only   system_only   not_approved
fail      approved   system_only  system_only    system_only    system_only   system_only   failed
fail      returned   system_only  system_only    system_only    system_only   system_only   not_approved
fail      posted     system_only  system_only    system_only    system_only   system_only   closed
fail      failed     system_only  system_only    system_only    system_only   system_only   closed
fail      withdrawn  system_only  system_only    system_only    system_only   system_only   closed
"""


def test_every_move_of_everybody() -> None:
    def outcome(cell: Cell) -> str:
        standing = Standing(State(cell.state), ACTORS["author"].key, NOW)
        found = consider(standing, Move(cell.move), ACTORS[cell.actor], NOW)
        assert isinstance(found, State) == (cell.outcome in {state.value for state in State}), cell
        return found

    assert broken(matrix(TABLE, Move, State), outcome) == []


@pytest.mark.parametrize(
    ("planned", "result"),
    [
        (None, 0),
        (timedelta(0), 0),
        (timedelta(hours=-1), 0),
        (timedelta(days=-9), 0),
        (timedelta(hours=3), 3),
    ],
)
def test_a_time_that_has_passed_on_approval_means_at_once(planned: timedelta | None, result: int) -> None:
    assert post_at(None if planned is None else NOW + planned, NOW) == NOW + timedelta(hours=result)


def test_nothing_is_posted_before_its_time() -> None:
    approved = Standing(State.APPROVED, "P1", post_at(NOW + timedelta(hours=1), NOW))
    assert consider(approved, Move.POST, BOT, NOW + timedelta(minutes=59)) is Refusal.TOO_EARLY
    assert consider(approved, Move.POST, BOT, NOW + timedelta(hours=1)) is State.POSTED


def test_the_bot_approves_nothing_even_if_somebody_gave_it_a_role() -> None:
    promoted = Actor(BOT.key, frozenset({LEADER}))
    assert consider(Standing(State.SUBMITTED, "P1"), Move.APPROVE, promoted, NOW) is Refusal.NOT_APPROVER


def test_final_is_what_nothing_leads_out_of() -> None:
    for state in State:
        standing = Standing(state, "P1", NOW)
        ways = {consider(standing, move, actor, NOW) for move in Move for actor in ACTORS.values()}
        assert any(isinstance(way, State) for way in ways) == (state not in FINAL)
