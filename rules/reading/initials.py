"""What stands in first letters: zzrszdex for 这种人是真的恶心.

So much fits such letters that no one can tell what they say, and nothing is guessed. But whether letters are first
letters can be told (:mod:`rules.reading.letters`), and so can what a text in them reads like: weights that were trained
on texts so written see it as the first letters of all its characters, and as it stands with every such letter alike,
for where colleagues, systems and slang are named in letters (找wj签字) is not where something is hidden. Whoever hides
is not to be read: people look, and nothing further follows. Pure; only the beginning of a long text is searched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rules.reading.classify import REVIEW, Classifier, model_text
from rules.reading.letters import Letters
from rules.reading.searched import tokens
from rules.reading.span import Span

SHORTEST: Final = 2
"""Letters of a run."""

ACRONYM: Final = 5
"""Up to so many capital letters in a row are an acronym (PPAP, WMS); one that begins a run of small ones is none."""

SEARCHED: Final = 2_000
"""So many code points of a text are searched."""

VARIED, ALPHABET = 0.45, 26
"""In first letters so much of a run is different letters: more than in laughter (hhhh) and on a cat's way (jkjkjk)."""

ENOUGH: Final = 1.0
"""So many nats for first letters, of all runs of a text, are looked at."""

STRETCH: Final = 59
"""Code points of a stretch: twice as many, and the sign between, are one to the classifier."""

LETTER: Final = "¤"
"""Stands for every letter of a run where they are alike; no folded text holds it."""

BETWEEN: Final = "\x1e"
"""Stands between the two views of a stretch; no folded text holds it."""

ALIKE: Final = 4
"""So many letters in a row, and more, are alike."""

_ATTACHED: Final = frozenset("@#_-/\\:.=&%+<>$*`|^")
"""Beside one of these signs letters belong to an address, a registered name, a file or a command; a point behind them
ends a sentence as well, and a colon before them, behind a Chinese character, whom somebody speaks to."""


@dataclass(frozen=True, slots=True)
class Run:
    """Letters that may be first letters: half-open indexes of a folded text, and for first letters how many nats."""

    start: int
    end: int
    letters: str
    gain: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a text as the classifier reads it: both views of it, and signs of how it is written."""

    views: str
    signs: tuple[str, ...]


class Initials:
    """Tells what is written in first letters, and what that reads like; immutable once built.

    Args:
        letters: which runs are first letters.
        sounds: for a character its syllables.
        classifier: scores stretches of texts that hold first letters.
    """

    def __init__(self, letters: Letters, sounds: Mapping[str, Sequence[str]], classifier: Classifier) -> None:
        self._letters, self._classifier = letters, classifier
        self.first = first_letters(sounds)

    def runs(
        self, text: str, plain: str, origin: Sequence[int], skipped: Sequence[Span] = ()
    ) -> tuple[Run, ...]:
        """The runs of letters that may be first letters, in order; none where all of them hardly are.

        Args:
            text: as it was typed.
            plain: the same, folded.
            origin: for each index of ``plain`` its index in ``text``.
            skipped: spans of ``text`` that nobody says anything in.
        """
        found = []
        for first, last in candidates(text, plain, origin):
            if any(start < origin[last - 1] + 1 and origin[first] < end for start, end in skipped):
                continue
            run = plain[first:last]
            found.append(Run(first, last, run, max(0.0, self._letters.gain(run))))
        gains = {run.letters: run.gain for run in found}
        return tuple(found) if sum(gains.values()) >= ENOUGH else ()

    def scores(self, said: str, runs: Sequence[Run]) -> Mapping[str, float]:
        """For each label how much a folded text with these runs reads like it: from :data:`REVIEW` on, or 0."""
        best: dict[str, float] = {}
        for stretch in self.stretches(said, runs):
            for label, score in self._classifier.scores(stretch.views, stretch.signs).items():
                best[label] = max(score, best.get(label, 0.0))
        return {label: score if score >= REVIEW else 0.0 for label, score in best.items()}

    def stretches(self, said: str, runs: Sequence[Run]) -> Iterator[Stretch]:
        """The stretches of a folded text that hold some of these runs; each begins in the middle of the one before."""
        text = model_text(said)
        alike = list(text)
        for run in runs:
            alike[run.start : run.end] = LETTER * (run.end - run.start)
        step = STRETCH // 2
        for start in range(0, max(1, len(text) - step), step):
            end = min(len(text), start + STRETCH)
            within = [run for run in runs if run.start < end and start < run.end]
            if within:
                # In capitals, for xx (谢谢) is a masked number elsewhere.
                initials = "".join(self.first.get(sign, sign) for sign in text[start:end]).upper()
                shape = _shortened("".join(alike[start:end]))
                yield Stretch(f"{initials}{BETWEEN}{shape}", _signs(within, end - start))


def first_letters(sounds: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    """For each character the first letter of its usual syllable."""
    return {character: spoken[0][0] for character, spoken in sounds.items() if spoken}


def _shortened(shape: str) -> str:
    """A view in which longer rows of letters are as long as :data:`ALIKE`."""
    longer = LETTER * (ALIKE + 1)
    while longer in shape:
        shape = shape.replace(longer, LETTER * ALIKE)
    return shape


def _signs(runs: Sequence[Run], length: int) -> tuple[str, ...]:
    """How much of a stretch is in letters, and how plainly they are first letters."""
    letters = min(length, sum(len(run.letters) for run in runs))
    gain = sum({run.letters: run.gain for run in runs}.values())
    return (
        f"=letters.longest.{min(max(len(run.letters) for run in runs), 9)}",
        f"=letters.share.{10 * letters // length}",
        f"=letters.runs.{min(len(runs), 6)}",
        f"=letters.gain.{min(int(gain / 2), 8)}",
        f"=letters.all.{min(letters // 3, 6)}",
    )


def candidates(text: str, plain: str, origin: Sequence[int]) -> Iterator[Span]:
    """Runs of letters that are no part of something longer and no acronym, as spans of the folded text.

    Args:
        text: as it was typed.
        plain: the same, folded.
        origin: for each index of ``plain`` its index in ``text``.
    """
    for first, last in tokens(plain[:SEARCHED], origin):
        run = plain[first:last]
        if len(run) < SHORTEST or not run.isalpha() or len(set(run)) < VARIED * min(len(run), ALPHABET):
            continue
        start, end = origin[first], origin[last - 1] + 1
        shown = text[start:end]
        if len(shown) != len(run) or _of_one_sign(origin, first, last):
            continue
        capitals = sum(sign.isupper() for sign in shown)
        if capitals > (capitals == 1 and shown[0].isupper()) and not ACRONYM < capitals == len(shown):
            continue
        if not _attached(text, start, end):
            yield first, last


def _of_one_sign(origin: Sequence[int], first: int, last: int) -> bool:
    """Whether a run begins or ends within what is one sign as typed, such as ㎏."""
    before = first > 0 and origin[first - 1] == origin[first]
    return before or (last < len(origin) and origin[last] == origin[last - 1])


def _attached(text: str, start: int, end: int) -> bool:
    """Whether a sign beside a stretch makes it part of something longer."""
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    if before == ":":
        return text[max(0, start - 2) : start - 1].isascii()
    if before in _ATTACHED or (after in _ATTACHED and after != "."):
        return True
    further = text[end + 1 : end + 2]
    return after == "." and further.isascii() and further.isalnum()
