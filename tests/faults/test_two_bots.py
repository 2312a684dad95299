"""Two bots by mistake: on one database the second one is refused, on one gateway it waits; nothing is said twice."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes.aftermath import Aftermath, rows
from fakes.chains import settled, surroundings
from fakes.databases import set_up
from fakes.lives import Lives
from fakes.process import until
from fakes.talkers import Crowd

from bot.gateway.simulator import Simulator
from storage.session import Storage


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


@contextmanager
def folders(base: Path, *names: str) -> Iterator[list[Path]]:
    made = [base / name for name in names]
    for folder in made:
        folder.mkdir()
    yield made


async def test_a_second_bot_on_one_database_is_refused_with_the_remedy(
    lives: Lives, tmp_path: Path, url: str
) -> None:
    await (await Storage.open(url)).close()
    async with Simulator() as sim, Simulator() as elsewhere:
        crowd = Crowd(sim, random.Random(1))  # noqa: S311 - no secret
        crowd.gather()
        env = surroundings(tmp_path, url, sim)
        first = lives.begin(env, tmp_path)
        await until(lambda: "on guard" in first.log, what="the login")
        # Even a gateway of its own, which lets the second one in, makes no difference.
        second = lives.begin(surroundings(tmp_path, url, elsewhere), tmp_path, patience=1)
        for _ in range(12):
            crowd.offend()
        await until(lambda: "waiting for it to end" in second.log, what="a word about the first")
        assert await second.ended() == 1
        assert "another qungui guards with" in second.log
        assert "remedy: stop the other one first" in second.log
        assert "Traceback" not in second.log
        assert not elsewhere.calls
        await until(lambda: len(sim.sent) == 12, what="every notice")
        await settled(first, url)
        assert await first.stop() == 0
        found = await Aftermath.of(url, sim.sent)
        assert found.breaches() == []
        assert found.stray() == []
        assert len(found.cases) == 12
        assert await rows(url, "select 1 from blind") == []


async def test_a_bot_that_was_killed_stands_in_nobodys_way(lives: Lives, tmp_path: Path, url: str) -> None:
    async with Simulator() as sim:
        Crowd(sim, random.Random(1)).gather()  # noqa: S311 - no secret
        env = surroundings(tmp_path, url, sim)
        first = lives.begin(env, tmp_path)
        await until(lambda: "on guard" in first.log, what="the login")
        await first.kill()
        second = lives.begin(env, tmp_path)
        await until(lambda: "on guard" in second.log, what="the second login")
        assert "waiting for it to end" not in second.log
        assert await second.stop() == 0


async def test_a_bot_that_is_about_to_end_is_waited_for(lives: Lives, tmp_path: Path) -> None:
    url = await set_up(tmp_path / "qungui.db")
    async with Simulator() as sim:
        Crowd(sim, random.Random(1)).gather()  # noqa: S311 - no secret
        env = surroundings(tmp_path, url, sim)
        first = lives.begin(env, tmp_path)
        await until(lambda: "on guard" in first.log, what="the login")
        second = lives.begin(env, tmp_path)
        await until(lambda: "waiting for it to end" in second.log, what="a word about the first")
        first.signal(signal.SIGTERM)
        await until(lambda: "on guard" in second.log, what="the second login")
        assert await first.ended() == 0
        assert await second.stop() == 0


async def test_a_second_bot_on_one_gateway_waits_and_says_why(lives: Lives, tmp_path: Path) -> None:
    async with Simulator() as sim:
        crowd = Crowd(sim, random.Random(1))  # noqa: S311 - no secret
        crowd.gather()
        with folders(tmp_path, "first", "second") as (one, other):
            urls = [await set_up(folder / "qungui.db") for folder in (one, other)]
            first = lives.begin(surroundings(one, urls[0], sim), one)
            await until(lambda: "on guard" in first.log, what="the login")
            second = lives.begin(surroundings(other, urls[1], sim), other)
            await until(lambda: "stop one of them" in second.log, what="the reason")
            for _ in range(6):
                crowd.offend()
            await until(lambda: len(sim.sent) == 6, what="six notices")
            await settled(first, urls[0])
            sim.drop_connections()  # whoever comes first is let in
            await until(lambda: (first.log + second.log).count("on guard") == 2, what="the next login")
            for _ in range(6):
                crowd.offend()
            await until(lambda: len(sim.sent) == 12, what="six more")
            for life, url in ((first, urls[0]), (second, urls[1])):
                if "on guard" in life.log:
                    await settled(life, url)
                assert await life.stop() == 0
        found = [await Aftermath.of(url, sim.sent) for url in urls]
        heard = [{one.message_id for one in each.arrived} for each in found]
        assert not heard[0] & heard[1]
        assert {case.message_id for each in found for case in each.cases} == set(crowd.said)
        assert len(sim.sent) == len({sent.text for sent in sim.sent}) == 12
