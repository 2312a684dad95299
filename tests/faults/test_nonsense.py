"""The configuration becomes nonsense while the bot runs: it goes on by what it had, and takes what is right again."""

from __future__ import annotations

import random
import signal
from pathlib import Path

from fakes.databases import set_up
from fakes.guards import MANY, on_guard
from fakes.lives import Lives
from fakes.process import until

NONSENSE = (
    random.Random(3).randbytes(4_096),  # noqa: S311 - no secret
    b"rules: [",
    b"- 1\n- 2\n",
    b"rooms: {supervision: 7, guard: perhaps}\nstorage: off\n",
    "规则：\n  - 全部\n".encode("gb18030"),
)


async def test_the_configuration_becomes_nonsense(lives: Lives, tmp_path: Path) -> None:
    async with on_guard(lives, tmp_path, await set_up(tmp_path / "qungui.db"), quick=True) as guard:
        config = tmp_path / "chain.yaml"
        right = config.read_bytes()
        for number, nonsense in enumerate(NONSENSE, start=2):
            config.write_bytes(nonsense)
            guard.life.signal(signal.SIGHUP)
            await guard.judged(guard.offend())
            assert not guard.life.over
            await until(lambda told=number: guard.said >= told * MANY, what="the notices")
        config.unlink()
        guard.life.signal(signal.SIGHUP)
        await guard.judged(guard.offend())
        config.write_bytes(right)
        guard.life.signal(signal.SIGHUP)
        await guard.judged(guard.offend())
        found = await guard.aftermath()
        assert len(found.cases) == (len(NONSENSE) + 3) * MANY
        alerts = [sent.text for sent in guard.sim.sent if "改动后有误" in sent.text]
        assert alerts
