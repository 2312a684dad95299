"""What must stay secret stays so in everything that the bot says and logs about it (policy 5.3)."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.lead import LEAD, cast, ordered
from fakes.scene import OFFICE, ROOM, opened

from bot.masking import Masker
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
