"""The history windows: what a message sees, bursts, bounds, and that a restart changes nothing."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from fakes.shipped import shipped
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.core.book import Rulebook
from rules.core.context import DEPTH, HORIZON, Windows, lookback, text_key
from rules.core.judge import judge
from rules.core.load import load_book
from rules.core.model import Context, Judgement, Member, Message, MessageType, Verdict
from rules.core.options import BookOptions
from rules.core.rehearse import outcome

START = datetime(2026, 3, 10, 2, tzinfo=UTC)
BOOK = shipped().only(["flooding"])


def said(
    text: str, at: float, by: str = "s", room: str = "r", kind: MessageType = MessageType.TEXT
) -> Message:
    return Message(
        text, kind, room_id=room, sender=Member(by), sent_at=START + timedelta(seconds=at), id=f"{at}"
    )


def play(
    messages: Iterable[Message], windows: Windows | None = None, book: Rulebook = BOOK
) -> list[Judgement]:
    windows = windows or Windows()
    judgements = []
    for message in messages:
        context = windows.look(message, book)
        judgements.append(judge(book, message, context))
        windows.advance(message, context, judgements[-1])
    return judgements


def seen(messages: Sequence[Message]) -> Context:
    """What the last message sees."""
    windows = Windows()
    play(messages[:-1], windows)
    return windows.look(messages[-1], BOOK)


def findings(judgements: Iterable[Judgement]) -> list[int]:
    return [index for index, judgement in enumerate(judgements) if judgement.rulings]


def test_a_message_sees_its_sender_s_and_its_room_s_last_ten_minutes() -> None:
    context = seen(
        [
            said("过早", 0),
            said("甲", 100),
            said("乙", 200, by="t"),
            said("丙", 300, room="q"),
            said("丁", 601),
        ]
    )
    assert [past.key for past in context.recent] == ["甲"]
    assert [past.key for past in context.room_recent] == ["甲", "乙"]


def test_a_room_without_an_id_goes_by_its_name_and_without_both_is_one_room() -> None:
    rooms = {"甲": "一群", "乙": "二群", "丙": "", "丁": "", "戊": "一群"}
    named = [replace(said(text, at, room=""), room=room) for at, (text, room) in enumerate(rooms.items())]
    assert [past.key for past in seen(named).recent] == ["甲"]
    assert [past.key for past in seen(named[:4]).recent] == ["丙"]


def test_without_sender_or_time_there_is_no_window() -> None:
    anonymous, timeless = replace(said("甲", 0), sender=None), replace(said("乙", 1), sent_at=None)
    windows = Windows()
    judgements = play([anonymous, timeless], windows)
    assert {judgement.outcomes[0].verdict for judgement in judgements} <= {Verdict.UNKNOWN, Verdict.OFF}
    assert windows.look(said("丙", 2), BOOK).room_recent == ()


def test_a_recalled_message_leaves_no_trace() -> None:
    assert seen([said("甲", 0, kind=MessageType.RECALLED), said("乙", 1)]).recent == ()


def test_the_same_text_in_other_rooms_is_counted_once_a_room() -> None:
    text = "大家好，本群招募兼职"
    rooms = ["a", "b", "b", "c", "r"]
    posts = [said(text, at * 10, room=room) for at, room in enumerate(rooms)]
    assert seen([*posts, said("大家好 本群招募兼职!", 60)]).elsewhere == 3
    assert seen([*posts, said(text, 60, by="other")]).elsewhere == 0
    assert seen([*posts, said(text, 1_000)]).elsewhere == 0
    assert seen([*[said("收到", 0, room=room) for room in rooms], said("收到", 60)]).elsewhere == 0


def test_a_long_text_is_kept_as_beginning_and_digest() -> None:
    long = "很" * 10_000
    assert len(text_key(long)) <= 64
    assert text_key(long) != text_key(long + "长")
    assert text_key("短") == "短"
    assert text_key("\ud800" * 99)


FLOOD = [said("有人在吗有人在吗", at) for at in range(-5, 6, 2)]


def test_a_burst_is_open_from_its_finding_and_carried_on_by_what_belongs_to_it() -> None:
    windows = Windows()
    judgements = play(FLOOD, windows)
    assert findings(judgements) == [3]
    assert [outcome(judgement, "flooding").absorbed for judgement in judgements[3:]] == [False, True, True]
    burst = windows.look(said("好了", 60), BOOK).burst
    assert burst is not None
    assert (burst.since, burst.last) == (FLOOD[3].sent_at, FLOOD[5].sent_at)


def test_writing_normally_does_not_carry_a_burst_on() -> None:
    normal = [said(f"第{n}项工作已经完成", 30 * n + 10) for n in range(1, 10)]
    windows = Windows()
    play([*FLOOD, *normal], windows)
    assert windows.look(said("还有", 304), BOOK).burst is not None
    assert windows.look(said("还有", 305), BOOK).burst is None


def test_a_burst_belongs_to_one_sender_in_one_room() -> None:
    windows = Windows()
    play(FLOOD, windows)
    assert windows.look(said("好", 7, by="t"), BOOK).burst is None
    assert windows.look(said("好", 7, room="q"), BOOK).burst is None


def test_a_second_burst_after_the_quiet_time_counts_none_of_the_first() -> None:
    later = [said("有人在吗有人在吗", 305 + at) for at in range(0, 12, 2)]
    assert findings(play([*FLOOD, *later])) == [3, 9]


def test_the_quiet_time_is_the_rule_s_setting() -> None:
    options = {"rules": {"flooding": {"settings": {"quiet_seconds": 130}}}}
    book = load_book(BookOptions.model_validate(options)).only(["flooding"])
    later = [said("有人在吗有人在吗", 140 + at) for at in range(0, 12, 2)]
    assert findings(play([*FLOOD, *later], book=book)) == [3, 9]
    assert findings(play([*FLOOD, *later])) == [3]
    assert lookback(book) == 2 * HORIZON + timedelta(seconds=130)


def test_a_late_message_belongs_to_its_own_time() -> None:
    late = [said("甲", 0), said("丙", 20), said("乙", 10)]
    assert [past.key for past in seen(late).recent] == ["甲"]
    assert [past.key for past in seen([*late, said("丁", 30)]).recent] == ["甲", "乙", "丙"]


def test_one_message_from_the_future_costs_nobody_their_history() -> None:
    far = 80 * 365 * 86_400
    before = [said("有人在吗有人在吗", at) for at in range(0, 6, 2)]
    jump = [said("有人在吗有人在吗", far, by="s"), said("时钟乱了", far + 1, by="t")]
    judgements = play([*before, *jump, said("有人在吗有人在吗", 6)])
    assert findings(judgements) == [5]


def test_a_slow_flood_counts_nothing_that_a_burst_before_it_counted() -> None:
    text = "请领导马上回复我的诉求"
    slow = [said(text, at) for at in range(0, 700, 70)]
    assert findings(play(slow)) == [5]
    quick = [said(text, at) for at in (0, 2, 4, 6)]
    late = [said(text, at) for at in (310, 400, 490)]
    windows = Windows()
    assert findings(play([*quick, *late], windows)) == [3]
    assert windows.look(said(text, 500), BOOK).settled == quick[-1].sent_at


def test_the_ends_of_time_break_nothing() -> None:
    earliest, latest = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    messages = [
        replace(said(f"句子{n}", 0), sent_at=when) for n, when in enumerate([latest, earliest, latest])
    ]
    assert findings(play([*messages, said("甲", 0)])) == []
    zone = timezone(timedelta(hours=14))
    for end in (earliest, latest):
        for offset in (zone, timezone(-zone.utcoffset(None))):
            flood = [replace(FLOOD[0], sent_at=end.replace(tzinfo=offset))] * 12
            judgements = play(flood)
            assert not any(judgement.crashed for judgement in judgements)
            assert len(findings(judgements)) == 1


def test_memory_stays_bounded_whatever_comes() -> None:
    windows = Windows()

    def flow(first: int, last: int) -> Iterable[Message]:
        for n in range(first, last):
            text = f"第{n}号消息，每一条都不相同" * 3
            yield said(text, n / 5, by=f"s{n % 3_000}", room=f"r{n % 700}")

    def held() -> int:
        """How many objects are alive anywhere: counting them costs nothing, tracing them ten times the flow."""
        gc.collect()
        return sys.getallocatedblocks()

    play(flow(-100, 0))
    before = held()
    play(flow(0, 6_000), windows)
    early = held() - before
    play(flow(6_000, 12_000), windows)
    late = held() - before
    assert late < early * 1.01
    assert max(len(windows.look(said("x", 2_400, by=f"s{n}"), BOOK).room_recent) for n in range(20)) <= DEPTH


def test_idle_senders_are_forgotten() -> None:
    windows = Windows()
    play((said("你好", n, by=f"s{n}", room=f"r{n}") for n in range(3_000)), windows)
    assert windows.size <= 2 * (HORIZON.total_seconds() + 2)


TEXTS = ["有人在吗有人在吗", "哈", "嗯", "今天下午三点开会", "收到", "😀", "第一项已完成"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 1.0, 4.0, 20.0, 130.0, 290.0, 300.0, 301.0, 700.0]),
        st.sampled_from(["a", "a", "a", "b"]),
        st.sampled_from(["r", "r", "q"]),
        st.sampled_from(TEXTS),
        st.integers(1, 6),
    ),
    min_size=1,
    max_size=14,
)


def sequence(steps: Sequence[tuple[float, str, str, str, int]]) -> list[Message]:
    found, clock = [], 0.0
    for gap, by, room, text, times in steps:
        clock += gap
        for _ in range(times):
            found.append(said(text, clock, by=by, room=room))
            clock += 1
    return found


@settings(max_examples=150, deadline=None)
@given(STEPS, st.floats(0, 1))
def test_windows_rebuilt_from_the_last_minutes_judge_as_the_lost_ones(
    steps: list[tuple[float, str, str, str, int]], where: float
) -> None:
    messages = sequence(steps)
    split = int(where * len(messages))
    whole = play(messages)
    rebuilt = Windows()
    if split:
        now = messages[split - 1].sent_at
        assert now is not None
        stored = [one for one in messages[:split] if one.sent_at and now - one.sent_at <= lookback(BOOK)]
        play(stored, rebuilt)
    assert play(messages[split:], rebuilt) == whole[split:]


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_two_findings_of_one_sender_in_a_room_are_a_quiet_time_apart(
    steps: list[tuple[float, str, str, str, int]],
) -> None:
    last: dict[tuple[str, str], datetime] = {}
    for judgement in play(sequence(steps)):
        message = judgement.message
        assert message.sender is not None
        assert message.sent_at is not None
        key = (message.room_id, message.sender.id)
        for found in judgement.outcomes:
            if found.absorbed or found.rulings:
                if found.rulings and key in last:
                    assert message.sent_at - last[key] >= timedelta(seconds=300)
                last[key] = message.sent_at


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-2_000, 2_000), st.sampled_from(TEXTS)), max_size=120))
def test_any_order_of_arrival_gives_ordered_windows_within_the_horizon(
    posts: list[tuple[int, str]],
) -> None:
    windows = Windows()
    for at, text in posts:
        message = said(text, at)
        context = windows.look(message, BOOK)
        times = [past.sent_at for past in context.recent]
        assert times == sorted(times)
        assert len(times) <= DEPTH
        assert message.sent_at is not None
        assert all(timedelta() <= message.sent_at - when < HORIZON for when in times)
        windows.advance(message, context, judge(BOOK, message, context))


@pytest.mark.parametrize("zone", ["+08:00", "-11:00", "+00:00"])
def test_the_zone_in_which_a_time_is_written_makes_no_difference(zone: str) -> None:
    offset = datetime.fromisoformat(f"2026-03-10T10:00:00{zone}").tzinfo
    moved = [replace(one, sent_at=one.sent_at.astimezone(offset)) for one in FLOOD if one.sent_at]
    assert findings(play(moved)) == [3]
