"""The rulebook: every rule with its settings and what policy charges, frozen.

A changed config is a new book.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property

from rules.core.conduct import CONDUCTS, Conduct
from rules.core.declare import PLACEHOLDER, Bars, Penalty, Rule, RuleSettings
from rules.core.model import Finding, Ruling, Tier
from rules.core.roster import NOBODY, Roster
from rules.core.rota import NO_SHIFTS, Rota
from rules.core.worktime import WorkCalendar
from rules.reading.reader import Reader


@dataclass(frozen=True, slots=True)
class Charge:
    """What one category costs here, after the company's own policy was laid over the defaults."""

    penalty: Penalty
    reason: str


@dataclass(frozen=True)
class Entry:
    """One rule as this company runs it; ``shadow``: on trial, it is recorded what it would have done."""

    rule: Rule[RuleSettings]
    settings: RuleSettings
    bars: Bars
    charges: Mapping[str, Charge]
    enabled: bool = True
    shadow: bool = False

    def weigh(self, finding: Finding) -> Ruling | None:
        """Weigh a finding: its tier by the bars, clause and points by policy; ``None`` below both bars."""
        tier: Tier | None = self.bars.tier(finding.confidence)
        return None if tier is None else self.price(finding, tier)

    def price(self, finding: Finding, tier: Tier) -> Ruling:
        """A finding as a ruling of a tier, whatever the bars say."""
        charge = self.charges[finding.category]
        facts = {"title": self.rule.title, "category": finding.category, **finding.facts}
        return Ruling(
            rule=self.rule.id,
            category=finding.category,
            tier=tier,
            clause=charge.penalty.clause,
            points=charge.penalty.points,
            confidence=round(finding.confidence, 4),
            field=finding.field,
            spans=finding.spans,
            reason=render(charge.reason, facts),
            urgent=self.rule.urgent,
            signs=render(self.rule.signs, facts),
            deferred=self.rule.deferred,
            standing=self.rule.standing,
            shadow=self.shadow,
        )


def render(template: str, facts: Mapping[str, object]) -> str:
    """Fill ``{names}`` from facts, once: what a fact contains is never expanded again, unknown names stay."""
    return PLACEHOLDER.sub(lambda match: str(facts.get(match[1], match[0])), template)


@dataclass(frozen=True)
class Rulebook:
    """Everything that judging needs, immutable; swapped as a whole when anything of it changes.

    Attributes:
        rooms: entries of the rooms that have rules of their own, by the name that the configuration gives them.
        conducts: what cases are about beside the rules, by id.
    """

    entries: tuple[Entry, ...]
    reader: Reader
    calendar: WorkCalendar
    roster: Roster = NOBODY
    rota: Rota = NO_SHIFTS
    rooms: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    conducts: Mapping[str, Conduct] = field(default_factory=lambda: CONDUCTS)

    @cached_property
    def quiet_times(self) -> Mapping[str, timedelta]:
        """For each episodic rule that runs, how long its sender must be quiet until a burst is over."""
        return {
            entry.rule.id: timedelta(seconds=_quiet_seconds(entry.settings))
            for entry in self.entries
            if entry.rule.episodic and entry.enabled
        }

    @cached_property
    def watches(self) -> tuple[Entry, ...]:
        """The entries whose rule tells messages that speak of an emergency."""
        return tuple(entry for entry in self.entries if entry.rule.alarm is not None and entry.enabled)

    def entry(self, rule: str) -> Entry:
        """The entry of a rule.

        Raises:
            KeyError: there is no such rule.
        """
        for entry in self.entries:
            if entry.rule.id == rule:
                return entry
        raise KeyError(rule)

    @property
    def titles(self) -> Mapping[str, str]:
        """What everything that cases are about is called, by id."""
        return {entry.rule.id: entry.rule.title for entry in self.entries} | {
            name: conduct.title for name, conduct in self.conducts.items()
        }

    @property
    def standing(self) -> frozenset[str]:
        """The rules that judge how a member stands in the room, and no single message."""
        return frozenset(entry.rule.id for entry in self.entries if entry.rule.standing)

    def for_room(self, *names: str) -> Rulebook:
        """This book as it is in a room; ``names`` are what the room may be called: topic, ids."""
        for name in names:
            if name and (entries := self.rooms.get(name)) is not None:
                return replace(self, entries=entries, rooms={})
        return self

    def only(self, rules: Collection[str]) -> Rulebook:
        """This book with every rule off that is not named.

        Raises:
            KeyError: a name that no rule has.
        """
        kept = {self.entry(rule).rule.id for rule in rules}

        def narrowed(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
            return tuple(replace(entry, enabled=entry.enabled and entry.rule.id in kept) for entry in entries)

        rooms = {name: narrowed(entries) for name, entries in self.rooms.items()}
        return replace(self, entries=narrowed(self.entries), rooms=rooms)


def _quiet_seconds(settings: RuleSettings) -> float:
    # Only rules of episodes have the field; the declaration vouches for it.
    seconds: float = settings.model_dump()["quiet_seconds"]
    return seconds
