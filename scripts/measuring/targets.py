"""The targets of the project, and which of them are met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from evasions import EVASIONS as KINDS

from measuring.expected import BY_LABEL, EVASIONS, FLOODING, HELD_OUT, LISTED, SECRETS
from measuring.figures import ALARMS, ASIDE, KEPT, RECALL, TOGETHER, WHOLE, Line

VIOLATION, ANY = "violation", "any"
WORK_TALK = ("vcsum_meeting", "meeting_minutes", "commit_msgs", "crosswoz")
ADVERTISING = " or ".join(BY_LABEL["spam"].found_by)
DISGUISED = ("advertising", "banned_words", "incivility")
"""The rules that are measured under evasions."""


@dataclass(frozen=True, slots=True)
class Target:
    """The share that a line should reach at a tier (``least``), or not exceed."""

    set: str
    asked: str
    group: str
    rule: str
    tier: str
    bound: float
    least: bool = True

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The line that it is about."""
        return self.set, self.asked, self.group, self.rule

    def met(self, value: float) -> bool:
        """Whether a share meets it."""
        return value >= self.bound if self.least else value <= self.bound


@dataclass(frozen=True, slots=True)
class Checked:
    """A target beside its figure; ``value`` is ``None`` where nothing was measured."""

    target: Target
    value: float | None

    @property
    def met(self) -> bool | None:
        """Whether it is met; ``None`` where nothing was measured."""
        return None if self.value is None else self.target.met(self.value)

    def document(self) -> dict[str, Any]:
        """All of it as JSON takes it."""
        asked = self.target
        return {
            "set": asked.set,
            "asked": asked.asked,
            "group": asked.group,
            "rule": asked.rule,
            "tier": asked.tier,
            "least" if asked.least else "most": asked.bound,
            "value": None if self.value is None else round(self.value, 6),
            "met": self.met,
        }


def _both(name: str, asked: str, group: str, rule: str, violation: float, either: float) -> Iterator[Target]:
    least = asked != ALARMS
    yield Target(name, asked, group, rule, VIOLATION, violation, least)
    yield Target(name, asked, group, rule, ANY, either, least)


def _targets() -> Iterator[Target]:
    for name in WORK_TALK:
        yield from _both(name, ALARMS, ASIDE, TOGETHER, 0.001, 0.01)
    for name, least in (("sms_mudou", 0.60), ("sms80w_spam", 0.80), ("tg_spam", 0.60)):
        yield from _both(name, RECALL, WHOLE, ADVERTISING, least, 0.80)
    yield from _both("cold_human", RECALL, WHOLE, "incivility", 0.50, 0.75)
    yield from _both("cntp", RECALL, "base", "incivility", 0.50, 0.75)
    yield Target("cold_human", ALARMS, "3", "incivility", VIOLATION, 0.05, least=False)
    for rule in DISGUISED:
        for kind in KINDS:
            yield Target(EVASIONS, KEPT, kind, rule, ANY, 0.60 if kind == "pinyin" else 0.90)
            yield Target(LISTED, KEPT, kind, rule, ANY, 0.90)
    found_by = {label: " or ".join(said.found_by) for label, said in BY_LABEL.items() if said.found_by}
    for label in (
        "advertising",
        "announcement",
        "banned",
        "confidential",
        "incivility",
        "off_topic",
        "rumour",
    ):
        yield Target(HELD_OUT, RECALL, label, found_by[label], ANY, 0.90)
    for rule in sorted({rule for said in BY_LABEL.values() for rule in said.found_by}):
        yield Target(HELD_OUT, ALARMS, WHOLE, rule, VIOLATION, 0.01, least=False)
    yield Target(SECRETS, RECALL, WHOLE, "confidential", ANY, 0.99)
    yield Target(SECRETS, ALARMS, WHOLE, "confidential", ANY, 0.0001, least=False)
    yield Target(FLOODING, RECALL, WHOLE, "flooding", VIOLATION, 1.0)


TARGETS: Sequence[Target] = tuple(_targets())


def checked(lines: Iterable[Line], targets: Iterable[Target] = TARGETS) -> list[Checked]:
    """Every target beside its figure."""
    known = {line.key: line for line in lines}
    return [Checked(target, _value(target, known.get(target.key))) for target in targets]


def _value(target: Target, line: Line | None) -> float | None:
    if line is None:
        return None
    figure = line.violation if target.tier == VIOLATION else line.any
    return figure.share if figure.of else None
