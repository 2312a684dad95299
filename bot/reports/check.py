"""`qungui check`: the same judge over an exported log, offline, line by line, in constant memory.

One JSON object a line goes in, in chronological order; one comes out for each, in the same order. A line
that is no such object becomes an error object, and the rest goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from math import isfinite
from typing import Annotated, Any, BinaryIO

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StrictStr, ValidationError

from rules.core.book import Rulebook
from rules.core.compare import by_room
from rules.core.context import Windows
from rules.core.duty import worn_by
from rules.core.judge import judge
from rules.core.model import Judgement, Kind, Member, Message, MessageType, Tier
from rules.core.roster import Roster
from rules.reading.normalize import NormalisationTable

LONGEST_LINE = 4 * 1024 * 1024
MISTAKES_SHOWN = 5
BOM = b"\xef\xbb\xbf"


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("must carry an offset, such as 2026-10-08T22:30:00+08:00")
    return moment


def _timestamp(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("must be an ISO 8601 string with an offset")
    return value


class Line(BaseModel):
    """One line of a log; everything but ``text`` may be missing, other keys are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    text: StrictStr
    id: Any = None
    room: StrictStr | None = None
    room_id: StrictStr | None = None
    sender: StrictStr | None = None
    sender_id: StrictStr | None = None
    alias: StrictStr | None = None
    kind: Kind | None = None
    type: MessageType | None = None
    sent_at: Annotated[datetime, BeforeValidator(_timestamp), AfterValidator(_aware)] | None = None
    mentions: tuple[StrictStr, ...] | None = None

    def message(self) -> Message:
        """The message that the line describes; what is missing stays unknown."""
        sender = None
        if any(value is not None for value in (self.sender, self.sender_id, self.alias, self.kind)):
            sender = Member(
                id=self.sender_id or self.sender or "",
                name=self.sender or "",
                alias=self.alias,
                kind=self.kind or Kind.EMPLOYEE,
            )
        return Message(
            text=self.text,
            type=self.type or MessageType.TEXT,
            id=str(self.id) if self.id is not None else None,
            room_id=self.room_id or self.room or "",
            room=self.room or "",
            sender=sender,
            sent_at=self.sent_at,
            mentions=self.mentions or (),
            called=self.mentions or (),
        )


class Belief:
    """Takes whoever wears a right nickname for that line of the roster, as long as nobody else wears it, too.

    A log has no other proof. The bot itself never believes a name (:mod:`bot.pipeline.record`): in a group anybody can
    put one on. Nor is anybody believed who has no id.

    Args:
        roster: the employees.
        table: folds nicknames.
    """

    def __init__(self, roster: Roster, table: NormalisationTable) -> None:
        self._directory = roster.directory(table) if roster.known else None
        self._wearers: dict[str, set[str]] = {}

    def of(self, message: Message) -> Message:
        """The message, its sender with the number of the line that they are taken for."""
        sender = message.sender
        if self._directory is None or sender is None or not sender.id or sender.kind is not Kind.EMPLOYEE:
            return message
        line = worn_by(sender, self._directory)
        if line is None:
            return message
        wearers = self._wearers.setdefault(line.employee_no, set())
        wearers.add(sender.id)
        if len(wearers) > 1:
            return message
        return replace(message, sender=replace(sender, employee_no=line.employee_no))


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one line: the object to print, whether it was broken, and the gravest tier found."""

    report: dict[str, Any]
    broken: bool = False
    tier: Tier | None = None

    def json(self) -> str:
        """The object as one line; lone surrogates, which JSON can hold and UTF-8 can't, are escaped."""
        line = json.dumps(self.report, ensure_ascii=False)
        try:
            line.encode()
        except UnicodeEncodeError:
            return json.dumps(self.report)
        return line


def lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream; one that is longer than :data:`LONGEST_LINE` comes cut, so memory stays bounded."""
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
        yield line


def parse(lines: Iterable[bytes]) -> Iterator[tuple[int, Line | str]]:
    """Each line that is not blank, by its number from 1; in place of a broken one, what is wrong with it."""
    for number, raw in enumerate(lines, start=1):
        if number == 1:
            raw = raw.removeprefix(BOM)
        if raw.strip():
            yield number, _parse(raw)


def check(lines: Iterable[bytes], book: Rulebook) -> Iterator[Checked]:
    """Judge a chronological log line by line; blank lines give nothing, but are counted.

    A room that the configuration gives rules of its own is judged by them.
    """
    windows, book_of = Windows(), by_room(book)
    belief = Belief(book.roster, book.reader.table)
    for number, parsed in parse(lines):
        if isinstance(parsed, str):
            yield Checked({"line": number, "error": parsed}, broken=True)
            continue
        message = belief.of(parsed.message())
        own = book_of(message)
        context = windows.look(message, own)
        judgement = judge(own, message, context)
        windows.advance(message, context, judgement)
        yield _report(parsed.id, judgement)


def _parse(raw: bytes) -> Line | str:
    """The line, or what is wrong with it; an error never repeats what stood there."""
    if len(raw) > LONGEST_LINE:
        return f"line is longer than {LONGEST_LINE} bytes"
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_constant, parse_float=_finite)
    except UnicodeDecodeError as failure:
        return f"not UTF-8 at byte {failure.start}"
    except json.JSONDecodeError as failure:
        return f"not JSON: {failure.msg} at column {failure.colno}"
    except RecursionError:
        return "not JSON: nested too deeply"
    except ValueError:
        return "not JSON: NaN, an infinity, or a number that is too long"
    if not isinstance(value, dict):
        return "not a JSON object"
    try:
        return Line.model_validate(value)
    except ValidationError as failure:
        wrong = failure.errors(include_url=False, include_input=False, include_context=False)[:MISTAKES_SHOWN]
        return "; ".join(
            f"{'.'.join(str(part) for part in error['loc'])}: {error['msg'].removeprefix('Value error, ')}"
            for error in wrong
        )


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _finite(digits: str) -> float:
    """A number that can be written again: JSON has no sign for one beyond all floats, such as 1e400."""
    number = float(digits)
    if not isfinite(number):
        raise ValueError("too large")
    return number


def _report(copied_id: Any, judgement: Judgement) -> Checked:
    rulings = judgement.rulings
    findings = [
        {
            "rule": ruling.rule,
            "clause": ruling.clause,
            "confidence": ruling.confidence,
            "tier": ruling.tier.value,
            "points": ruling.points,
            "spans": [list(span) for span in ruling.spans],
        }
        for ruling in rulings
    ]
    report: dict[str, Any] = {"id": copied_id, "findings": findings}
    if judgement.crashed:
        report["crashed"] = [outcome.rule for outcome in judgement.crashed]
    sure = any(ruling.tier is Tier.VIOLATION for ruling in rulings)
    tier = Tier.VIOLATION if sure else Tier.REVIEW if rulings else None
    return Checked(report, tier=tier)
