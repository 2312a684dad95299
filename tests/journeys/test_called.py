"""Somebody calls an outsider whose nickname is an advertisement: it is nobody's words (policy 3.1d, fairness)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fakes.scene import ROOM, Scene, opened

ADVERT = "全屋定制厂家直销李姐 13900001111"
SPACE = "\u2005"


@asynccontextmanager
async def joined(folder: Path) -> AsyncIterator[Scene]:
    """An outsider of that name is in the room, and has said something there."""
    async with opened(folder) as scene:
        scene.gateway.world.contact("jie", ADVERT)
        scene.gateway.world.join(ROOM, "jie")
        await scene.says("jie", "尺寸图我下午给各位")
        yield scene


async def test_whoever_answers_is_not_accused_of_the_name(tmp_path: Path) -> None:
    async with joined(tmp_path) as scene:
        for text in (f"@{ADVERT}{SPACE}收到", f"@{ADVERT}{SPACE}尺寸图发我邮箱", f"@{ADVERT}{SPACE}"):
            assert await scene.says("liu", text) == []
        assert await scene.cases() == []


async def test_what_only_looks_like_a_name_is_judged(tmp_path: Path) -> None:
    async with joined(tmp_path) as scene:
        assert await scene.says("liu", f"@加薇信 abc12345 兼职刷单日结300，扫码进群{SPACE}好") != []
        case = await scene.the_case()
        assert case.rule == "advertising"
