"""`qungui plan`: what a changed configuration would change, in words and as JSON.

Texts of messages, topics of rooms and names are hostile: they are masked, cut and on one line wherever they are shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from bot.masking import one_line
from bot.pipeline.notice import masked, shown, sureness, surroundings
from rules.core.compare import ChangeKind
from rules.core.model import Ruling
from rules.procedure.impact import WHICH, Course, Example, Grade, Impact, Which, grade

ROOMS_SHOWN = 20
ROOM_LENGTH = 24
ID_LENGTH = 60
REASON_LENGTH = 60
KEYS_SHOWN = 20
JUDGING = frozenset({"company", "rooms", "rules", "policy", "work", "lexicon"})
"""Sections that change what is found; the others change what is done about it, or how."""


@dataclass(frozen=True, slots=True)
class Source:
    """Which messages were replayed, and which could not be.

    Attributes:
        log: they came from an exported log, with nothing that was set in chat over the configuration.
        older: more of them were there, received before.
        erased: judged in that time, and without text now.
        broken: lines of the log that could not be read, each with what is wrong with it; the first of them.
        broken_count: how many those are in all.
        days: how far back it was looked; texts are kept for ``kept_days``.
    """

    log: bool
    older: int = 0
    erased: int = 0
    broken: tuple[str, ...] = ()
    broken_count: int = 0
    days: int = 0
    kept_days: int = 0

    def left_out(self) -> Iterator[str]:
        """What could not be replayed, and why, each with its remedy if there is one."""
        if self.older:
            yield f"{self.older:,} older messages: --messages sets how many are replayed"
        if self.erased:
            yield f"{self.erased:,} messages whose text is erased"
        if self.days > self.kept_days > 0:
            yield f"anything older than {self.kept_days} days: texts are kept no longer (retention.messages_days)"
        if self.broken_count:
            yield f"lines that can't be read: {self.broken_count:,}; the first is {self.broken[0]}"
        if self.log:
            yield "what was set in chat (switches, words, exemptions, duty): a log is judged by the files alone"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that there is to say.

    Attributes:
        before, after: the names of the two configurations.
        keys: the keys that differ, dotted; never their values.
        zone: of the company.
    """

    before: str
    after: str
    impact: Impact
    source: Source
    keys: Sequence[str]
    zone: tzinfo

    @property
    def beside(self) -> tuple[str, ...]:
        """The keys that differ and have no part in what is found."""
        return tuple(key for key in self.keys if key.partition(".")[0] not in JUDGING)


def lines(plan: Plan) -> Iterator[str]:
    """The plan for people."""
    impact = plan.impact
    yield f"{one_line(plan.before)} → {one_line(plan.after)}"
    yield from _read(plan)
    yield from _keys(plan)
    yield ""
    if not impact.differs:
        yield (
            "No difference in effect." if impact.messages else "Nothing to compare: no message was replayed."
        )
        return
    yield from _rules(impact)
    yield from _cases(impact)
    yield from _rooms(impact)
    for example in impact.examples:
        yield ""
        yield from _example(example, plan.zone)


def _read(plan: Plan) -> Iterator[str]:
    impact = plan.impact
    span = ""
    if impact.first is not None and impact.last is not None:
        span = f", sent {_at(impact.first, plan.zone)} to {_at(impact.last, plan.zone)} ({plan.zone})"
    where = "of the log" if plan.source.log else "that are kept"
    yield f"Replayed {impact.messages:,} messages {where}{span}."
    for said in plan.source.left_out():
        yield f"  not replayed: {one_line(said)}"
    for (which, rule), many in sorted(impact.unknown.items()):
        if which == "after":
            yield f"  {rule} could not judge {many:,} of them: what it needs is not known"
    for (which, rule), many in sorted(impact.crashed.items()):
        yield f"  {rule} failed on {many:,} of them{' as configured now' if which == 'before' else ''}"


def _keys(plan: Plan) -> Iterator[str]:
    if not plan.keys:
        yield "The two configurations are the same."
        return
    judging = [key for key in plan.keys if key not in plan.beside]
    if judging:
        yield f"Differs in: {_listed(judging)}"
    if plan.beside:
        yield f"Differs too, in what no finding depends on: {_listed(plan.beside)}"


def _listed(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - KEYS_SHOWN} more" if len(keys) > KEYS_SHOWN else ""
    return one_line(", ".join(keys[:KEYS_SHOWN])) + more


def _rules(impact: Impact) -> Iterator[str]:
    yield "Findings (now → then):"
    for rule in _known(impact):
        grades = [
            f"{one} {_found(impact, 'before', rule, one):,} → {_found(impact, 'after', rule, one):,}"
            for one in Grade
            if _found(impact, "before", rule, one) or _found(impact, "after", rule, one)
        ]
        yield f"  {rule}: {_changes(impact, rule)}{'; ' if grades else ''}{', '.join(grades)}"


def _known(impact: Impact) -> list[str]:
    return sorted({rule for (rule, _), many in impact.changes.items() if many})


def _found(impact: Impact, which: Which, rule: str, what: Grade) -> int:
    return impact.found[which, rule, what]


def _changes(impact: Impact, rule: str) -> str:
    return ", ".join(f"{impact.changes[rule, kind]:,} {kind}" for kind in ChangeKind)


def _cases(impact: Impact) -> Iterator[str]:
    old, new = impact.dockets["before"], impact.dockets["after"]
    courses = {
        Course.PROVISIONAL: "by the machine",
        Course.REVIEW: "for people to decide",
        Course.TRIAL: "on trial",
    }
    told = ", ".join(f"{words} {old.cases[one]:,} → {new.cases[one]:,}" for one, words in courses.items())
    yield f"Cases: {told}; points if all are confirmed {old.points:,} → {new.points:,}"


def _rooms(impact: Impact) -> Iterator[str]:
    rooms = sorted(
        ((room, many) for room, many in impact.rooms.items() if many.total()),
        key=lambda one: (-one[1].total(), one[0]),
    )
    if rooms:
        yield "Rooms:"
    for room, many in rooms[:ROOMS_SHOWN]:
        yield f"  {masked(room, ROOM_LENGTH) or '(no name)'}: " + ", ".join(
            f"{many[kind]:,} {kind}" for kind in ChangeKind
        )
    if len(rooms) > ROOMS_SHOWN:
        yield f"  and {len(rooms) - ROOMS_SHOWN} more"


def _example(example: Example, zone: tzinfo) -> Iterator[str]:
    change = example.change
    where = ", ".join(
        filter(
            None,
            (
                _at(example.sent_at, zone) if example.sent_at else "",
                masked(example.room, ROOM_LENGTH),
                f"message {shown(example.message_id or str(example.position), ID_LENGTH)}",
            ),
        )
    )
    parts = f" ({', '.join(sorted(change.parts))})" if change.parts else ""
    yield f"{change.kind} {change.rule}{parts}: {where}"
    yield f"    {surroundings(example.text, example.span)}"
    if change.before is not None:
        yield f"    now:  {_ruling(change.before)}"
    if change.after is not None:
        yield f"    then: {_ruling(change.after)}"


def _ruling(ruling: Ruling) -> str:
    return one_line(
        f"{grade(ruling)}, {ruling.category}, clause {ruling.clause}, {ruling.points} points, "
        f"{sureness(ruling.confidence)} sure: {shown(ruling.reason, REASON_LENGTH)}"
    )


def _at(moment: datetime, zone: tzinfo) -> str:
    try:
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    except OverflowError:  # within a day of the years 1 and 9999
        return moment.strftime("%Y-%m-%d %H:%M")


def as_json(plan: Plan) -> str:
    """The plan for programs, one object; what is shown of a text is masked as it is for people."""
    impact = plan.impact
    rules = sorted(
        {rule for _, rule, _ in impact.found} | set(_known(impact)) | {rule for _, rule in impact.unknown}
    )
    told: dict[str, Any] = {
        "before": plan.before,
        "after": plan.after,
        "differs": impact.differs,
        "messages": {
            "source": "log" if plan.source.log else "database",
            "replayed": impact.messages,
            "from": impact.first.isoformat() if impact.first else None,
            "to": impact.last.isoformat() if impact.last else None,
            "older": plan.source.older,
            "erased": plan.source.erased,
            "broken": plan.source.broken_count,
        },
        "keys": list(plan.keys),
        "rules": {
            rule: {
                **{
                    which: {
                        **{one.value: _found(impact, which, rule, one) for one in Grade},
                        "unknown": impact.unknown[which, rule],
                        "crashed": impact.crashed[which, rule],
                    }
                    for which in WHICH
                },
                **{kind.value: impact.changes[rule, kind] for kind in ChangeKind},
            }
            for rule in rules
        },
        "cases": {
            which: {
                **{course.value: impact.dockets[which].cases[course] for course in Course},
                "points": impact.dockets[which].points,
            }
            for which in WHICH
        },
        "rooms": [
            {"room": masked(room, ROOM_LENGTH), **{kind.value: many[kind] for kind in ChangeKind}}
            for room, many in sorted(impact.rooms.items())
            if many.total()
        ],
        "examples": [
            {
                "kind": one.change.kind.value,
                "rule": one.change.rule,
                "parts": sorted(one.change.parts),
                "message": shown(one.message_id, ID_LENGTH) if one.message_id is not None else None,
                "position": one.position,
                "room": masked(one.room, ROOM_LENGTH),
                "sent_at": one.sent_at.isoformat() if one.sent_at else None,
                "text": surroundings(one.text, one.span),
                "before": _object(one.change.before),
                "after": _object(one.change.after),
            }
            for one in impact.examples
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)


def _object(ruling: Ruling | None) -> dict[str, object] | None:
    if ruling is None:
        return None
    return {
        "grade": grade(ruling).value,
        "tier": ruling.tier.value,
        "category": ruling.category,
        "clause": ruling.clause,
        "points": ruling.points,
        "confidence": ruling.confidence,
        "reason": shown(ruling.reason, REASON_LENGTH),
    }
