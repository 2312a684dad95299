"""Plays an example: its history, then the message, through the same windows and the same judge as a real one.

Contract tests, case tables and the rules' docs all play examples here, so an example means one thing
everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Final

from rules.core.book import Rulebook
from rules.core.context import Windows
from rules.core.declare import Bars, Example, Said, bad, good
from rules.core.example_roster import ROSTERS
from rules.core.judge import judge
from rules.core.model import Judgement, Kind, Member, Message, MessageType, Outcome, Tier, Verdict
from rules.core.rota import Rota, Shift

WORKING_TUESDAY: Final = "2026-03-10 10:00"
"""When an example is said that names no time, in the company's time zone."""

_SPEAKER: Final = "speaker"
_ROOM: Final = "room"
_LEAST: Final = 1e-6
"""A bar that every finding passes."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """An example played through: what was judged before, and the judgement of the message itself."""

    before: tuple[Judgement, ...]
    final: Judgement


def rehearse(book: Rulebook, example: Example) -> Rehearsal:
    """Play an example in windows of its own.

    Raises:
        ValueError: the example's time can't be read.
        KeyError: there is no such roster.
    """
    book = replace(book, roster=ROSTERS[example.roster])
    if example.duty:
        book = replace(book, rota=_rota(example, book))
    windows = Windows()
    judgements = []
    for message in script(example, book):
        context = windows.look(message, book)
        judgement = judge(book, message, context)
        windows.advance(message, context, judgement)
        judgements.append(judgement)
    return Rehearsal(tuple(judgements[:-1]), judgements[-1])


def reach(book: Rulebook, rule: str) -> float:
    """The greatest confidence that a rule has in any of its own bad examples, with its settings in this book.

    Raises:
        KeyError: there is no such rule.
    """
    asked = replace(book.entry(rule), enabled=True, shadow=False, bars=Bars(violation=1.0, review=_LEAST))
    alone = replace(book, entries=(asked,), rooms={})
    rulings = (
        ruling
        for example in asked.rule.examples
        if example.bad
        for ruling in outcome(rehearse(alone, example).final, rule).rulings
    )
    return max((ruling.confidence for ruling in rulings), default=0.0)


def script(example: Example, book: Rulebook) -> Iterator[Message]:
    """The messages of an example in order of time, the judged one last."""
    at = _moment(example.at or WORKING_TUESDAY, book)
    speaker = Member(
        _SPEAKER, example.sender, example.alias, example.kind, example.employee_no, example.kind_known
    )
    for said in sorted(example.before, key=lambda said: -said.ago):
        sender = Member(f"other {said.by}", name=said.by) if said.by else speaker
        yield Message(
            said.text,
            said.type,
            room_id=said.room or _ROOM,
            sender=sender,
            sent_at=at - timedelta(seconds=said.ago),
        )
    yield Message(example.text, example.type, id="judged", room_id=_ROOM, sender=speaker, sent_at=at)


def _rota(example: Example, book: Rulebook) -> Rota:
    return Rota(
        tuple(Shift(_SPEAKER, _moment(start, book), _moment(end, book)) for start, end in example.duty)
    )


def _moment(text: str, book: Rulebook) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=book.calendar.zone)


def outcome(judgement: Judgement, rule: str) -> Outcome:
    """What one rule said."""
    return next(found for found in judgement.outcomes if found.rule == rule)


def failures(rule: str, example: Example, played: Rehearsal) -> Iterator[str]:
    """In which respects an example does not hold for its rule; nothing if it holds.

    A bad one needs its finding on the message itself and none earlier, a good one needs silence throughout.
    """
    for index, judgement in enumerate(played.before):
        if outcome(judgement, rule).rulings:
            yield f"message {index} of its history is already flagged"
    final = outcome(played.final, rule)
    if example.unknown:
        if final.verdict is not Verdict.UNKNOWN:
            yield f"it can't be told, but the outcome is {final.verdict}: {_described(final)}"
    elif final.verdict not in (Verdict.CLEAN, Verdict.REVIEW, Verdict.VIOLATION):
        yield f"the outcome is {final.verdict} ({final.note})"
    elif not example.bad and example.doubtful and final.verdict is Verdict.VIOLATION:
        yield f"it is for people at most, but: {_described(final)}"
    elif not example.bad and not example.doubtful and (final.rulings or final.absorbed):
        yield f"it must be left alone, but: {_described(final)}"
    elif example.bad and not final.rulings:
        yield "it must be flagged, and is not"
    elif example.bad:
        tier = example.tier or Tier.VIOLATION
        if not any(
            ruling.tier is tier and example.category in ("", ruling.category) for ruling in final.rulings
        ):
            yield f"it must be {tier} {example.category}, but: {_described(final)}"


def _described(found: Outcome) -> str:
    return (
        ", ".join(f"{ruling.tier} {ruling.category} {ruling.confidence}" for ruling in found.rulings)
        or found.note
    )


def example_of(row: Mapping[str, Any]) -> Example:
    """An example out of a row of a case table: ``bad`` or ``good`` holds the text, other keys are its fields.

    Raises:
        ValueError: a key nobody knows, a value of the wrong kind, or neither or both of ``bad`` and ``good``.
    """
    known = dict(row)
    side = known.keys() & {"bad", "good"}
    if len(side) != 1:
        raise ValueError(f"a row has either bad or good: {row!r}")
    text = known.pop(flagged := side.pop())
    if not isinstance(text, str):
        raise ValueError(f"a text needs quotes: {row!r}")
    allowed = {item.name for item in fields(Example)} - {"bad", "text"}
    if unknown := known.keys() - allowed:
        raise ValueError(f"unknown keys {sorted(unknown)} in {row!r}")
    for key, kind in (("type", MessageType), ("kind", Kind), ("tier", Tier)):
        if key in known:
            known[key] = kind(known[key])
    known["before"] = _history(known.get("before", ()))
    known["duty"] = tuple((start, end) for start, end in known.get("duty", ()))
    return (bad if flagged == "bad" else good)(text, **known)


def _history(rows: Any) -> list[Any]:
    """Rows of a history; ``times: n`` says one n times, ``every`` (5) seconds apart, last ``ago`` before."""
    said: list[Any] = []
    for row in rows:
        if isinstance(row, str):
            said.append(row)
            continue
        known = dict(row)
        times, every, ago = known.pop("times", 1), known.pop("every", 5.0), known.pop("ago", 5.0)
        kind = MessageType(known.pop("type", MessageType.TEXT))
        said.extend(Said(ago=ago + every * (times - 1 - n), type=kind, **known) for n in range(times))
    return said
