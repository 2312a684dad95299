"""The outbox under load and under change: who goes first, what was dropped on its way, new ids."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes.kept import kept_case
from fakes.outgoing import due_rows

from storage.records import CaseState, Outgoing
from storage.results import OutboxCounts
from storage.session import Storage

MINUTE = timedelta(minutes=1)


def _out(now: datetime, text: str = "t", **known: Any) -> Outgoing:
    return replace(Outgoing("r@1", text, now, now), **known)


async def test_one_room_with_thousands_due_hides_no_other(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        flood = await unit.outbox.add([_out(now - MINUTE, f"{n}", target="r@flood") for n in range(3000)])
        (other,) = await unit.outbox.add([_out(now, "other", target="r@2")])
        await unit.outbox.add([_out(now + MINUTE, "later", target="r@3")])
        assert await unit.outbox.heads(now, 10) == [flood[0], other]
        assert await unit.outbox.heads(now, 1) == [flood[0]]
        assert await unit.outbox.heads(now, 10, without={"r@flood"}) == [other]
        assert await unit.outbox.heads(now, 10, without=["r@flood", "r@2"]) == []
        await unit.outbox.sent([flood[0].id], now)
        assert await unit.outbox.heads(now, 10) == [flood[1], other]


@pytest.mark.parametrize("kind", ["notice", "urgent", "alert"])
async def test_what_presses_leaves_before_everything_else(storage: Storage, now: datetime, kind: str) -> None:
    async with storage.unit() as unit:
        report, other, press, again, quiet = await unit.outbox.add(
            [
                _out(now - 3 * MINUTE, "report", kind="report"),
                _out(now - 2 * MINUTE, "other room", target="r@2"),
                _out(now - MINUTE, "press", kind=kind),
                _out(now - MINUTE, "same time", kind=kind),
                _out(now - 5 * MINUTE, "held", kind=kind, target="c1"),
            ]
        )
        await unit.outbox.hold(quiet.id)
        assert await unit.outbox.heads(now, 10) == [press, other]
        await unit.outbox.sent([press.id, again.id], now)
        assert await unit.outbox.heads(now, 10) == [report, other]


async def test_the_next_due_time_can_leave_targets_out(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        await unit.outbox.add([_out(now), _out(now + MINUTE, target="r@2")])
        assert await unit.outbox.next_due() == now
        assert await unit.outbox.next_due(without=["r@1"]) == now + MINUTE
        assert await unit.outbox.next_due(without={"r@1", "r@2"}) is None


async def test_what_may_be_said_together_is_of_one_room_and_key(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        late, soon, same, *_ = await unit.outbox.add(
            [
                _out(now, "late", merge="notices"),
                _out(now - MINUTE, "soon", merge="notices"),
                _out(now - MINUTE, "same", merge="notices"),
                _out(now + MINUTE, "not due", merge="notices"),
                _out(now, "other key", merge="reports"),
                _out(now, "no key"),
                _out(now, "other room", merge="notices", target="r@2"),
            ]
        )
        assert await unit.outbox.together("r@1", "notices", now, 10) == [soon, same, late]
        assert await unit.outbox.together("r@1", "notices", now, 2) == [soon, same]
        assert await unit.outbox.together("r@1", "", now, 10) == []
        await unit.outbox.sent([soon.id], now)
        assert await unit.outbox.together("r@1", "notices", now, 10) == [same, late]


async def test_what_was_dropped_on_its_way_is_told_and_stays_dropped(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        kept, recalled = await unit.outbox.add([_out(now, case="V-1"), _out(now, "recalled", case="V-2")])
        await unit.outbox.drop("V-2", "recalled")
        for _ in range(2):  # a unit that is run again says the same and changes nothing
            assert await unit.outbox.sent([kept.id, recalled.id], now, "gw1") == [recalled]
        assert await unit.outbox.sent([kept.id], now) == []
        assert await unit.outbox.counts() == OutboxCounts(0, 0, 0, None)


async def test_what_was_dropped_does_not_come_to_life_again(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        for number, change in enumerate(
            (
                lambda row_id: unit.outbox.retry(row_id, now, "no answer"),
                lambda row_id: unit.outbox.dead(row_id, "refused"),
                unit.outbox.hold,
            )
        ):
            (row,) = await unit.outbox.add([_out(now, case=f"V-{number}", private=True)])
            await unit.outbox.drop(f"V-{number}", "recalled")
            await change(row.id)
        assert await unit.outbox.counts() == OutboxCounts(0, 0, 0, None)
        assert await unit.outbox.dead_letters(10) == []


async def test_a_message_is_put_off_without_blame_or_let_go(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        a, b, stale, gone = await unit.outbox.add(
            [_out(now), _out(now), _out(now, "stale"), _out(now, case="V-1")]
        )
        await unit.outbox.drop("V-1", "recalled")
        await unit.outbox.postpone([a.id, b.id, gone.id], now + MINUTE)
        await unit.outbox.discard(stale.id, "nobody waits for it any more")
        assert await due_rows(unit, now, 10) == []
        later = [replace(row, due_at=now + MINUTE) for row in (a, b)]
        assert await due_rows(unit, now + MINUTE, 10) == later
        assert await unit.outbox.sent([stale.id, gone.id], now) == [stale, gone]


async def test_a_new_id_reaches_targets_mentions_and_where_it_was_asked(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        to_contact, mention, asked, held, sent, lookalike, public = await unit.outbox.add(
            [
                _out(now, "1", target="c_1", private=True),
                _out(now, "2", mentions=("c_2", "c_1", "new")),
                _out(now, "3", target="c_9", asked_in="c_1"),
                _out(now, "4", target="c_1", private=True, mentions=("c_1",)),
                _out(now, "5", target="c_1"),
                # Ids that only look like it: a pattern's wildcard, another case, a longer one.
                _out(now, "6", target="cx1", mentions=("cx1", "C_1", "c_11")),
                _out(now, "7", target="c_1"),
            ]
        )
        await unit.outbox.hold(held.id)
        await unit.outbox.sent([sent.id], now)
        assert await unit.outbox.readdress("c_1", "new") == 4
        # Private messages stay with the contact they were meant for.
        assert await unit.outbox.waiting_private("new") == []
        assert await unit.outbox.waiting_private("c_1") == [replace(held, mentions=("new",))]
        assert await due_rows(unit, now, 10) == [
            to_contact,
            replace(mention, mentions=("c_2", "new")),
            replace(asked, asked_in="new"),
            lookalike,
            replace(public, target="new"),
        ]
        assert await unit.outbox.readdress("c_1", "new") == 0


async def test_a_room_is_readdressed_too_and_odd_ids_are_found(storage: Storage, now: datetime) -> None:
    odd = '群"50%\\_'
    async with storage.unit() as unit:
        room, answer, mention = await unit.outbox.add(
            [
                _out(now, "notice"),
                _out(now, "answer", target="c1", private=True, asked_in="r@1"),
                _out(now, "odd", target="r@3", mentions=(odd,)),
            ]
        )
        assert await unit.outbox.readdress("", "r@9") == 0
        assert await unit.outbox.readdress("r@1", "r@1") == 0
        assert await unit.outbox.readdress("r@1", "r@2") == 2
        assert await unit.outbox.readdress(odd, "c2") == 1
        assert await due_rows(unit, now, 10) == [
            replace(room, target="r@2"),
            replace(answer, asked_in="r@2"),
            replace(mention, mentions=("c2",)),
        ]


async def test_only_what_begins_so_is_dropped(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        _, upper, other, none, foreign = await unit.outbox.add(
            [
                _out(now, case="V-1", unique="notice% V-1"),
                _out(now, case="V-1", unique="NOTICE% V-1"),
                _out(now, case="V-1", unique="notice V-1"),
                _out(now, case="V-1"),
                _out(now, case="V-2", unique="notice% V-2"),
            ]
        )
        assert await unit.outbox.drop("", "dismissed", unique_prefix="notice") == 0
        assert await unit.outbox.drop("V-1", "dismissed", unique_prefix="notice%") == 1
        assert await due_rows(unit, now, 10) == [upper, other, none, foreign]
        assert await unit.outbox.drop("V-1", "dismissed") == 3


async def test_a_private_answer_does_not_wait_for_ever(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        held, fresh, pending = await unit.outbox.add(
            [
                _out(now, target="c1", private=True),
                _out(now, target="c1", private=True, created_at=now + MINUTE),
                _out(now),
            ]
        )
        for row in (held, fresh):
            await unit.outbox.hold(row.id)
        assert await unit.outbox.purge(now) == 0
        assert await unit.outbox.purge(now + MINUTE) == 1
        assert await unit.outbox.waiting_private("c1") == [fresh]
        assert await due_rows(unit, now, 10) == [pending]


async def test_what_nobody_can_be_told_any_more_goes_with_its_time(storage: Storage, now: datetime) -> None:
    """Without a supervision room, alerts with names in them were kept for ever."""
    async with storage.unit() as unit:
        rows = await unit.outbox.add(
            [_out(now, target="@s"), _out(now, target="@s", created_at=now + MINUTE), _out(now)]
        )
        assert await unit.outbox.newest_for("@s", 10) == rows[:2]
        assert await unit.outbox.newest_for("@s", 1) == rows[1:2]
        assert await unit.outbox.purge(now + MINUTE) == 0
        assert await unit.outbox.purge(now + MINUTE, hopeless=("@s",)) == 1
        assert await unit.outbox.newest_for("@s", 10) == rows[1:2]
        assert (await unit.outbox.counts()).pending == 2


async def test_fates_by_the_beginning_of_their_name(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        sent, waits, dead, _ = await unit.outbox.add(
            [_out(now, unique=f"announcement G-22222 {n}") for n in range(3)]
            + [_out(now, unique="announcement g-22222 9")]
        )
        await unit.outbox.sent([sent.id], now, "m1")
        await unit.outbox.dead(dead.id, "no")
        fates = await unit.outbox.fates("announcement G-22222 ")
        assert [(fate.message.id, fate.state, fate.sent_at, fate.message_id) for fate in fates] == [
            (sent.id, "sent", now, "m1"),
            (waits.id, "pending", None, ""),
            (dead.id, "dead", None, ""),
        ]


async def test_only_what_waits_leaves_as_another_kind(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        first, second = await unit.outbox.add(
            [_out(now, kind="announcement"), _out(now, kind="announcement")]
        )
        await unit.outbox.sent([second.id], now)
        await unit.outbox.recast(first.id, "post")
        await unit.outbox.recast(second.id, "post")
        (left,) = await due_rows(unit, now, 5)
        assert (left.id, left.kind, left.attempts) == (first.id, "post", 0)


async def test_a_clock_that_was_put_back_holds_up_nothing_that_was_to_leave_at_once(
    storage: Storage, now: datetime
) -> None:
    ahead, morning = now + timedelta(hours=1), now + timedelta(hours=23)
    async with storage.unit() as unit:
        at_once, tried, courteous = await unit.outbox.add(
            [
                Outgoing("r1", "at once", ahead, ahead),
                Outgoing("r2", "tried", ahead, ahead),
                Outgoing("r3", "courteous", morning, ahead),
            ]
        )
        await unit.outbox.retry(tried.id, ahead + timedelta(seconds=2), "away")
        found = await unit.outbox.heads(now, 9)
        assert [row.id for row in found] == [at_once.id, tried.id]
        assert courteous.id in [row.id for row in await unit.outbox.heads(morning, 9)]


async def test_what_somebody_was_told_otherwise_never_leaves(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        first, second = await unit.outbox.add([_out(now, unique="one"), _out(now, unique="two")])
        await unit.outbox.hold(first.id)
        assert await unit.outbox.forgo("one", "told by other means")
        assert not await unit.outbox.forgo("one", "told by other means")
        assert not await unit.outbox.forgo("", "nothing")
        assert await unit.outbox.waiting_targets() == []
        assert await due_rows(unit, now, 9) == [second]
        await unit.outbox.sent([second.id], now)
        assert not await unit.outbox.forgo("two", "it has left")


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        (CaseState.PROVISIONAL, True),
        (CaseState.APPEALED, True),
        (CaseState.CONFIRMED, True),
        (CaseState.DISMISSED, False),
        (CaseState.UPHELD, False),
    ],
)
async def test_the_notice_of_an_unsettled_case_is_not_purged(
    storage: Storage, now: datetime, state: CaseState, kept: bool
) -> None:
    async with storage.unit() as unit:
        case = await kept_case(unit, now, state=state)
        for unique in (f"notice {case.number}", f"result {case.number} 1"):
            (row,) = await unit.outbox.add([_out(now, case=case.number, unique=unique)])
            await unit.outbox.sent([row.id], now)
        assert await unit.outbox.purge(now + MINUTE) == (1 if kept else 2)
        assert (await unit.outbox.by_unique(f"notice {case.number}") is not None) is kept
        await unit.cases.publish([case.number], now)
        assert await unit.outbox.purge(now + MINUTE) == (1 if state is CaseState.CONFIRMED else 0)
