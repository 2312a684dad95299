"""One person's data: all of it is handed out, all of it can be erased, and points and chains still hold."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest
from fakes.kept import kept_case, on_roster
from fakes.known import CONTACT, NAME, SAID, places, well_known
from fakes.outgoing import due_rows
from sqlalchemy import select

from storage.disclosure import sections
from storage.errors import NotFound
from storage.records import (
    Binding,
    CaseState,
    Outgoing,
)
from storage.selves import Selves
from storage.session import Storage, UnitOfWork
from storage.tables import metadata, outbox

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# What holds nothing of one person: rooms, the program itself, orders about rules, numbers under random keys.
IMPERSONAL = frozenset(
    {
        "rooms",
        "room_bindings",
        "meta",
        "jobs",
        "blind",
        "switches",
        "words",
        "silences",
        "reversals",
        "local_weights",
    }
)
# Ids and outcomes of messages, and what stands with its request or merger.
WITH_ANOTHER = frozenset({"inbox", "request_steps", "merger_moves"})


async def test_everything_is_handed_out_and_goes_as_json(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        kept = await well_known(unit, now)
        out = await unit.privacy.export(kept.key)
        again = json.loads(json.dumps(out, ensure_ascii=False))
        assert again == out
        # Something for every section: only codes there were none, and the request knows no more than a name.
        assert {name for name, rows in again.items() if not rows} == {"codes", "requests"}
        assert again["person"][0]["name"] == NAME
        assert again["cases"][0]["evidence"] == SAID
        assert again["statements"][0]["cases"] == [kept.appealed.number]
        assert {row["reason"] for row in again["points"]} == {SAID}
        assert datetime.fromisoformat(again["messages"][0]["sent_at"]) == now
        assert "旁人的话" not in json.dumps(again, ensure_ascii=False)
        with pytest.raises(NotFound):
            await unit.privacy.export("nobody")


async def test_what_is_only_guessed_to_be_theirs_is_not_handed_out(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        kept = await well_known(unit, now)
        room = (await unit.rooms.seen("r@1", "项目群", now)).key
        await unit.people.seen("guessed", "冒名", "", room, now)
        await unit.people.bind("guessed", kept.key, Binding.PROBABLE, "match", now)
        assert "guessed" not in json.dumps(await unit.privacy.export(kept.key), ensure_ascii=False)


async def test_nothing_of_an_erased_person_is_left(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        kept = await well_known(unit, now)
        assert len(await places(unit)) > 30
        counts = await unit.privacy.erase(kept.key, now + HOUR)
        assert await places(unit) == []
        assert await unit.people.get(kept.key) is None
        assert await unit.people.by_contact(CONTACT) is None
        named = (
            "messages",
            "evidence",
            "ledger_texts",
            "examples",
            "opinions",
            "appeals",
            "demands",
            "requests",
            "archive",
        )
        assert {name: counts[name] for name in named} == {
            "messages": 1,
            "evidence": 2,
            "ledger_texts": 2,
            "examples": 1,
            "opinions": 1,
            "appeals": 1,
            "demands": 1,
            "requests": 1,
            "archive": 1,
        }
        # The record that was put to theirs, and its id, among them.
        assert (counts["people"], counts["bindings"]) == (2, 5)
        with pytest.raises(NotFound):
            await unit.privacy.erase(kept.key, now + HOUR)


async def test_points_stay_and_the_ledger_still_holds(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        kept = await well_known(unit, now)
        heads = await unit.ledger.heads()
        await unit.privacy.erase(kept.key, now + HOUR)
    async with storage.view() as unit:
        report = await unit.ledger.verify(heads)
        assert report.holds
        assert (report.entries, report.erased) == (2, 2)
        assert await unit.ledger.total(kept.key) == -1
        statement = await unit.statements.get("2026-10")
        assert statement is not None
        assert [line.person_key for line in statement.lines] == [kept.key]
        case = await unit.cases.get(kept.appealed.number)
        assert case is not None
        assert (case.points, case.rule, case.person_key) == (3, "flooding", kept.key)


async def test_what_waited_for_an_erased_person_ends(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        kept = await well_known(unit, now)
        assert (await unit.privacy.erase(kept.key, now + HOUR))["ended"] == 6
        appeal = await unit.appeals.get(kept.appealed.number)
        assert appeal is not None
        assert (appeal.state, appeal.decided_by, appeal.decided_at) == ("lapsed", "system", now + HOUR)
        case = await unit.cases.get(kept.appealed.number)
        assert case is not None
        # As it was before the appeal, and whoever decided it then did.
        assert (case.state, case.decided_by) == (CaseState.CONFIRMED, "p9")
        assert (await unit.cases.history(case.number))[-1].to_state == CaseState.CONFIRMED
        review = await unit.cases.get(kept.review.number)
        assert review is not None
        assert (review.state, review.decided_by) == (CaseState.DISMISSED, "system")
        assert await unit.demands.open() == []
        assert await unit.requests.list(open_only=True) == []
        assert await unit.announcements.list(["submitted"]) == []
        assert await unit.departures.open() == []
        assert await unit.exemptions.active(now + HOUR) == []
        own = await unit.enquiries.get(kept.enquiry)
        assert own is not None
        assert (own.state, own.text) == ("closed", "")
        # What somebody else asked goes on, without them.
        (going,) = await unit.enquiries.active()
        assert [one.contact_id for one in await unit.enquiries.addressees(going.number)] == ["c-other"]


async def test_nothing_more_is_said_to_an_erased_person(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        kept = await well_known(unit, now)
        counts = await unit.privacy.erase(kept.key, now + HOUR)
        assert (counts["unsent"], counts["sent"]) == (1, 4)
        assert await due_rows(unit, now + DAY, 10) == []
        connection = unit._connection
        assert connection is not None
        assert set(await connection.scalars(select(outbox.c.text))) == {"", "与人无关"}


async def test_others_keep_theirs(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        kept = await well_known(unit, now)
        case = await kept_case(unit, now, "m9", person_key="p5", sender_id="c5", sender_name="赵六")
        await unit.privacy.erase(kept.key, now + HOUR)
        assert await unit.cases.get(case.number) == case
        assert [message.text for message in await unit.messages.since(now, 10)] == ["旁人的话"]
        assert await unit.people.by_contact("c-other") is not None
        assert [archived.text for archived in await unit.archive.search(["打卡"])] == ["下月起打卡"]


async def test_a_record_of_their_own_goes_along_and_a_shared_one_stays(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        room = (await unit.rooms.seen("r@1", "项目群", now)).key
        own = await unit.people.seen("c1", "小张同学", "", room, now)
        zhang = await on_roster(unit, now)
        await unit.people.confirm("c1", zhang.key, "p9", now)
        assert {row["key"] for row in (await _export(unit, zhang.key, "person"))} == {own.key, zhang.key}
        shared = await unit.people.seen("c2", "小王同学", "", room, now)
        await unit.people.bind("c3", shared.key, Binding.PROBABLE, "match", now)
        await unit.people.confirm("c2", zhang.key, "p9", now)
        await unit.privacy.erase(zhang.key, now)
        assert await unit.people.get(own.key) is None
        assert await unit.people.get(shared.key) is not None


async def _export(unit: UnitOfWork, key: str, section: str) -> list[dict[str, str]]:
    rows = (await unit.privacy.export(key))[section]
    assert isinstance(rows, list)
    return rows


async def test_a_short_name_blanks_no_word_that_holds_it(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = (await unit.rooms.seen("r@1", "项目群", now)).key
        who = await unit.people.seen("c1", "an", "", room, now)
        (row,) = await unit.outbox.add([Outgoing("r@1", "one and all", now, now, kind="report")])
        await unit.outbox.sent([row.id], now)
        await unit.privacy.erase(who.key, now)
        connection = unit._connection
        assert connection is not None
        assert list(await connection.scalars(select(outbox.c.text))) == ["one and all"]


def test_no_table_is_forgotten() -> None:
    who = Selves(("p1",), ("c1",), ("张三",), ("小张",), ("1001",))
    read = {
        table.name for _, query in sections(who) for table in metadata.sorted_tables if _reads(query, table)
    }
    assert {table.name for table in metadata.sorted_tables} - read == (IMPERSONAL | WITH_ANOTHER) - {"rooms"}


def _reads(query: object, table: object) -> bool:
    froms = query.get_final_froms()  # type: ignore[attr-defined]  # of a select, whatever its columns
    return any(table in _parts(one) for one in froms)


def _parts(one: object) -> list[object]:
    left, right = getattr(one, "left", None), getattr(one, "right", None)
    return [one] if left is None else [*_parts(left), *_parts(right)]


def test_times_of_a_person_are_plain(now: datetime) -> None:
    from storage.privacy import _value

    assert _value("left_on", date(2026, 10, 1)) == "2026-10-01"
    assert _value("sent_at", now) == now.isoformat()
    assert _value("tags", '["a"]') == ["a"]
    assert _value("text", "[") == "["
