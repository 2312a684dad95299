"""What was written from back to front (系联我 for 我联系): listed words, and stretches that are far likelier that way.

Pairs of characters tell, each by how likely it is either way, so that a stretch costs two sums to look at. Pure; linear
in the length of the text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import accumulate, pairwise
from typing import Final

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from rules.reading.disguise import SELDOM, Disguise, Guess
from rules.reading.language import Language
from rules.reading.searched import Searched
from rules.reading.spelling import is_han

TURNED: Final = 9
"""So many characters at most are read in reverse."""

GAIN: Final = 8.0
"""So many nats likelier from back to front makes a stretch worth a closer look."""

BETTER: Final = 2.5
"""So many nats likelier than as it stands, and fewer characters are meant the other way round."""


class Backwards:
    """Finds listed words that were turned round; immutable once built.

    Args:
        words: folded words of Chinese characters.
        language: tells whether what stands there is likelier than the word.
    """

    def __init__(self, words: Collection[str], language: Language) -> None:
        self._language = language
        self._words = tuple(sorted(word for word in words if word[::-1] not in words))
        self._found = AhoCorasick(
            [word[::-1] for word in self._words] or ["\x00"],
            matchkind=MatchKind.Standard,
            implementation=Implementation.ContiguousNFA,
        )

    def guesses(self, text: Searched) -> Iterator[Guess]:
        """The words that may be meant, in order of their last characters."""
        plain, cost = text.plain, self._language.in_place
        for index, start, end in self._found.find_matches_as_indexes(plain, overlapping=True):
            word, long = self._words[index], end - start >= SELDOM
            odd = (any if long else all)(text.odd[start:end])
            weak = not odd
            if not long:
                gain = cost(plain, start, end, plain[start:end]) - cost(plain, start, end, word)
                weak = gain < (0.0 if odd else BETTER)
            if text.thorough or not weak or long:
                yield Guess(start, end, word, Disguise.BACKWARDS, weak)


def turned(language: Language, plain: str, price: float) -> set[int]:
    """The indexes of folded text that lie in a stretch which was probably turned round.

    Args:
        price: nats of turning a stretch round.
    """
    cost, han = language.cost, [*map(is_han, plain)]
    pairs = (
        cost(one, other) - cost(other, one) if is_han(one) and is_han(other) else 0.0
        for one, other in pairwise(plain)
    )
    saved = [*accumulate(pairs, initial=0.0)]
    found: set[int] = set()
    for start in range(len(plain)):
        if not han[start]:
            continue
        before, first = plain[start - 1 : start], plain[start]
        for end in range(start + 2, min(start + TURNED, len(plain)) + 1):
            last, after = plain[end - 1], plain[end : end + 1]
            if not han[end - 1]:
                break
            gain = saved[end - 1] - saved[start] - price
            if gain <= -GAIN:  # what stands around it seldom makes up for that
                continue
            gain += cost(before, first) - cost(before, last)
            if after:
                gain += cost(last, after) - cost(first, after)
            if gain >= GAIN:
                found.update(range(start, end))
    return found
