"""The day itself: set up, 24 simulated hours of traffic with faults throughout, and coming to rest."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from bot.commands.claims import issue
from bot.gateway.simulator import Simulator
from soaking import people
from soaking.faults import Kind
from soaking.heard import Heard
from soaking.keeper import Keeper
from soaking.pace import Pace, PacedClock
from soaking.size import Size
from soaking.stage import TOKEN, Stage, configuration
from soaking.traffic import Traffic, moments
from storage.session import Storage

DAY = timedelta(hours=24)
SETTING_UP_SPEED = 20.0  # one-time codes live for half an hour
SETTLE_SECONDS = 60.0
QUIET_SECONDS = 1.5
POLL = 0.1
TICK_SECONDS = 0.25  # what is due in a simulated minute takes some time itself
CALM_PART = 1 / 3  # so much of the day, at its end, the bot's process is left alive: memory is measured there
SHORT_MINUTES, SHORT_HASTE = 3, 0.4
GAP_SECONDS = (1.5, 4.0)
SHORT_GAP_SECONDS = (0.05, 0.2)
PROCESS_GAP_SECONDS = (1.0, 4.0)

LOOK = "give --keep DIR and read DIR/bot.log"

Note = Callable[[str], None]


class NotSetUp(RuntimeError):
    """The bot did not come up, or gave nobody a role."""


def surroundings(folder: Path, endpoint: str) -> dict[str, str]:
    """The bot's environment: nothing of this machine's own settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("QUNGUI_")}
    return clean | {
        "QUNGUI_STORAGE_URL": f"sqlite:///{folder / 'qungui.db'}",
        "QUNGUI_CONFIG": str(folder / "config.yaml"),
        "QUNGUI_GATEWAY_ENDPOINT": endpoint,
        "QUNGUI_GATEWAY_TOKEN": TOKEN,
        "PYTHONUNBUFFERED": "1",
    }


async def set_up(stage: Stage, note: Note) -> None:
    """A roster, a bot on guard, and supervisors who have their roles the way they are given: by one-time codes.

    Raises:
        NotSetUp: it does not come about.
    """
    storage = await Storage.open(f"sqlite:///{stage.database}")
    async with storage.unit() as unit:
        await unit.people.import_roster(people.ROSTER, stage.clock.now())
    note("starting the bot")
    try:
        await stage.keeper.start()
    except TimeoutError:
        await storage.close()
        raise NotSetUp(f"the bot did not start; {LOOK}") from None
    if not await stage.until_online():
        await storage.close()
        raise NotSetUp(f"the bot did not come on guard; {LOOK}")
    for who, (_, role) in people.SUPERVISORS.items():
        number = next(one.employee_no for one in people.PEOPLE if one.id == who)
        async with storage.unit() as unit:
            code = await issue(unit, role, number, "operator", stage.clock.now())
        before = len(stage.sim.sent)
        stage.traffic.say(who, who, f"/认领 {code}", kind="setting up")
        for _ in range(200):
            if any("认领成功" in one.text for one in stage.sim.sent[before:]):
                break
            await asyncio.sleep(POLL)
        else:
            await storage.close()
            raise NotSetUp(f"{who} got no role; {LOOK}")
    await storage.close()


async def live(stage: Stage, speed: float, per_day: int, note: Note) -> None:
    """24 hours, and as much longer as the faults still take."""
    stage.idle_tasks = stage.keeper.life.samples[-1].tasks
    stage.clock.pace = stage.clock.pace.at_speed(speed)
    stage.keeper.keep_to(stage.clock.pace)
    stage.begun = begun = told = stage.clock.now()
    for moment in moments(begun, per_day, stage.chance):
        await stage.clock.sleep((moment - stage.clock.now()).total_seconds())
        stage.ended = stage.clock.now()
        if moment - begun >= DAY and stage.over.is_set():
            return
        stage.traffic.step()
        if stage.clock.now() - told >= timedelta(hours=1):
            told = stage.clock.now()
            hours = (told - begun) / timedelta(hours=1)
            note(
                f"{hours:4.1f} h  {len(stage.traffic.said):5} messages  {sum(stage.injected.values()):4} faults"
            )


async def harm(stage: Stage, kinds: Sequence[Kind], seconds: float) -> None:
    """Faults in two lanes until ``seconds`` have passed; each kind at least once, however long that takes."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    short = stage.haste < 1

    async def lane(mine: Sequence[Kind], gap: tuple[float, float], until: float) -> None:
        first = True
        while mine and (first or loop.time() < until):
            for kind in stage.chance.sample(mine, len(mine)):
                if not first and loop.time() >= until:
                    return
                await stage.pause(*gap)
                if kind.ends:
                    await stage.keeper.ready()
                stage.injected[kind.name] += 1
                await kind.inject(stage)
            first = False

    deadly = [kind for kind in kinds if kind.lane == "process" for _ in range(kind.often)]
    outside = [kind for kind in kinds if kind.lane == "outside"]
    await asyncio.gather(
        lane(deadly, SHORT_GAP_SECONDS if short else PROCESS_GAP_SECONDS, end - seconds * CALM_PART),
        lane(outside, SHORT_GAP_SECONDS if short else GAP_SECONDS, end),
    )
    if (left := end - loop.time()) > 0:
        await asyncio.sleep(left)
    stage.over.set()


async def settle(stage: Stage, note: Note) -> bool:
    """Withhold nothing more, and let everything that is due happen; whether the bot came to rest."""
    note("the day is over; letting everything come to rest")
    for message in stage.kept_back:
        stage.sim.release(message)
    await stage.until_online()
    loop = asyncio.get_running_loop()
    end, quiet_since = loop.time() + SETTLE_SECONDS, loop.time()
    while loop.time() < end:
        await asyncio.sleep(POLL)
        if not at_rest(stage):
            quiet_since = loop.time()
        elif loop.time() - quiet_since >= QUIET_SECONDS:
            return True
    return False


def at_rest(stage: Stage) -> bool:
    """Whether nothing is under way: everything passed on is stored, judged and said, except what waits for its time."""
    life = stage.keeper.life
    if not life.samples or not life.samples[-1].online or life.samples[-1].busy:
        return False
    now = stage.clock.now().replace(tzinfo=None).isoformat(sep=" ")
    last = stage.heard.streams[max(stage.heard.streams)].ids[-1:]
    with closing(sqlite3.connect(f"file:{stage.database}?mode=ro", uri=True)) as connection:
        (waiting,) = connection.execute("select count(*) from inbox where state <> 'done'").fetchone()
        (due,) = connection.execute(
            "select count(*) from outbox where state = 'pending' and due_at <= ?", (now,)
        ).fetchone()
        (arrived,) = connection.execute(
            "select count(*) from inbox where message_id in (?)", (last[0] if last else "",)
        ).fetchone()
    return waiting == due == 0 and (arrived > 0 or not last)


async def played(
    folder: Path, minutes: float, kinds: Sequence[Kind], per_day: int, seed: int, note: Note
) -> tuple[Stage, bool]:
    """The whole day; returns what there is to look at afterwards, and whether the bot came to rest.

    Raises:
        NotSetUp: the bot did not come up at the beginning.
    """
    chance = random.Random(seed)  # noqa: S311 - a day is to be played again, nothing is secret
    clock = PacedClock(Pace.beginning(people.DAY, SETTING_UP_SPEED))
    (folder / "config.yaml").write_text(configuration(), encoding="utf-8")
    async with Simulator(clock=clock, token=TOKEN) as sim:
        people.fill(sim)
        speed = DAY.total_seconds() / (minutes * 60)
        keeper = Keeper(surroundings(folder, sim.endpoint), folder, clock.pace, max(TICK_SECONDS, 60 / speed))
        heard = Heard(lambda: len(keeper.lives))
        sim.watch_stream(heard.watch)
        stage = Stage(folder, sim, clock, keeper, heard, Traffic(sim, chance), chance)
        stage.haste = 1.0 if minutes >= SHORT_MINUTES else SHORT_HASTE
        try:
            await set_up(stage, note)
            faults = asyncio.create_task(harm(stage, kinds, minutes * 60))
            day = asyncio.create_task(live(stage, speed, per_day, note))
            await asyncio.gather(faults, day)
            rested = await settle(stage, note)
            stage.size = Size.of(keeper.lives, stage.idle_tasks)
            await keeper.close()
            (folder / "streams.json").write_text(
                json.dumps([asdict(one) for one in heard.settled()]), "utf-8"
            )
        finally:
            keeper.slay()
    return stage, rested
