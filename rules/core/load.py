"""The one place that loads: rule modules, lexicons, calendar. What it returns is frozen and opens no file.

``rules/core`` names no rule: every module directly in ``rules/`` is one, found by looking.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from chinese_calendar import constants as statutory

import rules
from rules.core.book import Charge, Entry, Rulebook
from rules.core.conduct import CONDUCTS
from rules.core.declare import Bars, Penalty, Rule, RuleSettings
from rules.core.load_reading import load_adjusted, load_classifier, load_reader, load_table, load_terms
from rules.core.load_rota import load_rota
from rules.core.options import (
    LEXICON_RULE,
    BookOptions,
    LexiconOptions,
    OptionsError,
    PolicyOptions,
    RuleOptions,
    WorkOptions,
    room_rule,
)
from rules.core.roster import Roster
from rules.core.rota import NO_SHIFTS
from rules.core.vetting import mistakes
from rules.core.worktime import WorkCalendar
from rules.reading.reader import Reader, Term

AnyRule = Rule[RuleSettings]

FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""The statutory holidays with a date of their own, since 2025 (全国年节及纪念日放假办法, article 2).

The lunar ones move, and so do the days off around all of them: those are not known before they are published.
"""


def load_book(options: BookOptions | None = None) -> Rulebook:
    """Load everything and build the rulebook that ``options`` ask for (none: the built-in policy).

    Raises:
        OptionsError: options that can't be used, or that would silently do nothing; all of them at once.
        HalfDeclared: a module in ``rules/`` whose rule lacks something.
    """
    options = options or BookOptions()
    declared = load_rules()
    shipped = (term.word for term in load_shipped())
    wrong = list(mistakes(options, declared, shipped, load_table().fold))
    rota = NO_SHIFTS
    if not any(mistake.path == ("timezone",) for mistake in wrong):
        try:
            rota = load_rota(options.work.rota, ZoneInfo(options.timezone))
        except OptionsError as error:
            wrong.extend(error.mistakes)
    if wrong:
        raise OptionsError(wrong)
    reader = load_reader(_company_terms(options.lexicon), options.lexicon.remove)
    calendar = load_calendar(options.work, options.timezone)
    return replace(build_book(options, declared, reader, calendar), rota=rota)


DOUBTED = 0.6
"""The weight of a word that decides nothing by itself: a person looks (``rules.banned_words``)."""


def reworded(book: Rulebook, lexicon: LexiconOptions, doubted: Collection[str] = ()) -> Rulebook:
    """The same book with another lexicon, whose words have been vetted; no file of the company's is looked at.

    Takes some tenths of a second. The words in ``doubted`` are for people to look at.
    """
    return replace(book, reader=load_reader(_company_terms(lexicon, doubted), lexicon.remove))


def retrained(book: Rulebook, local: str) -> Rulebook:
    """The same book with what was learnt from people laid over the shipped weights; empty text: with nothing.

    Takes some tenths of a second.

    Raises:
        WeightsError: what was learnt can't be read.
    """
    classifier = load_adjusted(local) if local else load_classifier()
    return replace(book, reader=book.reader.with_classifier(classifier))


@cache
def load_rules() -> tuple[AnyRule, ...]:
    """Every rule that lies in ``rules/``, in order of its id.

    Raises:
        HalfDeclared: a rule lacks something.
        TypeError: a module there declares no rule of its own name.
    """
    found = []
    for module in pkgutil.iter_modules(rules.__path__):
        if module.ispkg:
            continue
        rule = getattr(importlib.import_module(f"rules.{module.name}"), module.name, None)
        if not isinstance(rule, Rule):
            raise TypeError(f"rules/{module.name}.py must declare the rule {module.name!r} with @rule(...)")
        found.append(rule)
    return tuple(sorted(found, key=lambda rule: rule.id))


def load_shipped() -> tuple[Term, ...]:
    """The built-in terms of the rule whose words a company may change, allow-phrases included."""
    return tuple(term for term in load_terms() if term.rule == LEXICON_RULE)


def load_calendar(work: WorkOptions, timezone: str) -> WorkCalendar:
    """The company's calendar: the statutory one of all published years, under the company's own days."""
    own_off, own_on = frozenset(work.holidays), frozenset(work.workdays)
    off, on = _statutory_days()
    return WorkCalendar(
        zone=ZoneInfo(timezone),
        start=work.start,
        end=work.end,
        weekdays=frozenset(work.weekdays),
        holidays=(off - own_on) | own_off,
        workdays=(on - own_off) | own_on,
        published=frozenset(day.year for day in off | on),
        fixed=FIXED_HOLIDAYS,
        overrides=own_off | own_on,
    )


def build_book(
    options: BookOptions, declared: Sequence[AnyRule], reader: Reader, calendar: WorkCalendar
) -> Rulebook:
    """The rulebook out of its parts; ``options`` have been vetted."""
    return Rulebook(
        entries=tuple(_entry(rule, options, options.rules.get(rule.id)) for rule in declared),
        reader=reader,
        calendar=calendar,
        roster=Roster.of((), options.departments),
        rooms={
            name: tuple(
                _entry(rule, options, room_rule(options.rules.get(rule.id), room.rules.get(rule.id)))
                for rule in declared
            )
            for name, room in options.rooms.items()
        },
        conducts={name: conduct.under(options.policy) for name, conduct in CONDUCTS.items()},
    )


def _entry(rule: AnyRule, options: BookOptions, wanted: RuleOptions | None) -> Entry:
    if (own := options.policy.get(rule.id)) and own.title:
        rule = replace(rule, title=own.title)
    charges = {
        name: _charge(rule, name, penalty, options.policy) for name, penalty in rule.categories.items()
    }
    if wanted is None:
        return Entry(rule, rule.settings(), rule.bars, MappingProxyType(charges))
    bars = Bars(
        violation=rule.bars.violation if wanted.violation is None else wanted.violation,
        review=rule.bars.review if wanted.review is None else wanted.review,
    )
    settings = rule.settings.model_validate(wanted.settings)
    return Entry(rule, settings, bars, MappingProxyType(charges), wanted.enabled, wanted.shadow)


def _charge(rule: AnyRule, category: str, penalty: Penalty, policy: Mapping[str, PolicyOptions]) -> Charge:
    charge = Charge(penalty, rule.reason)
    for key in (rule.id, f"{rule.id}/{category}"):  # the narrower entry is laid over the wider one
        if own := policy.get(key):
            charge = Charge(
                Penalty(
                    clause=charge.penalty.clause if own.clause is None else own.clause,
                    points=charge.penalty.points if own.points is None else own.points,
                ),
                charge.reason if own.reason is None else own.reason,
            )
    return charge


def _company_terms(lexicon: LexiconOptions, doubted: Collection[str] = ()) -> tuple[Term, ...]:
    words = (
        Term(
            word.word,
            LEXICON_RULE,
            word.category,
            DOUBTED if word.word in doubted else 1.0,
            reason=word.reason or "the company's own list",
        )
        for word in lexicon.add
    )
    phrases = (
        Term(phrase, LEXICON_RULE, "", allow=True, reason="the company's own list")
        for phrase in lexicon.allow
    )
    return (*words, *phrases)


@cache
def _statutory_days() -> tuple[frozenset[date], frozenset[date]]:
    return frozenset(statutory.holidays), frozenset(statutory.workdays)
