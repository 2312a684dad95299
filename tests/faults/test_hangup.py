"""SIGHUP to a real process: what was saved is taken over at once, and a mistake costs nothing."""

from __future__ import annotations

import signal
from pathlib import Path

from fakes.process import environment, qungui, started, until
from fakes.scene import AD, ROOM

from bot.gateway.simulator import Simulator

BASE = "rooms: {supervision: 群规监督组}\nnotices: {quiet_hours: off}\noutbox: {pacing: off}\n"


async def test_a_hangup_reloads_and_never_ends_the_bot(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(BASE, encoding="utf-8")
    async with Simulator() as sim:
        for key in ("li", "liu"):
            sim.contact(key, key)
        sim.room(ROOM, "项目工作群", ["li", "liu"])
        sim.room("office@chatroom", "群规监督组", ["li"])
        env = environment(tmp_path, GATEWAY_ENDPOINT=sim.endpoint, GATEWAY_TOKEN=sim.token)
        async with started(*qungui("run"), env=env, cwd=tmp_path) as bot:
            await until(lambda: "on guard" in bot.log, what="the start")

            file.write_text(BASE + "rules: {advertsing: {enabled: off}}\n", encoding="utf-8")
            bot.running.send_signal(signal.SIGHUP)
            await until(lambda: any("改动后有误" in sent.text for sent in sim.sent), what="the alert")
            assert "did you mean 'advertising'?" in sim.sent[-1].text

            off = "rules: {advertising: {enabled: off}, banned_words: {enabled: off}, after_hours: {enabled: off}}\n"
            file.write_text(BASE + off, encoding="utf-8")
            bot.running.send_signal(signal.SIGHUP)
            await until(lambda: any("已恢复正常" in sent.text for sent in sim.sent), what="the all-clear")
            before = len(sim.sent)
            sim.say(ROOM, "liu", AD)
            bot.running.send_signal(signal.SIGHUP)
            await until(lambda: "the configuration is unchanged" in bot.log, what="the third look")
            assert await bot.stop() == 0
            assert len(sim.sent) == before
