"""Somebody whose case was confirmed and who may appeal, for journeys through appeals.

``from fakes.appellant import WHO, confirmed``: on the scene of ``fakes.offices``.
"""

from __future__ import annotations

from datetime import datetime

from fakes.offices import person, says
from fakes.scene import AD, OFFICE, SHANGHAI, Scene

from storage.records import CaseState

WHO = "someone"
REASON = "这是公司内部通知，并非广告"


async def confirmed(scene: Scene, by: str = "li") -> str:
    """Somebody advertises, and a reviewer confirms the case."""
    await scene.says(WHO, AD)
    number = (await scene.cases())[-1].number
    assert "已确认" in await says(scene, by, f"/违规 确认 {number}", where=OFFICE)
    return number


async def published(scene: Scene, number: str, at: datetime) -> None:
    async with scene.storage.unit() as unit:
        assert await unit.cases.publish([number], at)


async def points(scene: Scene, who: str = WHO) -> int:
    key = (await person(scene, who)).key
    async with scene.storage.view() as unit:
        return await unit.ledger.total(key)


async def state(scene: Scene, number: str) -> CaseState:
    async with scene.storage.view() as unit:
        case = await unit.cases.get(number)
    assert case is not None
    return case.state


async def until(scene: Scene, moment: str) -> list[str]:
    """Let time pass until a local moment of 2026, with a tick at the end; what the bot says meanwhile."""
    there = datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=SHANGHAI)
    return await scene.later(seconds=(there - scene.clock.now()).total_seconds())
