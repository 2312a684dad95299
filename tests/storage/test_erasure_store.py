"""Erasing somebody takes their names and what they wrote, and nothing of anybody else's."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from fakes.kept import kept_case, on_roster
from fakes.known import SAID, places, well_known
from sqlalchemy import select

from storage.audit import CLAIM_ISSUED, SENDING_RESUMED
from storage.doubt import CONTESTED
from storage.evidence import unaccounted
from storage.records import Addressee, AuditEntry, Enquiry, Label, Outgoing, RosterRow
from storage.session import Storage, UnitOfWork
from storage.tables import outbox
from storage.traces import REMOVED

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    "called", ["案件", "确认", "Open", "2026", "2026-10-08T02:00:00+00:00", "contact_ids"]
)
async def test_a_nickname_that_is_a_plain_word_takes_nobody_elses_log_along(
    storage: Storage, now: datetime, called: str
) -> None:
    """Whoever goes by a word of the log had it wiped for everybody."""
    texts = ["【提醒】案件V-22222已确认，如有异议请申诉。", "OpenAI 2026-10 open", "确认后生效"]
    async with storage.unit() as unit:
        room = (await unit.rooms.seen("r@1", "项目群", now)).key
        who = await unit.people.seen("c1", called, "", room, now)
        sent = await unit.outbox.add([Outgoing("r@1", text, now, now, kind="report") for text in texts])
        await unit.outbox.sent([row.id for row in sent], now)
        pause = AuditEntry(now, "system", SENDING_RESUMED, "", "2026-10-08T02:00:00+00:00")
        order = AuditEntry(
            now, "p9", "case confirmed", "V-22222", "已由人力资源部确认案件属实，opened 2026-10"
        )
        word = AuditEntry(now, "p9", "word added", called, "违规推广")
        doubt = AuditEntry(now, "system", CONTESTED, "王五", '{"contact_ids": ["c8"], "person_keys": ["p8"]}')
        for entry in (pause, order, word, doubt):
            await unit.audit.add(entry)
        counts = await unit.privacy.erase(who.key, now + HOUR)
        assert (counts["sent"], counts["log"]) == (0, 0)
        assert await unit.audit.during(now, now + DAY) == [pause, order, word, doubt]
        assert await _texts_sent(unit) == texts


async def _texts_sent(unit: UnitOfWork) -> list[str]:
    connection = unit._connection
    assert connection is not None
    return list(await connection.scalars(select(outbox.c.text).order_by(outbox.c.id)))


async def test_what_people_call_themselves_is_taken_out_and_the_rest_stays(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        room = (await unit.rooms.seen("r@1", "项目群", now)).key
        who = await unit.people.seen("c1", "Felix", "华信科技李四", room, now)
        texts = ["有人加入：华信科技李四（Felix）。", "felix, Felixstowe", "华信科技 李四"]
        sent = await unit.outbox.add([Outgoing("@s", text, now, now, kind="alert") for text in texts])
        await unit.outbox.sent([row.id for row in sent], now)
        await unit.audit.add(AuditEntry(now, "p9", "exemption added", "x", "华信科技李四 off_topic"))
        counts = await unit.privacy.erase(who.key, now + HOUR)
        assert (counts["sent"], counts["log"]) == (1, 1)
        assert await _texts_sent(unit) == [f"有人加入：{REMOVED}（{REMOVED}）。", *texts[1:]]
        assert [one.detail for one in await unit.audit.during(now, now + DAY)] == [f"{REMOVED} off_topic"]


async def test_ids_that_differ_in_case_are_two(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        room = (await unit.rooms.seen("r@1", "项目群", now)).key
        who = await unit.people.seen("wxid-a", "", "", room, now)
        (row,) = await unit.outbox.add([Outgoing("r@1", "提醒", now, now, mentions=("WXID-A",))])
        await unit.outbox.sent([row.id], now)
        await unit.audit.add(AuditEntry(now, "p9", "binding confirmed", "p5", "WXID-A, before p6"))
        await unit.privacy.erase(who.key, now + HOUR)
        assert await _texts_sent(unit) == ["提醒"]
        assert [one.detail for one in await unit.audit.during(now, now + DAY)] == ["WXID-A, before p6"]


async def test_a_number_of_the_roster_takes_no_count_along(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        who = await on_roster(unit, now, RosterRow("3", "欧阳某某", "技术部", is_head=False, active=True))
        given = AuditEntry(now, "p9", "bonus given", "B-22222", "3")
        learnt = AuditEntry(now, "operator", "weights learnt", "3", "12 decisions")
        for entry in (given, learnt):
            await unit.audit.add(entry)
        await unit.audit.add(AuditEntry(now, "p9", CLAIM_ISSUED, "supervisor", "3"))
        await unit.privacy.erase(who.key, now + HOUR)
        kept = await unit.audit.during(now, now + DAY)
        assert [(one.target, one.detail) for one in kept if one.action == CLAIM_ISSUED] == [
            ("supervisor", "")
        ]
        assert [one for one in kept if one.action in ("bonus given", "weights learnt")] == [given, learnt]


async def test_what_they_asked_goes_from_the_cases_of_those_who_did_not_answer(
    storage: Storage, now: datetime
) -> None:
    """The question is the evidence of the addressee's case, not of the asker's."""
    async with storage.unit() as unit:
        kept = await well_known(unit, now)
        room = (await unit.rooms.seen("r@1", "项目群", now)).key
        silent = await unit.people.seen("c-silent", "赵六", "", room, now)
        await unit.enquiries.open(
            Enquiry(
                "", room, "m7", kept.key, "请回复：私下的原话", urgent=False, asked_at=now, due_at=now + DAY
            ),
            [Addressee("", silent.key, "c-silent")],
        )
        (asked,) = [one for one in await unit.enquiries.active() if one.message_id == "m7"]
        about = f"answer {asked.number} {silent.key}"
        case = await kept_case(
            unit, now, about, rule="late_answer", person_key=silent.key, sender_id="c-silent", evidence=SAID
        )
        await unit.enquiries.overdue(asked.number, silent.key, case.number)
        await unit.ledger.append(
            room_key=room,
            case=case.number,
            person_key=silent.key,
            rule="late_answer",
            points=-1,
            author_key="p9",
            kind="penalty",
            at=now,
            reason="没有按时答复",
            evidence=SAID,
        )
        await unit.labels.add(Label(case.number, SAID, "late_answer", "confirmed", "p9", now))
        (row,) = await unit.outbox.add([Outgoing("r@1", f"{asked.number}：{SAID}", now, now, kind="notice")])
        await unit.outbox.sent([row.id], now)
        await unit.privacy.erase(kept.key, now + HOUR)
        assert await places(unit) == []
        left = await unit.cases.get(case.number)
        assert left is not None
        # The case itself is somebody else's, and stands.
        assert (left.state, left.person_key, left.reason) == (case.state, silent.key, case.reason)
        report = await unit.ledger.verify()
        assert (report.holds, report.erased) == (True, 3)
        assert unit._connection is not None
        assert await unaccounted(unit._connection, 10) == []


async def test_no_digest_of_a_nickname_is_left(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        kept = await well_known(unit, now)
        digest = f"nickname {kept.key} 0123456789abcdef 20261008"
        case = await kept_case(unit, now, digest, rule="nickname", person_key=kept.key)
        await unit.privacy.erase(kept.key, now + HOUR)
        left = await unit.cases.get(case.number)
        assert left is not None
        assert left.message_id == f"erased {case.number}"
        assert [one.message_id for one in await unit.cases.list() if one.rule != "nickname"] == ["m2", "m1"]
