"""Reads a command out of what somebody typed: the first line, after an optional mention of the bot.

The quoted block of a quote is never a command (``rules.reading.quote``). People type full-width slashes,
spaces, quotes and punctuation; all of them are read as what they stand for. Everything here is pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.commands.table import Command

SLASHES = "/／"
MENTION = re.compile(r"^@(?P<name>[^\u2005@]{1,40})\u2005\s*|^@(?P<plain>\S{1,40})[\s\u3000]+")
WORD = re.compile(r"^[\w\-]{1,16}(?![\w/.])")
TOKEN = re.compile(r"[\"“”「『](?P<quoted>[^\"“”「」『』]{0,200})[\"“”」』]|(?P<bare>[^\s\u3000,，、;；]+)")
LONGEST_LINE = 500
NEAR = 0.5
NEAR_LATIN = 0.75
"""Paths and slang look like English commands sooner than Chinese words do."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A line that begins like a command: the word behind the slash and what follows it."""

    word: str
    rest: str

    @property
    def words(self) -> tuple[str, ...]:
        """The arguments; spaces and list punctuation of either width separate them, quotes keep them together."""
        return tuple(
            match["quoted"] if match["quoted"] is not None else match["bare"]
            for match in TOKEN.finditer(self.rest)
        )


def typed_command(text: str, *, bot_names: Collection[str], bot_mentioned: bool) -> Typed | None:
    """The command in a text without its quoted block; ``None`` if it is no command.

    Args:
        text: what the sender typed.
        bot_names: names under which the bot can be mentioned in plain text.
        bot_mentioned: the gateway says that the message mentions the bot.
    """
    line = text.strip().split("\n", 1)[0].strip()[:LONGEST_LINE]
    if mention := MENTION.match(line):
        name = (mention["name"] or mention["plain"]).strip()
        if not bot_mentioned and name not in bot_names:
            return None
        line = line[mention.end() :].lstrip()
    if not line or line[0] not in SLASHES:
        return None
    word = WORD.match(line[1:])
    if word is None:
        return None
    return Typed(word[0].casefold(), line[1 + word.end() :].strip())


def find(word: str, commands: Iterable[Command]) -> Command | None:
    """The command that a word names, in Chinese or English; ``None`` if there is none."""
    return next((command for command in commands if word in command.spellings), None)


def nearest(word: str, commands: Iterable[Command]) -> Command | None:
    """The command that was probably meant; ``None`` if nothing is near enough to ask back."""
    scored = [
        (SequenceMatcher(None, word, spelling).ratio(), command)
        for command in commands
        for spelling in command.spellings
        # Chinese commands have two characters: one wrong is a slip only if the other stands in its place.
        if word and (word.isascii() or word[0] == spelling[0] or word[-1] == spelling[-1])
    ]
    best = max(scored, key=lambda pair: pair[0], default=None)
    bar = NEAR_LATIN if word.isascii() else NEAR
    return best[1] if best is not None and best[0] >= bar else None
