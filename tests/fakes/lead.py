"""The two people that most commands from chat are about: who leads, and a confirmed member."""

from __future__ import annotations

from fakes.scene import AD, Scene

from storage.records import Role

LEAD, MEMBER = "wang", "liu"

INTERNALS = ("违规线", "待审线", "权重", "迹象", "命中", "把握", "advertising")
"""What no member gets to read: it would show how a filter is passed by."""


async def cast(scene: Scene) -> None:
    """Appoint the lead, and confirm the member."""
    await scene.appoint(LEAD, Role.HR_LEAD)
    await scene.appoint(MEMBER, Role.MEMBER)


async def ordered(scene: Scene, line: str, where: str = "") -> str:
    """The lead types a line, and reads the last answer to it."""
    return (await scene.says(LEAD, line, where=where))[-1]


async def accused(scene: Scene, who: str = MEMBER, text: str = AD) -> str:
    """Have somebody break a rule, and return the case's number."""
    await scene.says(who, text)
    return (await scene.cases())[-1].number
