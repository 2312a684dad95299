"""Directs a demo: makes people speak, lets time pass, and prints what was said, by whom, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.commands.claims import issue
from bot.demo import day
from bot.demo.day import Line
from bot.demo.stage import Stage
from bot.demo.transcript import Transcript
from bot.errors import QunguiError
from bot.gateway.simulator.nouns import Sent
from rules.core.book import Rulebook
from storage.records import Case, Role


class Director:
    """The demo's people, clock and transcript in one hand.

    Attributes:
        stage: the world with its bot.
        out: the terminal.
    """

    def __init__(self, stage: Stage, book: Rulebook, out: Transcript) -> None:
        self.stage = stage
        self.out = out
        self._book = book
        self._told = 0
        self._sent = 0

    async def authorise(self, who: str, role: Role, employee_no: str = "") -> None:
        """Give somebody a role the way it is given: by a one-time code typed in a private chat."""
        async with self.stage.storage.unit() as unit:
            code = await issue(unit, role, employee_no, "operator", self.stage.clock.now())
        await self.say(who, f"/认领 {code}", where="")

    async def say(self, who: str, text: str, where: str = day.ROOM, mentions: Sequence[str] = ()) -> str:
        """Somebody says something now (``where`` empty: privately to the bot); returns the message's id."""
        now = self.stage.clock.now().astimezone(day.ZONE)
        return await self._line(Line(now.time(), who, text, where=where), mentions)

    async def scene(self, lines: Iterable[Line]) -> None:
        """Lines of the demo's day, each at its time."""
        for line in lines:
            moment = datetime.combine(day.DAY.date(), line.at, day.ZONE)
            # A burst is said at its own pace; the bot listens meanwhile, as it would.
            if moment - self.stage.clock.now() > timedelta(seconds=30):
                await self.stage.until(moment)
                self.show_sent()
            self.stage.clock.advance_to(moment)
            if line.note:
                self.out.note(line.note)
            await self._line(line)

    async def until(self, hour: int, minute: int = 0, days: int = 0) -> None:
        """Let time pass up to a time of day, so many days from the demo's; what the bot says is shown."""
        moment = day.DAY.replace(hour=hour, minute=minute, second=5) + timedelta(days=days)
        await self.stage.until(moment)
        self.show_sent()

    async def cases(self) -> list[Case]:
        """Every case so far, oldest first."""
        async with self.stage.storage.view() as unit:
            return list(reversed(await unit.cases.list(limit=50)))

    def number(self, letter: str) -> str:
        """The last number of a kind (``V``, ``G``, ``R``, ``Q``) that the bot has named.

        Raises:
            QunguiError: it has named none: the story can't go on.
        """
        pattern = re.compile(rf"{letter}-[2-9A-HJ-NP-Z]{{5}}")
        for sent in reversed(self.stage.sim.sent):
            if found := list(pattern.finditer(sent.text)):
                return found[-1][0]
        raise QunguiError(
            f"the bot named no number {letter}-…", "run it again; report it if it happens twice"
        )

    def show_sent(self) -> None:
        """Print what the bot has said since this was last called."""
        sent: list[Sent] = self.stage.sim.sent[self._sent :]
        for one in sent:
            where = one.conversation_id if one.conversation_id in self.stage.sim.rooms else ""
            self.out.replied(one.at, one.text, place(where, one.conversation_id))
        self._sent += len(sent)

    def show_cases(self, cases: Iterable[Case]) -> None:
        """The table of cases."""
        self.out.cases(cases, self._book)

    async def heard(self, *, looks_bad: bool = False) -> None:
        """Let the bot take what was said, and print what it made of it and what it says."""
        await self.stage.settle()
        for handled in self.stage.handled[self._told :]:
            self.out.why(handled, self._book, looks_bad=looks_bad)
        self._told = len(self.stage.handled)
        self.show_sent()

    async def _line(self, line: Line, mentions: Sequence[str] = ()) -> str:
        sim = self.stage.sim
        message = sim.say(line.where or line.by, line.by, line.text, type=line.type, mentions=mentions)
        self.out.said(
            self.stage.clock.now(), day.PEOPLE[line.by][1], line.text, line.type.value, place(line.where)
        )
        if line.recall:
            sim.recall(message)
            self.out.plain(f"       （{day.PEOPLE[line.by][0]}撤回了一条消息）")
        await self.heard(looks_bad=line.looks_bad)
        return message


def place(room: str, reader: str = "") -> str:
    """How a place is called in the transcript; empty for the work group itself."""
    if room == day.ROOM:
        return ""
    if room:
        return day.OFFICE_TOPIC
    return f"私聊 {day.PEOPLE[reader][0]}" if reader in day.PEOPLE else "私聊"
