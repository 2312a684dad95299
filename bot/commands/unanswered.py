"""The desk of a dry run: it knows a command when it sees one, and neither answers nor carries out any."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from bot.commands.lines import left_of
from bot.commands.parse import find, typed_command
from bot.commands.table import Command, Post
from bot.gateway.port import IncomingMessage
from bot.pipeline.handled import Served
from bot.pipeline.places import Place
from storage.records import Outgoing, Person, Room
from storage.session import UnitOfWork


class Unanswered:
    """Takes commands for what they are, so that they are judged no further than a live bot would.

    Args:
        post: tells under which names the bot may be addressed.
    """

    def __init__(self, commands: Sequence[Command], post: Callable[[], Post]) -> None:
        self._commands = tuple(commands)
        self._post = post
        self.policy_changed = False

    def take_change(self) -> bool:
        """Nothing ever changes."""
        return False

    async def take(
        self,
        unit: UnitOfWork,  # noqa: ARG002 - the handler hands it to every desk
        message: IncomingMessage,
        place: Place,  # noqa: ARG002 - who may do what where is nothing to a desk that does nothing
        sender: Person,
        typed: str,
        *,
        late: bool,  # noqa: ARG002 - late or not, it is not carried out
    ) -> Served | None:
        """What of a command is judged like anything else; ``None`` if it is none."""
        post = self._post()
        line = typed_command(typed, bot_names=post.names, bot_mentioned=post.self_id in message.mentions)
        command = find(line.word, self._commands) if line is not None else None
        if line is None or command is None:
            return None
        first = unicodedata.normalize("NFKC", line.words[0]).casefold() if line.words else ""
        action = command.action(first)
        return Served((), typed if action is None else left_of(action, line, sender, typed))

    async def overheard(
        self,
        unit: UnitOfWork,  # noqa: ARG002 - the handler hands it to every desk
        message: IncomingMessage,  # noqa: ARG002 - a dry run has issued no code that could be said aloud
    ) -> tuple[Outgoing, ...]:
        """Nobody holds a code of a dry run."""
        return ()


class Unheeded:
    """Follows nothing that is asked of people: nobody could be reminded, and nobody may be blamed later."""

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
        """Take no note."""
