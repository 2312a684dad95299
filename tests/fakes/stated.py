"""Bonuses and statements that examples of commands stand on, and points of an earlier month."""

from __future__ import annotations

from datetime import datetime

from fakes.scene import SHANGHAI, Scene

from storage.records import Case, Statement, StatementLine

IN_SEPTEMBER = datetime(2026, 9, 15, 10, 0, tzinfo=SHANGHAI)


async def bonus(
    scene: Scene,
    who: str = "chen",
    points: int = 2,
    earned: datetime | None = None,
    reason: str = "分享行业资料",
) -> Case:
    """Somebody was given points, by the HR lead."""
    now = scene.clock.now()
    async with scene.storage.unit() as unit:
        person, lead = await unit.people.by_contact(who), await unit.people.by_contact("wang")
        assert person is not None
        assert lead is not None
        case, _ = await unit.bonuses.give(
            person.key, points, lead.key, now, reason, name=person.name, earned=earned
        )
    return case


async def _given(scene: Scene, line: str) -> str:
    return line.replace("V-7K2QM", (await bonus(scene)).number)


async def _with_september(scene: Scene, line: str) -> str:
    await bonus(scene, earned=IN_SEPTEMBER)
    return line


async def _unreached(scene: Scene, line: str) -> str:
    """Somebody has a line in August's statement that has not reached them."""
    now = scene.clock.now()
    async with scene.storage.unit() as unit:
        person = await unit.people.by_employee_no("E1001")
        assert person is not None
        await unit.statements.publish(Statement("2026-08", now, "p9", (StatementLine(person.key, 2, 0),)))
    return line


BEFORE = {("bonus", "revoke"): _given, ("statement", ""): _with_september, ("statement", "told"): _unreached}
"""What has to be there before an example of a command's action, by the English names of both."""
