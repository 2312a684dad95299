"""The one table of commands: it drives the parser, permissions, help and the docs.

A command is made of actions: ``/规则 关闭 flooding`` is the action 关闭 of the command 规则. Each action says who may
use it. A command family lives in a file of its own beside this one and is listed in
:data:`bot.commands.COMMANDS`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.commands.pace import Pace
from bot.pipeline.places import Place
from bot.pipeline.policy import Policy
from bot.settings import Settings
from bot.texts import Texts
from rules.core.book import Rulebook
from rules.reading.quote import Quote
from storage.records import Binding, Employment, Outgoing, Person, Role, Room
from storage.session import UnitOfWork

EVERYONE = frozenset(Role)
SUPERVISION = frozenset({Role.SUPERVISOR, Role.HR_LEAD})

ROLE_TITLES = {
    Role.MEMBER: "群成员",
    Role.SUPERVISOR: "监督员",
    Role.HR_LEAD: "人力资源负责人",
    Role.LEADER: "公司领导",
    Role.OPERATOR: "系统管理员",
}

HEAD_TITLE = "部门负责人"


def heads_department(person: Person) -> bool:
    """Whether somebody is for certain the head of a department, by the roster."""
    return (
        person.is_head
        and person.binding is Binding.CONFIRMED
        and person.status == Employment.ACTIVE
        and bool(person.department)
    )


@dataclass(frozen=True, slots=True)
class Call:
    """One command as it was typed, with everything known of who typed it where.

    Attributes:
        words: the arguments behind the action, unquoted, full-width spaces and quotes read as what they stand for.
        rest: everything behind the action as typed, for actions that take free text.
        room_id: gateway id of the room; empty in a private chat.
        mentions: contact ids that the message mentions, the bot's own left out.
        sure: the line ended with 确认, where the action asks for it.
        body: what was typed below the command's line, as it is, without blank lines around it.
        quoted: what the message quotes; the command was typed below it.
        cut: the line went on, and its end was not read.
        seen: what :attr:`Action.ahead` found, if it was asked.
    """

    words: tuple[str, ...]
    rest: str
    sender: Person
    contact_id: str
    shown_name: str
    place: Place
    room_id: str
    message_id: str
    now: datetime
    mentions: tuple[str, ...] = ()
    sure: bool = False
    body: str = ""
    quoted: Quote | None = None
    cut: bool = False
    seen: object = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says.

    Attributes:
        text: the answer itself.
        private: it may hold somebody's record: in a group it goes to the sender alone.
        also: further messages that the command decided to send (a notice to the group, a word to the issuer).
        secret: it goes to the sender alone wherever it was asked for, the supervision room included.
        changes_policy: what is in force has changed and is to be read anew.
    """

    text: str
    private: bool = False
    also: tuple[Outgoing, ...] = ()
    secret: bool = False
    changes_policy: bool = False


class Refused(Exception):
    """A command that can't be done; the message is the short answer to whoever typed it.

    Attributes:
        private: it names people, and is for nobody else.
    """

    def __init__(self, message: str, *, private: bool = False) -> None:
        super().__init__(message)
        self.private = private


@dataclass(frozen=True, slots=True)
class Post:
    """What is told of the bot itself.

    Attributes:
        names: under which it may be mentioned in plain text.
        since: on guard since; ``None`` before the first login.
        online: whether the gateway is connected now.
    """

    self_id: str
    names: frozenset[str]
    since: datetime | None
    online: bool


class Counter(Protocol):
    """What a command family may use of the desk that runs it.

    Attributes:
        commands: the whole table.
        wrong_codes: how many wrong codes somebody may still type.
        policy: what is in force now, in each room.
    """

    commands: tuple[Command, ...]
    texts: Texts
    policy: Policy
    wrong_codes: Pace

    def post(self) -> Post:
        """Where the bot stands."""
        ...

    def book(self) -> Rulebook:
        """The rulebook that is in force in rooms without rules of their own."""
        ...

    def supervision(self) -> str:
        """Gateway id of the supervision room, empty while there is none."""
        ...

    def guards(self, room: Room) -> bool:
        """Whether the bot is in a room, and on guard there."""
        ...

    @property
    def settings(self) -> Callable[[], Settings]:
        """What gives the settings that are in force now."""
        ...


Run = Callable[[Counter, UnitOfWork, Call], Awaitable[Answer]]

Look = Callable[[Counter, UnitOfWork, Call], Awaitable[object]]
"""Looks back over what was said, in a unit that only reads, and may take long."""

Examples = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a command does.

    Attributes:
        name: the word behind the command, in Chinese; empty for what the bare command does.
        english: the same in English.
        aliases: further spellings.
        roles: who may use it; :data:`EVERYONE` for all.
        arguments: the usage behind the name; empty for none.
        examples: complete lines that work, each with what it does.
        asks: it has wide effect or can't be undone: it is done only if the line ends with 确认, and otherwise
            answers with what it would do.
        heads: confirmed heads of a department may use it, too, for their own people.
        free_text: what is typed below the line belongs to it, too.
        defence: what a member says in it, once it is taken, is said in their own procedure.
        ahead: what takes too long for the unit of work in which it runs, since others wait for that; what it
            returns is the call's ``seen``. Nobody may rely on it.
    """

    name: str
    english: str
    roles: frozenset[Role]
    arguments: str
    summary: str
    examples: Examples
    run: Run
    aliases: tuple[str, ...] = ()
    asks: bool = False
    heads: bool = False
    free_text: bool = False
    defence: bool = False
    ahead: Look | None = None

    @property
    def spellings(self) -> frozenset[str]:
        """Every word that means this action; none for what the bare command does."""
        return frozenset(filter(None, (self.name, self.english, *self.aliases)))

    def allowed(self, person: Person) -> bool:
        """Whether this person may use it."""
        return (
            Role.MEMBER in self.roles
            or bool(self.roles & person.roles)
            or (self.heads and heads_department(person))
        )

    @property
    def whose(self) -> tuple[str, ...]:
        """Titles of those who may use it, in the order of rank."""
        titles = tuple(title for role, title in ROLE_TITLES.items() if role in self.roles)
        return (*titles, *((HEAD_TITLE,) if self.heads else ()))


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table.

    Attributes:
        name: as it is typed in Chinese, without the slash.
        english: as it is typed in English.
        aliases: further spellings.
        actions: what it does, in the order in which help shows it.
        private_only: refused in a group, because what follows it is a secret.
    """

    name: str
    english: str
    summary: str
    actions: tuple[Action, ...]
    aliases: tuple[str, ...] = ()
    private_only: bool = False
    spellings: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "spellings", frozenset({self.name, self.english, *self.aliases}))

    @property
    def roles(self) -> frozenset[Role]:
        """Who may use any of it."""
        return frozenset(role for action in self.actions for role in action.roles)

    def allowed(self, person: Person) -> bool:
        """Whether this person may use any of it."""
        return any(action.allowed(person) for action in self.actions)

    def actions_for(self, person: Person) -> tuple[Action, ...]:
        """What of it this person may use."""
        return tuple(action for action in self.actions if action.allowed(person))

    def action(self, word: str) -> Action | None:
        """The action that a word names; for any other word what the bare command does, if it does anything."""
        named = next((action for action in self.actions if word in action.spellings), None)
        return named or next((action for action in self.actions if not action.name), None)

    def usage(self, action: Action) -> str:
        """How an action is typed."""
        return " ".join(filter(None, (f"/{self.name}", action.name, action.arguments)))
