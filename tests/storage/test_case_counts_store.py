"""What digests and supervisors ask of cases, messages and job runs: counts, verdicts, the newest, the oldest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from storage.errors import Conflict, NotFound
from storage.records import Case, CaseState, JobRun, RuleCount, StoredMessage
from storage.session import Storage, UnitOfWork

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REVIEW, PROVISIONAL, CONFIRMED, DISMISSED, SHADOW = (
    CaseState.REVIEW,
    CaseState.PROVISIONAL,
    CaseState.CONFIRMED,
    CaseState.DISMISSED,
    CaseState.SHADOW,
)


async def _case(unit: UnitOfWork, now: datetime, message_id: str, room: str = "r@1", **known: Any) -> Case:
    case = Case(
        number="",
        room_id=room,
        sender_id="c1",
        message_id=message_id,
        rule="flooding",
        category="burst",
        clause="2.3b",
        points=3,
        state=REVIEW,
        tier="review",
        confidence=0.65,
        reason="连续发送 12 条",
        room_key=(await unit.rooms.seen(room, room, now)).key,
        person_key="p1",
        sender_name="张三",
        sent_at=now,
        created_at=now,
    )
    return await unit.cases.open(replace(case, **known))


async def test_a_shadow_case_is_judged_and_stays_a_shadow(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        case = await _case(unit, now, "m1", state=SHADOW, evidence="在吗")
        judged = await unit.cases.judge_shadow(case.number.lower(), "confirmed", "p9", now + HOUR, "确实")
        assert judged == replace(case, verdict="confirmed", decided_by="p9", decided_at=now + HOUR)
        assert await unit.cases.get(case.number) == judged
        changed = await unit.cases.judge_shadow(case.number, "dismissed", "p8", now + DAY, "看错了")
        assert (changed.state, changed.verdict, changed.decided_by) == (SHADOW, "dismissed", "p8")
        moves = await unit.cases.history(case.number)
        assert [(move.from_state, move.to_state, move.by, move.reason) for move in moves] == [
            (SHADOW, SHADOW, "p9", "confirmed: 确实"),
            (SHADOW, SHADOW, "p8", "dismissed: 看错了"),
        ]


async def test_only_shadow_cases_are_judged_as_such(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        case = await _case(unit, now, "m1")
        with pytest.raises(Conflict) as refused:
            await unit.cases.judge_shadow(case.number, "confirmed", "p9", now, "")
        assert refused.value.present == "review"
        with pytest.raises(NotFound):
            await unit.cases.judge_shadow("V-00000", "confirmed", "p9", now, "")
        with pytest.raises(ValueError, match="perhaps"):
            await unit.cases.judge_shadow(case.number, "perhaps", "p9", now, "")
        assert await unit.cases.get(case.number) == case


async def test_the_evidence_of_a_shadow_is_erased_in_its_time(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        judged = await _case(unit, now, "m1", state=SHADOW, evidence="在吗")
        await unit.cases.judge_shadow(judged.number, "confirmed", "p9", now + DAY, "")
        await _case(unit, now, "m2", state=SHADOW, evidence="在吗")
        waiting = await _case(unit, now, "m3", evidence="在吗")
        # From the verdict on, where there is one.
        assert await unit.cases.erase_evidence(now + HOUR) == 1
        assert await unit.cases.erase_evidence(now + 2 * DAY) == 1
        assert await unit.cases.get(waiting.number) == waiting


async def test_the_latest_case_that_came_to_something(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:

        async def latest(since: datetime = now - DAY, rule: str = "flooding") -> str:
            case = await unit.cases.latest("p1", rule, since)
            return "" if case is None else case.message_id

        assert await latest() == ""
        # Judged late: the time of the message counts, not that of the case.
        await _case(unit, now, "m1", created_at=now + DAY)
        await _case(unit, now + HOUR, "m2")
        await _case(unit, now + 2 * HOUR, "m3", rule="advertising")
        await _case(unit, now + 2 * HOUR, "m4", person_key="p2")
        void = [
            await _case(unit, now + 3 * HOUR, f"void {state}", state=state)
            for state in (DISMISSED, CaseState.RECALLED, CaseState.OVERTURNED)
        ]
        await _case(unit, now + 4 * HOUR, "on trial", state=SHADOW)
        assert len(void) == 3
        assert await latest() == await latest(now + HOUR) == "m2"
        assert await latest(now + HOUR + MINUTE) == ""
        assert await latest(rule="advertising") == "m3"


async def test_cases_are_counted_by_rule_room_state_and_verdict(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        first = await _case(unit, now, "m1")
        await _case(unit, now, "m2")
        other = await _case(unit, now, "m3", "r@2", rule="advertising")
        shadow = await _case(unit, now, "m4", state=SHADOW)
        await _case(unit, now, "m5", state=SHADOW)
        await _case(unit, now + DAY, "next day")
        await _case(unit, now - MINUTE, "the day before")
        await unit.cases.judge_shadow(shadow.number, "dismissed", "p9", now + HOUR, "")
        await unit.cases.move(first.number, [REVIEW], DISMISSED, "p9", now + HOUR, "")
        await unit.cases.move(other.number, [REVIEW], CONFIRMED, "p9", now + 2 * DAY, "")
        here, there = first.room_key, other.room_key
        assert await unit.cases.rule_counts(now, now + DAY) == [
            RuleCount("advertising", there, CONFIRMED, "", 1, "advertising"),
            RuleCount("flooding", here, DISMISSED, "", 1, "flooding"),
            RuleCount("flooding", here, REVIEW, "", 1, "flooding"),
            RuleCount("flooding", here, SHADOW, "", 1, "flooding"),
            RuleCount("flooding", here, SHADOW, "dismissed", 1, "flooding"),
        ]
        assert await unit.cases.decided(now, now + DAY) == [
            RuleCount("flooding", here, DISMISSED, "", 1, "flooding"),
            RuleCount("flooding", here, SHADOW, "dismissed", 1, "flooding"),
        ]
        assert await unit.cases.decided(now + 2 * DAY, now + 3 * DAY) == [
            RuleCount("advertising", there, CONFIRMED, "", 1, "advertising")
        ]
        assert await unit.cases.rule_counts(now + 9 * DAY, now + 10 * DAY) == []


async def test_what_found_a_case_is_told_apart_from_what_it_stands_for(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        moved = await _case(unit, now, "m1")
        await unit.cases.move(moved.number, [REVIEW], CONFIRMED, "p9", now, "")
        parts = {"category": "abuse", "clause": "5.1", "points": 2, "reason": "辱骂", "signs": ""}
        await unit.cases.stand_for(moved.number, rule="incivility", **parts)
        await _case(unit, now, "m2", recorded_by="p9")
        here = moved.room_key
        assert await unit.cases.rule_counts(now, now + DAY) == [
            RuleCount("flooding", here, REVIEW, "", 1, ""),
            RuleCount("incivility", here, CONFIRMED, "", 1, "flooding"),
        ]
        # A run of messages still goes on with it, by either name.
        for rule in ("flooding", "incivility"):
            latest = await unit.cases.latest("p1", rule, now - DAY)
            assert latest is not None
            assert latest.message_id == ("m2" if rule == "flooding" else "m1")


async def test_the_oldest_case_of_a_state(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        assert await unit.cases.oldest(REVIEW) is None
        await _case(unit, now + HOUR, "m1")
        await _case(unit, now, "m2")
        await _case(unit, now - DAY, "m3", state=CONFIRMED)
        assert await unit.cases.oldest(REVIEW) == now
        assert await unit.cases.oldest(SHADOW) is None


def _messages(now: datetime, *minutes: float, room_key: int = 1) -> Sequence[StoredMessage]:
    return [
        StoredMessage(f"{room_key}/{minute}", room_key, "p1", "张三", "text", "好", now + minute * MINUTE)
        for minute in minutes
    ]


async def test_messages_of_a_time_newest_first_and_around_a_moment(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        # The second came late: what counts is when it was sent.
        await unit.messages.add([*_messages(now, 0, 2, 1, 5), *_messages(now, 1.5, room_key=2)])

        def ids(found: Sequence[StoredMessage]) -> list[str]:
            return [message.message_id for message in found]

        end = now + 5 * MINUTE
        assert ids(await unit.messages.texts(now, end, 10)) == ["1/2", "2/1.5", "1/1", "1/0"]
        assert ids(await unit.messages.texts(now, end, 2)) == ["1/2", "2/1.5"]
        assert ids(await unit.messages.texts(now + MINUTE, end, 10, room_key=1)) == ["1/2", "1/1"]
        assert ids(await unit.messages.around(1, now, end)) == ["1/0", "1/1", "1/2"]
        assert ids(await unit.messages.around(1, now, end, limit=2)) == ["1/1", "1/2"]
        assert await unit.messages.counts(now, end) == {1: 3, 2: 1}
        assert await unit.messages.counts(end + MINUTE, end + DAY) == {}


async def test_job_runs_in_order_of_due_time(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        for days in (2, 0, 1):
            await unit.jobs.claim("digest", now + days * DAY, now + 3 * DAY)
        await unit.jobs.claim("retention", now + DAY, now + DAY)
        await unit.jobs.finish("digest", now + DAY, now + 4 * DAY, "sent")
        assert await unit.jobs.runs("digest", now + DAY) == [
            JobRun("digest", now + DAY, now + 3 * DAY, now + 4 * DAY, "sent"),
            JobRun("digest", now + 2 * DAY, now + 3 * DAY, None, ""),
        ]
        assert await unit.jobs.runs("probe", now) == []


async def test_reminders_are_cases_that_wait_for_nobody(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        reminder = await _case(unit, now, "m1", points=0, state=PROVISIONAL)
        doubt = await _case(
            unit, now, "m2", points=0, state=PROVISIONAL, graver_rule="advertising", graver_points=2
        )
        costly = await _case(unit, now, "m3", points=3, state=PROVISIONAL)
        review = await _case(unit, now, "m4", points=0, state=REVIEW)
        confirmed = await _case(unit, now, "m5", points=0, state=CONFIRMED)
        assert await unit.cases.to_confirm() == 2
        assert await unit.cases.list() == [confirmed, review, costly, doubt, reminder]
        assert await unit.cases.list(reminders=False) == [confirmed, review, costly, doubt]
        assert (await unit.cases.counts())[PROVISIONAL] == 3
