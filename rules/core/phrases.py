"""Proposes allow-phrases from what people dismissed: a forbidden word with the words beside it.

Only where two people's messages were dismissed for it, and never a phrase that would hide a finding in what was
confirmed. Somebody still has to accept it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from rules.core.candidate import Known, flaw
from rules.core.options import LEXICON_RULE
from rules.reading.learning import Lesson
from rules.reading.reader import Reader

LEAST: Final = 2
"""So many people's messages have to be dismissed independently."""

MOST: Final = 20
LONGEST: Final = 12
_PLAIN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]+")

With = Callable[[str], Reader]
"""The reader as it would be with one more allow-phrase."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A phrase that might be allowed.

    Attributes:
        word: the forbidden word in it.
        dismissed: how many dismissed messages hold it, of different people.
    """

    phrase: str
    word: str
    dismissed: int


def proposals(
    reader: Reader, lessons: Iterable[Lesson], known: Known, names: Collection[str], allowing: With
) -> tuple[Proposal, ...]:
    """What might be allowed, the most frequent first; of two phrases that serve the same messages the longer one.

    Args:
        lessons: decisions about cases of the rule whose words a company may change.
        known: the words in force.
        names: of people, folded; no phrase holds one.
    """
    own = [lesson for lesson in lessons if lesson.rule == LEXICON_RULE]
    confirmed = [lesson.said.plain for lesson in own if lesson.right]
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for lesson in own:
        if lesson.right:
            continue
        for phrase, word in _candidates(reader, lesson.said.plain):
            found.setdefault(phrase, (word, {}))[1].setdefault(lesson.sender, lesson.said.plain)
    wide = {phrase: one for phrase, one in found.items() if len(one[1]) >= LEAST}
    ranked = sorted(wide, key=lambda phrase: (-len(wide[phrase][1]), -len(phrase), phrase))
    fit = (
        Proposal(phrase, wide[phrase][0], len(wide[phrase][1]))
        for phrase in ranked
        if not _covered(phrase, wide, ranked)
        and not any(name in phrase for name in names if len(name) > 1)
        and flaw(phrase, known, reader.key, allow=True) is None
        and _harmless(reader, allowing, phrase, confirmed)
    )
    return tuple(islice(fit, MOST))


def _candidates(reader: Reader, plain: str) -> Iterator[tuple[str, str]]:
    """Each hit of a text with the word before it, the word behind it, and both."""
    hits = reader.read(plain).of(LEXICON_RULE)
    if not hits:
        return
    ends = [0]
    for word in reader.lexicon.words_of(plain):
        ends.append(ends[-1] + len(word))
    for hit in hits:
        if hit.term.weight < 0:
            continue
        before = max((end for end in ends if end < hit.start), default=hit.start)
        behind = min((end for end in ends if end > hit.end), default=hit.end)
        for start, end in {(before, behind), (before, hit.end), (hit.start, behind)}:
            phrase = plain[start:end]
            if hit.end - hit.start < len(phrase) <= LONGEST and _PLAIN.fullmatch(phrase):
                yield phrase, hit.term.word


def _covered(phrase: str, wide: dict[str, tuple[str, dict[str, str]]], ranked: Sequence[str]) -> bool:
    """Whether a longer phrase serves the very same people: it is the more careful one."""
    return any(
        phrase in other and phrase != other and wide[other][1].keys() == wide[phrase][1].keys()
        for other in ranked
    )


def _harmless(reader: Reader, allowing: With, phrase: str, confirmed: Iterable[str]) -> bool:
    """Whether everything that is found in what was confirmed would still be found."""
    holding = [plain for plain in confirmed if phrase in plain]
    if not holding:
        return True
    other = allowing(phrase)
    return all(
        len(other.read(plain).of(LEXICON_RULE)) >= len(reader.read(plain).of(LEXICON_RULE))
        for plain in holding
    )
