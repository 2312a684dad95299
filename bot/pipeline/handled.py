"""What the stages of the path hand to each other, and what the handler asks of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.gateway.port import IncomingMessage
from bot.pipeline.places import Place
from rules.core.model import Judgement
from rules.procedure.defence import Defence
from rules.procedure.penalty import Decision
from storage.records import Case, Outgoing, Person, Room
from storage.session import UnitOfWork


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of one message; told to listeners once it is committed.

    Attributes:
        message: ``None`` for the bot's own and for what is gone.
        case: that was opened, counted up or closed by it.
        outcomes: the compact column of the inbox: every rule's outcome that is not clean, or why none was asked.
    """

    message: IncomingMessage | None
    place: Place
    outcomes: str
    judgement: Judgement | None = None
    decision: Decision | None = None
    case: Case | None = None
    outgoing: tuple[Outgoing, ...] = ()

    @property
    def goes_on(self) -> bool:
        """Whether the message was counted in the case of an earlier one."""
        return (
            self.case is not None
            and self.decision is not None
            and self.message is not None
            and self.case.message_id != self.message.id
        )


@dataclass(frozen=True, slots=True)
class Served:
    """A command was seen to.

    Attributes:
        rows: what is said about it.
        left: what of the typed text is no part of the command: it is judged like anything else.
        defence: whether it was said in the sender's own procedure, and is judged as such.
    """

    rows: tuple[Outgoing, ...]
    left: str
    defence: Defence = Defence.NONE


class Commands(Protocol):
    """Who answers slash commands (``bot.commands.desk``).

    Attributes:
        policy_changed: whether a command has changed what is in force; :meth:`take_change` sets it back.
    """

    policy_changed: bool

    async def take(
        self,
        unit: UnitOfWork,
        message: IncomingMessage,
        place: Place,
        sender: Person,
        typed: str,
        *,
        late: bool,
    ) -> Served | None:
        """Answer a command, which is not executed any more if it comes ``late``; ``None`` if it is none."""
        ...

    def take_change(self) -> bool:
        """Whether a command has changed what is in force since this was last asked."""
        ...

    async def overheard(self, unit: UnitOfWork, message: IncomingMessage) -> tuple[Outgoing, ...]:
        """Burn one-time codes that were said aloud in a room; what has to be said about it."""
        ...


class Attention(Protocol):
    """Who follows what is asked of people, and whether they answer (``bot.pipeline.enquiries``)."""

    async def heard(
        self,
        unit: UnitOfWork,
        message: IncomingMessage,
        place: Place,
        room: Room | None,
        sender: Person,
        *,
        command: bool,
    ) -> None:
        """Take a message: it may ask for an answer, or be one."""
        ...
