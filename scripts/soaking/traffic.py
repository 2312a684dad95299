"""A day in the groups: when somebody speaks, who, and what about; and how people react to what the bot says."""

from __future__ import annotations

import random
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.errors import GatewayRefused
from bot.gateway.simulator import Simulator
from bot.gateway.simulator.nouns import Deed, Sent
from rules.core.model import MessageType
from soaking import lines, people
from soaking.people import MEMBERS, OFFICE, ROOMS, SUPERVISORS, ZONE

# How much is said in each hour, as a share of the busiest ones.
BUSY = (
    0.03, 0.02, 0.02, 0.02, 0.02, 0.05, 0.1, 0.25, 0.6, 1.0, 1.0, 1.0,
    0.5, 0.8, 1.0, 1.0, 1.0, 0.9, 0.5, 0.35, 0.3, 0.25, 0.15, 0.06,
)  # fmt: skip
CASE = re.compile(r"V-[2-9A-HJ-NP-Z]{5}")
RECENT = 200
NOT_TEXT = (MessageType.IMAGE, MessageType.FILE, MessageType.EMOTICON, MessageType.VIDEO, MessageType.URL)


def moments(start: datetime, per_day: int, chance: random.Random) -> Iterator[datetime]:
    """When something is said, without end: ``per_day`` times in 24 hours, as the hours are busy."""
    busiest = per_day / sum(BUSY) / 3600.0
    at = start
    while True:
        at += timedelta(seconds=chance.expovariate(busiest))
        if chance.random() < BUSY[at.astimezone(ZONE).hour]:
            yield at


@dataclass
class Traffic:
    """The people in one hand.

    Attributes:
        said: ids of the messages that people sent, in order.
        done: what they did, by kind.
    """

    sim: Simulator
    chance: random.Random
    said: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    _held: list[str] = field(default_factory=list)
    _to_hold: int = 0
    _recent: deque[tuple[str, str, str]] = field(default_factory=lambda: deque(maxlen=RECENT))
    _replies: deque[tuple[str, str, str]] = field(default_factory=deque)
    _outside: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sim.observe(self._read)

    def step(self) -> None:
        """Somebody does something now; people who have an answer ready go first."""
        if self._replies and self.chance.random() < 0.5:
            self.say(*self._replies.popleft(), kind="decisions and appeals")
            return
        acts: tuple[tuple[float, Callable[[], None]], ...] = (
            (0.62, self._work),
            (0.10, self._break_a_rule),
            (0.04, self._burst),
            (0.05, self._ask),
            (0.03, self._ask_at_the_office),
            (0.06, self._show),
            (0.03, self._recall),
            (0.03, self._come_or_go),
            (0.02, self._rename),
            (0.02, self._want_answers),
        )
        self.chance.choices([act for _, act in acts], [share for share, _ in acts])[0]()

    def say(
        self, place: str, who: str, text: str, *, kind: str, what: MessageType = MessageType.TEXT
    ) -> None:
        """Somebody says something, if WeChat carries it."""
        try:
            message = self.sim.say(place, who, text, type=what)
        except (GatewayRefused, LookupError):  # left the group meanwhile, or is no contact of the account
            self.done["not carried"] += 1
            return
        if self._to_hold:
            self._to_hold -= 1
            self.sim.withhold(message)  # before anybody can have asked for it
            self._held.append(message)
        self.said.append(message)
        self.done[kind] += 1
        if place in ROOMS:
            self._recent.append((place, who, message))

    def hold_back(self, count: int) -> list[str]:
        """Withhold the payloads of the next so many messages; their ids stand in the list as they are said."""
        self._to_hold, self._held = count, []
        return self._held

    # ---- what people do

    def _work(self) -> None:
        night = not 9 <= self.sim.clock.now().astimezone(ZONE).hour < 18
        stock = lines.NIGHT if night and self.chance.random() < 0.3 else lines.ORDINARY
        self._anybody_says(self.chance.choice(stock), "ordinary work")

    def _break_a_rule(self) -> None:
        rule = self.chance.choice(list(lines.BREAKING))
        self._anybody_says(self.chance.choice(lines.BREAKING[rule]), "violations")

    def _burst(self) -> None:
        room, who = self._somewhere()
        text = self.chance.choice(lines.BURSTS)
        for _ in range(self.chance.randint(4, 9)):
            self.say(room, who, text, kind="bursts")

    def _ask(self) -> None:
        room, who = self._somewhere()
        private = self.sim.person(who).friend and self.chance.random() < 0.5
        self.say(who if private else room, who, self.chance.choice(lines.QUESTIONS), kind="members' commands")

    def _ask_at_the_office(self) -> None:
        who = self.chance.choice(list(SUPERVISORS))
        text = self._filled(self.chance.choice(lines.OFFICE_QUESTIONS))
        self.say(OFFICE, who, text, kind="supervisors' commands")

    def _show(self) -> None:
        room, who = self._somewhere()
        what = self.chance.choice(NOT_TEXT)
        named = {
            MessageType.FILE: "现场记录.docx",
            MessageType.URL: "施工日志\n本周进度\nhttps://example.com/log",
        }
        self.say(room, who, named.get(what, ""), kind="pictures, files, links", what=what)

    def _recall(self) -> None:
        if self._recent:
            self.said.append(self.sim.recall(self.chance.choice(self._recent)[2]))
            self.done["recalls"] += 1

    def _come_or_go(self) -> None:
        if self._outside and self.chance.random() < 0.6:
            room, who = self._outside.pop(self.chance.randrange(len(self._outside)))
            self.sim.join(room, who, by="wang")
            self.done["joins"] += 1
            return
        room, who = self._somewhere()
        if who in SUPERVISORS:
            return
        self.sim.leave(room, who)
        self._outside.append((room, who))
        self.done["leaves"] += 1

    def _rename(self) -> None:
        room, who = self._somewhere()
        one = next((one for one in MEMBERS if one.id == who), None)
        if one is not None:
            alias = self.chance.choice((one.alias, f"{one.department}{one.name}", one.name, f"{one.name}~"))
            self.sim.alias(room, who, alias)
            self.done["new nicknames"] += 1

    def _want_answers(self) -> None:
        self._anybody_says(self.chance.choice(lines.ASKING), "requests for answers")

    # ---- how people react

    def _read(self, deed: Deed) -> None:
        """Whoever is told of a case decides about it, or appeals; not everybody, and not about everything."""
        if not isinstance(deed, Sent) or len(self._replies) > RECENT:
            return
        for number in dict.fromkeys(CASE.findall(deed.text)):
            if self.chance.random() > 0.3:
                continue
            ground = self.chance.choice(lines.GROUNDS)
            if deed.conversation_id == OFFICE:
                who = self.chance.choice(list(SUPERVISORS))
                about = (
                    "申诉 维持|申诉 撤销"
                    if "申诉" in deed.text
                    else "违规 确认|违规 驳回|违规 查看|违规 撤销|为什么"
                )
                word = self.chance.choice(about.split("|"))
                self._replies.append((OFFICE, who, f"/{word} {number} {ground}"))
            elif deed.mentions or deed.conversation_id in self.sim.people:
                who = deed.mentions[0] if deed.mentions else deed.conversation_id
                place = who if self.sim.person(who).friend else deed.conversation_id
                reason = self.chance.choice(lines.APPEAL_REASONS)
                self._replies.append((place, who, f"/申诉 {number} {reason}"))

    # ---- inside

    def _anybody_says(self, text: str, kind: str) -> None:
        room, who = self._somewhere()
        self.say(room, who, self._filled(text), kind=kind)

    def _somewhere(self) -> tuple[str, str]:
        room = self.chance.choice(list(ROOMS))
        return room, self.chance.choice(
            [one for one in self.sim.place(room).member_ids if one != self.sim.self_id]
        )

    def _filled(self, text: str) -> str:
        return text.format(
            place=self.chance.choice(lines.PLACES),
            thing=self.chance.choice(lines.THINGS),
            time=self.chance.choice(lines.TIMES),
            name=self.chance.choice(people.PEOPLE).alias,
            number=self.chance.randint(2, 480),
        )
