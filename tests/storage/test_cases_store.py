"""Cases: numbers, states, evidence, and what a second reviewer sees."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from storage import numbers
from storage.case_reading import normal_number
from storage.errors import Conflict, NotFound, StorageError
from storage.numbers import ALPHABET
from storage.records import Case, CaseState
from storage.session import Storage, UnitOfWork

REVIEW, CONFIRMED, DISMISSED = CaseState.REVIEW, CaseState.CONFIRMED, CaseState.DISMISSED


async def _case(unit: UnitOfWork, now: datetime, message_id: str = "m1", **known: Any) -> Case:
    room = await unit.rooms.seen("r@1", "项目群", now)
    case = Case(
        number="",
        room_id="r@1",
        sender_id="c1",
        message_id=message_id,
        rule="flooding",
        category="burst",
        clause="2.3b",
        points=3,
        state=CaseState.REVIEW,
        tier="review",
        confidence=0.65,
        reason="连续发送 12 条",
        room_key=room.key,
        person_key="p1",
        sender_name="张三",
        sent_at=now - timedelta(seconds=3),
        created_at=now,
        evidence="在吗在吗在吗",
        spans=((0, 2), (4, 6)),
        graver_rule="advertising",
        graver_category="solicit",
        graver_clause="3.1d",
        graver_points=5,
        graver_reason="疑似广告",
        signs="间隔中位数 2 秒",
        graver_signs="含联系方式",
    )
    return await unit.cases.open(replace(case, **known))


async def test_a_case_comes_back_whole(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        case = await _case(unit, now)
        assert await unit.cases.get(case.number) == case
        assert await unit.cases.by_message("m1") == [case]
        assert await unit.cases.get("V-00000") is None
        bare = await _case(unit, now, "m2", evidence="", spans=())
        assert await unit.cases.get(bare.number) == bare


async def test_numbers_are_easy_to_read_and_to_type(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        case = await _case(unit, now)
        assert case.number.startswith("V-")
        assert len(case.number) == 7
        assert set(case.number[2:]) <= set(ALPHABET)
        assert not set("01OI") & set(ALPHABET)
        plain = case.number[2:]
        wide = "".join(chr(ord(letter) + 0xFEE0) for letter in case.number)
        for typed in (case.number.lower(), wide, f" {plain} ", f"v{plain}", f"V—{plain}", f"V – {plain}"):
            assert await unit.cases.get(typed) == case, typed


@pytest.mark.parametrize("plain", ["VVVVV", "V2345", "23456"])
def test_a_number_that_begins_with_v_stays_whole(plain: str) -> None:
    for typed in (plain, plain.lower(), f"V-{plain}", f"v{plain}"):
        assert normal_number(typed) == f"V-{plain}", typed


async def test_a_number_that_is_taken_is_not_given_again(
    storage: Storage, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["V-AAAAA", "V-AAAAA", "V-AAAAA", "V-BBBBB"])
    monkeypatch.setattr(numbers, "fresh", lambda _letter: next(drawn))
    async with storage.unit() as unit:
        assert (await _case(unit, now, "m1")).number == "V-AAAAA"
        assert (await _case(unit, now, "m2")).number == "V-BBBBB"
        monkeypatch.setattr(numbers, "fresh", lambda _letter: "V-AAAAA")
        with pytest.raises(StorageError):
            await _case(unit, now, "m3")


async def test_a_message_has_one_case_a_rule(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        case = await _case(unit, now)
        other = await _case(unit, now, rule="nickname")
        with pytest.raises(Conflict) as refused:
            await _case(unit, now)
        assert refused.value.present == case.number
        assert await unit.cases.by_message("m1") == [case, other]


async def test_a_decision_moves_a_case_once(storage: Storage, now: datetime) -> None:
    later = now + timedelta(minutes=1)
    async with storage.unit() as unit:
        case = await _case(unit, now)
        moved = await unit.cases.move(case.number.lower(), [REVIEW], CONFIRMED, "p9", later, "属实")
        assert moved == replace(case, state=CONFIRMED, decided_by="p9", decided_at=later)
        assert await unit.cases.get(case.number) == moved
        with pytest.raises(Conflict) as refused:
            await unit.cases.move(case.number, [REVIEW], DISMISSED, "p8", later, "误判")
        assert refused.value.present == "confirmed"
        with pytest.raises(NotFound):
            await unit.cases.move("V-00000", [REVIEW], CONFIRMED, "p9", later, "")
        appealed = await unit.cases.move(case.number, [CONFIRMED], CaseState.APPEALED, "p1", later, "不服")
        # Whoever appeals decides nothing: who confirmed it must not review the appeal.
        assert appealed.decided_by == "p9"
        history = await unit.cases.history(case.number)
        assert [(move.from_state, move.to_state, move.by, move.reason) for move in history] == [
            (REVIEW, CONFIRMED, "p9", "属实"),
            (CONFIRMED, CaseState.APPEALED, "p1", "不服"),
        ]


async def test_a_move_may_change_what_a_case_costs(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        case = await _case(unit, now)
        recalled = await unit.cases.move(
            case.number, [REVIEW], CaseState.RECALLED, "system", now, "", points=0
        )
        assert (recalled.points, recalled.decided_by) == (0, "")
        assert await unit.cases.get(case.number) == recalled


async def test_cases_are_listed_newest_first_by_every_condition(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        made = [
            await _case(
                unit,
                now + timedelta(minutes=n),
                f"m{n}",
                person_key=f"p{n % 2}",
                state=(REVIEW, CaseState.PROVISIONAL, CaseState.SHADOW)[n % 3],
            )
            for n in range(6)
        ]
        room = made[0].room_key
        newest = made[::-1]
        assert await unit.cases.list() == newest
        assert await unit.cases.list(room_key=room, limit=2, offset=1) == newest[1:3]
        assert await unit.cases.list(room_key=room + 1) == []
        assert await unit.cases.list(person_key="p1") == [made[5], made[3], made[1]]
        assert await unit.cases.list(states=[REVIEW, CaseState.SHADOW]) == [
            made[5],
            made[3],
            made[2],
            made[0],
        ]
        assert await unit.cases.list(states=[]) == []
        since, until = now + timedelta(minutes=1), now + timedelta(minutes=3)
        assert await unit.cases.list(since=since, until=until) == [made[2], made[1]]
        assert await unit.cases.counts() == {REVIEW: 2, CaseState.PROVISIONAL: 2, CaseState.SHADOW: 2}
        assert await unit.cases.counts(person_key="p0", since=since) == {
            CaseState.SHADOW: 1,
            CaseState.PROVISIONAL: 1,
        }


async def test_the_first_notice_counts(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        case = await _case(unit, now)
        await unit.cases.noticed(case.number, now)
        await unit.cases.noticed(case.number, now + timedelta(hours=1))
        noticed = await unit.cases.get(case.number)
        assert noticed is not None
        assert noticed.noticed_at == now


async def test_a_case_can_stand_for_its_graver_finding(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        case = await _case(unit, now)
        graver = await unit.cases.swap_graver(case.number)
        assert (graver.rule, graver.category, graver.clause, graver.points, graver.reason) == (
            "advertising",
            "solicit",
            "3.1d",
            5,
            "疑似广告",
        )
        assert (graver.graver_rule, graver.graver_points) == ("flooding", 3)
        assert (graver.signs, graver.graver_signs) == ("含联系方式", "间隔中位数 2 秒")
        assert await unit.cases.get(case.number) == graver
        assert await unit.cases.swap_graver(case.number) == case
        plain = await _case(unit, now, "m2", graver_rule="")
        with pytest.raises(Conflict):
            await unit.cases.swap_graver(plain.number)
        with pytest.raises(NotFound):
            await unit.cases.swap_graver("V-00000")
        await _case(unit, now, rule="advertising")
        with pytest.raises(Conflict):
            await unit.cases.swap_graver(case.number)


async def test_what_is_waived_comes_back_whole(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        case = await _case(unit, now)
        waived = await unit.cases.waive(case.number)
        assert (waived.points, waived.waived_points) == (0, case.points)
        assert await unit.cases.get(case.number) == waived
        assert await unit.cases.waive(case.number) == waived
        assert await unit.cases.reinstate(case.number) == case
        assert await unit.cases.reinstate(case.number) == case
        for step in (unit.cases.waive, unit.cases.reinstate):
            with pytest.raises(NotFound):
                await step("V-00000")


async def test_a_case_stands_for_another_rule_and_again_as_it_was_filed(
    storage: Storage, now: datetime
) -> None:
    parts = {"category": "abuse", "clause": "5.1", "points": 2, "reason": "当众辱骂", "signs": ""}
    async with storage.unit() as unit:
        case = await _case(unit, now)
        moved = await unit.cases.stand_for(case.number, rule="incivility", **parts)
        assert (moved.rule, moved.clause, moved.points, moved.reason) == ("incivility", "5.1", 2, "当众辱骂")
        assert (moved.filed_rule, moved.filed_points, moved.filed_signs) == ("flooding", 3, case.signs)
        assert moved.as_filed == case.as_filed == case
        assert await unit.cases.get(case.number) == moved
        with pytest.raises(Conflict):
            await unit.cases.stand_for(case.number, rule="rumour", **parts)
        # The message is not charged once more under the rule that had found it.
        with pytest.raises(Conflict) as refused:
            await unit.cases.open(replace(case, number=""))
        assert refused.value.present == case.number
        await unit.cases.waive(case.number)
        assert await unit.cases.stand_as_filed(case.number) == case
        assert await unit.cases.get(case.number) == case
        other = await _case(unit, now, rule="incivility")
        with pytest.raises(Conflict) as refused:
            await unit.cases.stand_for(case.number, rule="incivility", **parts)
        assert refused.value.present == other.number
        with pytest.raises(NotFound):
            await unit.cases.stand_for("V-00000", rule="incivility", **parts)
        with pytest.raises(NotFound):
            await unit.cases.stand_as_filed("V-00000")


async def test_what_a_case_is_lowered_by_is_kept(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        case = await _case(unit, now)
        lowered = await unit.cases.lower(case.number, 1)
        assert (lowered.points, lowered.waived_points) == (1, 2)
        assert await unit.cases.get(case.number) == lowered
        for points in (1, 2, -1):
            with pytest.raises(ValueError, match="not less"):
                await unit.cases.lower(case.number, points)
        with pytest.raises(NotFound):
            await unit.cases.lower("V-00000", 0)


async def test_evidence_of_final_cases_is_erased_everywhere(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        final, open_case = await _case(unit, now, "m1"), await _case(unit, now, "m2")
        for case in (final, open_case):
            await unit.ledger.append(
                room_key=case.room_key,
                case=case.number,
                person_key="p1",
                rule=case.rule,
                points=-3,
                author_key="system",
                kind="penalty",
                at=now,
                reason=case.reason,
                evidence=case.evidence,
            )
        await unit.cases.move(final.number, [REVIEW], CONFIRMED, "p9", now, "")
        assert await unit.cases.erase_evidence(now) == 0
        assert await unit.cases.erase_evidence(now + timedelta(days=1)) == 1
        erased, kept = await unit.cases.get(final.number), await unit.cases.get(open_case.number)
        assert erased is not None
        assert kept is not None
        assert (erased.evidence, kept.evidence) == ("", open_case.evidence)
        report = await unit.ledger.verify()
        assert report.holds
        assert report.erased == 1
        (entry,) = await unit.ledger.entries(final.number)
        assert await unit.ledger.reason(entry) == final.reason
        connection = unit._connection
        assert connection is not None
        texts = await connection.scalars(text("SELECT evidence FROM ledger_texts WHERE evidence IS NOT NULL"))
        assert texts.all() == [open_case.evidence]


async def test_the_violations_table_is_what_other_tools_expect(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        case = await _case(unit, now)
        connection = unit._connection
        assert connection is not None
        query = "SELECT number, room_id, sender_id, message_id, rule, clause, points, state FROM violations"
        assert [tuple(row) for row in await connection.execute(text(query))] == [
            (case.number, "r@1", "c1", "m1", "flooding", "2.3b", 3, "review")
        ]
        assert await connection.scalar(text("SELECT count(created_at) FROM violations")) == 1
