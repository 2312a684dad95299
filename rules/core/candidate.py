"""What keeps a word from being added to the company's lexicon, and where it stands already. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from rules.core.options import LexiconOptions
from rules.reading.reading import Term
from rules.reading.stickers import blank_stickers

LONGEST_WORD = 40


class Source(StrEnum):
    """Who put a word into the lexicon."""

    BUILT_IN = "built_in"
    CONFIG = "config"
    CHAT = "chat"


class Flaw(StrEnum):
    """Why a word can't be added."""

    NOTHING_LEFT = "nothing_left"  # nothing of it is left when text is read
    STICKER = "sticker"  # a sticker stands in it, and those are no words where text is read
    TOO_LONG = "too_long"
    REMOVED = "removed"  # the configuration takes it out of the built-in list
    DENIED = "denied"  # it is forbidden already
    ALLOWED = "allowed"  # it is an allow-phrase already
    IDLE = "idle"  # an allow-phrase in which nothing forbidden lies


@dataclass(frozen=True, slots=True)
class Known:
    """The words that are in force, folded, and where each comes from; ``removed`` are those that config took out."""

    denied: Mapping[str, Source]
    allowed: Mapping[str, Source]
    removed: Collection[str] = frozenset()


def known_words(
    shipped: Iterable[Term],
    categories: Iterable[str],
    lexicon: LexiconOptions,
    chat: Iterable[tuple[str, bool]],
    fold: Callable[[str], str],
) -> Known:
    """Every word that is in force.

    Args:
        shipped: the built-in terms; those in none of ``categories`` only speak for or against others.
        lexicon: the configuration's words.
        chat: words from chat, each with whether it is an allow-phrase; the configuration goes before them.
        fold: a text as it is matched.
    """
    counted = frozenset(categories)
    removed = {fold(word) for word in lexicon.remove}
    denied: dict[str, Source] = {}
    allowed: dict[str, Source] = {}
    for term in shipped:
        if (folded := fold(term.word)) in removed:
            continue
        if term.allow:
            allowed[folded] = Source.BUILT_IN
        elif term.category in counted:
            denied[folded] = Source.BUILT_IN
    own = [(word.word, False, Source.CONFIG) for word in lexicon.add]
    own += [(phrase, True, Source.CONFIG) for phrase in lexicon.allow]
    own += [(word, allow, Source.CHAT) for word, allow in chat]
    for word, allow, source in own:
        folded = fold(word)
        config = Source.CONFIG in (denied.get(folded), allowed.get(folded)) or folded in removed
        if source is Source.CHAT and config:
            continue
        ours, other = (allowed, denied) if allow else (denied, allowed)
        ours[folded] = source
        other.pop(folded, None)  # of two terms with the same word the company's counts
    return Known(denied, allowed, removed)


def flaw(word: str, known: Known, fold: Callable[[str], str], *, allow: bool) -> Flaw | None:
    """What keeps a word from being forbidden, or with ``allow`` from being an allow-phrase; ``None``: nothing.

    A built-in word may be made an allow-phrase: that is how chat takes it out of force.
    """
    folded = fold(word)
    if not folded:
        return Flaw.NOTHING_LEFT
    if blank_stickers(word) != word:
        return Flaw.STICKER
    if len(word) > LONGEST_WORD:
        return Flaw.TOO_LONG
    if folded in known.removed:
        return Flaw.REMOVED
    if folded in known.allowed:
        return Flaw.ALLOWED
    if folded in known.denied and not (allow and known.denied[folded] is Source.BUILT_IN):
        return Flaw.DENIED
    if allow and not any(denied in folded for denied in known.denied):
        return Flaw.IDLE
    return None
