"""The front desk: reads commands, checks permission, runs them, and decides where the answer goes.

Every command of the table is answered, refusals too (short, and not more often than a person can want). A
private answer never appears in a group.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

from bot.clock import Clock
from bot.commands.codes import possible_codes
from bot.commands.demand_answers import answer_by_reply
from bot.commands.lines import behind, left_of
from bot.commands.pace import Pace
from bot.commands.parse import Typed, find, nearest, typed_command
from bot.commands.table import ROLE_TITLES, Action, Answer, Call, Command, Post, Refused
from bot.gateway.port import IncomingMessage
from bot.pipeline.handled import Served
from bot.pipeline.notice import SUPERVISION, addressed, local
from bot.pipeline.places import Place
from bot.pipeline.policy import Policy
from bot.settings import Settings
from bot.texts import Texts
from rules.core.book import Rulebook
from rules.procedure.defence import Defence
from rules.reading import quote
from storage.records import SECRET, SYSTEM, AuditEntry, Outgoing, Person, Room
from storage.session import UnitOfWork

REFUSALS_PER_MINUTE = 5
ANSWERS_PER_MINUTE = 10
ROOM_ANSWERS_PER_MINUTE = 10
WRONG_CODES_PER_HOUR = 5


class Desk:
    """Answers commands. Holds what command families may use: texts, the rulebook, the clock.

    Args:
        commands: the table.
        post: tells what the bot is and since when it is on guard.
        policy: what is in force now.
        supervision: gives the gateway id of the supervision room, empty while there is none.
        guards: tells whether the bot is in a room, and on guard there.
        settings: gives the settings that are in force now.

    Attributes:
        seen: what commands had to look back over, by message id, where that was done ahead (:mod:`bot.commands.ahead`).
    """

    def __init__(
        self,
        commands: Sequence[Command],
        texts: Texts,
        clock: Clock,
        post: Callable[[], Post],
        policy: Policy,
        supervision: Callable[[], str],
        guards: Callable[[Room], bool],
        settings: Callable[[], Settings],
    ) -> None:
        self.commands = tuple(commands)
        self.texts = texts
        self.clock = clock
        self.post = post
        self.policy = policy
        self.supervision = supervision
        self.guards = guards
        self.settings = settings
        self.policy_changed = False
        self.seen: dict[str, object] = {}
        self.wrong_codes = Pace(WRONG_CODES_PER_HOUR, timedelta(hours=1))
        self._refusals = Pace(REFUSALS_PER_MINUTE, timedelta(minutes=1))
        self._answers = Pace(ANSWERS_PER_MINUTE, timedelta(minutes=1))
        self._rooms = Pace(ROOM_ANSWERS_PER_MINUTE, timedelta(minutes=1))

    def book(self) -> Rulebook:
        """The rulebook that is in force in rooms without rules of their own."""
        return self.policy.book

    def take_change(self) -> bool:
        """Whether a command has changed what is in force since this was last asked."""
        changed, self.policy_changed = self.policy_changed, False
        return changed

    async def take(
        self,
        unit: UnitOfWork,
        message: IncomingMessage,
        place: Place,
        sender: Person,
        typed: str,
        *,
        late: bool = False,
    ) -> Served | None:
        """Answer a command, or a reply to what its sender was asked for; ``None`` if the text is neither.

        A command that comes late is not executed: others may have been given since, and its sender may have
        typed it again. Its sender is asked to; in a group only a role holder is.
        """
        quoted = quote.parse(message.text)
        line = self.read(message, typed)
        reply = None if line is not None else _about(typed, quoted, place, self.post())
        if line is None and not reply:
            return None
        line = line or Typed("", "")
        # What one may do is never taken from memory: a role given or taken a moment ago counts.
        sender = await unit.people.by_contact(message.sender_id) or sender
        call = self.call(message, place, sender, line, quoted)
        if reply:
            answer = await answer_by_reply(self, unit, call, typed, reply)
            if answer is None:
                return None
            left = "" if sender.roles else typed
            return Served(self._paced(self._answers, call, answer), left, Defence.TAKEN)
        late = late or call.now - message.sent_at > self.policy.stale_after
        command = find(line.word, self.commands)
        if command is None:
            rows = None if late else self._unknown(line, call)
            return None if rows is None else Served(rows, typed)
        try:
            action, line = await self._meant(unit, command, line, call)
        except Refused as refusal:
            return Served(() if late else self._refuse(call, refusal), typed)
        left = left_of(action, line, call.sender, typed)
        if late:
            return Served(await self._outdated(unit, command, call, message), left)
        try:
            answer = await self._run(unit, command, action, line, call)
        except Refused as refusal:
            return Served(self._refuse(call, refusal), left, await _offered(unit, action, line, call))
        defence = Defence.TAKEN if action.defence else Defence.NONE
        return Served(self._paced(self._answers, call, answer), left, defence)

    def read(self, message: IncomingMessage, typed: str) -> Typed | None:
        """The command in what was typed; ``None`` if it is none."""
        post = self.post()
        return typed_command(typed, bot_names=post.names, bot_mentioned=post.self_id in message.mentions)

    def call(
        self, message: IncomingMessage, place: Place, sender: Person, line: Typed, quoted: quote.Quote | None
    ) -> Call:
        """A command with everything known of who typed it where."""
        self_id = self.post().self_id
        return Call(
            words=line.words,
            rest=line.rest.strip(),
            sender=sender,
            contact_id=message.sender_id,
            shown_name=message.sender_alias or message.sender_name,
            place=place,
            room_id=message.room_id,
            message_id=message.id,
            now=self.clock.now(),
            mentions=tuple(contact for contact in message.mentions if contact != self_id),
            body=line.body,
            quoted=quoted,
            cut=line.cut,
        )

    def _refuse(self, call: Call, refusal: Refused) -> tuple[Outgoing, ...]:
        """A refusal; what a role holder typed may be about somebody, so a work group does not hear it."""
        private = refusal.private or bool(call.sender.roles)
        return self._paced(self._refusals, call, Answer(str(refusal), private=private))

    async def overheard(self, unit: UnitOfWork, message: IncomingMessage) -> tuple[Outgoing, ...]:
        """Burn one-time codes that were said aloud in a room, and tell whoever issued them."""
        rows: tuple[Outgoing, ...] = ()
        for code in possible_codes(message.text):
            code_hash = await unit.claims.hash_code(code)
            claim = await unit.claims.find(code_hash)
            if claim is None or claim.used_at is not None or claim.burnt_at is not None:
                continue
            now = self.clock.now()
            await unit.claims.burn(code_hash, now)
            await unit.audit.add(AuditEntry(now, SYSTEM, "claim burnt", claim.role.value, message.sender_id))
            text = self.texts.render("claim.burnt", role=ROLE_TITLES[claim.role])
            issuer = await unit.people.get(claim.issued_by)
            target = issuer.contact_id if issuer is not None and issuer.contact_id else SUPERVISION
            rows += (
                Outgoing(
                    target,
                    text,
                    now,
                    now,
                    kind="alert",
                    private=target != SUPERVISION,
                    unique=f"burnt {code_hash}",
                ),
            )
        return rows

    async def _meant(
        self, unit: UnitOfWork, command: Command, line: Typed, call: Call
    ) -> tuple[Action, Typed]:
        """The action that is meant, if it is allowed, and the line without its name.

        Raises:
            Refused: there is no such action, or not for its sender.
        """
        if not command.allowed(call.sender):
            # What it can do is for those to know who may use it.
            await self._forbid(unit, call, command.name, command.actions)
        action, line = self.action(command, line, call)
        if not action.allowed(call.sender):
            await self._forbid(unit, call, _name(command, action), (action,))
        return action, line

    async def _run(
        self, unit: UnitOfWork, command: Command, action: Action, line: Typed, call: Call
    ) -> Answer:
        """Do it.

        Raises:
            Refused: it can't be done.
        """
        call = replace(behind(action, line, call), seen=self.seen.get(call.message_id))
        answer = await action.run(self, unit, call)
        await unit.audit.add(AuditEntry(call.now, call.sender.key, "command", _name(command, action)))
        self.policy_changed |= answer.changes_policy
        if answer.changes_policy:
            self.seen.clear()  # the next command has to look at what this one put in force
        return answer

    async def _outdated(
        self, unit: UnitOfWork, command: Command, call: Call, message: IncomingMessage
    ) -> tuple[Outgoing, ...]:
        """Ask for a late command to be typed again; a group is not told hours later what somebody once typed."""
        await unit.audit.add(AuditEntry(call.now, call.sender.key, "command too late", command.name))
        at = local(message.sent_at, self.book().calendar.zone)
        text = self.texts.render("refuse.outdated", command=command.name, at=at)
        rows = self._paced(self._refusals, call, Answer(text, private=not call.sender.roles))
        return tuple(replace(row, asked_in="") for row in rows)

    async def _forbid(self, unit: UnitOfWork, call: Call, name: str, actions: Sequence[Action]) -> NoReturn:
        """Refuse for want of a role, and note it down.

        Raises:
            Refused: always.
        """
        await unit.audit.add(AuditEntry(call.now, call.sender.key, "command refused", name))
        roles = "、".join(dict.fromkeys(title for action in actions for title in action.whose))
        raise Refused(self.texts.render("refuse.role", command=name, roles=roles))

    def action(self, command: Command, line: Typed, call: Call) -> tuple[Action, Typed]:
        """The action that is meant, and the line without its name.

        Raises:
            Refused: there is no such action; what was probably meant is named.
        """
        first = unicodedata.normalize("NFKC", line.words[0]).casefold() if line.words else ""
        action = command.action(first)
        if action is None:
            allowed = [action for action in command.actions_for(call.sender) if action.name]
            near = nearest(first, allowed)
            if near is not None:
                raise Refused(self.texts.render("refuse.near_miss", command=f"{command.name} {near.name}"))
            usages = [command.usage(action) for action in allowed]
            raise Refused(self.texts.render("refuse.usage", command=command.name, usages=usages))
        if first in action.spellings:
            line = replace(line, rest=line.behind_action)
        return action, line

    def _unknown(self, line: Typed, call: Call) -> tuple[Outgoing, ...] | None:
        allowed = [command for command in self.commands if command.allowed(call.sender)]
        near = nearest(line.word, allowed)
        if near is None:
            return None
        return self._paced(
            self._refusals, call, Answer(self.texts.render("refuse.near_miss", command=near.name))
        )

    def _paced(self, pace: Pace, call: Call, answer: Answer) -> tuple[Outgoing, ...]:
        """The rows to send; an answer beyond the pace is dropped, what else the command decided is not."""
        row = self._addressed(call, answer)
        if call.sender.roles:
            return (row, *answer.also)
        crowded = row.target == call.room_id and self._rooms.full(row.target, call.now)
        if crowded or pace.full(call.sender.key, call.now):
            return answer.also
        pace.book(call.sender.key, call.now)
        self._rooms.book(row.target, call.now)
        return (row, *answer.also)

    def _addressed(self, call: Call, answer: Answer) -> Outgoing:
        """Where an answer goes. Somebody's record is for role holders in their own room, else for its reader alone."""
        at_desk = call.place is Place.SUPERVISION and bool(call.sender.roles) and not answer.secret
        in_private = call.place is Place.PRIVATE or answer.secret or (answer.private and not at_desk)
        return Outgoing(
            target=call.contact_id if in_private else call.room_id,
            text=answer.text if in_private else addressed(call.shown_name, answer.text),
            due_at=call.now,
            created_at=call.now,
            kind=SECRET if answer.secret else "report" if at_desk else "answer",
            private=in_private and call.place is not Place.PRIVATE,  # whoever wrote privately can be answered
            mentions=() if in_private else (call.contact_id,),
            unique=f"answer {call.message_id}",
            asked_in=call.room_id if in_private else "",
        )


def _name(command: Command, action: Action) -> str:
    return f"{command.name} {action.name}".rstrip()


async def _offered(unit: UnitOfWork, action: Action, line: Typed, call: Call) -> Defence:
    """What was refused is said in somebody's own procedure if it names a case about them."""
    case = await unit.cases.get(line.words[0]) if action.defence and line.words else None
    return Defence.OFFERED if case is not None and case.sender_id == call.contact_id else Defence.NONE


def _about(typed: str, quoted: quote.Quote | None, place: Place, post: Post) -> str:
    """Where a reply names what it replies to: in the words of the bot that it quotes, or privately in its own."""
    if quoted is not None and quoted.author in post.names:
        return quoted.beginning
    return typed if place is Place.PRIVATE else ""
