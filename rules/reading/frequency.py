"""How common words are: what an everyday word is, and in which everyday words the characters of another stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from heapq import nlargest
from itertools import product

EVERYDAY = 200
"""How often a word has to occur in the dictionary's corpus to count as an everyday word.

Measured on the dictionary alone: the 20,052 words from this frequency on are 6 % of its words of two characters and
more, and 86 % of their occurrences; 发票, 请假, 加班 and 合同 are among them. Of the 331 words that this project itself
forbids, 18 are (杀人, 走私, 赌博 …): words that news and law use too, which alone decide nothing here either.
"""

PARTNERS = 3


class WordFrequencies:
    """The everyday words and how often they occur; immutable.

    Args:
        counts: occurrences of folded words; single characters count as everyday words however rare they are.
        fold: a text as it is matched.
    """

    def __init__(self, counts: Mapping[str, int], fold: Callable[[str], str]) -> None:
        self._counts = counts
        self._fold = fold

    def __len__(self) -> int:
        return len(self._counts)

    def everyday(self, word: str) -> int | None:
        """How often an everyday word occurs in some 60 million words, at least 1; ``None`` for every other word.

        A single character always counts as one: it stands in countless words.
        """
        folded = self._fold(word)
        count = self._counts.get(folded, 0)
        if len(folded) == 1:
            return max(count, 1)
        return count if count >= EVERYDAY else None

    def holding(self, word: str, most: int) -> tuple[str, ...]:
        """The most common everyday words that hold the characters of ``word`` and more."""
        folded = self._fold(word)
        found = ((count, other) for other, count in self._counts.items() if folded in other != folded)
        return tuple(other for _, other in nlargest(most, found)) if folded else ()

    def across(self, word: str, most: int) -> tuple[tuple[str, str], ...]:
        """Pairs of everyday words between which the characters of ``word`` arise: 路口, 交通 for 口交."""
        folded = self._fold(word)
        pairs: list[tuple[int, tuple[str, str]]] = []
        for cut in range(1, len(folded)):
            firsts = nlargest(PARTNERS, self._longer(folded[:cut], ends=True))
            seconds = nlargest(PARTNERS, self._longer(folded[cut:], ends=False))
            pairs += [(min(a, b), (first, second)) for (a, first), (b, second) in product(firsts, seconds)]
        return tuple(pair for _, pair in nlargest(most, pairs))

    def _longer(self, part: str, *, ends: bool) -> Iterator[tuple[int, str]]:
        for other, count in self._counts.items():
            if len(other) > len(part) and (other.endswith(part) if ends else other.startswith(part)):
                yield count, other
