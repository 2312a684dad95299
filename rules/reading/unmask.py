"""What a text says when its disguises are taken off: words written by sound, by look, in parts, or in letters.

A trie of the lexicon's words is walked along the text, and each step may take a character for another: one that
sounds alike (威信), looks alike (徽倌), is spelt out (weixin), stands for its first letter (wx) or is taken apart
(彳山一几攵). Much of that is ordinary language as well, so a find is only a guess: it is weak where the
characters are words of their own (货款 is not only 贷款), and rules ask for a second sign before they believe it.
Pure; linear in the length of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Final

from rules.reading.characters import Characters, part
from rules.reading.disguise import LETTERED, Disguise, Guess
from rules.reading.language import Language
from rules.reading.lettered import Lettered
from rules.reading.searched import Searched, ends_of_runs, is_latin, within_name
from rules.reading.segment import Cut
from rules.reading.spelling import is_han
from rules.reading.turned import Backwards

SHORTEST, LONGEST = 2, 6
"""Words of so many characters are looked for."""

SEARCHED: Final = 1_500
"""So many code points of a text are searched."""

LONG: Final = 3
"""In a word of so many characters one that is out of place tells that the others are no ordinary language either."""

BESIDE: Final = 3
"""So many characters in a row are beside each other."""

SPELT: Final = 5
"""So many letters that spell an ordinary word among Chinese text are no accident."""

MOST: Final = 40
"""Guesses at one text; whoever disguises more words has been noticed by then."""

COMMON: Final = frozenset(
    "的一是了我不在有个人这上大来到时为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学么之都好看起"
    "两二三四五六七八九十百千万半几每共张件条台套箱批份次"
    "发当没成只如事把还用第样道想作种开手从些点文最期报与打今公见问间将给做工没高门等此动"
)
"""So common that they stand alone in any text: nobody notices a disguise that they were."""


_SOUND, _LOOK, _PINYIN, _INITIAL, _PARTS = (
    kind.value for kind in (Disguise.SOUND, Disguise.LOOK, Disguise.PINYIN, Disguise.INITIAL, Disguise.PARTS)
)
"""The same as bare numbers, which the search adds up some hundred times a message."""

_LETTERED, _ALIKE = LETTERED.value, _SOUND | _LOOK


@dataclass(slots=True)
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    sounds: dict[str, list[str]] = field(default_factory=dict)
    initials: dict[str, list[str]] = field(default_factory=dict)
    word: str = ""  # the word that ends here
    telling: str = ""  # the same, unless it is an ordinary one


_State = tuple[int, _Node, int, tuple[int, ...]]
"""So far along a word: index, node, disguises, and the indexes that are not as written."""


class Unmasker:
    """Looks for disguised words in folded text; immutable once built.

    Args:
        words: folded words; those in letters are looked for backwards alone, others that hold more than Chinese
            characters not at all.
        attacks: those of them that attack somebody: of several words with the same first letters, one of these is taken
            for meant where a text reads like an attack, and one of the others where it does not.
        ordinary: more of them, with which talk at work is full: one is only taken for meant where it is spelt out, or
            where a text is doubted and none of the characters in its place makes sense.
        characters: the tables of sounds, looks and parts.
        spoken: the syllables of a word, without tones, one for each of its characters.
        cut: the word cutter, which tells ordinary language.
        language: what stands beside what, which tells it as well.
    """

    def __init__(
        self,
        words: Collection[str],
        attacks: Set[str],
        ordinary: Iterable[str],
        characters: Characters,
        spoken: Callable[[str], Sequence[str]],
        cut: Cut,
        language: Language,
    ) -> None:
        self._characters, self._cut, self._language = characters, cut, language
        self.words: Collection[str] = frozenset(filter(_fits, words))
        plain = frozenset(filter(_fits, ordinary)) - self.words
        self._pieces = {word: len(cut(word)) for word in self.words | plain}
        self._root = _Node()
        self._first_parts = frozenset(
            sign for sign in {*characters.splits, *characters.sounds} if part(sign) in characters.splits
        )
        syllables = {word: spoken(word) for word in self.words | plain}
        for word in sorted(self.words, key=lambda word: (-self._pieces[word], word)):
            self._add(word, syllables[word], word)
        for word in sorted(plain):
            self._add(word, syllables[word], "")
        short = {word for word in plain if len(word) < LONG}
        self._lettered = Lettered(
            {word: said for word, said in syllables.items() if word not in short},
            [word for word in words if all(map(is_latin, word))],
            attacks,
            language,
        )
        self._backwards = Backwards(self.words | plain - short, language)

    def _add(self, word: str, syllables: Sequence[str], telling: str) -> None:
        node = self._root
        for character, said in zip(word, syllables, strict=True):
            for alike, sound in ((node.sounds, said), (node.initials, said[0])):
                found = alike.setdefault(sound, [])
                if character not in found:
                    found.append(character)
            node = node.children.setdefault(character, _Node())
        node.word, node.telling = word, telling

    def guesses(
        self,
        plain: str,
        origin: Sequence[int],
        *,
        thorough: bool = False,
        doubted: bool = False,
        attack: bool = False,
        known: Set[int] = frozenset(),
    ) -> tuple[Guess, ...]:
        """The words that may be meant, in order; where several may, the longest, then the least disguised.

        Args:
            plain: folded text; its first :data:`SEARCHED` code points are searched.
            origin: for each index of it the index in what was typed: letters with a gap between them are no one run.
            thorough: also look where the characters are ordinary language.
            doubted: also look for words of which only two first letters are there, and for ordinary ones.
            attack: it reads rather like an attack than like an offer.
            known: indexes of what was typed that are understood as they stand.
        """
        plain = plain[:SEARCHED]
        odd = self._odd(plain)
        text = Searched(plain, origin, odd, ends_of_runs(plain, origin), thorough, thorough or doubted)
        found: list[Guess] = []
        reach = -1
        for start in range(len(plain) - 1, -1, -1):
            if odd[start]:
                reach = start
            if thorough or 0 <= reach - start < LONGEST:
                found.extend(self._from(text, start))
        found.extend(self._backwards.guesses(text))
        found.extend(self._lettered.guesses(text, attack=attack))
        if known:
            found = [guess for guess in found if known.isdisjoint(origin[guess.start : guess.end])]
        found = [
            replace(guess, weak=True) if within_name(text, guess.start, guess.end) else guess
            for guess in found
        ]
        return self._apart(found) if found else ()

    def _odd(self, plain: str) -> Sequence[bool]:
        """Which characters stand in no word of the dictionary, are not common by themselves, or are letters.

        What goes with both its neighbours (很难的) is in its place, word or not.
        """
        odd: list[bool] = []
        for word in self._cut(plain):
            if len(word) == 1:
                at = len(odd)
                odd.append(
                    word not in COMMON
                    and (
                        is_latin(word)
                        or ((is_han(word) or word in self._first_parts) and not self._goes(plain, at))
                    )
                )
            else:
                odd.extend([is_latin(word[0])] * len(word))
        return odd

    def _goes(self, plain: str, at: int) -> bool:
        before, after = plain[at - 1 : at], plain[at + 1 : at + 2]
        return (
            bool(before and after)
            and self._language.follows(before, plain[at])
            and self._language.follows(plain[at], after)
        )

    def _apart(self, found: list[Guess]) -> tuple[Guess, ...]:
        found.sort(
            key=lambda one: (
                one.start - one.end,
                one.weak,
                one.how.value.bit_count(),
                one.changes,
                self._pieces.get(one.word, 1),  # of words that sound alike, the one that is a word
                one.start,
                one.word,
            )
        )
        taken: list[Guess] = []
        covered: set[int] = set()
        for guess in found:
            if covered.isdisjoint(range(guess.start, guess.end)):
                covered.update(range(guess.start, guess.end))
                taken.append(guess)
                if len(taken) == MOST:
                    break
        return tuple(sorted(taken, key=lambda one: one.start))

    def _from(self, text: Searched, start: int) -> Iterator[Guess]:
        plain, odd, ends = text.plain, text.odd, text.ends
        if is_latin(plain[start]) and start and start not in ends:
            return
        states: list[_State] = [(start, self._root, 0, ())]
        size = len(plain)
        while states:
            at, node, how, changed = states.pop()
            if how and node.word and at in ends:
                loose = any if how == _PARTS or len(node.word) >= LONG else all
                weak = not loose(odd[index] for index in changed)
                sought = text.thorough or not weak or how & _LETTERED
                if not node.telling:
                    spelt = how == _PINYIN and at - start >= SPELT
                    sought = spelt or (not weak and (text.doubted or how == _PARTS))
                common = how & ~_ALIKE == 0 and COMMON.issuperset(plain[index] for index in changed)
                if sought and (text.thorough or not common):
                    yield Guess(start, at, node.word, Disguise(how), weak, len(changed))
            elif text.thorough and node.telling and text.origin[at - 1] - text.origin[start] > at - 1 - start:
                yield Guess(start, at, node.word, Disguise.BROKEN, weak=True)
            if at == size or not node.children:
                continue
            character = plain[at]
            child = node.children.get(character)
            if child is not None:
                states.append((at + 1, child, how, changed))
            if is_latin(character):
                states.extend(self._letters(text, at, node, how, changed))
                continue
            # An ordinary character is taken for another only beside one that is out of place.
            if not how & _INITIAL and (text.thorough or how or any(odd[at : at + BESIDE])):
                states.extend(self._alike(character, at, node, how, changed))
            if character in self._first_parts:
                states.extend(self._together(text, at, node, how, changed))

    def _alike(
        self, character: str, at: int, node: _Node, how: int, changed: tuple[int, ...]
    ) -> Iterator[_State]:
        for said in self._characters.sounds.get(character, ()):
            for meant in node.sounds.get(said, ()):
                if meant != character:
                    yield at + 1, node.children[meant], how | _SOUND, (*changed, at)
        for meant in self._characters.taken_for.get(character, ()):
            if (child := node.children.get(meant)) is not None:
                yield at + 1, child, how | _LOOK, (*changed, at)

    def _together(
        self, text: Searched, at: int, node: _Node, how: int, changed: tuple[int, ...]
    ) -> Iterator[_State]:
        for parts, meant in self._characters.splits[part(text.plain[at])]:
            end = at + len(parts)
            child = node.children.get(meant)
            # Beside a character that is disguised already, parts may be ordinary characters (了一 for 子).
            if child is None or not (text.thorough or how or any(text.odd[at:end])):
                continue
            if part(text.plain[at:end]) == parts:
                yield end, child, how | _PARTS, (*changed, *range(at, end))

    def _letters(
        self, text: Searched, at: int, node: _Node, how: int, changed: tuple[int, ...]
    ) -> Iterator[_State]:
        plain = text.plain
        for size in range(1, min(6, len(plain) - at) + 1):
            for meant in node.sounds.get(plain[at : at + size], ()):
                after = (*changed, *range(at, at + size))
                yield at + size, node.children[meant], how | _PINYIN, after
        # One letter among characters that are as they should be: 加w信.
        alone = at + 1 in text.ends and not is_latin(plain[at - 1])
        if alone and node is not self._root and not how & ~(_INITIAL | _PINYIN):
            for meant in node.initials.get(plain[at], ()):
                yield at + 1, node.children[meant], how | _INITIAL, (*changed, at)


def _fits(word: str) -> bool:
    return SHORTEST <= len(word) <= LONGEST and all(map(is_han, word))
