"""The escalation ladder: each step once for each time it is reached, from confirmed points alone (policy 6.2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.procedure.ladder import COUNTING, Action, Done, Entry, LadderStep, at_once, due, total
from storage.records import CaseState

START = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)
HEAD = LadderStep(6, 30, Action.TELL_HEAD)
DISCIPLINE = LadderStep(10, 30, Action.PROPOSE_DISCIPLINE)
STEPS = (HEAD, DISCIPLINE)
STATES = [state.value for state in CaseState]


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def case(number: str, cost: int, on: float, state: str = "confirmed") -> Entry:
    return Entry(number, -cost, day(on), state)


def told(step: LadderStep, on: float) -> Done:
    return Done(step.key, day(on))


@pytest.mark.parametrize(
    ("entries", "now", "steps"),
    [
        ([], 5, ()),
        ([case("A", 5, 1)], 5, ()),
        ([case("A", 3, 1), case("B", 3, 2)], 5, (HEAD,)),
        ([case("A", 6, 1)], 5, (HEAD,)),
        ([case("A", 5, 1), case("B", 5, 2)], 5, (HEAD, DISCIPLINE)),  # both at once
        ([case("A", 3, 1), case("B", 3, 31)], 31, ()),  # the first has just expired
        ([case("A", 3, 1), case("B", 3, 30.9)], 30.99, (HEAD,)),
        ([case("A", 3, 1), case("B", 3, 6)], 5, ()),  # not yet
    ],
)
def test_points_add_up_within_their_days(
    entries: list[Entry], now: float, steps: tuple[LadderStep, ...]
) -> None:
    assert due(entries, day(now), STEPS, ()) == steps


@pytest.mark.parametrize("state", STATES)
def test_only_what_people_have_confirmed_counts(state: str) -> None:
    found = due([case("A", 6, 1, state)], day(2), STEPS, ())
    assert found == ((HEAD,) if state in ("confirmed", "upheld") else ())


def test_a_difference_and_a_reversal_count_with_their_case() -> None:
    difference = [case("A", 2, 1), Entry("A", -3, day(9), "confirmed")]
    assert total(difference, day(9), 30) == 5
    assert total(difference, day(31), 30) == 0  # from the time of the conduct, however late the review
    halved = [case("A", 5, 1), Entry("A", 3, day(2), "confirmed")]
    assert total(halved, day(3), 30) == 2
    assert total([case("A", 5, 1), Entry("A", 5, day(2), "confirmed")], day(3), 30) == 0


def test_a_bonus_does_not_buy_conduct() -> None:
    entries = [case("A", 6, 1), Entry("G", 10, day(2), "confirmed", bonus=True)]
    assert total(entries, day(3), 30) == 6
    assert due(entries, day(3), STEPS, ()) == (HEAD,)
    assert total([Entry("G", 10, day(2), "confirmed")], day(3), 30) == 0  # never below nothing


def test_a_step_is_taken_once_however_much_more_comes() -> None:
    entries = [case("A", 3, 1), case("B", 3, 2)]
    assert due(entries, day(2), STEPS, [told(HEAD, 2)]) == ()
    assert due([*entries, case("C", 2, 4)], day(4), STEPS, [told(HEAD, 2)]) == ()
    assert due([*entries, case("D", 4, 4)], day(4), STEPS, [told(HEAD, 2)]) == (DISCIPLINE,)


def test_a_step_is_due_again_once_the_sum_has_been_below_it() -> None:
    entries = [case("A", 3, 1), case("B", 3, 2)]
    assert due([*entries, case("C", 3, 33)], day(33), STEPS, [told(HEAD, 2)]) == ()  # 3 only
    again = [*entries, case("C", 3, 33), case("D", 3, 34)]
    assert due(again, day(34), STEPS, [told(HEAD, 2)]) == (HEAD,)
    assert due(again, day(34), STEPS, [told(HEAD, 2), told(HEAD, 34)]) == ()


def test_a_step_is_not_due_again_while_the_sum_stands_at_it_throughout() -> None:
    entries = [case("A", 6, 1), case("B", 6, 20), case("C", 6, 40)]
    assert due(entries, day(41), [HEAD], [told(HEAD, 1)]) == ()
    gap = [case("A", 6, 1), case("B", 6, 31)]  # it comes in the very moment in which the first expires
    assert due(gap, day(32), [HEAD], [told(HEAD, 1)]) == ()
    assert due([case("A", 6, 1), case("B", 6, 31.01)], day(32), [HEAD], [told(HEAD, 1)]) == (HEAD,)


def test_what_an_overturned_case_had_reached_is_due_again_when_others_reach_it() -> None:
    overturned = [case("A", 6, 1, "overturned"), Entry("A", 6, day(4), "overturned")]
    assert due(overturned, day(5), STEPS, [told(HEAD, 1)]) == ()
    assert due([*overturned, case("B", 6, 6)], day(6), STEPS, [told(HEAD, 1)]) == (HEAD,)


def test_an_appeal_suspends_its_points() -> None:
    entries = [case("A", 3, 1, "appealed"), case("B", 3, 2)]
    assert due(entries, day(3), STEPS, ()) == ()
    assert due([case("A", 3, 1, "upheld"), case("B", 3, 2)], day(3), STEPS, ()) == (HEAD,)


def test_steps_with_other_days_are_steps_of_their_own() -> None:
    year = LadderStep(6, 365, Action.TELL_HEAD)
    assert year.key != HEAD.key
    entries = [case("A", 3, 1), case("B", 3, 100)]
    assert due(entries, day(101), (HEAD, year), [told(HEAD, 1)]) == (year,)


@pytest.mark.parametrize(
    ("points", "rule", "confirmed", "actions"),
    [
        (5, "banned_words", False, (Action.TELL_SUPERVISORS,)),
        (5, "confidential", True, (Action.TELL_SUPERVISORS,)),
        (4, "incivility", True, (Action.EDUCATE,)),
        (4, "incivility", False, ()),  # nobody is educated for a machine's doubt
        (5, "incivility", True, (Action.TELL_SUPERVISORS, Action.EDUCATE)),
        (3, "flooding", True, ()),
        (0, "nickname", True, ()),
    ],
)
def test_what_is_due_at_once(points: int, rule: str, confirmed: bool, actions: tuple[Action, ...]) -> None:
    assert at_once(points, rule, confirmed=confirmed) == actions


def test_what_is_grave_and_what_asks_for_education_can_be_set() -> None:
    assert at_once(4, "flooding", confirmed=True, grave=4, educate=("flooding",)) == (
        Action.TELL_SUPERVISORS,
        Action.EDUCATE,
    )


@pytest.mark.parametrize(("points", "days"), [(0, 30), (-1, 30), (6, 0)])
def test_a_step_of_nothing_is_refused(points: int, days: int) -> None:
    with pytest.raises(ValueError, match="at least"):
        LadderStep(points, days, Action.TELL_HEAD)


ENTRIES = st.lists(
    st.builds(
        Entry,
        case=st.sampled_from("ABCDEF"),
        points=st.integers(-5, 5),
        at=st.integers(0, 24 * 90).map(lambda hours: START + timedelta(hours=hours)),
        state=st.sampled_from(STATES),
        bonus=st.booleans(),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(ENTRIES, st.integers(0, 100))
def test_what_does_not_count_changes_nothing(entries: list[Entry], on: int) -> None:
    counted = [entry for entry in entries if entry.state in COUNTING and not entry.bonus]
    assert due(entries, day(on), STEPS, ()) == due(counted, day(on), STEPS, ())
    assert total(entries, day(on), 30) == total(counted, day(on), 30) >= 0


@settings(deadline=None)
@given(ENTRIES, st.lists(st.integers(0, 100), min_size=1, max_size=12).map(sorted))
def test_every_time_a_step_is_reached_it_is_taken_once(entries: list[Entry], days: list[int]) -> None:
    """Looking often takes each step as often as the sum is seen rising to it: never twice without a fall between."""
    entries = [entry for entry in entries if entry.points < 0]
    done: list[Done] = []
    for on in days:
        found = due(entries, day(on), STEPS, done)
        for step in STEPS:
            reached = total(entries, day(on), step.days) >= step.points
            taken = any(one.key == step.key for one in done)
            assert step not in found or reached
            assert step in found or not reached or taken
        done += [Done(step.key, day(on)) for step in found]
        assert due(entries, day(on), STEPS, done) == ()


def test_a_step_is_found_again_by_its_key() -> None:
    assert [LadderStep.named(step.key) for step in STEPS] == list(STEPS)
    for wrong in ("", "tell_head", "tell_head:6", "tell_head:0:30", "shout:6:30", "tell_head:6:30:1"):
        assert LadderStep.named(wrong) is None
