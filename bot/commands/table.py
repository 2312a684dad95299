"""The one table of commands: it drives the parser, permissions, help and the docs.

A command family lives in a file of its own beside this one and is listed in :data:`bot.commands.COMMANDS`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from bot.pipeline.places import Place
from storage.records import Outgoing, Person, Role
from storage.session import UnitOfWork

if TYPE_CHECKING:
    from bot.commands.desk import Desk

EVERYONE = frozenset(Role)
SUPERVISION = frozenset({Role.SUPERVISOR, Role.HR_LEAD})

ROLE_TITLES = {
    Role.MEMBER: "群成员",
    Role.SUPERVISOR: "监督员",
    Role.HR_LEAD: "人力资源负责人",
    Role.LEADER: "公司领导",
    Role.OPERATOR: "系统管理员",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One command as it was typed, with everything known of who typed it where.

    Attributes:
        words: the arguments, unquoted, full-width spaces and quotes read as what they stand for.
        rest: everything behind the command as typed, for commands that take free text.
        room_id: gateway id of the room; empty in a private chat.
        friend: the sender can be answered privately.
    """

    words: tuple[str, ...]
    rest: str
    sender: Person
    contact_id: str
    shown_name: str
    place: Place
    room_id: str
    friend: bool
    message_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says.

    Attributes:
        text: the answer itself.
        private: it may hold somebody's record: in a group it goes to the sender alone.
        also: further messages that the command decided to send (a notice to the group, a word to the issuer).
    """

    text: str
    private: bool = False
    also: tuple[Outgoing, ...] = ()


Run = Callable[["Desk", UnitOfWork, Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table.

    Attributes:
        name: as it is typed in Chinese, without the slash.
        english: as it is typed in English.
        aliases: further spellings.
        roles: who may use it; :data:`EVERYONE` for all.
        arguments: the usage line behind the name; empty for none.
        examples: complete lines that work, each with what it does.
        private_only: refused in a group, because what follows it is a secret.
    """

    name: str
    english: str
    roles: frozenset[Role]
    arguments: str
    summary: str
    examples: tuple[tuple[str, str], ...]
    run: Run
    aliases: tuple[str, ...] = ()
    private_only: bool = False
    spellings: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "spellings", frozenset({self.name, self.english, *self.aliases}))

    def allowed(self, person: Person) -> bool:
        """Whether this person may use it."""
        return Role.MEMBER in self.roles or bool(self.roles & person.roles)
