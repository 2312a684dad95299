"""Listed words in whole runs of letters: by the first letters of their characters (jz for 兼职), and turned round.

Of several words that begin alike the one is taken for meant that goes best with what stands around it, and that is of
the kind which the text reads like. Pure; linear in the length of the text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Final

from rules.reading.disguise import SELDOM, Disguise, Guess
from rules.reading.language import Language
from rules.reading.searched import Searched, tokens

MASK: Final = "x"
"""Stands in place of figures that are not told (135xxxx)."""

APART: Final = 2
"""How far two characters stand apart with one sign between them, such as a point."""

THEMSELVES: Final = frozenset({"dns", "qc", "pm", "ssl", "ecn", "ct", "cba", "sem", "js"})
"""Abbreviations of many trades that are also first letters of listed words: they stand for themselves, unless the text
is suspicious anyhow."""

UNLIKE: Final = 4.0
"""So many nats less likely is an insult in what reads like an offer, and the other way round."""


class Lettered:
    """Finds words in runs of letters; immutable once built.

    Args:
        spoken: words of Chinese characters, and the syllables of each.
        latin: words in letters.
        attacks: those among the words that attack somebody.
        language: tells which word goes with what stands around it.
    """

    def __init__(
        self,
        spoken: Mapping[str, Sequence[str]],
        latin: Iterable[str],
        attacks: Set[str],
        language: Language,
    ) -> None:
        self._language, self._attacks = language, attacks
        self._turned = {word[::-1]: word for word in latin if len(word) >= SELDOM}
        self._begun: defaultdict[str, list[str]] = defaultdict(list)
        for word, syllables in sorted(spoken.items()):
            self._begun["".join(said[0] for said in syllables)].append(word)

    def guesses(self, text: Searched, *, attack: bool) -> Iterator[Guess]:
        """The words that may be meant, in order.

        Args:
            attack: the text reads rather like an attack than like an offer.
        """
        for start, end in tokens(text.plain, text.origin):
            letters = text.plain[start:end]
            if not letters.strip(MASK) or _measured(text, end):
                continue
            if turned := self._turned.get(letters):
                yield Guess(start, end, turned, Disguise.BACKWARDS, weak=True)
            elif letters in THEMSELVES and not text.doubted:
                continue
            elif (text.doubted or len(letters) >= SELDOM) and (words := self._begun.get(letters)):
                costs = [
                    (self._language.in_place(text.plain, start, end, word) + self._unlike(word, attack), word)
                    for word in words
                ]
                yield Guess(start, end, min(costs)[1], Disguise.INITIAL, weak=True)

    def _unlike(self, word: str, attack: bool) -> float:
        return UNLIKE if (word in self._attacks) is not attack else 0.0


def _measured(text: Searched, end: int) -> bool:
    """Whether a decimal fraction follows (pH 7.2, EC 1.8): letters before one are what was measured."""
    plain, origin = text.plain, text.origin
    if end == len(plain) or origin[end] - origin[end - 1] > APART:
        return False
    point = end
    while point < len(plain) and plain[point].isdecimal() and origin[point] - origin[end] == point - end:
        point += 1
    fraction = point < len(plain) and plain[point].isdecimal() and origin[point] - origin[point - 1] == APART
    return point > end and fraction
