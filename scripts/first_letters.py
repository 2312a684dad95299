"""What is trained for texts in first letters: which letters are such, and what a text that holds some reads like.

Nobody collects such texts; they are made. Of each text some words are replaced by the first letters of their
characters: of an offence a quarter to all of them, of decent text a tenth or more, for there names and systems are
written so. Decent texts that hold such letters as they are teach the difference, and on them the bar for people is set.
"""

from __future__ import annotations

import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from string import ascii_lowercase

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from rules.reading.classify import Anchors, Weights
from rules.reading.initials import BETWEEN, LETTER, Initials, Stretch
from rules.reading.letters import AFTER, END, Letters
from rules.reading.machine import COVER, covered, machine_spans
from rules.reading.reader import Reader

INITIALS, SHAPE = (1, 2, 3, 4, 5, 6), (1, 2, 3, 4)
"""Characters of an n-gram in either view."""
LEAST = 5
"""In so many texts an n-gram has to stand."""
KEPT = 15_000
"""n-grams kept for each label."""
STRENGTH = 0.1
"""The inverse of how strongly weights are drawn to zero."""
FOLDS = 5

HIDDEN, CASUAL = (0.25, 0.5, 0.8, 1.0), (0.1, 0.2, 0.4, 0.8)
"""How many words of a text are replaced, in an offence and in decent text: one of these shares."""
LONGEST = 160
"""Code points of a text that are used."""
AS_THEY_ARE = 6.0
"""How often a decent text counts that holds such letters as it is."""
FLAGGED = {"advertising": 0.12, "banned": 0.05, "incivility": 0.1}
"""So much of those may be shown to people for a label: one message in some hundreds holds such letters at all. What is
banned is mostly an offer as well, and seen as such."""

COMMON = 3
"""A run that stands so often in decent texts, of more than one source, is a word, whatever its letters look like."""
MOST = 20
"""So often at most one run counts: some names of programs stand in every second message about a change."""
ROUNDS = 8
"""So often the table is made anew from what it says itself of each run."""
GOES_ON = 0.6
"""How likely another letter follows in a run of first letters."""
SMOOTHING = 0.5


@dataclass(frozen=True, slots=True)
class Example:
    """A text that is trained on.

    Attributes:
        text: as it was typed.
        truth: for each label 1, 0 or -1 (not known).
        decent: it deserves no label, and is no comment from outside.
        share: a number from 0 to 1 that is this text's for ever.
    """

    text: str
    truth: tuple[int, ...]
    decent: bool
    share: float


class _Decent:
    """The stretches of decent texts as they are: the surest of a text is what it is judged by."""

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []
        self.of: list[int] = []
        self.fold: list[int] = []
        self.texts = 0

    def add(self, stretches: Sequence[Stretch], fold: int) -> None:
        """Another text, and which part of the texts it belongs to."""
        self.stretches += stretches
        self.of += [self.texts] * len(stretches)
        self.fold += [fold] * len(stretches)
        self.texts += 1


def letters_of(plain: Iterable[str], first: Mapping[str, str], seen: Iterable[tuple[str, str]]) -> Letters:
    """The table of letters, by expectation maximisation: what is seen are words for the most part, and names and slang
    in first letters, of which each counts as a word as far as it looks like one.

    Args:
        plain: folded decent texts.
        first: for a character the first letter of its syllable.
        seen: the runs of letters in decent texts, each as often as it stands there, and where that text is from.
    """
    syllables: Counter[str] = Counter()
    for text in plain:
        for run in "".join(first.get(sign, " ") for sign in text).split():
            syllables.update(one + other for one, other in pairwise(run))
    begins: Counter[str] = Counter()
    for pair, count in syllables.items():
        begins[END + pair[1]] += count
    found = list(seen)
    runs = Counter(run for run, _ in found)
    sources = Counter(run for run, _ in set(found))
    shares: Mapping[str, float] = dict.fromkeys(runs, 1.0)
    table = Letters({}, frozenset())
    for _ in range(ROUNDS):
        words: defaultdict[str, float] = defaultdict(float)
        for run, count in runs.items():
            for one, other in pairwise(f"{END}{run}{END}"):
                words[one + other] += min(count, MOST) * shares[run]
        table = Letters(_gains(begins, syllables, words), frozenset())
        shares = {run: 1 / (1 + math.exp(table.gain(run))) for run in runs}
    kept = {run for run in runs if runs[run] >= COMMON and sources[run] > 1 and table.gain(run) > 0}
    print(f"{len(kept)} words that look like first letters", file=sys.stderr)
    return Letters(table.gains, frozenset(kept))


def _gains(
    begins: Mapping[str, float], syllables: Mapping[str, float], words: Mapping[str, float]
) -> Mapping[str, float]:
    """For each pair the logarithm of how much likelier it is in first letters than in words."""
    gains = {}
    for one in AFTER:
        as_initials = _chances(begins if one == END else syllables, one, ascii_lowercase)
        as_word = _chances(words, one, AFTER)
        goes_on = 0.0 if one == END else math.log(GOES_ON)
        for other in AFTER:
            initial = math.log(1 - GOES_ON) if other == END else as_initials[other] + goes_on
            gains[one + other] = round(initial - as_word[other], 2)
    return gains


def _chances(counts: Mapping[str, float], one: str, after: str) -> Mapping[str, float]:
    smoothed = {other: counts.get(one + other, 0.0) + SMOOTHING for other in after}
    total = sum(smoothed.values())
    return {other: math.log(count / total) for other, count in smoothed.items()}


def weights_of(
    examples: Sequence[Example], labels: Sequence[str], initials: Initials, reader: Reader
) -> Weights:
    """What texts that hold first letters read like.

    Args:
        examples: what is trained on.
        labels: what their truths are about.
        initials: tells which letters are first letters; its classifier is not asked.
        reader: cuts texts into words, and folds them.
    """
    stretches: list[Stretch] = []
    truth, weight, share = [], [], []
    decent = _Decent()
    for example in examples:
        for text, as_it_is in _versions(example, initials, reader):
            found = _stretches(text, initials, reader)
            if not found:
                continue
            stretches.append(max(found, key=lambda stretch: stretch.views.count(LETTER)))
            truth.append(example.truth)
            weight.append(AS_THEY_ARE if as_it_is else 1.0)
            share.append(example.share)
            if as_it_is:
                decent.add(found, int(example.share * FOLDS))
    print(f"{len(stretches)} texts in first letters, {decent.texts} as they are", file=sys.stderr)
    counter = CountVectorizer(analyzer=_features, binary=True, min_df=LEAST, dtype=np.float64)
    matrix = counter.fit_transform(stretches).tocsr()
    names = counter.get_feature_names_out()
    often = np.sqrt(np.asarray(matrix.sum(axis=0)).ravel())
    truths, weights = np.array(truth), np.array(weight)
    fold = (np.array(share) * FOLDS).astype(int)
    alike = counter.transform(decent.stretches).tocsr()
    grams: dict[str, dict[str, float]] = {}
    anchors: dict[str, Anchors] = {}
    for index, label in enumerate(labels):
        deserved = truths[:, index]
        rough, _ = _fit(matrix, deserved, weights)
        columns = np.sort(np.argsort(-np.abs(rough) * often, kind="stable")[:KEPT])
        small = matrix[:, columns]
        kept, bias = _fit(small, deserved, weights)
        for column, value in zip(columns, kept, strict=True):
            if abs(value) >= 0.005:
                grams.setdefault(names[column], {})[label] = round(float(value), 2)
        unseen, highest = np.zeros(len(deserved)), np.full(decent.texts, -np.inf)
        for part in range(FOLDS):
            left, constant = _fit(small[fold != part], deserved[fold != part], weights[fold != part])
            unseen[fold == part] = small[fold == part] @ left + constant
            mine = np.array(decent.fold) == part
            sums = alike[mine][:, columns] @ left + constant
            np.maximum.at(highest, np.array(decent.of)[mine], sums)
        review = round(float(np.sort(highest)[::-1][int(decent.texts * FLAGGED[label])]), 2)
        anchors[label] = Anchors(round(bias, 2), review, review + 1.0)
        found = np.mean(unseen[deserved == 1] >= review)
        print(f"  in first letters, {label}: review {review:.2f}, {found:.2f} of its own", file=sys.stderr)
    return Weights(anchors, grams)


def _versions(example: Example, initials: Initials, reader: Reader) -> Iterator[tuple[str, bool]]:
    """A text with some of its words in first letters; and as it is, if it is decent."""
    text = example.text[:LONGEST]
    chance = random.Random(example.text)  # noqa: S311 - the same letters every time is what is wanted
    part = chance.choice(CASUAL if example.decent else HIDDEN)
    words = reader.lexicon.words_of(text)
    hidden = "".join(
        "".join(initials.first.get(sign, sign) for sign in word) if chance.random() < part else word
        for word in words
    )
    if hidden != text:
        yield hidden, False
    if example.decent:
        yield text, True


def _stretches(text: str, initials: Initials, reader: Reader) -> Sequence[Stretch]:
    """The stretches of a text that hold letters."""
    plain, origin, machine = reader.table.fold(text), reader.table.origin(text), machine_spans(text)
    runs = initials.runs(text, plain, origin, machine)
    return list(initials.stretches(covered(plain, origin, machine), runs))


def _features(stretch: Stretch) -> Iterator[str]:
    yield from stretch.signs
    for view, sizes in zip(stretch.views.split(BETWEEN), (INITIALS, SHAPE), strict=True):
        for size in sizes:
            for at in range(len(view) - size + 1):
                gram = view[at : at + size]
                if COVER not in gram:
                    yield gram


def _fit(matrix: sparse.csr_matrix, truth: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, float]:
    known = truth >= 0
    model = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=300, random_state=0)
    model.fit(matrix[known], truth[known], sample_weight=weight[known])
    return model.coef_[0], float(model.intercept_[0])
