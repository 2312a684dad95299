"""What a text most likely says where its characters stop being language: the noisy-channel reading of disguises.

Every character may stand for itself, for one that sounds alike (你页陪), for one that looks alike (丑酌入), for a part
of one (亻尔), and letters for what they spell (niyepei); a few characters may stand in reverse. Each such step has a
price, and so has every sequence of characters by how seldom it is written: the cheapest way through the text is what it
says. Only stretches that no one writes are searched, so that ordinary talk stays as it is. Where the cheapest way saves
little, nothing is claimed. Unlike :mod:`rules.reading.unmask` no list of words is looked for: what comes out is
language, decent or not. Pure; linear in the length of the text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import pairwise
from typing import Final

from rules.reading.characters import ONLY_PARTS, Characters, part
from rules.reading.disguise import Disguise, Guess
from rules.reading.language import Language
from rules.reading.names import reads_as_name
from rules.reading.searched import LONGEST_NAME, is_latin
from rules.reading.spelling import is_han
from rules.reading.turned import TURNED, turned

PRICES: Final[Mapping[Disguise, float]] = {
    Disguise.SOUND: 5.0,
    Disguise.LOOK: 4.5,
    Disguise.PARTS: 3.0,
    Disguise.PINYIN: 1.0,
    Disguise.BACKWARDS: 3.5,
}
"""Nats of writing a character so; of a reversal, of all of it."""

LETTER: Final = 3.6
"""Nats of a letter that is no more than that."""

GAIN: Final = 7.0
"""So many nats cheaper than as it stands has a reading to be."""

SEARCHED: Final = 200
"""So many code points of a text are searched."""

WAYS: Final = 10
"""So many ways through the text are followed at a time."""

FAR: Final = 12.0
"""A way that is so many nats dearer than the cheapest is given up."""

LONGEST_SYLLABLE: Final = 6

CLOSE: Final = 12
"""A character that is out of place, or a syllable in letters, counts where another stands so near; what is nothing but
a part of characters (辶) counts by itself."""

MANY: Final = 4
"""Where so many stand, their neighbours may be disguised as well."""

FOLLOWED: Final = 2
"""Along so many of the cheapest ways a character may be taken for one that hardly follows what was read before."""


@dataclass(frozen=True, slots=True)
class Step:
    """One way on: to which index, what is read there, how it is disguised, and its price."""

    end: int
    read: str
    how: Disguise
    price: float


@dataclass(frozen=True, slots=True)
class _Way:
    """The cheapest way to an index: its cost, the last step, and the way before."""

    cost: float
    start: int = 0
    step: Step | None = None
    before: _Way | None = None


@dataclass(frozen=True, slots=True)
class Deciphered:
    """What a text most likely says.

    Attributes:
        guesses: what was read differently, in order, neighbours as one.
        gain: nats that this reading is cheaper than the text as it stands.
    """

    guesses: tuple[Guess, ...]
    gain: float


class Decipherer:
    """Reads disguised text by what is likely; immutable once built.

    Args:
        language: how likely characters follow one another.
        characters: the tables of sounds, looks and parts.
    """

    def __init__(self, language: Language, characters: Characters) -> None:
        self._language, self._characters = language, characters
        sounds: dict[str, list[str]] = defaultdict(list)
        for character in filter(is_han, language.characters):
            for said in characters.sounds.get(character, ()):
                sounds[said].append(character)
        self._sounds: Mapping[str, Sequence[str]] = sounds

    def decipher(self, plain: str, origin: Sequence[int]) -> Deciphered | None:
        """What a folded text most likely says; ``None`` where that is what stands there, or hardly cheaper.

        Args:
            plain: the text; its first :data:`SEARCHED` code points are searched.
            origin: for each index of it the index in what was typed: what stands apart there may be a name.
        """
        if not plain:
            return None
        plain = plain[:SEARCHED]
        spelt = self._spelt(plain)
        names = frozenset(_within_names(plain, origin))
        odd = [is_odd and at not in names for at, is_odd in enumerate(self._odd(plain))]
        places = sorted({*spelt, *(at for at, is_odd in enumerate(odd) if is_odd)})
        close = {at for pair in pairwise(places) if pair[1] - pair[0] <= CLOSE for at in pair}
        close |= {at for at, is_odd in enumerate(odd) if is_odd and plain[at] in ONLY_PARTS}
        close |= turned(self._language, plain, PRICES[Disguise.BACKWARDS]) - names
        if not close:
            return None
        near = [not close.isdisjoint(range(at - 1, at + 2)) for at in range(len(plain))]
        apart = near if len(close) >= MANY else odd
        steps = [tuple(self._steps(plain, at, near, spelt, apart)) for at in range(len(plain))]
        way = self._cheapest(plain, steps)
        gain = self._as_it_stands(plain) - way.cost
        if gain < GAIN:
            return None
        guesses = tuple(_guesses(way))
        return Deciphered(guesses, gain) if guesses else None

    def _odd(self, plain: str) -> Sequence[bool]:
        """Which characters follow no neighbour as they usually do: neither the one before nor the one after."""
        known = [self._language.follows(one, other) for one, other in pairwise(plain)]
        before, after = [False, *known], [*known, False]
        return [
            sign in ONLY_PARTS or not (one or other or sign.isascii())
            for sign, one, other in zip(plain, before, after, strict=True)
        ]

    def _spelt(self, plain: str) -> Mapping[int, Sequence[int]]:
        """For each index at which a syllable begins that belongs to letters which spell throughout: where it ends."""
        spelt: dict[int, Sequence[int]] = {}
        end = len(plain)
        while end > 0:
            start = end
            while start and is_latin(plain[start - 1]):
                start -= 1
            if end - start >= 2 and not (
                plain[start - 1 : start].isdigit() or plain[end : end + 1].isdigit()
            ):
                good = {end}
                for at in range(end - 1, start - 1, -1):
                    ends = [
                        to
                        for to in range(at + 1, min(at + LONGEST_SYLLABLE, end) + 1)
                        if to in good and plain[at:to] in self._sounds
                    ]
                    if ends:
                        good.add(at)
                        spelt[at] = ends
                if start not in good:
                    for at in range(start, end):
                        spelt.pop(at, None)
            end = start - 1 if start == end else start
        return spelt

    def _steps(
        self,
        plain: str,
        at: int,
        near: Sequence[bool],
        spelt: Mapping[int, Sequence[int]],
        apart: Sequence[bool],
    ) -> Iterator[Step]:
        sign = plain[at]
        if is_latin(sign):
            if not at or not is_latin(plain[at - 1]):
                end = at
                while end < len(plain) and is_latin(plain[end]):
                    end += 1
                yield Step(end, plain[at:end], Disguise.PLAIN, LETTER * (end - at))
            for end in spelt.get(at, ()):
                for meant in self._sounds[plain[at:end]]:
                    yield Step(end, meant, Disguise.PINYIN, PRICES[Disguise.PINYIN])
            return
        yield Step(at + 1, sign, Disguise.PLAIN, 0.0)
        yield from self._turned(plain, at, near)
        if not near[at]:
            return
        if is_han(sign):
            for meant, how in self._alike(sign):
                if self._fits(plain, at, meant, apart):
                    yield Step(at + 1, meant, how, PRICES[how])
        for parts, meant in self._characters.splits.get(part(sign), ()):
            end = at + len(parts)
            if meant in self._language and part(plain[at:end]) == parts:
                yield Step(end, meant, Disguise.PARTS, PRICES[Disguise.PARTS])

    def _alike(self, sign: str) -> Iterator[tuple[str, Disguise]]:
        for said in self._characters.sounds.get(sign, ()):
            for meant in self._sounds.get(said, ()):
                if meant != sign:
                    yield meant, Disguise.SOUND
        for meant in self._characters.taken_for.get(sign, ()):
            if meant in self._language:
                yield meant, Disguise.LOOK

    def _fits(self, plain: str, at: int, meant: str, apart: Sequence[bool]) -> bool:
        """Whether a character goes with a neighbour, as that stands there or because it is out of place as well."""
        before, after = plain[at - 1 : at], plain[at + 1 : at + 2]
        return (
            not before or apart[at - 1] or is_latin(before) or self._language.follows(before, meant)
        ) and (not after or apart[at + 1] or is_latin(after) or self._language.follows(meant, after))

    def _turned(self, plain: str, at: int, near: Sequence[bool]) -> Iterator[Step]:
        price = PRICES[Disguise.BACKWARDS]
        for end in range(at + 1, min(at + TURNED, len(plain)) + 1):
            if not is_han(plain[end - 1]):
                break
            if end > at + 1 and any(near[at:end]):
                yield Step(end, plain[at:end][::-1], Disguise.BACKWARDS, price)

    def _cheapest(self, plain: str, steps: Sequence[Sequence[Step]]) -> _Way:
        ways: list[dict[str, _Way]] = [{} for _ in range(len(plain) + 1)]
        ways[0][""] = _Way(0.0)
        cost_of = self._language.cost
        for at, ahead in enumerate(steps):
            here = ways[at]
            if len(here) > 1 and len(ahead) > 1:
                cheapest = nsmallest(WAYS, here.items(), key=_cost_of)
                far = cheapest[0][1].cost + FAR
                followed = [item for item in cheapest if item[1].cost <= far]
            else:
                followed = list(here.items())
            for place, (before, way) in enumerate(followed):
                usual = "" if place < FOLLOWED else self._language.usual(before[-1:])
                for step in ahead:
                    read = step.read
                    if usual and step.how and read[0] not in usual:
                        continue
                    cost = way.cost + step.price
                    if not is_latin(read[0]):  # letters cost the same whatever stands before them
                        cost += cost_of(before, read) if len(read) == 1 else self._cost(before, read)
                    ending = (before + read)[-2:]
                    old = ways[step.end].get(ending)
                    if old is None or cost < old.cost:
                        ways[step.end][ending] = _Way(cost, at, step, way)
        return min(ways[-1].values(), key=lambda way: way.cost)

    def _cost(self, before: str, read: str) -> float:
        cost = 0.0
        for character in read:
            cost += self._language.cost(before, character)
            before = (before + character)[-2:]
        return cost

    def _as_it_stands(self, plain: str) -> float:
        cost, before = 0.0, ""
        for character in plain:
            cost += LETTER if is_latin(character) else self._language.cost(before, character)
            before = (before + character)[-2:]
        return cost


def _within_names(plain: str, origin: Sequence[int]) -> Iterator[int]:
    """The indexes of what stands by itself and reads as a person's name: 王纪睿、高博."""
    start = 0
    for at in range(1, len(plain) + 1):
        if at < len(plain) and origin[at] == origin[at - 1] + 1 and is_han(plain[at]):
            continue
        if at - start <= LONGEST_NAME and reads_as_name(plain[start:at]):
            yield from range(start, at)
        start = at


def _cost_of(item: tuple[str, _Way]) -> float:
    return item[1].cost


def _guesses(way: _Way) -> Iterator[Guess]:
    """The steps that are not plain, neighbours joined, from the first to the last."""
    steps: list[tuple[int, Step]] = []
    last: _Way | None = way
    while last is not None and last.step is not None:
        steps.append((last.start, last.step))
        last = last.before
    joined: list[Guess] = []
    for start, step in reversed(steps):
        if step.how is Disguise.PLAIN:
            continue
        if joined and joined[-1].end == start:
            one = joined.pop()
            joined.append(
                Guess(one.start, step.end, one.word + step.read, one.how | step.how, False, one.changes + 1)
            )
        else:
            joined.append(Guess(start, step.end, step.read, step.how, False, 1))
    yield from joined
