"""Versions of what was learnt, decisions to learn from, and opinions: what storage keeps of them, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

from fakes.kept import kept_case

from storage.records import OPERATOR, Appeal, CaseState, Decided, Label, Opinion, Role
from storage.session import Storage, UnitOfWork

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def test_one_version_is_in_force_and_back_leads_to_the_one_before(
    storage: Storage, now: datetime
) -> None:
    async with storage.unit() as unit:
        held = unit.local_weights
        assert (await held.in_force(), await held.weights(0), await held.back()) == (0, "", None)
        first = await held.add(now, OPERATOR, 30, "{}", '{"一":"é"}')
        second = await held.add(now + HOUR, OPERATOR, 40, "{}", "zwei")
        assert (await held.in_force(), await held.weights(second)) == (second, "zwei")
    async with storage.unit() as unit:
        held = unit.local_weights
        assert await held.back() == (second, first)
        assert await held.weights(await held.in_force()) == '{"一":"é"}'
        third = await held.add(now + DAY, OPERATOR, 50, "{}", "drei")
        assert [(one.version, one.in_force, one.before) for one in await held.history()] == [
            (third, True, first),
            (second, False, first),
            (first, False, 0),
        ]
        assert await held.back() == (third, first)
        assert await held.back() == (first, 0)
        assert (await held.in_force(), await held.back()) == (0, None)


async def _case(
    unit: UnitOfWork, now: datetime, message: str, by: str, *, right: bool, then: CaseState | None = None
) -> str:
    case = await kept_case(unit, now, message, rule="advertising")
    state = CaseState.CONFIRMED if right else CaseState.DISMISSED
    await unit.cases.move(case.number, [CaseState.PROVISIONAL], state, by, now, "")
    await unit.labels.add(
        Label(case.number, message, case.rule, "confirmed" if right else "dismissed", by, now)
    )
    if then is not None:
        await unit.cases.move(case.number, [state], CaseState.APPEALED, "p1", now, "")
        await unit.appeals.file(Appeal(case.number, "p1", "", now, now + DAY))
        if then is not CaseState.APPEALED:
            await unit.cases.move(case.number, [CaseState.APPEALED], then, by, now, "")
            verdict = "confirmed" if then is CaseState.UPHELD else "dismissed"
            await unit.labels.add(Label(case.number, message, case.rule, verdict, by, now + HOUR))
    return case.number


async def test_only_settled_decisions_of_role_holders_count(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        lead = (await unit.people.seen("c-lead", "王敏", "", 0, now)).key
        former = (await unit.people.seen("c-former", "赵强", "", 0, now)).key
        nobody = (await unit.people.seen("c-nobody", "路人", "", 0, now)).key
        await unit.people.grant(lead, Role.HR_LEAD, OPERATOR, now)
        await unit.people.grant(former, Role.SUPERVISOR, OPERATOR, now - DAY)
        await unit.people.revoke(former, Role.SUPERVISOR, OPERATOR, now)
        await unit.people.grant(nobody, Role.MEMBER, OPERATOR, now)
        wanted = [
            (await _case(unit, now, "对的", lead, right=True), "对的", True),
            (await _case(unit, now, "错的", lead, right=False), "错的", False),
            (await _case(unit, now, "维持", lead, right=True, then=CaseState.UPHELD), "维持", True),
            # Overturned on appeal: it counts as the opposite of what was decided first.
            (await _case(unit, now, "撤销", lead, right=True, then=CaseState.OVERTURNED), "撤销", False),
        ]
        await _case(unit, now, "申诉中", lead, right=True, then=CaseState.APPEALED)
        await _case(unit, now, "离任", former, right=True)
        await _case(unit, now, "无权", nobody, right=True)
        trial = await kept_case(unit, now, "试运行", rule="advertising", state=CaseState.SHADOW)
        await unit.cases.judge_shadow(trial.number, "dismissed", lead, now, "")
        await unit.labels.add(Label(trial.number, "试运行", trial.rule, "dismissed", lead, now))
        wanted.append((trial.number, "试运行", False))
        found = await unit.local_weights.decided()
        expected = {Decided(number, "advertising", text, right, "p1", lead) for number, text, right in wanted}
        assert set(found) == expected
        assert len(found) == len(expected)
        assert {"王敏", "张三"} <= await unit.local_weights.names()


async def test_a_budget_is_counted_before_anything_is_sent(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        cases = [
            await kept_case(unit, now, f"m{index}", rule=rule, state=state)
            for index, (rule, state) in enumerate(
                [
                    ("advertising", CaseState.REVIEW),
                    ("advertising", CaseState.PROVISIONAL),
                    ("rumour", CaseState.REVIEW),
                    ("advertising", CaseState.REVIEW),
                    ("advertising", CaseState.REVIEW),
                ]
            )
        ]
        held = unit.opinions
        first, _, _, second, third = (case.number for case in cases)
        assert [one.number for one in await held.wanted(["advertising"], now, 2)] == [first, second]
        assert await held.wanted(["advertising"], now + HOUR, 9) == []
        assert await held.ask(first, "m", now, now, 2)
        assert not await held.ask(first, "m", now, now, 2)
        assert await held.ask(second, "m", now, now, 2)
        assert not await held.ask(third, "m", now, now, 2)
        assert [one.number for one in await held.wanted(["advertising"], now, 9)] == [third]
        assert await held.get(first) is None
        await held.answer(first, violation=True, reason="招揽")
        await held.fail(second)
        assert await held.get(first) == Opinion(first, True, "招揽", "m", now)
        assert await held.get(second) is None
        assert await held.counts(now) == {"answered": 1, "failed": 1}
        assert await held.ask(third, "m", now + DAY, now + HOUR, 1)
        assert await held.purge(now + HOUR) == 2
        assert (await unit.cases.get(first)) == cases[0]
