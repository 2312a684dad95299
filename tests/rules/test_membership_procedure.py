"""Joining and leaving: every move of everybody in every state, and each way a request goes (policy 2.1)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.matrix import Cell, broken, matrix

from rules.procedure.actor import BOT, HR_LEAD, LEADER, Actor
from rules.procedure.membership import FINAL, Kind, Move, Refusal, Standing, State, consider, may_decide
from storage.records import Role

ACTORS = {
    "asker": Actor("P1"),
    "subject": Actor("P2"),
    "head": Actor("P3"),
    "leader": Actor("P4", frozenset({Role.LEADER})),
    "hr": Actor("P5", frozenset({Role.HR_LEAD})),
    "supervisor": Actor("P6", frozenset({Role.SUPERVISOR, Role.OPERATOR, Role.MEMBER})),
    "outsider": Actor("P7", employee=False),
    "system": BOT,
}

# Somebody's joining, asked for by a colleague.
TABLE = """
move       state           asker         subject       head          leader        hr             supervisor    outsider      system
ask        -               waiting_head  waiting_head  waiting_hr    waiting_head  waiting_head   waiting_head  not_entitled  not_entitled
ask        waiting_head    already       already       already       already       already        already       already       already
ask        waiting_leader  already       already       already       already       already        already       already       already
ask        waiting_hr      already       already       already       already       already        already       already       already
ask        approved        already       already       already       already       already        already       already       already
ask        by_hand         already       already       already       already       already        already       already       already
ask        done            already       already       already       already       already        already       already       already
ask        rejected        already       already       already       already       already        already       already       already
ask        withdrawn       already       already       already       already       already        already       already       already
approve    -               not_asked     not_asked     not_asked     not_asked     not_asked      not_asked     not_asked     not_asked
approve    waiting_head    own_request   own_request   waiting_hr    not_entitled  not_entitled   not_entitled  not_entitled  not_entitled
approve    waiting_leader  own_request   own_request   not_entitled  waiting_hr    approved       not_entitled  not_entitled  not_entitled
approve    waiting_hr      own_request   own_request   not_entitled  not_entitled  approved       not_entitled  not_entitled  not_entitled
approve    approved        own_request   own_request   already       already       already        already       already       already
approve    by_hand         own_request   own_request   already       already       already        already       already       already
approve    done            own_request   own_request   closed        closed        closed         closed        closed        closed
approve    rejected        own_request   own_request   closed        closed        closed         closed        closed        closed
approve    withdrawn       own_request   own_request   closed        closed        closed         closed        closed        closed
reject     -               not_asked     not_asked     not_asked     not_asked     not_asked      not_asked     not_asked     not_asked
reject     waiting_head    own_request   own_request   rejected      not_entitled  not_entitled   not_entitled  not_entitled  not_entitled
reject     waiting_leader  own_request   own_request   not_entitled  rejected      rejected       not_entitled  not_entitled  not_entitled
reject     waiting_hr      own_request   own_request   not_entitled  not_entitled  rejected       not_entitled  not_entitled  not_entitled
reject     approved        own_request   own_request   already       already       already        already       already       already
reject     by_hand         own_request   own_request   already       already       already        already       already       already
reject     done            own_request   own_request   closed        closed        closed         closed        closed        closed
reject     rejected        own_request   own_request   closed        closed        closed         closed        closed        closed
reject     withdrawn       own_request   own_request   closed        closed        closed         closed        closed        closed
withdraw   -               not_asked     not_asked     not_asked     not_asked     not_asked      not_asked     not_asked     not_asked
withdraw   waiting_head    withdrawn     not_yours     not_yours     not_yours     not_yours      not_yours     not_yours     not_yours
withdraw   waiting_leader  withdrawn     not_yours     not_yours     not_yours     not_yours      not_yours     not_yours     not_yours
withdraw   waiting_hr      withdrawn     not_yours     not_yours     not_yours     not_yours      not_yours     not_yours     not_yours
withdraw   approved        already       not_yours     not_yours     not_yours     not_yours      not_yours     not_yours     not_yours
withdraw   by_hand         already       not_yours     not_yours     not_yours     not_yours      not_yours     not_yours     not_yours
withdraw   done            closed        not_yours     not_yours     not_yours     not_yours      not_yours     not_yours     not_yours
withdraw   rejected        closed        not_yours     not_yours     not_yours     not_yours      not_yours     not_yours     not_yours
withdraw   withdrawn       closed        not_yours     not_yours     not_yours     not_yours      not_yours     not_yours     not_yours
verify     -               not_asked     not_asked     not_asked     not_asked     not_asked      not_asked     not_asked     not_asked
verify     waiting_head    system_only   system_only   system_only   system_only   system_only    system_only   system_only   not_approved
verify     waiting_leader  system_only   system_only   system_only   system_only   system_only    system_only   system_only   not_approved
verify     waiting_hr      system_only   system_only   system_only   system_only   system_only    system_only   system_only   not_approved
verify     approved        system_only   system_only   system_only   system_only   system_only    system_only   system_only   done
verify     by_hand         system_only   system_only   system_only   system_only   system_only    system_only   system_only   done
verify     done            system_only   system_only   system_only   system_only   system_only    system_only   system_only   closed
verify     rejected        system_only   system_only   system_only   system_only   system_only    system_only   system_only   closed
verify     withdrawn       system_only   system_only   system_only   system_only   system_only    system_only   system_only   closed
hand_over  -               not_asked     not_asked     not_asked     not_asked     not_asked      not_asked     not_asked     not_asked
hand_over  waiting_head    system_only   system_only   system_only   system_only   system_only    system_only   system_only   not_approved
hand_over  waiting_leader  system_only   system_only   system_only   system_only   system_only    system_only   system_only   not_approved
hand_over  waiting_hr      system_only   system_only   system_only   system_only   system_only    system_only   system_only   not_approved
hand_over  approved        system_only   system_only   system_only   system_only   system_only    system_only   system_only   by_hand
hand_over  by_hand         system_only   system_only   system_only   system_only   system_only    system_only   system_only   already
hand_over  done            system_only   system_only   system_only   system_only   system_only    system_only   system_only   closed
hand_over  rejected        system_only   system_only   system_only   system_only   system_only    system_only   system_only   closed
hand_over  withdrawn       system_only   system_only   system_only   system_only   system_only    system_only   system_only   closed
finish     -               not_asked     not_asked     not_asked     not_asked     not_asked      not_asked     not_asked     not_asked
finish     waiting_head    not_entitled  not_entitled  not_entitled  not_entitled  not_approved   not_entitled  not_entitled  not_entitled
finish     waiting_leader  not_entitled  not_entitled  not_entitled  not_entitled  not_approved   not_entitled  not_entitled  not_entitled
finish     waiting_hr      not_entitled  not_entitled  not_entitled  not_entitled  not_approved   not_entitled  not_entitled  not_entitled
finish     approved        not_entitled  not_entitled  not_entitled  not_entitled  done           not_entitled  not_entitled  not_entitled
finish     by_hand         not_entitled  not_entitled  not_entitled  not_entitled  done           not_entitled  not_entitled  not_entitled
finish     done            not_entitled  not_entitled  not_entitled  not_entitled  closed         not_entitled  not_entitled  not_entitled
finish     rejected        not_entitled  not_entitled  not_entitled  not_entitled  closed         not_entitled  not_entitled  not_entitled
finish     withdrawn       not_entitled  not_entitled  not_entitled  not_entitled  closed         not_entitled  not_entitled  not_entitled
"""  # noqa: E501 - one row for each move and state is what makes the table readable

JOINING = Standing(State.NONE, Kind.JOIN, "P1", "P2", heads=frozenset({"P3"}))


def test_every_move_of_everybody() -> None:
    def outcome(cell: Cell) -> str:
        standing = replace(JOINING, state=State(cell.state))
        return consider(standing, Move(cell.move), ACTORS[cell.actor])

    assert broken(matrix(TABLE, Move, State), outcome) == []


ASKED = {
    Kind.JOIN_EXTERNAL: dict.fromkeys(ACTORS, State.WAITING_LEADER)
    | dict.fromkeys(("outsider", "system"), Refusal.NOT_ENTITLED),
    Kind.LEAVE: dict.fromkeys(ACTORS, Refusal.NOT_ENTITLED)
    | {"head": State.WAITING_HR, "hr": State.APPROVED, "system": State.APPROVED},
}


@pytest.mark.parametrize("kind", ASKED)
@pytest.mark.parametrize("actor", ACTORS)
def test_who_may_ask_for_outsiders_and_for_leaving(kind: Kind, actor: str) -> None:
    standing = replace(JOINING, kind=kind, asker=ACTORS[actor].key)
    assert consider(standing, Move.ASK, ACTORS[actor]) is ASKED[kind][actor]


def path(standing: Standing, *steps: tuple[Move, Actor]) -> list[State]:
    """The states that a request goes through."""
    states: list[State] = []
    for move, actor in steps:
        result = consider(standing, move, actor)
        assert isinstance(result, State), f"{move} by {actor.key}: {result}"
        states.append(result)
        standing = replace(standing, state=result)
    return states


HEAD, LEADING, HR = ACTORS["head"], ACTORS["leader"], ACTORS["hr"]
HR_AND_HEAD = Actor("P8", frozenset({HR_LEAD}))
BOTH = Actor("P9", frozenset({HR_LEAD, LEADER}))
OTHER_HR = Actor("P10", frozenset({HR_LEAD}))
BY_HR = replace(JOINING, asker="P8", heads=frozenset({"P8"}), asker_is_hr=True)


def test_the_head_asks_hr_approves_and_the_bot_sees_that_it_is_done() -> None:
    by_head = replace(JOINING, asker="P3")
    steps = [(Move.ASK, HEAD), (Move.APPROVE, HR), (Move.VERIFY, BOT)]
    assert path(by_head, *steps) == [State.WAITING_HR, State.APPROVED, State.DONE]


def test_a_colleague_asks_then_the_head_then_hr_and_people_do_it_by_hand() -> None:
    steps = [(Move.ASK, ACTORS["asker"]), (Move.APPROVE, HEAD), (Move.APPROVE, HR), (Move.HAND_OVER, BOT)]
    states = [State.WAITING_HEAD, State.WAITING_HR, State.APPROVED, State.BY_HAND]
    assert path(JOINING, *steps, (Move.FINISH, HR)) == [*states, State.DONE]
    assert path(JOINING, *steps, (Move.VERIFY, BOT)) == [*states, State.DONE]


def test_an_outsider_comes_by_sponsor_leader_and_hr() -> None:
    outsider = replace(JOINING, kind=Kind.JOIN_EXTERNAL)
    steps = [(Move.ASK, ACTORS["asker"]), (Move.APPROVE, LEADING), (Move.APPROVE, HR), (Move.VERIFY, BOT)]
    assert path(outsider, *steps) == [State.WAITING_LEADER, State.WAITING_HR, State.APPROVED, State.DONE]


def test_whoever_leads_hr_takes_its_step_with_another() -> None:
    outsider = replace(JOINING, kind=Kind.JOIN_EXTERNAL)
    assert path(outsider, (Move.ASK, ACTORS["asker"]), (Move.APPROVE, BOTH))[-1] is State.APPROVED
    headed = replace(JOINING, heads=frozenset({"P8"}))
    assert path(headed, (Move.ASK, ACTORS["asker"]), (Move.APPROVE, HR_AND_HEAD))[-1] is State.APPROVED


@pytest.mark.parametrize("decides", [LEADING, OTHER_HR])
def test_what_hr_asks_for_its_own_department_somebody_else_approves(decides: Actor) -> None:
    assert path(BY_HR, (Move.ASK, HR_AND_HEAD), (Move.APPROVE, decides)) == [
        State.WAITING_LEADER,
        State.APPROVED,
    ]
    waiting = replace(BY_HR, state=State.WAITING_LEADER)
    assert consider(waiting, Move.APPROVE, HR_AND_HEAD) is Refusal.OWN_REQUEST


def test_hr_as_sponsor_needs_the_leader_alone_and_hr_as_colleague_the_head() -> None:
    sponsored = replace(BY_HR, kind=Kind.JOIN_EXTERNAL)
    assert path(sponsored, (Move.ASK, HR_AND_HEAD), (Move.APPROVE, LEADING))[-1] is State.APPROVED
    waiting = replace(sponsored, state=State.WAITING_LEADER)
    assert consider(waiting, Move.APPROVE, OTHER_HR) is Refusal.NOT_ENTITLED
    for_others = replace(JOINING, asker="P5", asker_is_hr=True)
    assert path(for_others, (Move.ASK, HR), (Move.APPROVE, HEAD)) == [State.WAITING_HEAD, State.APPROVED]


@pytest.mark.parametrize("heads", [(), ("P2",), ("P1",), ("P1", "P2")])
def test_where_no_other_head_could_decide_hr_does(heads: tuple[str, ...]) -> None:
    assert path(replace(JOINING, heads=frozenset(heads)), (Move.ASK, ACTORS["asker"])) == [State.WAITING_HR]


def test_nobody_approves_their_own_even_with_every_role() -> None:
    for state in State:
        for kind in Kind:
            for part in ("asker", "subject"):
                mine = replace(JOINING, state=state, kind=kind, heads=frozenset({"P9"}), **{part: "P9"})
                assert not may_decide(mine, BOTH)
                assert not isinstance(consider(mine, Move.APPROVE, BOTH), State)


def test_while_nobody_knows_whom_it_is_about_nobody_is_taken_for_them() -> None:
    unknown = replace(JOINING, state=State.WAITING_HR, subject="")
    assert consider(unknown, Move.APPROVE, HR) is State.APPROVED


def test_final_is_what_nothing_leads_out_of() -> None:
    for state in State:
        standing = replace(JOINING, state=state)
        ways = {consider(standing, move, actor) for move in Move for actor in ACTORS.values()}
        assert any(isinstance(way, State) for way in ways) == (state not in FINAL)
