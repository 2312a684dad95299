"""What must stay secret stays so in everything that the bot says and logs about it (policy 5.3)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from fakes.lead import LEAD, cast, ordered
from fakes.offices import staffed
from fakes.scene import AD, OFFICE, ROOM, SHANGHAI, opened

from bot.masking import Masker
from bot.pipeline.second_thoughts import SecondThoughts
from bot.settings import Settings
from rules.core.model import MessageType, Tier

SECRETS = (
    "110101199003070011",
    "6222020200112233446",
    "Qg#2026run",
    "AKIAIOSFODNN7EXAMPL3",
    "13800001111",
    "E12345678",
    "MIIEowIBAAKCAQEA7b2",
)
LEAK = (
    "客户王芳 13800001111 身份证110101199003070011，工行卡号6222020200112233446，护照E12345678，"
    "密码：Qg#2026run，key AKIAIOSFODNN7EXAMPL3"
)
HIDDEN = "身份证1101 0119 9003 0700 11，密 码：Ｑｇ＃２０２６ｒｕｎ"
DOUBTFUL = "王芳 13800001111，李娜 13900002222，卡 6222020200112233446"
KEY = (
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7b2\nQg2026runQg2026run\n-----END RSA PRIVATE KEY-----"
)


async def test_neither_notice_nor_review_nor_explanation_nor_log_holds_a_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        for text in (LEAK, HIDDEN, DOUBTFUL, KEY):
            await scene.says("zhou", text)
            scene.clock.advance(301)  # what comes sooner is of one burst
        await scene.says("zhou", "张三_110101199003070011.pdf", kind=MessageType.FILE)
        cases = [case for case in await scene.cases() if case.rule == "confidential"]
        assert [case.tier for case in cases] == [
            Tier.VIOLATION,
            Tier.VIOLATION,
            Tier.REVIEW,
            Tier.VIOLATION,
            Tier.VIOLATION,
        ]
        assert cases[0].number in "".join(scene.heard(ROOM))
        for case in cases:
            await ordered(scene, f"/违规 查看 {case.number}", OFFICE)
            await ordered(scene, f"/为什么 {case.number}", OFFICE)
        for text in (LEAK, HIDDEN):
            await ordered(scene, f"/为什么 {text}", OFFICE)
        await ordered(scene, "/违规", OFFICE)
        await ordered(scene, "/日报", OFFICE)
        await scene.later(hours=30)
        said = "\n".join(sent.text for sent in scene.gateway.world.sent)
        seen = scene.heard(OFFICE) + scene.heard(LEAD)
    assert sum("110*" in one for one in seen) >= 3  # shown, and masked
    everything = "".join((said + capsys.readouterr().out).split())
    for secret in (*SECRETS, "１１０１", "Ｑｇ＃２０２６", "Qg2026run", "qg2026run"):
        assert secret not in everything


def test_a_log_line_that_happens_to_hold_a_key_is_masked() -> None:
    told = Masker().text(
        "refused: mysql://app:Qg2026run@db/app, token AKIAIOSFODNN7EXAMPL3, 密码：Qg#2026run"
    )
    assert not any(secret in told for secret in ("Qg2026run", "AKIAIOSFODNN7EXAMPL3", "Qg#2026run"))
    assert "refused" in told


NIGHT = datetime(2026, 10, 13, 22, 30, tzinfo=SHANGHAI)


async def test_at_night_a_friend_is_told_privately_at_once_to_recall_it(tmp_path: Path) -> None:
    async with opened(tmp_path, start=NIGHT) as scene:
        scene.gateway.world.contact("zhou", "周杰", friend=True)
        (said,) = await scene.says("zhou", LEAK)
        case = await scene.the_case()
        assert scene.heard("zhou") == [said]
        assert scene.heard(ROOM) == []
        assert said.startswith("【请尽快处理】您 10-13 22:30 的消息，系统初判")
        assert "能撤回请立即撤回" in said
        assert "第 5.3 条" in said
        assert f"案件 {case.number}，拟扣 5 分，是否扣分由人工确认" in said


async def test_at_night_a_stranger_is_told_in_the_group_since_no_private_word_would_come(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path, start=NIGHT) as scene:
        (said,) = await scene.says("zhou", LEAK)
        assert scene.heard(ROOM) == [said]
        assert "能撤回请立即撤回" in said
        assert "110101" not in said


async def test_at_night_the_supervisors_hear_at_once_of_a_head_who_is_reviewed_first(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=NIGHT) as scene:
        await scene.says("chen", LEAK)
        (item,) = [said for said in scene.heard(OFFICE) if "【待审核】" in said]
        assert "涉密信息" in item
        assert scene.heard(ROOM) == []
        await scene.says("chen", AD)
        await scene.says("someone", DOUBTFUL)
        assert len([said for said in scene.heard(OFFICE) if "【待审核】" in said]) == 1


async def test_an_advertisement_waits_for_the_morning_all_the_same(tmp_path: Path) -> None:
    async with opened(tmp_path, start=NIGHT) as scene:
        assert await scene.says("zhou", AD) == []


async def test_what_is_urgent_does_not_wait_for_the_summary_of_a_full_hour(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"rooms": {"supervision": "群规监督组"}, "notices": {"per_room_hour": 1}}
    )
    async with opened(tmp_path, settings=settings) as scene:
        (first,) = await scene.says("liu", AD)
        assert "【群规提醒】" in first
        assert await scene.says("zhou", AD) == []
        (said,) = await scene.says("zhou", LEAK)
        assert "【请尽快处理】" in said


async def test_what_is_urgent_is_not_said_any_more_once_its_rule_is_off(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await scene.says("liu", LEAK)
        case = await scene.the_case()
        thoughts = SecondThoughts(scene.bot.handler.policy, lambda moment: moment)
        async with scene.storage.view() as unit:
            row = await unit.outbox.by_unique(f"notice {case.number}")
            assert row is not None
            assert row.kind == "urgent"
            assert await thoughts(unit, row, scene.clock.now()) == row
        await ordered(scene, "/规则 关闭 涉密信息 项目工作群", OFFICE)
        async with scene.storage.view() as unit:
            assert await thoughts(unit, row, scene.clock.now()) is None
