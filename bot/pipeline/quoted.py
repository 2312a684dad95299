"""What a quoted block is worth: anybody can type one, so whose words it holds is looked up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.gateway.port import IncomingMessage
from rules.core.book import Rulebook
from rules.core.judge import judge
from rules.core.model import Context, Judgement, Message
from rules.procedure.defence import doubted
from rules.reading.quote import Quote
from storage.records import Room, StoredMessage
from storage.session import UnitOfWork

UNKNOWN = "in a quoted block that nobody is known to have said"


async def with_doubts(
    unit: UnitOfWork,
    incoming: IncomingMessage,
    quoted: Quote,
    room: Room,
    judgement: Judgement,
    book: Rulebook,
    lately: Iterable[StoredMessage],
    exempt: frozenset[str],
) -> Judgement:
    """The judgement, with doubts about a quoted block that nobody is known to have said here.

    Anybody can type such a block. What was said before the bot came looks the same, so it is never more than
    a doubt: people decide.

    Args:
        lately: what was said in the same batch, which storage does not hold yet.
        exempt: rules that do not apply to whoever quotes.
    """
    block = incoming.text[: quoted.typed[0]]
    found = judge(book, Message(block), Context(book.reader.read(block), book.calendar, exempt=exempt))
    doubts = tuple(doubted(outcome, UNKNOWN) for outcome in found.outcomes if outcome.rulings)
    if not doubts:
        return judgement
    said = await unit.messages.quoted(room.key, quoted.author, quoted.beginning)
    if said or any(_says(stored, quoted) for stored in lately):
        return judgement
    return replace(judgement, outcomes=(*judgement.outcomes, *doubts))


def _says(stored: StoredMessage, quoted: Quote) -> bool:
    return stored.sender_name == quoted.author and stored.text.startswith(quoted.beginning)
