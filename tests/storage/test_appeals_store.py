"""Appeals and demands: one of each at a time, and every way out of each state."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from fakes.kept import kept_case

from storage.errors import Conflict, NotFound
from storage.records import Appeal, CaseState, Demand, Label
from storage.session import Storage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOSTILE = "'); DROP TABLE appeals; --\x00\ud800{{ 7*7 }}%s"
READ_BACK = "'); DROP TABLE appeals; --\ufffd\ufffd{{ 7*7 }}%s"


def _appeal(number: str, now: datetime) -> Appeal:
    return Appeal(number, "p1", "不是我发的", now, now + 5 * DAY)


def _demand(number: str, now: datetime, kind: str = "explanation") -> Demand:
    return Demand(0, number, kind, "p1", "p9", "请说明情况", now, now + DAY)


async def test_an_appeal_comes_back_however_its_number_is_typed(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        case = await kept_case(unit, now)
        filed = await unit.appeals.file(_appeal(f" v－{case.number[2:].lower()} ", now))
        assert filed == _appeal(case.number, now)
        assert await unit.appeals.get(case.number.lower()) == filed
        assert await unit.appeals.open() == await unit.appeals.of_person("p1") == [filed]
        assert await unit.appeals.of_person("p2") == []


async def test_a_case_takes_one_appeal_and_only_a_case_does(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        with pytest.raises(NotFound):
            await unit.appeals.file(_appeal("V-ZZZZZ", now))
        case = await kept_case(unit, now)
        await unit.appeals.file(_appeal(case.number, now))
        with pytest.raises(Conflict) as again:
            await unit.appeals.file(_appeal(case.number, now))
        assert again.value.present == "open"
        await unit.appeals.withdraw(case.number, "p1", now)
        with pytest.raises(Conflict) as withdrawn:
            await unit.appeals.file(_appeal(case.number, now))
        assert withdrawn.value.present == "withdrawn"


@pytest.mark.parametrize("end", ["upheld", "overturned", "lapsed", "withdrawn"])
async def test_no_appeal_moves_out_of_its_end(storage: Storage, now: datetime, end: str) -> None:
    async with storage.unit() as unit:
        case = await kept_case(unit, now)
        await unit.appeals.file(_appeal(case.number, now))
        if end == "withdrawn":
            closed = await unit.appeals.withdraw(case.number, "p1", now + HOUR)
        else:
            closed = await unit.appeals.decide(case.number, end, "p9", now + HOUR, "证据不足")
        assert (closed.state, closed.decided_at) == (end, now + HOUR)
        assert await unit.appeals.open() == []
        for late in ("upheld", "overturned", "lapsed"):
            with pytest.raises(Conflict) as refused:
                await unit.appeals.decide(case.number, late, "p8", now, "")
            assert refused.value.present == end
        with pytest.raises(Conflict):
            await unit.appeals.withdraw(case.number, "p1", now)
        assert await unit.appeals.get(case.number) == closed


async def test_appeals_that_lowered_a_case_are_counted(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        for mail, end, at in (
            ("m1", "lowered", now),
            ("m2", "lowered", now + HOUR),
            ("m3", "lowered", now + DAY),
            ("m4", "upheld", now),
            ("m5", "overturned", now),
        ):
            case = await kept_case(unit, now, mail)
            await unit.appeals.file(_appeal(case.number, now))
            await unit.appeals.decide(case.number, end, "p9", at, "从轻")
        assert await unit.appeals.lowered(now, now + DAY) == 2
        assert await unit.appeals.lowered(now + DAY, now + 2 * DAY) == 1
        assert await unit.appeals.lowered(now - DAY, now) == 0


async def test_open_appeals_stand_as_they_are_due(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        first, second = await kept_case(unit, now), await kept_case(unit, now, "m2")
        later = await unit.appeals.file(replace(_appeal(first.number, now), due_at=now + 2 * HOUR))
        sooner = await unit.appeals.file(replace(_appeal(second.number, now), due_at=now + HOUR))
        assert await unit.appeals.open() == [sooner, later]
        await unit.appeals.reminded(second.number, now + HOUR)
        reminded = await unit.appeals.get(second.number)
        assert reminded is not None
        assert reminded.reminded_at == now + HOUR
        with pytest.raises(ValueError, match="open"):
            await unit.appeals.decide(first.number, "open", "p9", now, "")
        with pytest.raises(NotFound):
            await unit.appeals.decide("V-ZZZZZ", "upheld", "p9", now, "")


async def test_a_demand_goes_to_and_fro_until_it_is_accepted(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        case = await kept_case(unit, now)
        asked = await unit.demands.ask(_demand(case.number, now))
        assert asked == replace(_demand(case.number, now), id=asked.id)
        assert asked.id
        answered = await unit.demands.answer(case.number, "explanation", HOSTILE, now + HOUR)
        assert (answered.state, answered.answer) == ("answered", READ_BACK)
        back = await unit.demands.reopen(case.number, "explanation", now + 3 * DAY)
        assert (back.state, back.due_at, back.answer) == ("open", now + 3 * DAY, READ_BACK)
        late = await unit.demands.overdue(case.number, "explanation", now + 4 * DAY)
        assert (late.state, late.escalated_at) == ("overdue", now + 4 * DAY)
        # Whoever is late may still answer.
        await unit.demands.answer(case.number, "explanation", "已改", now + 5 * DAY)
        done = await unit.demands.close(case.number, "explanation", "accepted", "p9", now + 6 * DAY)
        assert (done.state, done.closed_by, done.closed_at) == ("accepted", "p9", now + 6 * DAY)
        assert await unit.demands.open() == []
        assert await unit.demands.of_case(case.number) == [done]


async def test_one_demand_of_a_kind_stands_and_another_may_follow(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        case = await kept_case(unit, now)
        first = await unit.demands.ask(_demand(case.number, now))
        other = await unit.demands.ask(_demand(case.number, now, "rectification"))
        with pytest.raises(Conflict) as again:
            await unit.demands.ask(_demand(case.number, now))
        assert again.value.present == "open"
        await unit.demands.close(case.number, "explanation", "cancelled", "p9", now)
        second = await unit.demands.ask(_demand(case.number, now + DAY))
        assert second.id > first.id
        assert await unit.demands.get(case.number, "explanation") == second
        assert await unit.demands.open("p1") == [other, second]
        assert await unit.demands.open("p2") == []
        with pytest.raises(NotFound):
            await unit.demands.ask(_demand("V-ZZZZZ", now))
        with pytest.raises(ValueError, match="apology"):
            await unit.demands.ask(_demand(case.number, now, "apology"))


async def test_moves_of_a_demand_that_are_refused(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        number = (await kept_case(unit, now)).number
        with pytest.raises(NotFound):
            await unit.demands.answer(number, "explanation", "", now)
        await unit.demands.ask(_demand(number, now))
        for refused in (
            unit.demands.close(number, "explanation", "accepted", "p9", now),
            unit.demands.reopen(number, "explanation", now),
        ):
            with pytest.raises(Conflict) as early:
                await refused
            assert early.value.present == "open"
        with pytest.raises(ValueError, match="lost"):
            await unit.demands.close(number, "explanation", "lost", "p9", now)
        await unit.demands.answer(number, "explanation", "x", now)
        for refused in (
            unit.demands.answer(number, "explanation", "y", now),
            unit.demands.overdue(number, "explanation", now),
        ):
            with pytest.raises(Conflict) as twice:
                await refused
            assert twice.value.present == "answered"


async def test_of_a_demand_it_is_kept_when_it_was_last_reminded_of(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        number = (await kept_case(unit, now)).number
        await unit.demands.ask(_demand(number, now))
        await unit.demands.reminded(number, "explanation", now + DAY)
        await unit.demands.overdue(number, "explanation", now + DAY)
        (overdue,) = await unit.demands.open()
        assert (overdue.state, overdue.reminded_at) == ("overdue", now + DAY)


async def test_texts_of_what_is_closed_go_and_the_outcome_stays(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        old, new = await kept_case(unit, now), await kept_case(unit, now, "m2")
        for case in (old, new):
            await unit.appeals.file(_appeal(case.number, now))
            await unit.demands.ask(_demand(case.number, now))
        await unit.appeals.decide(old.number, "upheld", "p9", now, "属实")
        await unit.demands.close(old.number, "explanation", "cancelled", "p9", now)
        assert (await unit.appeals.purge(now), await unit.demands.purge(now)) == (0, 0)
        assert (await unit.appeals.purge(now + HOUR), await unit.demands.purge(now + HOUR)) == (1, 1)
        assert (await unit.appeals.purge(now + HOUR), await unit.demands.purge(now + HOUR)) == (0, 0)
        kept = await unit.appeals.get(old.number)
        assert kept is not None
        assert (kept.state, kept.reason, kept.decision) == ("upheld", "", "")
        # What is open keeps its words, however old.
        assert [appeal.reason for appeal in await unit.appeals.open()] == ["不是我发的"]
        assert [demand.text for demand in await unit.demands.open()] == ["请说明情况"]


async def test_the_last_decision_stands_as_example(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        number = (await kept_case(unit, now)).number
        first = Label(number, "在吗在吗", "flooding", "confirmed", "p9", now)
        await unit.labels.add(first)
        last = replace(first, verdict="dismissed", by="p8", at=now + HOUR)
        await unit.labels.add(last)
        other = replace(first, rule="advertising")
        await unit.labels.add(other)
        assert await unit.labels.list() == [last, other]
        assert await unit.labels.list("advertising") == [other]
        assert await unit.labels.drop(number) == 2
        assert await unit.labels.list() == []
        with pytest.raises(NotFound):
            await unit.labels.add(replace(first, number="V-ZZZZZ"))


async def test_an_example_is_kept_no_longer_than_the_evidence_it_copies(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        final, open_ = [await kept_case(unit, now, message_id) for message_id in ("m1", "m2")]
        await unit.cases.move(final.number, [CaseState.PROVISIONAL], CaseState.CONFIRMED, "p9", now, "属实")
        for case in (final, open_):
            await unit.labels.add(Label(case.number, case.evidence, case.rule, "confirmed", "p9", now))
        assert await unit.labels.purge() == 0
        assert await unit.cases.erase_evidence(now + HOUR) == 1
        assert await unit.labels.purge() == 1
        assert [label.number for label in await unit.labels.list()] == [open_.number]


async def test_appeals_and_demands_are_found_by_when_their_case_happened(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        case = await kept_case(unit, now)
        filed = await unit.appeals.file(_appeal(case.number, now + 30 * DAY))
        asked = await unit.demands.ask(_demand(case.number, now + 30 * DAY))
        at, instant = case.sent_at, timedelta(microseconds=1)
        assert await unit.appeals.about(at, at + instant) == [filed]
        assert await unit.demands.about(at, at + instant) == [asked]
        for since, until in ((at - DAY, at), (at + instant, at + 60 * DAY)):
            assert await unit.appeals.about(since, until) == []
            assert await unit.demands.about(since, until) == []
