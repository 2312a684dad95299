"""The lexicon: one automaton over folded text, and the care that makes a match a hit.

A match counts only if it is a word where it stands. Within a rule longer terms beat shorter ones, and
allow-phrases beat what lies inside them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from rules.reading.normalize import HARD_BREAKS, NormalisationTable
from rules.reading.reading import Fate, Hit, Match, Term
from rules.reading.segment import Cut, word_starts
from rules.reading.span import Span

_SURE_LENGTH = 4
"""From this many characters on a term is never an accident of two neighbouring words."""


class LexiconError(ValueError):
    """A lexicon that can't be used; the message names the file and the entry."""


_GROUP_KEYS = frozenset({"category", "weight", "allow", "reason", "whole", "open", "words"})
_WORD_KEYS = frozenset({"word", "weight", "reason"})


def parse_lexicon(data: object, source: str) -> tuple[Term, ...]:
    """Turn the content of a lexicon file into terms.

    The file holds ``rule`` (the id of the rule that uses it) and ``groups``, each with ``category``,
    ``weight``, ``reason``, ``words`` and, for allow-phrases, ``allow: true``. With ``whole: true`` (for a
    group of words that are graver than their neighbours are likely) three characters must end with a word
    too; ``open: true`` marks words that nobody has a reason to disguise. A word is a string, or a mapping with ``word``
    and its own ``weight`` or ``reason``.

    Raises:
        LexiconError: something is missing, unknown, doubled or mistyped; the message names the entry.
    """
    if not isinstance(data, dict) or set(data) != {"rule", "groups"} or not isinstance(data["groups"], list):
        raise LexiconError(f"{source}: a lexicon holds exactly two keys, rule and groups (a list)")
    rule = data["rule"]
    if not isinstance(rule, str) or not rule:
        raise LexiconError(f"{source}: rule must be the id of a rule, not {rule!r}")
    terms: list[Term] = []
    seen: set[str] = set()
    for number, group in enumerate(data["groups"], 1):
        for term in _group(group, rule, f"{source}, group {number}"):
            if term.word in seen:
                raise LexiconError(f"{source}, group {number}: {term.word!r} stands in the file twice")
            seen.add(term.word)
            terms.append(term)
    return tuple(terms)


def _group(group: object, rule: str, place: str) -> Iterable[Term]:
    if not isinstance(group, dict):
        raise LexiconError(f"{place}: a group is a mapping")
    if unknown := set(group) - _GROUP_KEYS:
        raise LexiconError(f"{place}: unknown keys {sorted(map(str, unknown))}")
    words, category, allow = group.get("words"), group.get("category"), group.get("allow", False)
    if not isinstance(category, str) or not category:
        raise LexiconError(f"{place}: category is missing")
    if not isinstance(allow, bool):
        raise LexiconError(f"{place}: allow is true or false")
    whole = group.get("whole", False)
    if not isinstance(whole, bool):
        raise LexiconError(f"{place}: whole is true or false")
    unmasked = group.get("open", False)
    if not isinstance(unmasked, bool):
        raise LexiconError(f"{place}: open is true or false")
    if not isinstance(words, list) or not words:
        raise LexiconError(f"{place} ({category}): words must be a list that is not empty")
    for entry in words:
        own = {"word": entry} if isinstance(entry, str) else entry
        if not isinstance(own, dict) or set(own) - _WORD_KEYS:
            raise LexiconError(f"{place} ({category}): {entry!r} is no word, nor word, weight, reason")
        word = own.get("word")
        if not isinstance(word, str) or not word.strip():
            raise LexiconError(f"{place} ({category}): {entry!r} has no word (numbers need quotes)")
        weight = own.get("weight", group.get("weight", 1.0))
        reason = own.get("reason", group.get("reason"))
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise LexiconError(f"{place} ({category}): the weight of {word!r} is no number")
        if not isinstance(reason, str) or not reason:
            raise LexiconError(f"{place} ({category}): {word!r} has no reason")
        yield Term(word, rule, category, float(weight), allow, reason, whole, unmasked)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A folded word with everything that is asked when it matches."""

    allow: tuple[Term, ...]
    deny: tuple[Term, ...]
    latin_start: bool
    latin_end: bool
    mixed: bool
    length: int
    lenient: bool
    whole: bool


class Lexicon:
    """An immutable automaton over the terms; building it takes a while, finding is one pass.

    Args:
        terms: of two terms with the same word and rule the later one counts.
        table: folds both terms and texts.
        cut: the word cutter; it should know the terms as words.
        complete: the table by which word boundaries are read, where ``table`` folds less than everything.

    Raises:
        LexiconError: nothing is left of a term when it is folded.
    """

    def __init__(
        self,
        terms: Iterable[Term],
        table: NormalisationTable,
        cut: Cut,
        complete: NormalisationTable | None = None,
    ) -> None:
        self._table = complete or table
        self._cut = cut
        grouped: dict[str, dict[str, Term]] = defaultdict(dict)
        for term in terms:
            folded = table.fold(term.word)
            if not folded:
                raise LexiconError(f"{term.word!r} ({term.rule}) is empty once folded: nothing matches it")
            grouped[folded][term.rule] = term
        self.words: Collection[str] = tuple(grouped)
        self._patterns = tuple(_pattern(word, by_rule) for word, by_rule in grouped.items())
        self._automaton = AhoCorasick(
            list(self.words), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )

    def find(self, text: str, plain: str, origin: Sequence[int]) -> tuple[Hit, ...]:
        """The hits in one text, in order of appearance; ``plain`` and ``origin``: its folded form and map."""
        matches = self._automaton.find_matches_as_indexes(plain, overlapping=True)
        return self._resolve(matches, text, origin[:]) if matches else ()

    def account(self, text: str, plain: str, origin: Sequence[int]) -> tuple[Match, ...]:
        """Every term whose characters stand in a text, and why it is a hit or none; for explaining, not for judging."""
        matches = self._automaton.find_matches_as_indexes(plain, overlapping=True)
        hits = set(self._resolve(matches, text, origin[:])) if matches else set()
        place = _Place(text, origin, self._table, self._cut)
        spans: dict[str, list[Span]] = defaultdict(list)
        found: list[Match] = []
        denied: list[tuple[int, int, Term, bool]] = []
        for index, start, end in matches:
            pattern, first, last = self._patterns[index], origin[start], origin[end - 1] + 1
            whole = last - first <= end - start
            for term in pattern.allow:
                found.append(Match(term, first, last, Fate.ALLOWS if whole else Fate.SPLIT))
                if whole:
                    spans[term.rule].append((first, last))
            if pattern.deny:
                word = pattern.lenient or place.is_word(pattern, start, end)
                denied.extend((first, last, term, word) for term in pattern.deny)
        covers = {rule: _Cover(allowed) for rule, allowed in spans.items()}
        for first, last, term, word in sorted(denied, key=lambda one: (one[0], -one[1])):
            hidden = term.rule in covers and covers[term.rule].hides(first, last)
            if Hit(term, first, last) in hits:
                fate = Fate.HIT
            elif not word:
                fate = Fate.NO_WORD
            else:
                fate = Fate.ALLOWED if hidden else Fate.LONGER
            found.append(Match(term, first, last, fate))
        return tuple(sorted(found, key=lambda match: (match.start, -match.end, match.term.rule)))

    def spared(self, plain: str, origin: Sequence[int]) -> frozenset[int]:
        """The indexes of the original that whole allow-phrases cover."""
        covered: set[int] = set()
        for index, start, end in self._automaton.find_matches_as_indexes(plain, overlapping=True):
            first, last = origin[start], origin[end - 1] + 1
            if self._patterns[index].allow and last - first <= end - start:
                covered.update(range(first, last))
        return frozenset(covered)

    def words_of(self, plain: str) -> Sequence[str]:
        """A folded text as it is cut into words, where boundaries are asked for."""
        return self._cut(plain)

    def _resolve(
        self, matches: Sequence[tuple[int, int, int]], text: str, origin: Sequence[int]
    ) -> tuple[Hit, ...]:
        allowed: dict[str, list[Span]] = defaultdict(list)
        denied: list[tuple[int, int, Term]] = []
        place = _Place(text, origin, self._table, self._cut)
        for index, start, end in matches:
            pattern = self._patterns[index]
            first, last = origin[start], origin[end - 1] + 1
            if last - first <= end - start:  # an allow-phrase that was split up excuses nothing
                for term in pattern.allow:
                    allowed[term.rule].append((first, last))
            if pattern.deny and (pattern.lenient or place.is_word(pattern, start, end)):
                denied.extend((first, last, term) for term in pattern.deny)
        denied.sort(key=lambda found: (found[0], -found[1]))
        return _longest(denied, {rule: _Cover(spans) for rule, spans in allowed.items()})


def _pattern(word: str, by_rule: Mapping[str, Term]) -> _Pattern:
    terms = by_rule.values()
    latin = [_latin(character) for character in word]
    return _Pattern(
        allow=tuple(term for term in terms if term.allow),
        deny=tuple(term for term in terms if not term.allow),
        latin_start=latin[0],
        latin_end=latin[-1],
        mixed=not all(latin),
        length=len(word),
        # What only ever speaks against a finding stands in every other work message; it need not be cut for.
        lenient=all(term.weight < 0 for term in terms) and not any(latin),
        whole=any(term.whole for term in terms),
    )


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


class _Place:
    """One text, asked again and again whether a match in it is a word; it is cut at most once."""

    def __init__(self, text: str, origin: Sequence[int], table: NormalisationTable, cut: Cut) -> None:
        self._text, self._origin, self._table, self._cut = text, origin, table, cut
        self._starts: frozenset[int] | None = None

    def is_word(self, pattern: _Pattern, start: int, end: int) -> bool:
        first, last = self._origin[start], self._origin[end - 1] + 1
        if last - first > end - start and not self._holds_together(start, end):
            return False
        return self._starts_word(pattern, first) and self._ends_word(pattern, last)

    def _holds_together(self, start: int, end: int) -> bool:
        """Whether what stands between the characters of a match may stand inside a word.

        Spaces, emoji and dots may. A comma or full stop ends a phrase, unless every character is split off.
        """
        gaps = [
            self._text[self._origin[index] + 1 : self._origin[index + 1]]
            for index in range(start, end - 1)
            if self._origin[index] != self._origin[index + 1]
        ]
        if all(HARD_BREAKS.isdisjoint(gap) for gap in gaps):
            return True
        return len(gaps) >= 2 and all(gaps)

    def _starts_word(self, pattern: _Pattern, first: int) -> bool:
        if pattern.latin_start and self._joined(first - 1, first - 2):
            return False
        if first == 0 or self._table.drops(self._text[first - 1]):
            return True
        if pattern.latin_start:
            return not self._is_latin(self._text[first - 1])
        return pattern.length >= _SURE_LENGTH or first in self._word_starts()

    def _ends_word(self, pattern: _Pattern, last: int) -> bool:
        if pattern.latin_end and self._joined(last, last + 1):
            return False
        if last == len(self._text) or self._table.drops(self._text[last]):
            return True
        if pattern.latin_end:
            following = self._text[last]
            return not self._is_latin(following) or (pattern.mixed and following.isdigit())
        # A third character makes an accident at the end unlikely, and 加微信群 must still hold 加微信.
        sure = _SURE_LENGTH if pattern.whole else _SURE_LENGTH - 1
        return pattern.length >= sure or last in self._word_starts()

    def _joined(self, at: int, beyond: int) -> bool:
        """Whether an underscore joins more to a word, as in names that programs are written with."""
        text = self._text
        return (
            min(at, beyond) >= 0 and max(at, beyond) < len(text) and text[at] == "_" and _latin(text[beyond])
        )

    def _is_latin(self, character: str) -> bool:
        return any(map(_latin, self._table.fold(character)))

    def _word_starts(self) -> frozenset[int]:
        if self._starts is None:
            self._starts = word_starts(self._text, self._table, self._cut)
        return self._starts


class _Cover:
    """What allow-phrases cover; asked about spans in order of their start."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = sorted(spans)
        self._next = 0
        self._reach = 0

    def hides(self, start: int, end: int) -> bool:
        while self._next < len(self._spans) and self._spans[self._next][0] <= start:
            self._reach = max(self._reach, self._spans[self._next][1])
            self._next += 1
        return end <= self._reach


def _longest(found: Iterable[tuple[int, int, Term]], covers: Mapping[str, _Cover]) -> tuple[Hit, ...]:
    """What no allow-phrase hides, leftmost and longest for each rule by itself; expects that order."""
    ends: dict[str, int] = {}
    hits: list[Hit] = []
    for start, end, term in found:
        cover = covers.get(term.rule)
        if start < ends.get(term.rule, 0) or (cover is not None and cover.hides(start, end)):
            continue
        ends[term.rule] = end
        hits.append(Hit(term, start, end))
    return tuple(hits)
