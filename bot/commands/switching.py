"""How a rule is switched: on, off, on trial, or as the configuration has it; and what that would have done of late."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.commands.entries import told_supervisors
from bot.commands.foreseen import outlook
from bot.commands.table import Answer, Call, Counter, Look, Refused, Run
from bot.commands.whom import EVERYWHERE, names_of_rooms, which_room
from bot.pipeline.foresight import Tried, switching
from bot.pipeline.notice import shown
from bot.pipeline.policy import EVERY_ROOM
from rules.core.book import Entry
from storage.records import AuditEntry, Mode, Room, Switch
from storage.session import UnitOfWork

MODES = {Mode.ON: "开启", Mode.OFF: "关闭", Mode.SHADOW: "试运行"}


def mode_of(entry: Entry) -> Mode:
    """How a rule runs."""
    if not entry.enabled:
        return Mode.OFF
    return Mode.SHADOW if entry.shadow else Mode.ON


def switch_of(switches: Iterable[Switch], rule: str, room_key: int) -> Switch | None:
    """The switch of a rule in a room, if there is one."""
    return next((one for one in switches if (one.rule, one.room_key) == (rule, room_key)), None)


@dataclass(frozen=True, slots=True)
class _Wish:
    """A switch that would change something.

    Attributes:
        room: :data:`EVERYWHERE` for all of them.
        every: all switches as they are.
        then: as they would be.
    """

    entry: Entry
    room: Room
    every: tuple[Switch, ...]
    then: tuple[Switch, ...]

    @property
    def everywhere(self) -> bool:
        return self.room == EVERYWHERE

    @property
    def own(self) -> list[Switch]:
        """The switches of this rule."""
        return [one for one in self.every if one.rule == self.entry.rule.id]


def switching_to(mode: Mode | None) -> Run:
    """Switches a rule in a room or in all of them; ``None`` takes what chat set away."""

    async def run(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
        return await _switch(desk, unit, call, mode)

    return run


def trying(mode: Mode | None) -> Look:
    """Tries a rule as it would run once it is switched."""

    async def look(desk: Counter, unit: UnitOfWork, call: Call) -> Tried:
        return await _tried(desk, unit, call, await _wish(desk, unit, call, mode))

    return look


async def _switch(desk: Counter, unit: UnitOfWork, call: Call, mode: Mode | None) -> Answer:
    wish = await _wish(desk, unit, call, mode)
    entry, room, everywhere, switches = wish.entry, wish.room, wish.everywhere, wish.own
    seen = call.seen if isinstance(call.seen, Tried) else await _tried(desk, unit, call, wish)
    tried = outlook(desk, call, seen)
    names = await names_of_rooms(unit)
    own = [names.get(one.room_key, "") for one in switches if everywhere and one.room_key != EVERY_ROOM]
    facts = _facts(wish, mode)
    if everywhere and not call.sure:
        line = " ".join(("/规则", MODES[mode] if mode else "恢复", entry.rule.id, "全部", "确认"))
        return Answer(
            desk.texts.render("rulings.ask", **facts, own=own, line=line, tried=tried), private=True
        )
    if mode is not None:
        await unit.switches.set(entry.rule.id, room.key, mode, call.sender.key, call.now)
    else:
        for one in switches:
            if everywhere or one.room_key == room.key:
                await unit.switches.clear(entry.rule.id, one.room_key)
    detail = f"{MODES[mode] if mode else '按配置'}：{'全部群' if everywhere else shown(room.topic)}"
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "rule switched", entry.rule.id, detail))
    text = desk.texts.render("rulings.done", **facts, own=own, tried=tried)
    told = desk.texts.render(
        "rulings.done", **facts, own=own, tried=outlook(desk, call, seen, examples=False)
    )
    return Answer(text, private=True, also=told_supervisors(desk, call, told), changes_policy=True)


async def _wish(desk: Counter, unit: UnitOfWork, call: Call, mode: Mode | None) -> _Wish:
    """What is to be switched.

    Raises:
        Refused: no rule or no place is named, or it would change nothing.
    """
    if not call.words:
        raise Refused(desk.texts.render("rulings.usage"))
    entry = meant(desk, call.words[0])
    room = await which_room(desk, unit, call, " ".join(call.words[1:]), every=True)
    every = await unit.switches.all()
    new = Switch(entry.rule.id, room.key, mode or Mode.ON, call.sender.key, call.now)
    wish = _Wish(entry, room, tuple(every), _switched(every, new, mode))
    if _nothing(desk, entry, room, mode, wish.own):
        raise Refused(desk.texts.render("rulings.nothing", **_facts(wish, mode)))
    return wish


def _facts(wish: _Wish, mode: Mode | None) -> dict[str, str]:
    return {
        "rule": wish.entry.rule.title,
        "mode": MODES[mode] if mode else "",
        "room": "" if wish.everywhere else shown(wish.room.topic),
    }


async def _tried(desk: Counter, unit: UnitOfWork, call: Call, wish: _Wish) -> Tried:
    rooms = [one for one in await unit.rooms.all() if desk.guards(one)] if wish.everywhere else [wish.room]
    return await switching(unit, desk.policy, wish.entry.rule.id, wish.then, rooms, call.now)


def _switched(switches: Iterable[Switch], new: Switch, mode: Mode | None) -> tuple[Switch, ...]:
    """The switches as they would be; without a ``mode`` those are taken away in whose place the new one stands."""
    wide = mode is None and new.room_key == EVERY_ROOM
    kept = (one for one in switches if one.rule != new.rule or (one.room_key != new.room_key and not wide))
    return (*kept,) if mode is None else (*kept, new)


def meant(desk: Counter, word: str) -> Entry:
    """The rule that a word names: its id, or its title.

    Raises:
        Refused: there is none; what was probably meant is named.
    """
    plain = unicodedata.normalize("NFKC", word).casefold()
    spelt = {name: entry for entry in desk.book().entries for name in (entry.rule.id, entry.rule.title)}
    if plain in spelt:
        return spelt[plain]
    near = difflib.get_close_matches(plain, spelt, n=1, cutoff=0.5)
    known = [f"{entry.rule.title}（{entry.rule.id}）" for entry in desk.book().entries]
    raise Refused(desk.texts.render("rulings.no_rule", near=near[0] if near else "", known=known))


def _nothing(desk: Counter, entry: Entry, room: Room, mode: Mode | None, switches: Sequence[Switch]) -> bool:
    """Whether what is asked for is so already."""
    everywhere = room == EVERYWHERE
    if mode is None:
        return not any(everywhere or one.room_key == room.key for one in switches)
    held = switch_of(switches, entry.rule.id, room.key)
    if held is not None:
        return held.mode is mode
    book = desk.book() if everywhere else desk.policy.of(room)
    return mode_of(book.entry(entry.rule.id)) is mode
