"""Train what is shipped (weights, sequences and letters in rules/data): reproducibly, on text whose licence allows it.

    .venv/bin/python scripts/train.py --data DIR            trains, and says what changed
    .venv/bin/python scripts/train.py --data DIR --check    only says whether the shipped files are these

Trained on the project's own corpus (scripts/corpus/train) and on the sets that labelled.py names in SETS; nothing else
in the folder is used. Half of the ordinary talk is kept aside: the anchors are set on it. Takes about nine minutes on
one core.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from first_letters import Example, letters_of, weights_of
from labelled import COMMENTS, IDLE, ORDINARY, SETS, Row, corpus, sets
from regression import fit
from scipy import sparse
from sequences import spoken
from sklearn.feature_extraction.text import CountVectorizer
from threadpoolctl import threadpool_limits

from rules.core.load_reading import load_characters, load_reader
from rules.reading.classify import SILENT, Anchors, Classifier, Weights, model_text, render_weights
from rules.reading.initials import Initials, candidates, first_letters
from rules.reading.letters import render_letters
from rules.reading.machine import COVER

OUT = Path(__file__).resolve().parent.parent / "rules" / "data"
WEIGHTS, LANGUAGE, LETTERS, INITIALS = "weights.tsv", "language.tsv", "letters.tsv", "initials.tsv"
MADE = "Made by scripts/train.py; docs/models.md says from what."

LABELS = (
    "advertising",
    "announcement",
    "banned",
    "confidential",
    "hostility",
    "incivility",
    "off_topic",
    "peddling",
    "rumour",
)
"""``hostility`` is what the comment sets call offensive or sexist, ``peddling`` what a colleague sells beside the job
(``advertising/soft`` in the corpus); the others are the corpus's own."""

FINER = {"advertising/soft": "peddling", "incivility/group": "hostility"}
"""Which label the corpus's finer ones stand for."""

OPEN = {
    "advertising": {"banned", "off_topic", "peddling"},
    "advertising/soft": {"off_topic", "advertising"},
    "announcement": {"rumour"},
    "banned": {"advertising", "off_topic"},
    "confidential": set(),
    "incivility": {"hostility"},
    "incivility/group": {"hostility"},
    "off_topic": {"advertising", "rumour"},
    "rumour": {"off_topic", "announcement"},
}
"""Of which other labels nothing is known where the corpus gives one: they may fit as well."""

SIZES = (1, 2, 3, 4)
"""Characters of an n-gram."""
STRENGTH = 0.3
STRENGTHS = {"hostility": 0.1}
"""The inverse of how strongly weights are drawn to zero; more strongly where a machine gave many of the labels."""
KEPT = 27_000
"""n-grams kept for each label."""
LEAST = 3
"""In so many texts an n-gram has to stand."""
REVIEW_SHARE, VIOLATION_SHARE = 0.004, 0.0004
REVIEW_SHARES = {
    "advertising": 0.0014,
    "banned": 0.0025,
    "confidential": 0.003,
    "hostility": 0.0035,
    "off_topic": 0.002,
    "rumour": 0.002,
}
VIOLATION_SHARES = {"advertising": 0.0007}
"""So much of the ordinary talk kept aside may score above the anchors: of each set for the lower one, of all of it for
the upper one, which two or three texts of a set would otherwise decide. Nine labels share what is bearable; those that
people talk about at meetings as well get less."""
IDLE_REVIEW_SHARE, IDLE_VIOLATION_SHARE = 0.008, 0.0015
"""The same of small talk, which is only assumed to be fine: what advertises or insults is among it as well."""
LIKENESS_REVIEW, LIKENESS_VIOLATION = 0.2, 0.015
LIKENESS_REVIEWS = {"peddling": 0.02}
"""So much of the corpus's look-alikes may, when they are scored by weights that did not see them. A company's own trade
reads much like what a colleague sells beside the job."""
FOLDS = 5

VEILS = frozenset({"=form.wide", "=form.foreign", "=form.rare", "=form.rare+"})
"""Signs of text that is written so that no filter reads it: they make nothing more decent."""


class Text(NamedTuple):
    """A text as it is trained on: folded, its signs, and the runs of letters in it."""

    plain: str
    signs: Sequence[str]
    runs: Sequence[str]

    def features(self) -> list[str]:
        """Its n-grams and its signs."""
        text = model_text(self.plain)
        grams = (text[at : at + size] for size in SIZES for at in range(len(text) - size + 1))
        return [*(gram for gram in grams if COVER not in gram), *self.signs]


@dataclass(frozen=True)
class Drawn:
    """The texts to train on, folded, with 1, 0 or -1 (not known) for each label; and the ordinary talk kept aside."""

    rows: Sequence[Row]
    texts: Sequence[Text]
    truth: np.ndarray
    aside: Sequence[Row]
    aside_texts: Sequence[Text]


def truths(row: Row, label: str) -> int:
    """Whether a row deserves a label: 1, 0, or -1 where that is not known."""
    if row.source in ORDINARY:
        return -1 if label == "off_topic" and row.source in IDLE else 0
    if row.source in COMMENTS:
        if label in ("hostility",):
            return int(row.label != "safe")
        if label == "incivility":
            return 0 if row.label == "safe" else -1
        return 0 if label in ("advertising", "confidential", "announcement", "peddling") else -1
    if row.label in FINER:
        if label == FINER[row.label]:
            return 1
    elif row.label == label:
        return 1
    if row.label == "incivility/group" and label == "incivility":
        return 1
    return -1 if label in OPEN.get(row.label, ()) else 0


def draw(folder: Path) -> Drawn:
    """Everything that is trained on, and what is kept aside."""
    found = sets(folder)
    if missing := [name for name in SETS if name not in found]:
        raise FileNotFoundError(f"{folder} lacks {', '.join(missing)}")
    rows = corpus("train")
    aside: list[Row] = []
    for name in SETS:
        aside += [row for row in found[name] if row.aside]
        rows += [row for row in found[name] if not row.aside]
    reader = load_reader()

    def read(row: Row) -> Text:
        reading = reader.as_it_stands(row.text)
        plain = reading.plain
        letters = [plain[start:end] for start, end in candidates(reading.original, plain, reading.origin)]
        return Text(reading.said, sorted(reading.signs), letters)

    texts = [read(row) for row in rows]
    truth = np.array([[truths(row, label) for label in LABELS] for row in rows], dtype=np.int8)
    return Drawn(rows, texts, truth, aside, [read(row) for row in aside])


def chosen(matrix: sparse.csr_matrix, truth: np.ndarray, strength: float) -> np.ndarray:
    """The columns that matter most for one label."""
    weights, _ = fit(matrix, truth, strength)
    weight = np.abs(weights) * np.sqrt(np.asarray(matrix.sum(axis=0)).ravel())
    return np.argsort(-weight, kind="stable")[:KEPT]


def train(drawn: Drawn) -> tuple[dict[str, dict[str, float]], dict[str, float], dict[str, np.ndarray]]:
    """n-gram weights, constant terms, and for each label what every row scores by weights that did not see it."""
    counter = CountVectorizer(analyzer=Text.features, binary=True, min_df=LEAST, dtype=np.float64)
    matrix = counter.fit_transform(drawn.texts).tocsr()
    names = counter.get_feature_names_out()
    fold = np.array([int(row.share() * FOLDS) for row in drawn.rows])
    grams: dict[str, dict[str, float]] = {}
    bias: dict[str, float] = {}
    unseen: dict[str, np.ndarray] = {}
    for index, label in enumerate(LABELS):
        truth = drawn.truth[:, index]
        strength = STRENGTHS.get(label, STRENGTH)
        columns = np.sort(chosen(matrix, truth, strength))
        small = matrix[:, columns]
        weights, bias[label] = fit(small, truth, strength)
        for column, weight in zip(columns, weights, strict=True):
            if weight < 0 and names[column] in VEILS:
                continue
            if abs(weight) >= 0.005:
                grams.setdefault(names[column], {})[label] = round(float(weight), 2)
        scores = np.zeros(len(truth))
        for part in range(FOLDS):
            left, constant = fit(small[fold != part], truth[fold != part], strength)
            scores[fold == part] = small[fold == part] @ left + constant
        unseen[label] = scores
        print(f"  {label}: {int((truth == 1).sum())} texts, {len(columns)} n-grams", file=sys.stderr)
    return grams, bias, unseen


def highest(scores: Iterable[float], share: float) -> float:
    """The score that this share of the scores is above."""
    ordered = sorted(scores, reverse=True)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else -np.inf


def anchored(drawn: Drawn) -> Weights:
    """The weights with anchors that are set on text which was not trained on."""
    grams, bias, unseen = train(drawn)
    plain = Weights({label: Anchors(round(bias[label], 2), 0.0, 1.0) for label in LABELS}, grams)
    classifier = Classifier(plain)
    sums = [classifier.totals(text.plain, text.signs) for text in drawn.aside_texts]
    anchors = {}
    for index, label in enumerate(LABELS):
        ordinary: dict[str, list[float]] = defaultdict(list)
        for total, row in zip(sums, drawn.aside, strict=True):
            if truths(row, label) == 0:
                ordinary[row.source].append(total[label])
        alike = [
            score
            for score, row, truth in zip(unseen[label], drawn.rows, drawn.truth[:, index], strict=True)
            if truth == 0 and row.label.startswith("normal/")
        ]
        idle = [score for source in IDLE for score in ordinary.pop(source, [])]
        work = [score for scores in ordinary.values() for score in scores]
        review = max(
            highest(alike, LIKENESS_REVIEWS.get(label, LIKENESS_REVIEW)),
            highest(idle, IDLE_REVIEW_SHARE),
            *(highest(scores, REVIEW_SHARES.get(label, REVIEW_SHARE)) for scores in ordinary.values()),
        )
        violation = max(
            highest(alike, LIKENESS_VIOLATION),
            highest(idle, IDLE_VIOLATION_SHARE),
            highest(work, VIOLATION_SHARES.get(label, VIOLATION_SHARE)),
        )
        violation = max(violation, review + 0.5)
        anchors[label] = Anchors(round(bias[label], 2), round(review, 2), round(violation, 2))
        deserved = unseen[label][drawn.truth[:, index] == 1]
        print(
            f"  {label}: review {review:.2f}, violation {violation:.2f};"
            f" of its own texts, unseen, {np.mean(deserved >= review):.2f} and {np.mean(deserved >= violation):.2f}",
            file=sys.stderr,
        )
    return Weights(anchors, grams)


def in_letters(drawn: Drawn) -> tuple[str, str]:
    """The files of which letters are first letters, and of what a text that holds some reads like."""
    offends = (drawn.truth == 1).any(axis=1)
    decent = [
        not offending and row.source not in COMMENTS
        for row, offending in zip(drawn.rows, offends, strict=True)
    ]
    texts = [(text, row) for text, row, fine in zip(drawn.texts, drawn.rows, decent, strict=True) if fine]
    sounds = load_characters().sounds
    seen = ((run, row.source) for text, row in texts for run in text.runs)
    letters = letters_of((text.plain for text, _ in texts), first_letters(sounds), seen)
    of = {label: drawn.truth[:, LABELS.index(label)] for label in LABELS}
    either = np.stack([of["incivility"], of["hostility"]])
    attacks = np.where((either == 1).any(axis=0), 1, np.where((either == 0).all(axis=0), 0, -1))
    truths = np.stack([of["advertising"], of["banned"], attacks], axis=1)
    examples = [
        Example(row.text, tuple(map(int, truth)), fine, row.share())
        for row, truth, fine in zip(drawn.rows, truths, decent, strict=True)
    ]
    initials = Initials(letters, sounds, SILENT)
    weights = weights_of(examples, ("advertising", "banned", "incivility"), initials, load_reader())
    return render_letters(letters, MADE), render_weights(weights, (MADE,))


def main(arguments: Sequence[str]) -> int:
    """Train; 0, or 1 where ``--check`` finds other files than those that are shipped."""
    parser = argparse.ArgumentParser(
        prog="scripts/train.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder with the labelled sets"
    )
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR", help="where to write the files")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if the shipped files differ")
    known = parser.parse_args(arguments)
    try:
        drawn = draw(known.data)
    except (OSError, ValueError) as wrong:
        parser.error(str(wrong))
    print(f"{len(drawn.rows)} texts to train on, {len(drawn.aside)} kept aside", file=sys.stderr)
    heading = (
        "Made by scripts/train.py; docs/models.md says from what. For each label: constant term, review, violation.",
    )
    with threadpool_limits(limits=1):  # one thread adds up in one order
        weights = render_weights(anchored(drawn), heading)
    offending = (drawn.truth == 1).any(axis=1)
    language = spoken((text.plain, bool(one)) for text, one in zip(drawn.texts, offending, strict=True))
    with threadpool_limits(limits=1):
        letters, initials = in_letters(drawn)
    made = {LANGUAGE: language, WEIGHTS: weights, LETTERS: letters, INITIALS: initials}
    return max([kept(known.out / name, text, check=known.check) for name, text in made.items()])


def kept(file: Path, text: str, *, check: bool) -> int:
    """Write a file unless it is only to be checked, and say what changed; 1 where it was to be checked and differs."""
    same = file.exists() and file.read_text(encoding="utf-8") == text
    if check:
        print(f"{file.name}: {'the shipped file is this' if same else 'the shipped file differs'}")
        return int(not same)
    file.write_text(text, encoding="utf-8")
    print(f"{file}: {len(text.encode()) / 1e6:.2f} MB, {'unchanged' if same else 'written'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
