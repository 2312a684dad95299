"""Counts which characters follow one another in what is trained on: the rows of the language model that is shipped."""

from __future__ import annotations

import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from rules.core.load_reading import load_characters, load_table, load_terms
from rules.reading.classify import model_text
from rules.reading.decipher import Decipherer
from rules.reading.language import Language, Row, level, render_language
from rules.reading.machine import COVER

LEAST = (3, 4, 7)
"""So often a single character, a pair and a group of three have to stand, to be kept."""
DISCOUNT = 0.75
"""Taken from each count, for what was not seen (absolute discounting, Ney and others 1994)."""

OFFENDING, LISTED = 2, 4
"""How often a text that deserves a label, and a listed word, count: it is those that are written in disguise."""
DISGUISED = frozenset({"advertising", "banned_words", "incivility"})
"""The rules whose words are."""


def spoken(texts: Iterable[tuple[str, bool]]) -> str:
    """The file of what follows what, in the texts that are trained on and the listed words.

    Texts that deserve a label are often in disguise, and what stands there then is no language: those that decent text
    would read otherwise are left out.

    Args:
        texts: folded, and whether each deserves a label.
    """
    found = list(texts)
    decent = [(plain, 1) for plain, offends in found if not offends]
    table = load_table()
    decent += [
        (table.fold(term.word), LISTED)
        for term in load_terms()
        if term.rule in DISGUISED and term.weight > 0 and not term.allow
    ]
    decipherer = Decipherer(Language(sequences(decent)), load_characters())
    offending = [plain for plain, offends in found if offends]
    plainly = [plain for plain in offending if decipherer.decipher(plain, range(len(plain))) is None]
    print(f"{len(plainly)} of {len(offending)} that deserve a label are not in disguise", file=sys.stderr)
    counted = [*decent, *((plain, OFFENDING) for plain in plainly)]
    return render_language(sequences(counted), "Made by scripts/train.py; docs/models.md says from what.")


def sequences(texts: Iterable[tuple[str, int]]) -> Mapping[str, Row]:
    """For each context of up to two characters what follows it, at which cost.

    Args:
        texts: folded texts, and how often each counts.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for plain, times in texts:
        for text in model_text(plain).split(COVER):
            for at, character in enumerate(text):
                for size in range(min(at, 2) + 1):
                    counts[text[at - size : at]][character] += times
    return {context: row for context, after in counts.items() if (row := _row(context, after)).after}


def _row(context: str, after: Counter[str]) -> Row:
    seen = after.total()
    ranked = sorted(after.items(), key=lambda item: (-item[1], item[0]))
    kept = [(character, count - DISCOUNT) for character, count in ranked if count >= LEAST[len(context)]]
    left = max(seen - sum(count for _, count in kept), DISCOUNT)
    return Row(
        "".join(character for character, _ in kept),
        bytes(level(math.log(seen / count)) for _, count in kept),
        math.log(seen / left),
    )
