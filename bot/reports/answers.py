"""How a request for answers stands, as facts for the texts that tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.masking import personal_data_hidden
from bot.pipeline.notice import shown
from rules.procedure.reply import State
from rules.reading.asks import without_calls
from storage.records import Addressee, Enquiry

EXCERPT = 30
NAMED = 30
TITLES = {
    State.DONE: "已完成",
    State.CAN: "可以办理",
    State.RECEIVED: "已收到",
    State.CANNOT: "有困难或未收到",
    State.EXCUSED: "请假",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One person who was asked, and what they are called, fit to be shown."""

    addressee: Addressee
    label: str


def excerpt(enquiry: Enquiry) -> str:
    """The beginning of a request in one line, personal data hidden."""
    return shown(" ".join(personal_data_hidden(without_calls(enquiry.text)).split()), EXCERPT)


def facts(enquiry: Enquiry, lines: Sequence[Line], zone: tzinfo) -> dict[str, object]:
    """What the texts ``answers.summary`` and ``answers.summary_public`` tell."""
    missing = [line for line in lines if line.addressee.state == State.MISSING]
    groups = []
    for state, title in TITLES.items():
        these = [line for line in lines if line.addressee.state == state]
        if these:
            groups.append({"title": title, "count": len(these), "names": _names(these, enquiry)})
    return {
        "number": enquiry.number,
        "text": excerpt(enquiry),
        "asked": _stamp(enquiry.asked_at, zone),
        "due": _stamp(enquiry.due_at, zone),
        "all": len(lines),
        "answered": sum(line.addressee.answered_at is not None for line in lines),
        "groups": groups,
        "missing": len(missing),
        "missing_names": _names(missing, enquiry),
    }


def _names(lines: Sequence[Line], enquiry: Enquiry) -> str:
    names = "、".join(_name(line, enquiry) for line in lines[:NAMED])
    return names + (f" 等 {len(lines)} 人" if len(lines) > NAMED else "")


def _name(line: Line, enquiry: Enquiry) -> str:
    one = line.addressee
    notes = [f"预计 {one.expected}"] if one.expected and one.state != State.DONE else []
    if one.answered_at is not None and one.answered_at > enquiry.due_at:
        notes.append("逾期回复")
    return (line.label or "已退群成员") + (f"（{'，'.join(notes)}）" if notes else "")


def _stamp(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%m-%d %H:%M")
