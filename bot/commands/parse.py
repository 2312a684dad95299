"""Reads a command out of what somebody typed: the first line, after an optional mention of the bot.

The quoted block of a quote is never a command (``rules.reading.quote``). People type full-width slashes,
spaces, quotes and punctuation; all of them are read as what they stand for. Everything here is pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TypeVar

from bot.commands.table import Action, Command

S = TypeVar("S", Action, Command)

SLASHES = "/／"
MENTION = re.compile(r"^@(?P<name>[^\u2005@]{1,40})\u2005\s*|^@(?P<plain>\S{1,40})[\s\u3000]+")
WORD = re.compile(r"^[\w\-]{1,16}(?![\w/.])")
TOKEN = re.compile(
    r"[\"“”「『](?P<quoted>[^\"“”「」『』]{0,200})[\"“”」』]"
    r"|(?P<mention>@[^\u2005@\n]{1,40})\u2005"
    r"|(?P<bare>[^\s\u3000,，、;；]+)"
)
SURE = frozenset({"确认", "確認", "confirm"})
SEPARATORS = " \t\u3000\u2005,，、;；"
BLANKS = " \t\r\u3000\xa0"
"""Without U+2005: it ends a mention, and a name may hold blanks."""
COLONS = ":："
LONGEST_LINE = 500
NEAR = 0.5
NEAR_LATIN = 0.75
"""Paths and slang look like English commands sooner than Chinese words do."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A line that begins like a command: the word behind the slash and what follows it.

    Attributes:
        body: what was typed below that line.
        cut: the line went on beyond :data:`LONGEST_LINE`.
    """

    word: str
    rest: str
    body: str = ""
    cut: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The arguments; spaces and list punctuation of either width separate them, quotes keep them together."""
        return tuple(_word(match) for match in TOKEN.finditer(self.rest))

    @property
    def behind_action(self) -> str:
        """What follows the first argument, as typed."""
        first = TOKEN.search(self.rest)
        return self.rest[first.end() :].strip(SEPARATORS) if first else ""

    def sure(self) -> tuple[bool, Typed]:
        """Whether the line ends with 确认, and the line without it."""
        last = next(reversed(list(TOKEN.finditer(self.rest))), None)
        if last is None or last["bare"] not in SURE:
            return False, self
        return True, replace(self, rest=self.rest[: last.start()].rstrip(SEPARATORS))


def behind(rest: str, count: int) -> str:
    """What follows the first ``count`` arguments of ``rest``, as typed."""
    ends = [0, *(match.end() for match in TOKEN.finditer(rest))]
    return rest[ends[count] :].lstrip(SEPARATORS + COLONS) if count < len(ends) else ""


def quoted_first(rest: str) -> bool:
    """Whether the first argument stands in quotation marks."""
    first = TOKEN.search(rest)
    return first is not None and first["quoted"] is not None


def _word(match: re.Match[str]) -> str:
    return next(part for part in (match["quoted"], match["mention"], match["bare"]) if part is not None)


def typed_command(text: str, *, bot_names: Collection[str], bot_mentioned: bool) -> Typed | None:
    """The command in a text without its quoted block; ``None`` if it is no command.

    Args:
        text: what the sender typed.
        bot_names: names under which the bot can be mentioned in plain text.
        bot_mentioned: the gateway says that the message mentions the bot.
    """
    first, _, body = text.lstrip().partition("\n")
    line = first.strip(BLANKS)
    cut = len(line) > LONGEST_LINE
    line = line[:LONGEST_LINE]
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
    rest = line[1 + word.end() :].lstrip(BLANKS + COLONS).rstrip(BLANKS)
    return Typed(word[0].casefold(), rest, body.strip(), cut)


def find(word: str, commands: Iterable[Command]) -> Command | None:
    """The command that a word names, in Chinese or English; ``None`` if there is none."""
    return next((command for command in commands if word in command.spellings), None)


def nearest(word: str, spelled: Iterable[S]) -> S | None:
    """The command or action that was probably meant; ``None`` if nothing is near enough to ask back."""
    scored = [
        (SequenceMatcher(None, word, spelling).ratio(), one)
        for one in spelled
        for spelling in one.spellings
        # Chinese commands have two characters: one wrong is a slip only if the other stands in its place.
        if word and (word.isascii() or word[0] == spelling[0] or word[-1] == spelling[-1])
    ]
    best = max(scored, key=lambda pair: pair[0], default=None)
    bar = NEAR_LATIN if word.isascii() else NEAR
    return best[1] if best is not None and best[0] >= bar else None
