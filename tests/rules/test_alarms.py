"""When an emergency was last spoken of in a room: what a message sees of it, bounds, and restarts (policy 3.2a)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fakes.shipped import shipped
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.core.alarms import ALARM_SPAN, MOMENTS, NO_CALLS, ROOMS, Alarms
from rules.core.book import Rulebook
from rules.core.context import HORIZON, Windows, lookback
from rules.core.judge import judge
from rules.core.load import load_book
from rules.core.model import Judgement, Kind, Member, Message, MessageType
from rules.core.options import BookOptions

NIGHT = datetime(2026, 3, 10, 14, tzinfo=UTC)  # ten in the evening in Shanghai
BOOK = shipped().only(["after_hours"])
CRY, TALK = "仓库起火了，快来人", "三号线的节拍再压缩两秒"


def said(text: str, minutes: float, by: str = "s", room: str = "r") -> Message:
    return Message(text, room_id=room, sender=Member(by), sent_at=NIGHT + timedelta(minutes=minutes))


def play(messages: Iterable[Message], windows: Windows, book: Rulebook = BOOK) -> list[Judgement]:
    judgements = []
    for message in messages:
        context = windows.look(message, book)
        judgements.append(judge(book, message, context))
        windows.advance(message, context, judgements[-1])
    return judgements


def alarm(
    messages: Iterable[Message], minutes: float, room: str = "r", book: Rulebook = BOOK
) -> float | None:
    """Minutes after the start at which the last alarm was, as a message sees it."""
    windows = Windows()
    play(messages, windows, book)
    calls = windows.look(said(TALK, minutes, by="x", room=room), book).calls
    seen = max(filter(None, (calls.told, calls.claimed)), default=None)
    return None if seen is None else (seen - NIGHT) / timedelta(minutes=1)


def test_an_alarm_is_seen_for_four_hours_in_its_room_whoever_raised_it() -> None:
    assert alarm([said(CRY, 0, by="t")], 30) == 0
    assert alarm([said(CRY, 0)], 240) == 0
    assert alarm([said(CRY, 0)], 240.1) is None
    assert alarm([said(CRY, 0)], 30, room="q") is None
    assert alarm([said(CRY, 0), said(CRY, 100), said(TALK, 110)], 120) == 100


def test_ones_own_alarm_is_told_from_everybody_elses_and_a_bare_marker_from_news() -> None:
    windows = Windows()
    play([said(CRY, 0), said("[紧急] 请回电话", 5)], windows)
    own, others = (windows.look(said(TALK, 6, by=who), BOOK).calls for who in ("s", "t"))
    assert (own.told, own.claimed, own.own_told) == (None, None, NIGHT)
    assert (others.told, others.own_told, others.own_claimed) == (NIGHT, None, None)
    assert own.own_claimed == others.claimed == NIGHT + timedelta(minutes=5)


def test_a_message_sees_no_alarm_that_was_raised_after_it() -> None:
    assert alarm([said(CRY, 10)], 5) is None
    assert alarm([said(CRY, 0), said(CRY, 10)], 5) == 0


@pytest.mark.parametrize("text", ["[紧急] 请回电话", "生产环境宕机了"])
def test_claimed_and_real_emergencies_raise_one(text: str) -> None:
    assert alarm([said(text, 0)], 1) == 0


@pytest.mark.parametrize("text", ["【紧急】周报", "打印机坏了", "上周停电的复盘", "下周消防演练，模拟起火"])
def test_what_is_none_raises_none(text: str) -> None:
    assert alarm([said(text, 0)], 1) is None


def test_bots_and_senders_nobody_knows_raise_one_and_recalled_messages_none() -> None:
    bot = replace(said(CRY, 0), sender=Member("b", kind=Kind.BOT))
    assert alarm([bot], 1) == 0
    assert alarm([replace(said(CRY, 0), sender=None)], 1) == 0
    assert alarm([replace(said(CRY, 0), type=MessageType.RECALLED)], 1) is None
    assert alarm([replace(said(CRY, 0), sent_at=None)], 1) is None


def test_books_may_alternate_and_a_rule_that_is_off_remembers_nothing() -> None:
    off = shipped().only(["flooding"])
    windows = Windows()
    play([said(CRY, 0)], windows)
    play([said(CRY, 5, room="q")], windows, off)
    assert windows.look(said(TALK, 6, by="x"), off).calls == NO_CALLS
    assert windows.look(said(TALK, 6, by="x"), BOOK).calls.told == NIGHT
    assert windows.look(said(TALK, 6, by="x", room="q"), BOOK).calls == NO_CALLS


def test_the_lookback_covers_the_alarm_only_where_a_rule_heeds_it() -> None:
    off = shipped().only(["flooding"])
    assert lookback(BOOK) == ALARM_SPAN + HORIZON
    assert lookback(off) < ALARM_SPAN
    assert lookback(off, BOOK) == ALARM_SPAN + HORIZON
    room = {"rules": {"after_hours": {"enabled": True}}}
    options = {"rules": {"after_hours": {"enabled": False}}, "rooms": {"值班群": room}}
    assert lookback(load_book(BookOptions.model_validate(options))) == ALARM_SPAN + HORIZON


def test_memory_stays_bounded_and_a_jump_of_the_clock_sweeps_nothing_away() -> None:
    alarms = Alarms()
    for n in range(ROOMS + 500):
        alarms.raised(f"r{n}", NIGHT + timedelta(seconds=n / 10))
    assert len(alarms) == ROOMS
    alarms = Alarms()
    for n in range(100):
        alarms.raised("r", NIGHT + timedelta(minutes=n))
    assert alarms.last("r", NIGHT + timedelta(minutes=99 - MOMENTS)) is None
    assert alarms.last("r", NIGHT + timedelta(minutes=300)) == NIGHT + timedelta(minutes=99)
    for room in ("a", "b", "c", "d"):
        alarms.raised(room, NIGHT)
    alarms.raised("z", NIGHT + timedelta(days=9_000))
    assert sum(alarms.last(room, NIGHT) is not None for room in ("a", "b", "c", "d")) >= 3


def test_rooms_whose_alarm_is_long_over_are_forgotten() -> None:
    alarms = Alarms()
    for n in range(200):
        alarms.raised(f"r{n}", NIGHT + timedelta(hours=n))
    assert len(alarms) <= 6


STEPS = st.lists(
    st.tuples(
        st.sampled_from([1.0, 5.0, 40.0, 119.0, 120.0, 121.0, 241.0]),
        st.sampled_from(["s", "t"]),
        st.sampled_from(["r", "r", "q"]),
        st.sampled_from([CRY, TALK, TALK, "收到", "【紧急】看手机", "【紧急】下周团建"]),
    ),
    max_size=20,
)


@settings(max_examples=100, deadline=None)
@given(STEPS, st.floats(0, 1))
def test_windows_rebuilt_after_a_restart_judge_as_the_lost_ones(
    steps: list[tuple[float, str, str, str]], where: float
) -> None:
    clock, messages = 0.0, []
    for gap, by, room, text in steps:
        clock += gap
        messages.append(said(text, clock, by, room))
    split = int(where * len(messages))
    whole = play(messages, Windows())
    rebuilt = Windows()
    if split:
        now = messages[split - 1].sent_at
        assert now is not None
        stored = [one for one in messages[:split] if one.sent_at and now - one.sent_at <= lookback(BOOK)]
        play(stored, rebuilt)
    assert play(messages[split:], rebuilt) == whole[split:]
