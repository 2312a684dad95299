"""The whole path on PostgreSQL: what a company with several bots or a database of its own would run."""

from __future__ import annotations

from pathlib import Path

from fakes.scene import AD, OFFICE, ORDINARY, opened

from storage.records import CaseState


async def test_from_a_message_to_a_decision(tmp_path: Path, postgres_url: str) -> None:
    async with opened(tmp_path, url=postgres_url) as scene:
        await scene.appoint("wang")
        assert await scene.says("li", ORDINARY) == []
        (notice,) = await scene.says("liu", AD)
        case = await scene.the_case()
        assert case.number in notice
        said = await scene.says("wang", f"/违规 确认 {case.number}", where=OFFICE)
        assert any("现为已确认" in text for text in said)
    scene.gateway.reopen()
    async with opened(tmp_path, url=postgres_url, gateway=scene.gateway) as again:
        assert (await again.the_case()).state is CaseState.CONFIRMED
        async with again.storage.view() as unit:
            assert (await unit.ledger.verify()).holds


async def test_text_that_postgresql_cannot_hold_is_handled(tmp_path: Path, postgres_url: str) -> None:
    async with opened(tmp_path, url=postgres_url) as scene:
        await scene.says("liu", "空\x00字符\ud83d 加薇❤信 abc12345 兼职刷单日结300，扫码进群")
        assert (await scene.the_case()).rule == "advertising"
