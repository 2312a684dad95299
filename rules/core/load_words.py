"""Loads how common Chinese words are, from jieba's dictionary; only when somebody asks.

The dictionary's file is read by itself, without importing jieba: that costs about a third of a second, and leaves no
cache on disk and no log handler behind. What stays in memory afterwards are the everyday words, about twenty thousand
of them (3 MB); call it in a thread.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from rules.core.load_reading import CHAT_FREQUENCY, chat_words, load_table
from rules.reading.frequency import EVERYDAY, WordFrequencies


@cache
def load_frequencies() -> WordFrequencies:
    """The everyday words: those of jieba's dictionary, and those of chat that it is too old to know.

    Raises:
        FileNotFoundError: jieba, or its dictionary, is not installed.
    """
    table = load_table()
    counts: dict[str, int] = defaultdict(int)
    with _dictionary().open(encoding="utf-8") as lines:
        for line in lines:
            word, count, _ = line.split(" ", 2)
            # Folding joins spellings of one word; rare ones don't make it more common than it is.
            if len(word) == 1 or int(count) >= EVERYDAY:
                counts[table.fold(word)] += int(count)
    for word in chat_words():
        folded = table.fold(word)
        counts[folded] = max(counts[folded], CHAT_FREQUENCY)
    counts.pop("", None)
    return WordFrequencies(counts, table.fold)


def _dictionary() -> Path:
    found = find_spec("jieba")
    if found is None or found.origin is None:
        raise FileNotFoundError("jieba is not installed")
    return Path(found.origin).with_name("dict.txt")
