"""What a command has to look back over is worked out before the unit of work that everything else waits for.

A word that is to be forbidden is tried on some 20,000 messages. While a unit that writes is open, on SQLite nobody
else stores anything, not even the id of a message that has just come in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from structlog.typing import FilteringBoundLogger

from bot.commands.desk import Desk
from bot.commands.lines import behind
from bot.commands.parse import find
from bot.commands.table import Refused
from bot.gateway.port import IncomingMessage
from bot.pipeline.fetch import Fetched, Take
from bot.pipeline.places import Place, Places
from rules.core.model import MessageType
from rules.reading import quote
from storage.records import Arrival
from storage.session import Storage


class Ahead:
    """Stands before the handler.

    Args:
        take: the handler, which gets every batch as it is.
        places: gives the present places.
    """

    def __init__(
        self,
        desk: Desk,
        storage: Storage,
        take: Take,
        places: Callable[[], Places],
        log: FilteringBoundLogger,
    ) -> None:
        self._desk = desk
        self._storage = storage
        self._take = take
        self._places = places
        self._log = log

    async def take(self, batch: Sequence[Fetched]) -> list[Arrival]:
        """Look ahead for the commands of a batch, then hand it on; returns what could not be handled."""
        for item in batch:
            if item.message is not None and not item.late and item.message.type is MessageType.TEXT:
                await self._look(item.message)
        try:
            return await self._take(batch)
        finally:
            for item in batch:
                if item.message is not None:
                    self._desk.seen.pop(item.message.id, None)

    async def _look(self, message: IncomingMessage) -> None:
        try:
            await self._seen(message)
        except Refused:
            pass  # the command itself refuses, and says so
        except Exception as failure:  # noqa: BLE001 - the command meets it again, where it costs one message at most
            self._log.warning(
                "a look back failed, the command does it itself", failure=type(failure).__name__
            )

    async def _seen(self, message: IncomingMessage) -> None:
        """Keep what the message's command has to look back over, if it is one that does and its sender may use it.

        Raises:
            Refused: it can't be done.
        """
        desk, quoted = self._desk, quote.parse(message.text)
        line = desk.read(message, message.text[slice(*quoted.typed)] if quoted else message.text)
        command = find(line.word, desk.commands) if line is not None else None
        if line is None or command is None or not any(action.ahead for action in command.actions):
            return
        place = self._places().of(message.room_id, message.room_topic)
        if place is Place.ELSEWHERE or desk.clock.now() - message.sent_at > desk.policy.stale_after:
            return
        async with self._storage.view() as unit:
            sender = await unit.people.by_contact(message.sender_id)
            if sender is None or not command.allowed(sender):
                return
            call = desk.call(message, place, sender, line, quoted)
            action, line = desk.action(command, line, call)
            if action.ahead is not None and action.allowed(sender):
                desk.seen[message.id] = await action.ahead(desk, unit, behind(action, line, call))
