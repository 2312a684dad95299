"""Labelled text, as training and measuring read it: the project's own corpus, and sets from a folder that is named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CORPUS = Path(__file__).resolve().parent / "corpus"

WORK = ("vcsum_meeting", "meeting_minutes", "commit_msgs")
IDLE = ("lccc_toy",)
"""Small talk: fine by every rule but ``off_topic``, of which nothing is known."""
ORDINARY = (*WORK, "crosswoz", *IDLE)
COMMENTS = ("cold", "swsr")
SETS = (*ORDINARY, *COMMENTS)
"""The sets whose licences allow shipping weights trained on them (docs/models.md names the licences)."""

ASIDE = 0.5
"""This share of the ordinary talk is kept aside from training: anchors are set on it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text.

    Attributes:
        source: the set, or the corpus file, that it comes from.
        label: as its source calls it.
        detail: a finer class, an evasion or a topic, where the source has one.
        key: what it is drawn by, so that drawing does not depend on the order of rows.
    """

    text: str
    label: str
    source: str
    detail: str = ""
    key: str = field(default="", compare=False)

    def share(self) -> float:
        """A number from 0 to 1 that is this row's for ever, and has nothing to do with what it says."""
        digest = hashlib.blake2b(f"{self.source} {self.key or self.text}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64

    @property
    def aside(self) -> bool:
        """Whether it is ordinary talk that is kept aside from training."""
        return self.source in ORDINARY and self.share() < ASIDE


def corpus(part: str) -> list[Row]:
    """The rows of the corpus in ``part`` (``train`` or ``held_out``), in the files' order.

    Raises:
        ValueError: a line before the first label; it is named.
    """
    rows = []
    for file in sorted((CORPUS / part).glob("*.txt")):
        label = ""
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("@ "):
                label = line[2:].strip()
            elif line.strip() and not line.startswith("# "):
                if not label:
                    raise ValueError(f"{file.name}, line {number}: no '@ label' stands above it")
                rows.append(Row(line.replace("\\n", "\n"), label, file.stem))
    return rows


def sets(folder: Path) -> dict[str, list[Row]]:
    """Every set (``*.jsonl``) below a folder by its name.

    Raises:
        FileNotFoundError: there is none.
        ValueError: a line that is no object with ``text`` and ``label``; it is named.
    """
    found = {file.stem: list(_rows(file)) for file in sorted(folder.rglob("*.jsonl"))}
    if not found:
        raise FileNotFoundError(f"{folder} holds no *.jsonl: name the folder with the labelled sets")
    return found


def _rows(file: Path) -> Iterator[Row]:
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                if not isinstance(row["text"], str) or not isinstance(row["label"], str):
                    raise TypeError("text and label are strings")
                detail = row.get("variant") or row.get("fine") or row.get("topic") or ""
                yield Row(row["text"], row["label"], file.stem, str(detail), str(row.get("id", number)))
            except (ValueError, KeyError, TypeError, AttributeError) as wrong:
                raise ValueError(f"{file.name}, line {number}: {wrong!r}") from wrong
