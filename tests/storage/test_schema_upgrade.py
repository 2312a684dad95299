"""A database of an earlier release, with data in it, is upgraded and keeps all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from storage import engine as engines
from storage import schema, urls
from storage.errors import Conflict
from storage.records import Appeal, Archived, CaseState, Mode, NicknameNote
from storage.session import Storage
from storage.tables import metadata

# As the first release wrote it, on either database; ids are counted up by the database.
AT = "2026-07-01 01:00:00.000000"
ROWS: Sequence[tuple[str, dict[str, Any]]] = (
    ("rooms", {"topic": "项目群", "first_seen": AT, "last_seen": AT}),
    ("room_bindings", {"gateway_id": "r@1", "room_key": 1, "since": AT}),
    (
        "people",
        {
            "key": "p1",
            "name": "张三",
            "name_key": "张三",
            "kind": "employee",
            "employee_no": "1001",
            "department": "技术部",
            "roster_key": "技术部张三",
            "is_head": False,
            "status": "active",
            "created_at": AT,
        },
    ),
    (
        "bindings",
        {
            "contact_id": "c1",
            "person_key": "p1",
            "level": "confirmed",
            "bound_by": "p9",
            "guessed_nickname": "",
            "guessed_name": "",
            "since": AT,
        },
    ),
    (
        "violations",
        {
            "number": "V-23456",
            "room_id": "r@1",
            "sender_id": "c1",
            "message_id": "m1",
            "rule": "flooding",
            "category": "burst",
            "clause": "2.3b",
            "points": 3,
            "state": "shadow",
            "tier": "violation",
            "confidence": 0.9,
            "reason": "连续发送 12 条",
            "room_key": 1,
            "person_key": "p1",
            "sender_name": "张三",
            "sent_at": AT,
            "created_at": AT,
            "spans": "[[0, 2]]",
            "signs": "",
            "graver_rule": "",
            "graver_category": "",
            "graver_clause": "",
            "graver_points": 0,
            "graver_reason": "",
            "graver_signs": "",
            "decided_by": "",
        },
    ),
    ("evidence", {"number": "V-23456", "text": "在吗在吗"}),
)


def _declared(name: str | None, kind: str, _parents: object) -> bool:
    """The full-text search keeps tables of its own, which differ by database; SQLAlchemy does not know them."""
    return not (kind == "table" and (name or "").startswith("archive_words"))


SECOND: Sequence[tuple[str, dict[str, Any]]] = (
    ("switches", {"rule": "flooding", "room_key": 1, "mode": "shadow", "set_by": "p9", "set_at": AT}),
    (
        "exemptions",
        {"person_key": "p1", "rule": "", "room_key": 0, "reason": "", "granted_by": "p9", "granted_at": AT},
    ),
)


@pytest.fixture(params=["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008"])
def release(request: pytest.FixtureRequest) -> str:
    """The schema of each earlier release."""
    name: str = request.param
    return name


def _earlier(connection: Connection, release: str) -> None:
    settings = schema.config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, release)
    for table, row in (*ROWS, *(() if release == "0001" else SECOND)):
        values = {name: f"'{value}'" if isinstance(value, str) else str(value) for name, value in row.items()}
        names = ", ".join(f'"{name}"' for name in values)
        connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(values.values())})"))  # noqa: S608 - rows of our own


async def _make(url: str, release: str) -> None:
    engine = engines.create(urls.parse(url))
    async with engine.begin() as connection:
        await connection.run_sync(_earlier, release)
    await engine.dispose()


async def test_data_of_an_earlier_release_is_kept(url: str, release: str) -> None:
    await _make(url, release)
    assert (await schema.current(url)).state == "behind"
    assert (await schema.upgrade(url)).state == "current"
    storage = await Storage.open(url, migrate="never")
    async with storage.unit() as unit:
        case = await unit.cases.get("V-23456")
        assert case is not None
        assert (case.evidence, case.spans, case.state, case.verdict) == (
            "在吗在吗",
            ((0, 2),),
            CaseState.SHADOW,
            "",
        )
        person = await unit.people.by_contact("c1")
        assert person is not None
        # Nobody told their kind, but the roster did.
        assert (person.key, person.kind_told, person.kind_known) == ("p1", False, True)
        # Nobody could publish a result then, let points go, record a case by hand, or confirm it under another rule.
        assert case.published_at is None
        assert (case.points, case.waived_points, case.recorded_by) == (3, 0, "")
        assert case.as_filed == case
        if release != "0001":
            assert [switch.rule for switch in await unit.switches.all()] == ["flooding"]
            assert [one.person_key for one in await unit.exemptions.active(case.created_at)] == ["p1"]
    await storage.close()


async def test_what_is_new_works_on_earlier_data(url: str, release: str) -> None:
    await _make(url, release)
    storage = await Storage.open(url, migrate="all")
    async with storage.unit() as unit:
        case = await unit.cases.get("V-23456")
        assert case is not None
        now = case.created_at
        assert (
            await unit.cases.judge_shadow("V-23456", "confirmed", "p9", now, "确实")
        ).verdict == "confirmed"
        await unit.exemptions.add("p1", "flooding", 0, None, "", "p9", now)
        await unit.shifts.add("p1", "duty", now, now.replace(hour=9), "p9", now)
        await unit.switches.set("flooding", 1, Mode.SHADOW, "p9", now)
        await unit.nicknames.note(
            NicknameNote("p1", "小张", 1, "c1", "violation", "format", "2.2a", 0, "", "", now)
        )
        due = now + timedelta(days=3)
        assert (await unit.appeals.file(Appeal("V-23456", "p1", "", now, due))).state == "open"
        kept = await unit.archive.add(
            Archived("", 1, "m1", "张三", "考勤制度", (), "p9", now, now), ["考勤", "制度"]
        )
        assert await unit.archive.search(["考勤"]) == [kept]
        assert await unit.archive.remove(kept.number)
        assert await unit.archive.search(["考勤"]) == []
        await unit.bonuses.give("p1", 2, "p9", now, "")
        other = {"category": "abuse", "clause": "5.1", "points": 2, "reason": "辱骂", "signs": ""}
        await unit.cases.stand_for("V-23456", rule="incivility", **other)
        assert (await unit.cases.stand_as_filed("V-23456")).rule == "flooding"
        again = await unit.cases.open(replace(case, message_id="m2"))
        assert (await unit.cases.get(again.number)) == again
        with pytest.raises(Conflict) as refused:
            await unit.cases.open(replace(case, message_id="m2"))
        assert refused.value.present == again.number
    await storage.close()


async def test_an_upgraded_database_is_like_a_new_one(url: str, release: str) -> None:
    await _make(url, release)
    await schema.upgrade(url)
    engine = engines.create(urls.parse(url))
    async with engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(
                    sync,
                    opts={"compare_type": True, "compare_server_default": True, "include_name": _declared},
                ),
                metadata,
            )
        )
    await engine.dispose()
    assert differences == []


async def test_whom_a_statement_had_reached_is_told_by_what_left(url: str) -> None:
    """What waited for a friendship has reached nobody; what is not remembered any more counts as read."""
    await _make(url, "0006")
    engine = engines.create(urls.parse(url))
    sent = "2026-11-02 02:00:00.000000"
    async with engine.begin() as connection:
        await connection.execute(
            text(
                f"INSERT INTO statements VALUES ('2026-10', '{AT}', 'p9')"  # noqa: S608 - rows of our own
            )
        )
        for key in ("left", "waits", "purged"):
            await connection.execute(
                text(
                    "INSERT INTO statement_lines"  # noqa: S608 - rows of our own
                    " (month, person_key, deducted, bonus, restored, cases, corrected, department)"
                    f" VALUES ('2026-10', '{key}', 2, 0, 0, '[]', '[]', '')"
                )
            )
        for key, state, at in (("left", "sent", f"'{sent}'"), ("waits", "waiting", "NULL")):
            await connection.execute(
                text(
                    'INSERT INTO outbox (target, text, kind, private, mentions, "case", merge, unique_key, asked_in,'  # noqa: S608 - rows of our own
                    " state, due_at, created_at, attempts, error, sent_at, gateway_message_id)"
                    f" VALUES ('c', '', 'notice', true, '[]', '', '', 'statement 2026-10 {key}', '',"
                    f" '{state}', '{AT}', '{AT}', 0, '', {at}, '')"
                )
            )
    await engine.dispose()
    storage = await Storage.open(url, migrate="all")
    async with storage.view() as unit:
        kept = await unit.statements.get("2026-10")
    await storage.close()
    assert kept is not None
    told = {line.person_key: (line.reached_at, line.reached_by) for line in kept.lines}
    assert told == {
        "left": (datetime.fromisoformat(f"{sent}+00:00"), "system"),
        "waits": (None, ""),
        "purged": (kept.published_at, "system"),
    }
