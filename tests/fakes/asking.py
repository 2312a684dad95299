"""Asking 张三 and 王五 for answers in the scene of ``fakes.offices``, and looking at what became of it."""

from __future__ import annotations

from fakes.offices import person, says
from fakes.scene import TUESDAY, Scene

from storage.records import Addressee, Enquiry

ZHANG, WANGWU, WANG = "@人力资源部张三\u2005", "@市场部王五\u2005", "@人力资源部王敏\u2005"
BOTH = ("zhang", "wangwu")


async def the_enquiry(scene: Scene) -> tuple[Enquiry, dict[str, Addressee]]:
    async with scene.storage.view() as unit:
        (enquiry,) = await unit.enquiries.asked_by((await person(scene, "wang")).key, TUESDAY)
        return enquiry, {one.contact_id: one for one in await unit.enquiries.addressees(enquiry.number)}


async def states(scene: Scene) -> dict[str, str]:
    return {contact: one.state for contact, one in (await the_enquiry(scene))[1].items()}


async def ask(scene: Scene, text: str = "季度方案请于今天15:00前确认，收到请回复") -> str:
    return await says(scene, "wang", f"{ZHANG}{WANGWU}{text}", at=BOTH)


async def later(scene: Scene, **span: float) -> list[str]:
    """Let time pass; returns what the bot says of answers meanwhile."""
    return [text for text in await scene.later(**span) if "回复" in text]
