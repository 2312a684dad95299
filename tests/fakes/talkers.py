"""People who go on talking to a bot, whatever happens to it: ordinary words, offences, commands, recalls."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, product

from fakes.scene import AD, ORDINARY

from bot.gateway.simulator import Simulator

ROOMS = ("r1@chatroom", "r2@chatroom")
OFFICE = "office@chatroom"
MEMBERS = tuple(f"m{number}" for number in range(40))
WARES = ("英语网课", "代购奶粉", "家装建材", "贷款秒批", "游戏代练", "减肥茶", "少儿编程", "儿童摄影")
TOPICS = ("评审", "发版", "排期", "复盘", "对账", "培训", "巡检", "联调")


@dataclass
class Crowd:
    """Two groups and a supervision room in a simulator; ``chance`` decides who says what.

    Attributes:
        said: the ids of all messages, in order; ``recalled``: those that were taken back.
    """

    sim: Simulator
    chance: random.Random
    said: list[str] = field(default_factory=list)
    recalled: set[str] = field(default_factory=set)
    _offences: list[str] = field(default_factory=list)
    _number: int = 0
    _turns: Iterator[tuple[str, str]] = field(default_factory=lambda: cycle(product(ROOMS, MEMBERS)))

    def gather(self) -> None:
        """Put everybody into the world."""
        for name in MEMBERS:
            self.sim.contact(name, name)
        for room, topic in zip(ROOMS, ("项目工作群", "市场工作群"), strict=True):
            self.sim.room(room, topic, MEMBERS)
        self.sim.room(OFFICE, "群规监督组", MEMBERS[:2])

    def speak(self) -> str:
        """Somebody says or takes back something; returns the new message's id."""
        self._number += 1
        what = self.chance.random()
        if what < 0.1 and self._offences:
            taken = self._offences.pop()
            self.recalled.add(taken)
            self.said.append(self.sim.recall(taken))
        elif what < 0.25:
            self._say("/状态")
        elif what < 0.7:
            self._offences.append(self.offend())
        else:
            self._say(f"{self._number}号{self.chance.choice(TOPICS)}：{ORDINARY}")
        return self.said[-1]

    def offend(self) -> str:
        """Somebody advertises, never twice in the same words, nor soon in the same group: that would be one burst."""
        ware = self.chance.choice(WARES)
        room, who = next(self._turns)
        return self._say(f"{ware}第{self._number}批 {AD} {self.chance.getrandbits(40)}", room, who)

    def _say(self, text: str, room: str = "", who: str = "") -> str:
        room, who = room or self.chance.choice(ROOMS), who or self.chance.choice(MEMBERS)
        self.said.append(self.sim.say(room, who, text))
        return self.said[-1]
