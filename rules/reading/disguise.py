"""How words are disguised, what a guess at one says, and the text with the guesses in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Flag, auto
from typing import Final

from rules.reading.span import Span

EDGE: Final = "\ufdd0"
"""Stands around each word that is put in: it is one, whatever its neighbours would make of it. No character, and never
in what people write, whose own separators are signs of hiding."""


class Disguise(Flag):
    """How a character of a word was written."""

    PLAIN = 0
    SOUND = auto()  # another character that sounds alike
    LOOK = auto()  # another character that looks alike
    PINYIN = auto()  # spelt out
    INITIAL = auto()  # its first letter
    PARTS = auto()  # taken apart
    BACKWARDS = auto()  # the word is turned round
    BROKEN = auto()  # it is as it should be, across a mark that ends a phrase


LETTERED: Final = Disguise.PINYIN | Disguise.INITIAL
"""Words that are not written in characters."""

SELDOM: Final = 3
"""So many characters that read as a listed word backwards, or letters that begin the characters of one, are seldom an
accident."""

Pieces = tuple[tuple[Span, Span], ...]
"""What was put into a text: for each piece its span in the restored text, and the span that it stands for."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A word that may be meant by a stretch of folded text.

    Attributes:
        start, end: the stretch, half-open.
        word: the word, as folded.
        how: how it is disguised.
        weak: the stretch is ordinary language by itself.
        changes: so many of its characters are not as written; 0 where they all are, in another order.
    """

    start: int
    end: int
    word: str
    how: Disguise
    weak: bool
    changes: int = 0


def restore(
    typed: str, origin: Sequence[int], guesses: Sequence[Guess], edge: str = EDGE
) -> tuple[str, Pieces]:
    """The text with the words in place of their disguises, and where each piece came from.

    Args:
        typed: the text as typed.
        origin: for each index of its folded form the index in ``typed``.
        guesses: in order, without overlaps.
        edge: what is put around each.

    Returns:
        The restored text, and pairs of spans: of the restored text, and of ``typed``.
    """
    parts: list[str] = []
    pieces: list[tuple[Span, Span]] = []
    length = done = 0
    for guess in guesses:
        first, last = origin[guess.start], origin[guess.end - 1] + 1
        word = f"{edge}{guess.word}{edge}"
        parts += [typed[done:first], word]
        length += first - done
        pieces.append(((length, length + len(word)), (first, last)))
        length += len(word)
        done = last
    parts.append(typed[done:])
    return "".join(parts), tuple(pieces)


def joined(first: Pieces, second: Pieces) -> Pieces:
    """The pieces of a text that was restored twice: spans of the last text, and of what was typed.

    Args:
        first: spans of the text between, and of what was typed.
        second: spans of the last text, and of the text between.
    """
    between: list[Span] = []
    for start, end in sorted([span for span, _ in first] + [span for _, span in second]):
        if between and start < between[-1][1]:
            between[-1] = between[-1][0], max(end, between[-1][1])
        else:
            between.append((start, end))
    back = tuple((here, there) for there, here in second)
    return tuple(
        ((_moved(start, back), _moved(end, back)), (_moved(start, first), _moved(end, first)))
        for start, end in between
    )


def _moved(index: int, pieces: Pieces) -> int:
    """An index that lies inside no piece, on the other side of them."""
    before = [(here, there) for here, there in pieces if here[1] <= index]
    return index + before[-1][1][1] - before[-1][0][1] if before else index
