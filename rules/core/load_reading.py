"""Loads what reading needs: OpenCC's characters, the segmenter's dictionary and the lexicon files.

Only the other ``rules.core.load*`` import this; together they are the one place in ``rules`` that opens files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Final

import opencc
import rjieba
import yaml
from pypinyin import lazy_pinyin
from pypinyin.constants import PINYIN_DICT

from rules.core.learn import Yardstick
from rules.reading.characters import Characters, parse_characters
from rules.reading.classify import Classifier, parse_weights
from rules.reading.decipher import Decipherer
from rules.reading.initials import Initials
from rules.reading.language import Language, parse_language
from rules.reading.learning import Said
from rules.reading.letters import Letters, parse_letters
from rules.reading.lexicon import Lexicon, LexiconError, parse_lexicon
from rules.reading.local import parse_local
from rules.reading.normalize import NormalisationTable, build_table
from rules.reading.reader import Reader
from rules.reading.reading import Term
from rules.reading.unmask import Unmasker

DISGUISED = frozenset({"advertising", "banned_words", "incivility"})
"""The rules whose words people disguise."""
ATTACKS: Final = "incivility"
"""The rule whose words attack somebody."""
_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))
_DATA = resources.files("rules").joinpath("data")
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a start waits for it
CHAT_FREQUENCY = 3000
"""How common the words of chat are that the dictionary does not know: as common as 手机."""


def load_reader(extra_terms: Sequence[Term] = (), removed: Collection[str] = ()) -> Reader:
    """Load and build everything that reading a text needs; a second or so, holding the GIL for part of it.

    A reader is immutable: asked for the same words again, it is the same one.

    Args:
        extra_terms: the company's own terms; of two with the same word and rule the company's counts.
        removed: words of the shipped lexicon that the company does not want, however they are written.

    Raises:
        LexiconError: a term or a lexicon file can't be used, or a removed word is not in any file.
    """
    return _built(tuple(extra_terms), frozenset(removed))


@lru_cache(maxsize=2)
def _built(extra_terms: tuple[Term, ...], removed: frozenset[str]) -> Reader:
    table = load_table()
    shipped = load_terms()
    unwanted = {table.fold(word): word for word in removed}
    known = {table.fold(term.word) for term in shipped}
    if strangers := [word for folded, word in unwanted.items() if folded not in known]:
        raise LexiconError(f"words to be removed that no shipped lexicon has: {', '.join(sorted(strangers))}")
    kept = [term for term in shipped if table.fold(term.word) not in unwanted]
    terms = [*kept, *extra_terms]
    segmenter = rjieba.Jieba()
    for word in chat_words():
        segmenter.add_word(word, CHAT_FREQUENCY, None)
    for word in sorted({table.fold(term.word) for term in terms}):
        # Longer terms are phrases; as words they would outweigh the true words around them.
        if len(word) == 2:
            segmenter.add_word(word, None, None)

    def cut(text: str) -> Sequence[str]:
        words: list[str] = segmenter.cut(text, False)
        return words

    meant = [term for term in terms if term.rule in DISGUISED and term.weight > 0 and not term.allow]
    disguised, ordinary = (
        [table.fold(term.word) for term in meant if term.open is is_open] for is_open in (False, True)
    )
    characters, language = load_characters(), load_language()
    attacks = frozenset(table.fold(term.word) for term in meant if term.rule == ATTACKS)
    unmasker = Unmasker(disguised, attacks, ordinary, characters, lazy_pinyin, cut, language)
    decipherer = Decipherer(language, characters)
    lexicon = Lexicon(terms, table, cut)
    return Reader(table, lexicon, load_classifier(), unmasker, decipherer, load_initials())


@cache
def load_characters() -> Characters:
    """The tables of sounds, looks and parts of characters.

    Raises:
        CharactersError: the file can't be used.
    """
    text = _DATA.joinpath("characters.txt").read_text(encoding="utf-8")
    return parse_characters(text.splitlines(), PINYIN_DICT, load_table().fold)


@cache
def load_classifier() -> Classifier:
    """The classifier with the weights that are shipped.

    Raises:
        WeightsError: the file can't be used.
    """
    file = _DATA.joinpath("weights.tsv")
    return Classifier(parse_weights(file.read_text(encoding="utf-8"), file.name))


@cache
def load_initials() -> Initials:
    """What tells first letters from words, and what a text in them reads like, as it is shipped.

    Raises:
        LettersError: the table of letters can't be used.
        WeightsError: the weights can't be used.
    """
    file = _DATA.joinpath("initials.tsv")
    weights = parse_weights(file.read_text(encoding="utf-8"), file.name)
    return Initials(load_letters(), load_characters().sounds, Classifier(weights))


@cache
def load_letters() -> Letters:
    """The table of which letters follow one another in first letters, and in words.

    Raises:
        LettersError: it can't be used.
    """
    file = _DATA.joinpath("letters.tsv")
    return parse_letters(file.read_text(encoding="utf-8"), file.name)


@cache
def load_language() -> Language:
    """The language model that is shipped.

    Raises:
        LanguageError: the file can't be used.
    """
    file = _DATA.joinpath("language.tsv")
    return parse_language(file.read_text(encoding="utf-8"), file.name)


@lru_cache(maxsize=2)
def load_adjusted(local: str) -> Classifier:
    """The classifier with what was learnt laid over the shipped weights (:func:`parse_local` says what that is).

    Raises:
        WeightsError: it can't be read.
    """
    return Classifier(parse_local(local).over(load_classifier().weights))


def load_yardstick(reader: Reader) -> Yardstick:
    """The shipped text by which it is measured whether learning does harm, as a reader reads it."""
    clear: dict[str, list[str]] = defaultdict(list)
    label = ""
    for line in _DATA.joinpath("clear.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("@ "):
            label = line[2:].strip()
        elif line and not line.startswith("# "):
            clear[label].append(line.replace("\\n", "\n"))
    ordinary = _DATA.joinpath("ordinary.txt").read_text(encoding="utf-8").splitlines()
    lines = [line.replace("\\n", "\n") for line in ordinary if line and not line.startswith("# ")]
    return Yardstick(tuple(Said.of(reader, line) for line in lines), clear)


@cache
def chat_words() -> Sequence[str]:
    """The words of chat that dictionaries do not know."""
    return _DATA.joinpath("words.txt").read_text(encoding="utf-8").split()


@cache
def load_table() -> NormalisationTable:
    """The complete normalisation table, built once per process."""
    return build_table(opencc_mapping())


def opencc_mapping() -> Mapping[str, str]:
    """Traditional to simplified for every single character that differs; phrases play no part."""
    characters = [chr(point) for first, last in _HAN for point in range(first, last + 1)]
    converted = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {old: new for old, new in zip(characters, converted, strict=True) if old != new}


@cache
def load_terms() -> tuple[Term, ...]:
    """Every term of the shipped lexicon files, in the files' order."""
    return tuple(_terms())


def _terms() -> Iterator[Term]:
    for file in sorted(_DATA.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            text = file.read_text(encoding="utf-8")
            yield from parse_lexicon(yaml.load(text, _YAML), file.name)  # noqa: S506 - both loaders are the safe ones
