"""Inbox, messages and outbox: nothing twice, nothing lost, everything in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from fakes.outgoing import due_rows

from storage.records import Arrival, Outgoing, StoredMessage
from storage.results import InboxCounts, OutboxCounts
from storage.session import Storage

MINUTE = timedelta(minutes=1)


def _arrivals(now: datetime, *ids: str) -> list[Arrival]:
    return [Arrival(message_id, now) for message_id in ids]


async def test_each_id_arrives_once_and_in_order(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        assert await unit.inbox.add([]) == []
        assert await unit.inbox.last_seq() == 0
        first = await unit.inbox.add(_arrivals(now, "c", "a", "c", "b"))
        assert [arrival.message_id for arrival in first] == ["c", "a", "b"]
    async with storage.unit() as unit:
        again = await unit.inbox.add(_arrivals(now, "b", "d", "a"))
        assert [arrival.message_id for arrival in again] == ["d"]
        pending = await unit.inbox.pending(10)
        assert [arrival.message_id for arrival in pending] == ["c", "a", "b", "d"]
        assert sorted({arrival.seq for arrival in pending}) == [arrival.seq for arrival in pending]
        assert await unit.inbox.pending(2, after=pending[0].seq) == pending[1:3]
        assert await unit.inbox.pending(9, until=pending[1].seq) == pending[:2]
        assert await unit.inbox.pending(9, after=pending[1].seq, until=pending[1].seq) == []
        assert await unit.inbox.last_seq() == pending[3].seq


async def test_a_large_batch_keeps_its_order(storage: Storage, now: datetime) -> None:
    ids = [f"m{n * 7919 % 3001}" for n in range(3001)]
    async with storage.unit() as unit:
        kept = await unit.inbox.add(_arrivals(now, *ids))
    assert [arrival.message_id for arrival in kept] == ids


async def test_settled_and_unread_are_not_pending(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        a, b, c = await unit.inbox.add(_arrivals(now, "a", "b", "c"))
        await unit.inbox.settle([(a.seq, "clean"), (a.seq, "flooding=violation")])
        await unit.inbox.settle([])
        await unit.inbox.unread([b.seq], now + MINUTE)
        await unit.inbox.unread([], now)
        assert await unit.inbox.pending(10) == [c]
        assert await unit.inbox.unread_due(now, 10) == []
        assert await unit.inbox.unread_due(now + MINUTE, 10) == [replace(b, attempts=1)]
        await unit.inbox.unread([b.seq], now + MINUTE)
        assert await unit.inbox.unread_due(now + MINUTE, 10) == [replace(b, attempts=2)]
        assert await unit.inbox.last_seq() == c.seq
        assert await unit.inbox.counts() == InboxCounts(pending=1, unread=1, done=1, oldest_pending=now)
        assert await unit.inbox.backlog() == InboxCounts(pending=1, unread=1, done=0, oldest_pending=now)
        assert await unit.inbox.outcomes("a") == "flooding=violation"
        assert await unit.inbox.outcomes("b") is None
        await unit.inbox.settle([(b.seq, "lost")])
        await unit.inbox.unread([b.seq], now)
        assert await unit.inbox.unread_due(now + MINUTE, 10) == []


async def test_only_what_is_done_is_forgotten_and_no_seq_comes_twice(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        a, b = await unit.inbox.add(_arrivals(now, "a", "b"))
        await unit.inbox.settle([(b.seq, "clean")])
        assert await unit.inbox.purge(now) == 0
        assert await unit.inbox.purge(now + MINUTE) == 1
        assert await unit.inbox.pending(10) == [a]
        (back,) = await unit.inbox.add(_arrivals(now, "b"))
        assert back.seq > b.seq


def _message(now: datetime, message_id: str, text: str = "你好", **known: Any) -> StoredMessage:
    return replace(StoredMessage(message_id, 1, "p1", "张三", "text", text, now), **known)


async def test_windows_are_rebuilt_in_order_of_receipt(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        late, first, second = (
            _message(now - MINUTE, "late"),
            _message(now, "first"),
            _message(now + MINUTE, "second"),
        )
        await unit.messages.add([])
        await unit.messages.add([first, late, second])
        await unit.messages.add([replace(first, text="changed")])
        assert await unit.messages.since(now - MINUTE, 10) == [first, late, second]
        assert await unit.messages.since(now, 10) == [first, second]
        assert await unit.messages.since(now - MINUTE, 2) == [late, second]
        assert await unit.messages.get("first") == first
        assert await unit.messages.get("none") is None
        assert await unit.messages.purge(now) == 1
        assert await unit.messages.since(now - MINUTE, 10) == [first, second]


async def test_a_stretch_is_read_page_by_page_in_order_of_receipt(storage: Storage, now: datetime) -> None:
    # Received in the order of their names; the third came late.
    sent = {"a": 0, "b": 2, "c": 1, "d": 3, "e": 60}
    async with storage.unit() as unit:
        empty = await unit.messages.stretch(now, now + MINUTE, 3)
        assert (empty.first, empty.last, empty.count, empty.older, empty.oldest) == (0, 0, 0, 0, None)
        await unit.messages.add(
            [StoredMessage(name, 1, "p", "", "text", name, now + n * MINUTE) for name, n in sent.items()]
        )
    until = now + 10 * MINUTE
    async with storage.view() as unit:
        stretch = await unit.messages.stretch(now, until, 3)
        assert (stretch.count, stretch.older, stretch.oldest) == (3, 1, now + MINUTE)
        first = await unit.messages.page(now, until, 0, stretch.last, 2)
        rest = await unit.messages.page(now, until, first[-1][0], stretch.last, 9)
        assert [stored.text for _, stored in (*first, *rest)] == ["a", "b", "c", "d"]
        assert [stored.text for seq, stored in (*first, *rest) if seq >= stretch.first] == ["b", "c", "d"]
        assert await unit.messages.page(now, until, stretch.last, stretch.last, 9) == []


async def test_what_was_judged_and_has_no_text_any_more_is_counted(storage: Storage, now: datetime) -> None:
    said = {
        "kept": "clean", "plain": "clean", "found": "flooding=violation", "late": "late clean", "blank": "",
        "command": "command", "mixed": "command clean", "unguarded": "unguarded", "recall": "recalled",
    }  # fmt: skip
    async with storage.unit() as unit:
        arrived = await unit.inbox.add(_arrivals(now, *said, "waiting"))
        await unit.inbox.settle(
            [(one.seq, said[one.message_id]) for one in arrived if one.message_id in said]
        )
        await unit.messages.add([StoredMessage("kept", 1, "p", "", "text", "x", now)])
        assert await unit.inbox.erased(now, now + MINUTE) == 5
        assert await unit.inbox.erased(now + MINUTE, now + 2 * MINUTE) == 0


async def test_quotes_are_found_by_their_beginning_alone(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        await unit.messages.add(
            [
                _message(now, "1", "100%_完成 了"),
                _message(now, "2", "100 完成"),
                _message(now, "3", "100%_完成"),
                _message(now, "4", "100%_完成", sender_name="李四"),
                _message(now, "5", "100%_完成", room_key=2),
            ]
        )
        found = await unit.messages.quoted(1, "张三", "100%_完成")
        assert [message.message_id for message in found] == ["3", "1"]
        assert len(await unit.messages.quoted(1, "张三", "")) == 3


def _out(now: datetime, text: str = "t", **known: Any) -> Outgoing:
    return replace(Outgoing("r@1", text, now, now), **known)


async def test_outgoing_messages_come_back_whole_and_due_in_order(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        full = _out(
            now + MINUTE,
            "@张三 请注意",
            kind="notice",
            private=True,
            mentions=("c1", 'c,"2'),
            case="V-AAAAA",
            merge="r@1",
            unique="notice V-AAAAA",
            asked_in="r@9",
        )
        assert await unit.outbox.add([]) == []
        later, soon, same = await unit.outbox.add([full, _out(now, "soon"), _out(now, "same")])
        assert replace(later, id=0) == full
        assert await due_rows(unit, now, 10) == [soon, same]
        assert await due_rows(unit, now + MINUTE, 10) == [soon, same, later]
        assert await due_rows(unit, now + MINUTE, 1) == [soon]
        assert await unit.outbox.next_due() == now


async def test_a_unique_message_is_added_once(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        added = await unit.outbox.add([_out(now, unique="k"), _out(now, unique="k"), _out(now), _out(now)])
        assert [row.unique for row in added] == ["k", "", ""]
        await unit.outbox.sent([added[0].id], now, "gw1")
        assert await unit.outbox.add([_out(now, unique="k")]) == []


async def test_a_message_is_retried_given_up_and_shown(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        a, b, c = await unit.outbox.add([_out(now, "a"), _out(now, "b"), _out(now, "c")])
        await unit.outbox.retry(a.id, now + MINUTE, "no answer")
        assert await due_rows(unit, now, 10) == [b, c]
        assert await due_rows(unit, now + MINUTE, 10) == [b, c, replace(a, due_at=now + MINUTE, attempts=1)]
        await unit.outbox.dead(b.id, "refused")
        await unit.outbox.sent([c.id], now, "gw1")
        await unit.outbox.sent([], now)
        assert await unit.outbox.counts() == OutboxCounts(1, 0, 1, now + MINUTE)
        (letter,) = await unit.outbox.dead_letters(10)
        assert (letter.message.text, letter.error) == ("b", "refused")


async def test_a_private_answer_waits_for_the_friendship(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        a, b, other = await unit.outbox.add(
            [
                _out(now, text, target=target, private=True)
                for text, target in (("a", "c1"), ("b", "c1"), ("o", "c2"))
            ]
        )
        for row in (b, a, other):
            await unit.outbox.hold(row.id)
        assert await due_rows(unit, now, 10) == []
        assert await unit.outbox.next_due() is None
        assert await unit.outbox.waiting_private("c1") == [a, b]
        assert await unit.outbox.waiting_targets() == ["c1", "c2"]
        assert await unit.outbox.counts() == OutboxCounts(0, 3, 0, None)
        assert await unit.outbox.release("c1", now + MINUTE) == 2
        assert [row.text for row in await due_rows(unit, now + MINUTE, 10)] == ["a", "b"]
        assert await unit.outbox.waiting_private("c1") == []


async def test_a_recalled_message_takes_back_only_what_has_not_left(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        sent, held, due, other = await unit.outbox.add(
            [_out(now, case="V-1"), _out(now, case="V-1"), _out(now, case="V-1"), _out(now)]
        )
        await unit.outbox.sent([sent.id], now)
        await unit.outbox.hold(held.id)
        assert await unit.outbox.drop("V-1", "recalled") == 2
        assert await unit.outbox.drop("V-1", "recalled") == 0
        assert await unit.outbox.drop("", "recalled") == 0
        assert await due_rows(unit, now, 10) == [other]
        assert due.id not in {row.id for row in await due_rows(unit, now, 10)}
        assert await unit.outbox.purge(now + MINUTE) == 3


async def test_a_name_too_long_for_an_index_is_no_end_of_the_line(storage: Storage, now: datetime) -> None:
    # Of characters that no database compresses away.
    name = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(4_000))
    async with storage.unit() as unit:
        room = (await unit.rooms.seen("r@1", "项目群", now)).key
        person = await unit.people.seen("c1", name, name + "\ud800", room, now)
        other = await unit.people.seen("c2", name + "二", name + "二", room, now)
        assert await unit.people.find(name) == [person]
        assert await unit.people.find(name + "二") == [other]
        message = StoredMessage("m1", room, person.key, name, "text", "大家好", now)
        await unit.messages.add([message])
        (quoted,) = await unit.messages.quoted(room, name, "大家")
        assert (quoted.message_id, quoted.text) == ("m1", "大家好")
        assert name.startswith(quoted.sender_name)
