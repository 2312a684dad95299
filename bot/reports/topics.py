"""What the day was about: keywords by TF-IDF over clean messages, chosen so that nobody can be told from them.

A topic is an ordinary word of jieba's dictionary, said by several people. So no number, no code, no secret name and no
sentence can come out; nor can a person's name, be it on the roster, a nickname, or one that the dictionary knows.
"""

from __future__ import annotations

import logging
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from storage.records import StoredMessage
from storage.session import UnitOfWork

EVERY_ROOM = 0
MOST = 8
SPEAKERS = 3
MESSAGES = 5_000
LONGEST_TEXT = 400
COMMONEST = {"n": 4.88, "nz": 5.0, "nt": 5.0, "vn": 5.0, "j": 5.0, "l": 5.0, "an": 5.0}
"""By part of speech, the least inverse document frequency of a topic: 大家 and 时候 name none, 项目 does.

Other parts of speech name no topic, least of all ``nr``, the people whom the dictionary knows.
"""
OF_WORK = frozenset(
    ("合同", "进度", "预算", "需求", "报销", "付款", "验收", "采购", "招标", "投标", "交付", "测试", "接口")
)
"""Words of work that the dictionary takes for another part of speech."""
OBJECTED = ("=violation", "=review", "=absorbed", "=crashed")


@dataclass(frozen=True, slots=True)
class Talk:
    """What was said, and whom it must not give away.

    Attributes:
        messages: to which no rule objected.
        people: every name and nickname that is known; what they are made of is no topic.
        departments: what nicknames begin with and tells nobody.
    """

    messages: tuple[StoredMessage, ...] = ()
    people: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()


async def listen(unit: UnitOfWork, since: datetime, until: datetime) -> Talk:
    """The newest :data:`MESSAGES` of ``[since, until)`` that no rule objected to, and every name."""
    judged = await unit.messages.judged(since, until, MESSAGES)
    roster = await unit.people.roster()
    people = {row.name for row in roster} | {message.sender_name for message, _ in judged}
    for room in await unit.rooms.all():
        for person, name, alias in await unit.people.members(room.key):
            people |= {person.name, name, alias}
    return Talk(
        tuple(message for message, outcomes in judged if clean(outcomes)),
        frozenset(people),
        frozenset(row.department for row in roster),
    )


def clean(outcomes: str) -> bool:
    """Whether no rule objected to a text; a command is none, and a nickname is no text."""
    marks = outcomes.split()
    return "command" not in marks and not any(
        mark.endswith(OBJECTED) for mark in marks if not mark.startswith("nickname=")
    )


def topics(talk: Talk, rooms: Collection[int] = ()) -> dict[int, tuple[str, ...]]:
    """The keywords of all rooms (:data:`EVERY_ROOM`) and of each one asked for, at most :data:`MOST` each.

    Weightiest first. It loads jieba's dictionary and takes a second or two: call it in a thread.
    """
    found: dict[int, tuple[str, ...]] = dict.fromkeys((EVERY_ROOM, *rooms), ())
    if len({message.person_key for message in talk.messages}) < SPEAKERS:
        return found
    said = [
        (message, frozenset(word for word in words if len(word) > 1 and _is_han(word)))
        for message, words in zip(talk.messages, _cut(talk.messages), strict=True)
    ]
    names = frozenset(_name_parts(talk.people, talk.departments))
    shared = {word for word in _shared(said) if not _tells_somebody(word, names)}
    weights = _weights(shared)
    for key in found:
        here = [(message, words) for message, words in said if key in (EVERY_ROOM, message.room_key)]
        found[key] = _weightiest(here, weights)
    return found


Said = Sequence[tuple[StoredMessage, frozenset[str]]]
"""Messages with the words in them, each once: whoever repeats himself does not weigh more."""


def _shared(said: Said) -> set[str]:
    """The words that at least :data:`SPEAKERS` people said."""
    speakers: defaultdict[str, set[str]] = defaultdict(set)
    for message, words in said:
        for word in words:
            speakers[word].add(message.person_key)
    return {word for word, who in speakers.items() if len(who) >= SPEAKERS}


def _weightiest(said: Said, weights: Mapping[str, float]) -> tuple[str, ...]:
    counts = Counter(word for _, words in said for word in words)
    shared = _shared(said) & weights.keys()
    rated = {word: math.log1p(counts[word]) * weights[word] for word in shared}
    return tuple(sorted(rated, key=lambda word: (-rated[word], word))[:MOST])


def _tells_somebody(word: str, names: Collection[str]) -> bool:
    """Whether a word is part of somebody's name, or has one in it."""
    return any(word in name or name in word for name in names)


def _name_parts(people: Iterable[str], departments: Collection[str]) -> Iterable[str]:
    """The names without department, as they are and without what is no Chinese character between their parts."""
    longest_first = sorted(filter(None, departments), key=len, reverse=True)
    for full in people:
        name = full.removeprefix(next((one for one in longest_first if full.startswith(one)), ""))
        parts = "".join(char if _is_han(char) else " " for char in name).split()
        yield from (part for part in (*parts, "".join(parts)) if len(part) > 1)


def _is_han(text: str) -> bool:
    return all("\u4e00" <= char <= "\u9fff" for char in text)


def _cut(messages: Iterable[StoredMessage]) -> list[Sequence[str]]:
    """Texts as words of jieba's dictionary; whatever it does not know falls apart into characters."""
    tokenizer = _tokenizer()
    return [tokenizer.lcut(message.text[:LONGEST_TEXT], HMM=False) for message in messages]


def _tokenizer() -> Any:
    """A tokenizer of its own, so that the dictionary is gone again once the topics are known."""
    import jieba

    jieba.setLogLevel(logging.CRITICAL)
    tokenizer = jieba.Tokenizer()
    # Its own initialisation reads and writes a file in the shared temporary folder, which anybody can forge.
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer


def _weights(words: Collection[str]) -> Mapping[str, float]:
    """The inverse document frequency of those words that can be topics, from jieba's tables."""
    data = files("jieba")
    least: dict[str, float] = {}
    with data.joinpath("dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, _, rest = line.partition(" ")
            if word in words and (word in OF_WORK or rest.split()[-1] in COMMONEST):
                least[word] = COMMONEST.get(rest.split()[-1], 0.0)
    found: dict[str, float] = {}
    with data.joinpath("analyse", "idf.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, _, weight = line.partition(" ")
            if word in least and (idf := float(weight)) > least[word]:
                found[word] = idf
    return found
