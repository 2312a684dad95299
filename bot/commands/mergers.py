"""`/合并`: two records are one person's, HR says, and says why; `/合并 拆分` takes exactly that back.

Points, open appeals and contact ids go from one record to the other, which is a way to lose points: so nobody does it
with a record of their own, both sides are shown first, whoever is concerned hears of it, and so do the supervisors. A
plain name is not taken: between being shown and being confirmed somebody else could put it on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.commands.docket import NUMBER, name_of
from bot.commands.entries import asked, page_of
from bot.commands.grants import beyond
from bot.commands.parse import behind
from bot.commands.points import signed
from bot.commands.table import Action, Answer, Call, Command, Counter, Refused
from bot.commands.times import stamp
from bot.commands.whom import called, is_oneself, meant
from bot.pipeline.notice import SUPERVISION, shown
from bot.pipeline.places import Place
from storage.errors import Conflict
from storage.records import AuditEntry, Binding, CaseState, Employment, Merger, Outgoing, Person, Role
from storage.session import UnitOfWork

HR = frozenset({Role.HR_LEAD})
PAGE = 8
CASES_COUNTED = 1000
REASON_LENGTH = 120


@dataclass(frozen=True, slots=True)
class _Record:
    """One of two records: who it is, and what is said where text and mention disagree."""

    person: Person
    note: str = ""


async def merge(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Put one record to another; both are shown first.

    Raises:
        Refused: one of them is the caller's own or beyond their say, no reason is given, or they don't go together.
    """
    reason = behind(call.rest, 2).strip()
    if len(call.words) < 3 or not reason:
        raise Refused(desk.texts.render("mergers.usage"))
    merged = await _record(desk, unit, call, call.words[0])
    kept = await _record(desk, unit, call, call.words[1])
    await _require_others(desk, unit, call, merged.person, kept.person)
    _require_fitting(desk, merged.person, kept.person)
    facts = {
        "merged": await _told_of(unit, merged.person, call.now),
        "kept": await _told_of(unit, kept.person, call.now),
        "reason": shown(reason, REASON_LENGTH),
        "note": merged.note or kept.note,
    }
    if not call.sure:
        preview = desk.texts.render("mergers.ask", **facts)
        return Answer(f"{preview}\n{asked(desk, '合并 并入', call)}", private=True)
    try:
        made = await unit.mergers.merge(
            merged.person.key, kept.person.key, call.sender.key, shown(reason, REASON_LENGTH), call.now
        )
    except Conflict as conflict:
        refusal = _because(desk, conflict.present, merged.person, kept.person)
        raise Refused(refusal, private=True) from None
    tally = await unit.mergers.tally(made.number)
    now = await unit.people.get(kept.person.key) or kept.person
    moved = f"案件 {tally['violations']} 个，账号 {tally['bindings']} 个"
    detail = f"{made.number}：{made.merged_key}，{moved}，{made.reason}"
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "records merged", made.kept_key, detail))
    alert = desk.texts.render("mergers.alert", number=made.number, by=called(call.sender), **facts)
    told = desk.texts.render(
        "mergers.told", number=made.number, cases=tally["violations"], reason=facts["reason"]
    )
    also = (
        *_alerted(call, alert),
        *_words(call, (merged.person, kept.person), told),
    )
    text = desk.texts.render(
        "mergers.done",
        number=made.number,
        cases=tally["violations"],
        appeals=tally["appeals"],
        ids=tally["bindings"],
        unsure=now.binding is not Binding.CONFIRMED,
        **facts,
    )
    return Answer(text, private=True, also=also, changes_policy=True)


async def split(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Take a merger back; what would return is shown first.

    Raises:
        Refused: there is no such merger, it was taken back, or a record of it is the caller's own.
    """
    reason = behind(call.rest, 1).strip()
    if len(call.words) < 2 or not reason:
        raise Refused(desk.texts.render("mergers.usage_split"))
    made = await unit.mergers.get(call.words[0])
    merged = await unit.people.get(made.merged_key) if made else None
    kept = await unit.people.get(made.kept_key) if made else None
    if made is None or merged is None or kept is None:
        raise Refused(desk.texts.render("mergers.unknown", number=shown(call.words[0])))
    await _require_others(desk, unit, call, merged, kept)
    tally = await unit.mergers.tally(made.number)
    facts = {
        "number": made.number,
        "merged": await _told_of(unit, merged, call.now),
        "kept": await _told_of(unit, kept, call.now),
        "cases": tally["violations"],
        "ids": tally["bindings"],
        "reason": shown(reason, REASON_LENGTH),
    }
    if made.split_at is None and not call.sure:
        preview = desk.texts.render("mergers.ask_split", **facts)
        return Answer(f"{preview}\n{asked(desk, '合并 拆分', call)}", private=True)
    try:
        await unit.mergers.split(made.number, call.sender.key, shown(reason, REASON_LENGTH), call.now)
    except Conflict as conflict:
        again = conflict.present == "split"
        key = "mergers.split_before" if again else "mergers.later"
        raise Refused(desk.texts.render(key, number=made.number, later=conflict.present)) from None
    detail = f"{made.number}：{made.merged_key}，{shown(reason, REASON_LENGTH)}"
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "records split", made.kept_key, detail))
    alert = desk.texts.render("mergers.alert_split", by=called(call.sender), **facts)
    told = desk.texts.render("mergers.told_split", number=made.number, reason=facts["reason"])
    apart = await unit.people.get(made.merged_key) or merged
    also = (*_alerted(call, alert), *_words(call, (kept, apart), told))
    return Answer(desk.texts.render("mergers.split", **facts), private=True, also=also, changes_policy=True)


async def _record(desk: Counter, unit: UnitOfWork, call: Call, word: str) -> _Record:
    """The record that a mention, an employee number or the number of one of its cases means.

    Raises:
        Refused: it is none of these, or there is no such record.
    """
    if word[:1] in ("@", "＠") and call.mentions:
        found = await meant(desk, unit, call, word, left=True)
        return _Record(found.person, found.note)
    for number in dict.fromkeys((word, word.upper())):
        if (person := await unit.people.by_employee_no(number)) is not None:
            return _Record(person)
    case = await unit.cases.get(word) if NUMBER.fullmatch(word) else None
    person = await unit.people.get(case.person_key) if case and case.state is not CaseState.SHADOW else None
    if person is None:
        raise Refused(desk.texts.render("mergers.nobody", word=shown(word)))
    return _Record(person)


async def _require_others(desk: Counter, unit: UnitOfWork, call: Call, *people: Person) -> None:
    for person in people:
        if await is_oneself(unit, call, person):
            entry = AuditEntry(
                call.now, call.sender.key, "merger refused", person.key, "a record of their own"
            )
            await unit.audit.add(entry)
            raise Refused(desk.texts.render("people.oneself"))
        if await beyond(unit, call, person):
            raise Refused(desk.texts.render("mergers.protected", who=called(person)))


def _require_fitting(desk: Counter, merged: Person, kept: Person) -> None:
    """Refuse before anything is shown what storage would refuse anyway, as far as the records themselves say so."""
    reason = ""
    if merged.key == kept.key:
        reason = "same"
    elif merged.holds_role:
        reason = "role"
    elif merged.employee_no and merged.status == Employment.ACTIVE:
        reason = "active"
    elif kept.status == Employment.LEFT:
        reason = "left"
    elif merged.kind != kept.kind:
        reason = "kind"
    elif Binding.PROBABLE in (merged.binding, kept.binding):
        reason = "guess"
    if reason:
        raise Refused(_because(desk, reason, merged, kept), private=True)


def _because(desk: Counter, reason: str, merged: Person, kept: Person) -> str:
    guessed = merged if merged.binding is Binding.PROBABLE else kept
    return desk.texts.render(
        "mergers.refused", reason=reason, merged=called(merged), kept=called(kept), guessed=called(guessed)
    )


async def _told_of(unit: UnitOfWork, person: Person, now: datetime) -> dict[str, object]:
    """What tells a record from another of the same name."""
    cases = await unit.cases.list(person_key=person.key, limit=CASES_COUNTED, bonuses=True)
    rows = await unit.rooms.attendance(person_keys=(person.key,))
    return {
        "who": called(person),
        "left": person.status == Employment.LEFT,
        "role": person.holds_role or person.is_head,
        "exempt": sum(1 for one in await unit.exemptions.active(now) if one.person_key == person.key),
        "ids": len({row.contact_id for row in rows}),
        "labels": "、".join(dict.fromkeys(shown(row.label) for row in rows[:3])),
        "cases": len(cases),
        "appealed": sum(1 for case in cases if case.state is CaseState.APPEALED),
        "points": signed(await unit.ledger.total(person.key)),
    }


def _alerted(call: Call, text: str) -> tuple[Outgoing, ...]:
    """Word for the supervisors, unless it was done before their eyes."""
    if call.place is Place.SUPERVISION:
        return ()
    unique = f"merger {call.message_id}"
    return (Outgoing(SUPERVISION, text, call.now, call.now, kind="alert", unique=unique),)


def _words(call: Call, people: tuple[Person, ...], text: str) -> tuple[Outgoing, ...]:
    """A private word to everybody whose record it is for certain."""
    ids = dict.fromkeys(one.contact_id for one in people if one.binding is Binding.CONFIRMED)
    return tuple(
        Outgoing(
            contact_id,
            text,
            call.now,
            call.now,
            kind="notice",
            private=True,
            unique=f"merger {call.message_id} {contact_id}",
        )
        for contact_id in ids
    )


async def listed(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Who put together whose records when and why, newest first, and what of it was taken back."""
    page = page_of(call)
    found = await unit.mergers.recent(page * PAGE + 1)
    rows = [await _row(desk, unit, call, made) for made in found[(page - 1) * PAGE : page * PAGE]]
    text = desk.texts.render("mergers.list", rows=rows, page=page, more=len(found) > page * PAGE)
    return Answer(text, private=True)


async def _row(desk: Counter, unit: UnitOfWork, call: Call, made: Merger) -> dict[str, object]:
    merged, kept = await unit.people.get(made.merged_key), await unit.people.get(made.kept_key)
    zone = desk.book().calendar.zone
    return {
        "number": made.number,
        "merged": called(merged) if merged else "",
        "kept": called(kept) if kept else "",
        "at": stamp(made.merged_at, call.now, zone),
        "by": await name_of(unit, made.merged_by),
        "reason": shown(made.reason, REASON_LENGTH),
        "split": stamp(made.split_at, call.now, zone) if made.split_at else "",
        "split_by": await name_of(unit, made.split_by),
        "split_reason": shown(made.split_reason, REASON_LENGTH),
    }


async def bare(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """The list; anything else behind the command is a slip."""
    if call.words:
        raise Refused(desk.texts.render("mergers.usage"))
    return await listed(desk, unit, call)


COMMANDS = (
    Command(
        name="合并",
        english="merge",
        aliases=("合併",),
        summary="同一个人有两份记录时合并，合错了可以拆分",
        actions=(
            Action(
                name="",
                english="",
                roles=HR,
                arguments="",
                summary="合并过的记录：谁、何时、为什么",
                examples=(("/合并", "合并过的记录"),),
                run=bare,
            ),
            Action(
                name="并入",
                english="into",
                aliases=("並入",),
                roles=HR,
                arguments="记录 保留的记录 理由",
                summary="把前一份记录的案件、申诉和微信号并入后一份；记录以工号、案件编号或@指明",
                examples=(
                    ("/合并 并入 V-7K2QM E1006 换过手机的同一人", "先核对两边的信息"),
                    ("/合并 并入 V-7K2QM E1006 换过手机的同一人 确认", "核对无误，合并"),
                ),
                run=merge,
                asks=True,
            ),
            Action(
                name="拆分",
                english="split",
                aliases=("撤销", "解除"),
                roles=HR,
                arguments="合并编号 理由",
                summary="撤销一次合并，转过去的逐项转回",
                examples=(("/合并 拆分 M-7K2QM 不是同一人", "先看会转回什么；确定后在末尾加“确认”"),),
                run=split,
                asks=True,
            ),
            Action(
                name="列表",
                english="list",
                roles=HR,
                arguments="[页]",
                summary="分页列出合并过的记录",
                examples=(("/合并 列表", "合并过的记录"),),
                run=listed,
            ),
        ),
    ),
)
