"""One person can't fill the room of those who review."""

from __future__ import annotations

from pathlib import Path

from fakes.scene import OFFICE, ROOM, opened

from bot.settings import Settings
from storage.records import CaseState

DOUBTFUL = Settings.model_validate(
    {
        "rooms": {"supervision": "群规监督组"},
        "rules": {"advertising": {"violation": 1.0}},
        "outbox": {"pacing": False},
    }
)


async def test_one_member_who_posts_doubts_fills_three_items_and_a_line_an_hour(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=DOUBTFUL) as scene:
        for minute in range(10):
            scene.clock.advance(301)  # what comes sooner is of one burst
            scene.gateway.world.say(
                ROOM, "liu", f"谁有兼职的可以私聊我，日结 {chr(0x4E00 + minute * 37)}{minute}"
            )
            await scene.quiet(within=1)
        await scene.says("zhou", "谁有兼职的可以私聊我，日结")
        items = [text for text in scene.heard(OFFICE) if "【待审核】" in text]
        assert [sum(name in text for text in items) for name in ("市场部刘洋", "市场部周杰")] == [3, 1]
        assert [case.state for case in await scene.cases()] == [CaseState.REVIEW] * 11
        (line,) = await scene.later(minutes=12)
        assert "市场部刘洋 一小时内另有 7 件" in line
        assert "/违规 列表" in line
        assert await scene.later(hours=1) == []
        await scene.says("liu", "谁有兼职的可以私聊我，日结，新的一小时")
        assert "市场部刘洋" in scene.heard(OFFICE)[-1]
        assert "处理：" in scene.heard(OFFICE)[-1]
