"""Commands that look far back do so before the unit of work in which they answer: others can write meanwhile."""

from __future__ import annotations

import pkgutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes.lead import LEAD, MEMBER, cast, ordered
from fakes.scene import opened

LOOKS = {"word": "bot.commands.words.effect_of", "rule": "bot.commands.switching.switching"}


def watched(monkeypatch: pytest.MonkeyPatch, kind: str, file: Path) -> list[bool]:
    """Whether somebody else could write during each look back, in order."""
    original, could = pkgutil.resolve_name(LOOKS[kind]), []

    async def look(*args: object) -> object:
        with closing(sqlite3.connect(file, timeout=0)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
                could.append(True)
            except sqlite3.OperationalError:
                could.append(False)
        return await original(*args)

    monkeypatch.setattr(LOOKS[kind], look)
    return could


@pytest.mark.parametrize(
    ("kind", "line", "said"),
    [
        ("word", "/词库 添加 青鸾 公司自定 代号", "尚未生效"),
        ("word", "/词库 放行 赌博网站一览 公益活动", "不再命中"),
        ("rule", "/规则 关闭 flooding 全部", "确认"),
        ("rule", "/规则 试运行 flooding 项目工作群", "试运行"),
    ],
)
async def test_others_can_write_while_a_command_looks_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, line: str, said: str
) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await scene.says(MEMBER, "青鸾上线，赌博网站一览")
        could = watched(monkeypatch, kind, tmp_path / "qungui.db")
        assert said in await ordered(scene, line)
        assert could == [True]


async def test_nobody_makes_it_look_back_without_the_role(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        could = watched(monkeypatch, "word", tmp_path / "qungui.db")
        await scene.says(MEMBER, "/词库 添加 青鸾 公司自定 代号")
        await scene.says(MEMBER, "/词库 列表")
        assert could == []


async def test_what_a_command_before_it_in_the_batch_changed_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are seen ahead as one batch; the second finds the first one's word in force all the same."""
    async with opened(tmp_path) as scene:
        await cast(scene)
        could = watched(monkeypatch, "word", tmp_path / "qungui.db")
        for line in ("/词库 添加 青鸾 公司自定 代号 确认", "/词库 添加 青鸾 公司自定 代号 确认"):
            scene.gateway.world.say(LEAD, LEAD, line)
        answers = [text for text in await scene.quiet() if not text.startswith("【规则变更】")]
        assert sum("已禁用" in text for text in answers) == 1, answers
        assert sum("已经" in text for text in answers) == 1, answers
        assert could
        assert all(could)


async def test_a_look_back_that_fails_is_done_by_the_command_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await scene.says(MEMBER, "青鸾上线")
        original, tries = pkgutil.resolve_name(LOOKS["word"]), []

        async def look(*args: object) -> object:
            tries.append(args)
            if len(tries) == 1:
                raise RuntimeError("a fault")
            return await original(*args)

        monkeypatch.setattr(LOOKS["word"], look)
        assert "尚未生效" in await ordered(scene, "/词库 添加 青鸾 公司自定 代号")
        assert len(tries) == 2
