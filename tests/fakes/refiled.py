"""Cases that people decide otherwise than they were filed, for journeys: ``from fakes.refiled import found, line``."""

from __future__ import annotations

from datetime import datetime

from fakes.scene import AD, SHANGHAI, Scene

from bot.reports.soundness import examine
from storage.records import Case

AD_WITH_A_DOUBT = AD + "，晚上一起去赌博吧"
GAMBLING = "出售真人荷官百家乐平台账号，注册就送彩金"
WHY = "当众辱骂同事"
NIGHT = datetime(2026, 10, 13, 23, 0, tzinfo=SHANGHAI)


async def found(scene: Scene, who: str = "zhang", text: str = AD) -> Case:
    await scene.says(who, text)
    return (await scene.cases())[-1]


async def again(scene: Scene, case: Case) -> Case:
    async with scene.storage.view() as unit:
        now = await unit.cases.get(case.number)
    assert now is not None
    return now


async def entries(scene: Scene, case: Case) -> list[tuple[str, str, int]]:
    async with scene.storage.view() as unit:
        return [(one.kind, one.rule, one.points) for one in await unit.ledger.entries(case.number)]


async def labels(scene: Scene) -> set[tuple[str, str]]:
    async with scene.storage.view() as unit:
        return {(label.rule, label.verdict) for label in await unit.labels.list()}


async def learnt(scene: Scene) -> set[tuple[str, bool]]:
    async with scene.storage.view() as unit:
        return {(one.rule, one.right) for one in await unit.local_weights.decided()}


async def sound(scene: Scene) -> bool:
    async with scene.storage.view() as unit:
        return (await examine(unit, supervised=True)).holds


def line(case: Case, rule: str = "不文明用语", why: str = WHY) -> str:
    return f"/违规 确认 {case.number} 改为 {rule} {why}".strip()
