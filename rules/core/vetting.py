"""Finds what is wrong with options of the right shape: unknown names, and settings that would do nothing.

Everything is told at once, as :class:`~rules.core.options.Mistake` with path and remedy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo, available_timezones

from pydantic import ValidationError

from rules.core.conduct import CONDUCTS, Conduct
from rules.core.declare import PLACEHOLDER, Rule, RuleSettings
from rules.core.options import (
    LEXICON_RULE,
    BookOptions,
    LexiconOptions,
    Mistake,
    Path,
    PolicyOptions,
    RuleOptions,
    WorkOptions,
    did_you_mean,
    room_rule,
    shape_mistakes,
)

Rules = Mapping[str, Rule[RuleSettings]]
Fold = Callable[[str], str]

NOTHING_LEFT = "nothing of it is left when text is read, so it would never be found"


def mistakes(
    options: BookOptions, declared: Sequence[Rule[RuleSettings]], shipped: Iterable[str], fold: Fold
) -> Iterator[Mistake]:
    """Everything that is wrong with ``options``.

    Args:
        options: what was asked for.
        declared: every rule there is.
        shipped: the words of the built-in lexicon.
        fold: a text as it is matched.
    """
    rules = {rule.id: rule for rule in declared}
    for name, rule_options in options.rules.items():
        if name not in rules:
            yield Mistake(("rules", name), "there is no such rule", did_you_mean(name, rules))
        else:
            yield from _rule_mistakes(rules[name], rule_options)
    for room_name, room in options.rooms.items():
        for name, own in room.rules.items():
            path: Path = ("rooms", "overrides", room_name)
            if name not in rules:
                yield Mistake((*path, "rules", name), "there is no such rule", did_you_mean(name, rules))
            else:
                merged = room_rule(options.rules.get(name), own) or own
                yield from _rule_mistakes(rules[name], merged, path)
    for key, policy in options.policy.items():
        yield from _policy_mistakes(key, policy, rules)
    yield from _title_mistakes(options.policy, rules)
    yield from _work_mistakes(options.work)
    yield from _category_mistakes(options.lexicon, rules)
    yield from _word_mistakes(options.lexicon, {fold(word): word for word in shipped}, fold)
    yield from _timezone_mistakes(options.timezone)


def _word_mistakes(lexicon: LexiconOptions, shipped: Mapping[str, str], fold: Fold) -> Iterator[Mistake]:
    """Words that can never be found, words that stand there twice, and removals of nothing."""
    added: dict[str, str] = {}
    for index, word in enumerate(lexicon.add):
        path: Path = ("lexicon", "add", index, "word")
        folded = fold(word.word)
        if not folded:
            yield Mistake(path, NOTHING_LEFT, "use letters, digits or Chinese characters")
        elif folded in added:
            yield Mistake(path, f"{word.word} reads the same as {added[folded]}", "remove one of the two")
        added.setdefault(folded, word.word)
    for name, words in (("allow", lexicon.allow), ("remove", lexicon.remove)):
        seen: dict[str, str] = {}
        for index, text in enumerate(words):
            path = ("lexicon", name, index)
            folded = fold(text)
            if not folded:
                yield Mistake(path, NOTHING_LEFT, "remove this line")
            elif folded in seen:
                yield Mistake(path, f"{text} reads the same as {seen[folded]}", "remove one of the two")
            elif folded in added:
                yield Mistake(path, f"{text} is forbidden too (lexicon.add)", "remove it from one of the two")
            elif name == "remove" and folded not in shipped:
                yield Mistake(
                    path, f"{text} is not in the built-in list", did_you_mean(text, shipped.values())
                )
            seen.setdefault(folded, text)


def _rule_mistakes(rule: Rule[RuleSettings], options: RuleOptions, under: Path = ()) -> Iterator[Mistake]:
    path: Path = (*under, "rules", rule.id)
    violation = rule.bars.violation if options.violation is None else options.violation
    review = rule.bars.review if options.review is None else options.review
    if review > violation:
        yield Mistake(
            (*path, "violation" if options.review is None else "review"),
            f"review ({review:g}) is above violation ({violation:g}), so nobody would ever be asked",
            "set review to violation or less",
        )
    try:
        rule.settings.model_validate(options.settings)
    except ValidationError as error:
        yield from shape_mistakes(error, list(rule.settings.model_fields), (*path, "settings"))


def _policy_mistakes(key: str, policy: PolicyOptions, rules: Rules) -> Iterator[Mistake]:
    path: Path = ("policy", key)
    name, slash, category = key.partition("/")
    about = rules.get(name) or CONDUCTS.get(name)
    if about is None:
        yield Mistake(path, f"there is no rule {name!r}", did_you_mean(name, (*rules, *CONDUCTS)))
        return
    categories = about.clauses if isinstance(about, Conduct) else about.categories
    if slash and category not in categories:
        yield Mistake(path, f"{name} has no category {category!r}", did_you_mean(category, categories))
    if not policy.model_dump(exclude_none=True):
        yield Mistake(path, "says nothing", "give it clause, title, points or reason, or remove it")
    if slash and policy.title is not None:
        yield Mistake((*path, "title"), "a category has no title of its own", f"set it under policy.{name}")
    if isinstance(about, Conduct):
        yield from _conduct_mistakes(path, policy, about, category)
        known = about.facts
    else:
        known = frozenset({"title", "category", *PLACEHOLDER.findall(about.reason)})
    for unknown in sorted(set(PLACEHOLDER.findall(policy.reason or "")) - known):
        yield Mistake((*path, "reason"), f"nothing fills {{{unknown}}} in", did_you_mean(unknown, known))


def _title_mistakes(policy: Mapping[str, PolicyOptions], rules: Rules) -> Iterator[Mistake]:
    """Titles that two things would have: people name rules by them."""
    titles = {name: rule.title for name, rule in rules.items()}
    titles |= {name: conduct.title for name, conduct in CONDUCTS.items()}
    titles |= {name: own.title for name, own in policy.items() if name in titles and own.title}
    for title in (title for title, times in Counter(titles.values()).items() if times > 1):
        named = [name for name in titles if titles[name] == title]
        own = next(name for name in named if name in policy)
        others = ", ".join(name for name in named if name != own)
        yield Mistake(("policy", own, "title"), f"{others} has this title too", "give it another one")


def _conduct_mistakes(path: Path, policy: PolicyOptions, about: Conduct, category: str) -> Iterator[Mistake]:
    if policy.points is not None:
        yield Mistake((*path, "points"), f"its points are set elsewhere: {about.costs}", "remove this line")
    if policy.reason is not None and category in about.clauses and category not in about.reasons:
        yield Mistake((*path, "reason"), "whoever gives the points writes the reason", "remove this line")


def _work_mistakes(work: WorkOptions) -> Iterator[Mistake]:
    if work.end <= work.start:
        yield Mistake(
            ("work", "end"),
            f"work ends ({work.end:%H:%M}) before it starts ({work.start:%H:%M})",
            "working time lies within one day",
        )
    if not work.weekdays:
        yield Mistake(("work", "weekdays"), "no day is a working day", "1 is Monday, 7 is Sunday")
    for name in ("weekdays", "holidays", "workdays"):
        for twice in (value for value, times in Counter(getattr(work, name)).items() if times > 1):
            yield Mistake(("work", name), f"{twice} stands there twice", "remove one")
    for both in sorted(set(work.holidays) & set(work.workdays)):
        yield Mistake(
            ("work", "holidays"),
            f"{both} is a working day too (work.workdays)",
            "remove it from one of the two",
        )


def _category_mistakes(lexicon: LexiconOptions, rules: Rules) -> Iterator[Mistake]:
    known = rules[LEXICON_RULE].categories if LEXICON_RULE in rules else {}
    for index, word in enumerate(lexicon.add):
        if word.category not in known:
            yield Mistake(
                ("lexicon", "add", index, "category"),
                f"{LEXICON_RULE} has no category {word.category!r}",
                did_you_mean(word.category, known),
            )


def _timezone_mistakes(name: str) -> Iterator[Mistake]:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        yield Mistake(("timezone",), "there is no such time zone", did_you_mean(name, available_timezones()))
