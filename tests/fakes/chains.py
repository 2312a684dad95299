"""Chains of lives: each is killed, the next starts over the database it left, and the people go on talking."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fakes.aftermath import Aftermath, rows
from fakes.lives import Life, Lives
from fakes.orders import deaths
from fakes.process import RULES, environment, until
from fakes.talkers import Crowd

from bot.gateway.simulator import Simulator

CONFIG = f"rooms: {{supervision: 群规监督组}}\n{RULES}"
OPEN = """
    select 'inbox', seq, state, outcomes, cast(retry_at as varchar) from inbox where state <> 'done' union all
    select 'outbox', id, kind, unique_key, cast(due_at as varchar) from outbox where state = 'pending'
"""
WORDS_OF_A_LIFE = 9
PATIENCE_SECONDS = 5.0
SURVIVED_SECONDS = 0.15


@dataclass(frozen=True)
class Death:
    """How a life is to end: at a point of the path (``orders``), or so many seconds after its birth or its login."""

    orders: dict[str, Any] = field(default_factory=dict)
    seconds: float | None = None
    logged_in: bool = False


Fate = Callable[[random.Random], Death]


def at_point(point: str = "", when: str = "") -> Fate:
    """To die at this point, or at any, before or after one of the first times that it is passed."""

    def fate(chance: random.Random) -> Death:
        some_point, some_when = chance.choice(deaths())
        return Death({"die": [point or some_point, when or some_when, chance.randint(1, 4)]})

    return fate


def at_moment(chance: random.Random) -> Death:
    """To be killed from outside, at any moment: as it starts, or while it works."""
    if chance.random() < 0.3:
        return Death(seconds=chance.uniform(0.01, 0.15))
    return Death(seconds=chance.uniform(0, 0.25), logged_in=True)


def surroundings(folder: Path, url: str, sim: Simulator, **more: str) -> dict[str, str]:
    """The environment of a bot on a simulator that says everything at once."""
    config = folder / "chain.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    named = {
        "GATEWAY_ENDPOINT": sim.endpoint,
        "GATEWAY_TOKEN": sim.token,
        "STORAGE_URL": url,
        "NOTICES_QUIET_HOURS": "off",
        "OUTBOX_PACING": "off",
        "CONFIG": str(config),
    }
    return environment(folder, **{**named, **more})


def seeded() -> tuple[str, random.Random]:
    """Chance, and the seed to repeat it by (FAULTS_SEED)."""
    seed = os.environ.get("FAULTS_SEED") or secrets.token_hex(4)
    return seed, random.Random(seed)  # noqa: S311 - no secret


async def lived(lives: Lives, folder: Path, url: str, fates: list[Fate]) -> Counter[str]:
    """Live through all these deaths and one life more, and check what is left; returns what there was of what.

    Raises:
        AssertionError: something does not hold; it names the seed.
    """
    seed, chance = seeded()
    async with Simulator() as sim:
        crowd = Crowd(sim, chance)
        crowd.gather()
        env = surroundings(folder, url, sim)
        born = []  # how much had been said by the bot when each life began
        for fate in fates:
            born.append(len(sim.sent))
            death = fate(chance)
            life = lives.begin(env, folder, **death.orders)
            assert await _until_death(life, death, crowd) == -9, life.log
            await until(lambda: not sim.attached, what="the gateway's notice of it")
        born.append(len(sim.sent))
        last = lives.begin(env, folder)
        await settled(last, url)
        assert await last.stop() == 0, last.log
        found = await Aftermath.of(url, sim.sent)
        place = {sent.message_id: number for number, sent in enumerate(sim.sent)}
        strays = Counter(bisect_right(born, place[sent.message_id]) for sent in found.stray())
        wrong = found.breaches()
        wrong += [
            f"nobody said {one.message_id}" for one in found.arrived if one.message_id not in sim.messages
        ]
        wrong += [f"life {number} left {many} sends unnoted" for number, many in strays.items() if many > 1]
        assert not wrong, f"FAULTS_SEED={seed}\n" + "\n".join(wrong)
    return Counter(
        deaths=len(fates),
        received=len(found.arrived),
        cases=len(found.cases),
        recalled=sum(case.state == "recalled" for case in found.cases),
        sent=len(sim.sent),
        repeated=sum(strays.values()),
    )


async def settled(life: Life, url: str, seconds: float = 30.0) -> None:
    """Wait until a life is on guard, everything received has its outcome and everything decided has left."""
    await until(lambda: "on guard" in life.log or life.over, what="the login")
    left: list[Any] = []
    try:
        async with asyncio.timeout(seconds):
            while left := await rows(url, OPEN):
                assert not life.over, life.log
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"does not come to rest: {left}\n{life.log}") from None


async def _until_death(life: Life, death: Death, crowd: Crowd) -> int:
    """Talk to a life until it dies; whoever survives its hour of death is killed."""
    loop, words = asyncio.get_running_loop(), 0
    timed = death.seconds is not None and not death.logged_in
    late = loop.time() + (death.seconds if timed and death.seconds is not None else PATIENCE_SECONDS)
    there = False
    while not life.over and loop.time() < late:
        if crowd.sim.attached and crowd.sim.started:
            if not there and death.logged_in and death.seconds is not None:
                late = loop.time() + death.seconds
            there = True
            if words < WORDS_OF_A_LIFE:
                for _ in range(crowd.chance.randint(1, 3)):
                    crowd.speak()
                    words += 1
            elif death.orders:
                late = min(late, loop.time() + SURVIVED_SECONDS)
        await asyncio.sleep(crowd.chance.uniform(0, 0.01))
    return await life.kill()
