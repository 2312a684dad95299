"""Where words begin and end: segmentation decides whether a hit is a word or an accident of neighbours.

口交 stands in 路口交通 as characters, but not as a word. The cutter is handed in by the loader; it
knows the short terms of the lexicon as words, and it runs on texts with hits only.

The same cutter gives the terms by which texts are found again: those of a stored text hold its words, the parts of
its long words, and its characters; a search asks for words first, and for characters where no text has the words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from rules.reading.normalize import NormalisationTable

Cut = Callable[[str], Sequence[str]]
"""Cuts a text into words that put together give the text again."""


def word_starts(text: str, table: NormalisationTable, cut: Cut) -> frozenset[int]:
    """Indexes of ``text`` at which a word begins, its end included.

    The text is cut as it reads when folded, so that spaces and emoji do not tear words apart.
    """
    origin = table.origin(text)
    starts = {len(text)}
    position = 0
    for word in _checked(cut(table.fold(text)), len(origin)):
        starts.add(origin[position])
        position += len(word)
    return frozenset(starts)


def _checked(words: Iterable[str], length: int) -> Sequence[str]:
    found = list(words)
    if sum(map(len, found)) != length:
        raise ValueError("the cutter returned other text than it was given")
    return found


_RUN = re.compile(r"[^\W_]+")


def index_terms(text: str, table: NormalisationTable, cut: Cut) -> tuple[str, ...]:
    """The terms under which a text is found, in its order; one that comes twice stands there twice.

    Only letters and digits come out, folded as for matching: nothing of it means anything to a query language.
    """
    found: list[str] = []
    for word in _words(text, table, cut):
        found.append(word)
        if len(word) > 1 and not word.isascii():
            found.extend(part for part in _pairs(word) if part != word)
            found.extend(word)
    known = set(found)
    for run in _runs(text, table):  # "0aa" is cut into "0" and "aa", and is looked for as a whole as well
        found.extend(whole for whole in re.findall(r"[0-9a-z]+", run) if whole not in known)
    return tuple(found)


def search_terms(text: str, table: NormalisationTable, cut: Cut) -> tuple[str, ...]:
    """The words that a text must hold to be found by ``text``, each once; empty if that holds no word."""
    return tuple(dict.fromkeys(_words(text, table, cut)))


def loose_terms(text: str, table: NormalisationTable) -> tuple[str, ...]:
    """The single characters of ``text`` (Latin words and numbers whole), for where its words find nothing.

    A text may be cut otherwise than the same characters in a search.
    """
    found: list[str] = []
    for run in _runs(text, table):
        found.extend(re.findall(r"[0-9a-z]+|[^0-9a-z]", run))
    return tuple(dict.fromkeys(found))


def _words(text: str, table: NormalisationTable, cut: Cut) -> Iterator[str]:
    for run in _runs(text, table):
        for word in cut(run):
            yield from re.findall(r"[0-9a-z]+|[^0-9a-z]+", word)


def _runs(text: str, table: NormalisationTable) -> Iterator[str]:
    """What stands between spaces and punctuation, folded; what can't be seen separates nothing."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    for match in _RUN.finditer(seen):
        folded = "".join(_RUN.findall(table.fold(match[0])))
        if folded:
            yield folded


def _pairs(word: str) -> Iterator[str]:
    return (word[start : start + 2] for start in range(len(word) - 1))
