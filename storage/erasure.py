"""What erasing one person means for every table (PIPL article 47): texts, evidence, names and ids go, points stay."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    Delete,
    Select,
    Update,
    and_,
    bindparam,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.audit import CLAIM_ISSUED, SENDING_RESUMED
from storage.disclosure import asked_about
from storage.doubt import CONTESTED
from storage.records import SYSTEM, CaseState
from storage.selves import Selves
from storage.tables import (
    addressees,
    announcements,
    appeals,
    archive,
    audit,
    bindings,
    case_moves,
    claims,
    demands,
    enquiries,
    evidence,
    inbox,
    labels,
    ledger,
    ledger_texts,
    members,
    messages,
    opinions,
    outbox,
    people,
    request_steps,
    requests,
    violations,
)
from storage.traces import Traces, holds

ERASED = "data erased"
"""Why what waited for the person has ended, as it stands in its history."""

_UNSENT = ("pending", "waiting")
_CASE_WORDS = ("reason", "signs", "graver_reason", "graver_signs", "filed_reason", "filed_signs")


async def erase(connection: AsyncConnection, who: Selves, now: datetime) -> dict[str, int]:
    """Erase a person; returns how many of what."""
    counts = {"ended": await _end(connection, who, now)}
    for part in (_texts, _sent, _log, _identity):
        counts |= await part(connection, who)
    return counts


def _cases(who: Selves) -> Select[tuple[str]]:
    return select(violations.c.number).where(violations.c.person_key.in_(who.keys))


async def _asked(connection: AsyncConnection, who: Selves) -> list[str]:
    """Numbers of what they asked others to answer: cases and reminders quote it."""
    return list(await connection.scalars(select(enquiries.c.number).where(enquiries.c.asker.in_(who.keys))))


def _unanswered(who: Selves) -> Select[tuple[str]]:
    """Others' cases about an answer that did not come to them: what such a case rests on is what was asked."""
    return (
        select(addressees.c.overdue_case)
        .join(enquiries, enquiries.c.number == addressees.c.number)
        .where(enquiries.c.asker.in_(who.keys), addressees.c.overdue_case != "")
    )


def _requested(who: Selves) -> ColumnElement[bool]:
    """Requests about them, and those that know nothing of theirs but the name."""
    called = requests.c.name.in_((*who.names, *who.nicknames))
    named = and_(called, requests.c.contact_id == "", requests.c.person_key == "")
    return or_(asked_about(who), named)


async def _end(connection: AsyncConnection, who: Selves, now: datetime) -> int:
    """End what waits for an answer of theirs, or for a decision that nobody can tell them."""
    ended = 0
    appealed = await connection.execute(
        update(appeals)
        .where(appeals.c.number.in_(_cases(who)), appeals.c.state == "open")
        .values(state="lapsed", decided_by=SYSTEM, decided_at=now)
        .returning(appeals.c.number)
    )
    for (number,) in appealed.all():
        before = await connection.scalar(
            select(case_moves.c.from_state)
            .where(case_moves.c.number == number, case_moves.c.to_state == CaseState.APPEALED)
            .order_by(case_moves.c.id.desc())
            .limit(1)
        )
        ended += 1
        if before is not None:
            await _move(connection, number, CaseState.APPEALED, CaseState(before), now)
    waiting = await connection.execute(_cases(who).where(violations.c.state == CaseState.REVIEW))
    for number in [row.number for row in waiting]:
        ended += await _move(connection, number, CaseState.REVIEW, CaseState.DISMISSED, now)
    closed = {"closed_by": SYSTEM, "closed_at": now}
    return ended + await _count(
        connection,
        update(demands)
        .where(demands.c.number.in_(_cases(who)), demands.c.closed_at.is_(None))
        .values(state="cancelled", **closed),
        update(enquiries)
        .where(enquiries.c.asker.in_(who.keys), enquiries.c.state == "open")
        .values(state="closed", closed_at=now, summary_at=now),
        update(requests)
        .where(_requested(who), requests.c.done_at.is_(None))
        .values(state="withdrawn", done_at=now),
        update(announcements)
        .where(
            announcements.c.author.in_(who.keys),
            announcements.c.state.in_(("draft", "submitted", "returned")),
        )
        .values(state="withdrawn"),
    )


async def _move(
    connection: AsyncConnection, number: str, present: CaseState, to_state: CaseState, now: datetime
) -> int:
    decided = {} if to_state is not CaseState.DISMISSED else {"decided_by": SYSTEM, "decided_at": now}
    moved = await connection.execute(
        update(violations)
        .where(violations.c.number == number, violations.c.state == present)
        .values(state=to_state, **decided)
    )
    if moved.rowcount:
        await connection.execute(
            case_moves.insert().values(
                number=number, from_state=present, to_state=to_state, moved_by=SYSTEM, at=now, reason=""
            )
        )
    return moved.rowcount


async def _texts(connection: AsyncConnection, who: Selves) -> dict[str, int]:
    """What they wrote, and what was written about it."""
    cases = _cases(who)
    quoting = cases.union_all(_unanswered(who))
    said = select(messages.c.message_id).where(messages.c.person_key.in_(who.keys))
    has_case = select(violations.c.id).where(violations.c.number == ledger.c.case).exists()
    booked = (
        select(ledger.c.seq)
        .where(
            ledger.c.room_key == ledger_texts.c.room_key,
            ledger.c.seq == ledger_texts.c.seq,
            or_(ledger.c.case.in_(cases), and_(ledger.c.person_key.in_(who.keys), ~has_case)),
        )
        .exists()
    )
    quoted = (
        select(ledger.c.seq)
        .where(
            ledger.c.room_key == ledger_texts.c.room_key,
            ledger.c.seq == ledger_texts.c.seq,
            ledger.c.case.in_(_unanswered(who)),
        )
        .exists()
    )
    theirs = select(requests.c.number).where(_requested(who))
    await _count(
        connection,
        update(inbox).where(inbox.c.message_id.in_(said)).values(outcomes=""),
        update(case_moves).where(case_moves.c.number.in_(cases)).values(reason=""),
        update(request_steps).where(request_steps.c.number.in_(theirs)).values(remark=""),
        # The digest of a nickname can be guessed: there are few that are worn.
        update(violations)
        .where(
            violations.c.person_key.in_(who.keys), func.substr(violations.c.message_id, 1, 9) == "nickname "
        )
        .values(message_id=literal("erased ") + violations.c.number),
        update(ledger_texts).where(quoted).values(evidence=None),
    )
    nothing = {"name": "", "department": "", "company": "", "remark": "", "contact_id": "", "person_key": ""}
    return {
        "archive": await _count(
            connection,
            update(archive)
            .where(or_(archive.c.sender_key.in_(who.keys), archive.c.message_id.in_(said)))
            .values(sender_name="", sender_key=""),
        ),
        "messages": await _count(connection, delete(messages).where(messages.c.person_key.in_(who.keys))),
        "evidence": await _count(connection, delete(evidence).where(evidence.c.number.in_(quoting))),
        "ledger_texts": await _count(connection, delete(ledger_texts).where(booked)),
        "opinions": await _count(connection, delete(opinions).where(opinions.c.number.in_(quoting))),
        "examples": await _count(connection, delete(labels).where(labels.c.number.in_(quoting))),
        "appeals": await _count(
            connection, update(appeals).where(appeals.c.number.in_(cases)).values(reason="", decision="")
        ),
        "demands": await _count(
            connection, update(demands).where(demands.c.number.in_(cases)).values(text="", answer="")
        ),
        "enquiries": await _count(
            connection, update(enquiries).where(enquiries.c.asker.in_(who.keys)).values(text="")
        ),
        "requests": await _count(
            connection, update(requests).where(requests.c.number.in_(theirs)).values(**nothing)
        ),
        "cases": await _count(
            connection,
            update(violations)
            .where(violations.c.person_key.in_(who.keys))
            .values(sender_id="", sender_name="", **dict.fromkeys(_CASE_WORDS, "")),
        ),
    }


async def _sent(connection: AsyncConnection, who: Selves) -> dict[str, int]:
    """What the bot said to them, or of them; what was not said yet is not said to them any more."""
    to_them = or_(
        and_(outbox.c.private, outbox.c.target.in_(who.contact_ids)),
        outbox.c.case.in_(_cases(who)),
        holds(outbox.c.mentions, [json.dumps(one) for one in who.contact_ids]),
    )
    quoting = holds(outbox.c.text, await _asked(connection, who))
    silenced = await _count(
        connection,
        update(outbox).where(outbox.c.state.in_(_UNSENT), to_them).values(state="dropped"),
    )
    told = await _count(
        connection,
        update(outbox)
        .where(outbox.c.state.not_in(_UNSENT), or_(to_them, quoting), outbox.c.text != "")
        .values(text="", mentions="[]"),
        update(outbox).where(outbox.c.private, outbox.c.target.in_(who.contact_ids)).values(target=""),
    )
    told += await _veil(connection, who, outbox.c.text, outbox.c.state.not_in(_UNSENT))
    return {"unsent": silenced, "sent": told}


async def _log(connection: AsyncConnection, who: Selves) -> dict[str, int]:
    """Their names and ids in the audit, whose entries stay."""
    marks = [*who.contact_ids, *who.names]
    # Who was taken for whom is nothing but names and ids.
    doubts = delete(audit).where(
        audit.c.action == CONTESTED,
        or_(
            audit.c.target.in_(who.nicknames),
            holds(audit.c.target, marks),
            holds(audit.c.detail, [*marks, *who.keys]),
        ),
    )
    about = or_(
        audit.c.target.in_((*who.keys, *marks)),
        holds(audit.c.detail, who.contact_ids),
        and_(audit.c.action == CLAIM_ISSUED, audit.c.detail.in_(who.employee_nos)),
    )
    # What the program reads again says nothing more of them: doubts are gone by then, the other is a moment.
    read = audit.c.action.not_in((SENDING_RESUMED, CONTESTED))
    return {
        "log": await _count(
            connection,
            doubts,
            update(audit).where(read, about, audit.c.detail != "").values(detail=""),
            update(audit).where(audit.c.target.in_(marks)).values(target=""),
        )
        + await _veil(connection, who, audit.c.detail, read)
    }


async def _veil(
    connection: AsyncConnection, who: Selves, column: Column[str], among: ColumnElement[bool]
) -> int:
    """Take their names out of a column; returns out of how many rows."""
    table, traces = column.table, Traces.of(who)
    found = await connection.execute(
        select(table.c.id, column).where(among, holds(column, traces.marks)).with_for_update()
    )
    changed = [
        {"of": number, "left": left} for number, text in found if (left := traces.left_of(text)) != text
    ]
    if changed:
        cut = update(table).where(table.c.id == bindparam("of")).values({column.name: bindparam("left")})
        await connection.execute(cut, changed)
    return len(changed)


async def _identity(connection: AsyncConnection, who: Selves) -> dict[str, int]:
    """Who they are; what belongs to a person goes with the row in ``people``."""
    answers = await _count(connection, delete(addressees).where(addressees.c.person_key.in_(who.keys)))
    bound = await _count(connection, delete(bindings).where(bindings.c.person_key.in_(who.keys)))
    codes = or_(claims.c.used_by.in_(who.keys), claims.c.employee_no.in_(who.employee_nos))
    await connection.execute(delete(claims).where(codes))
    return {
        "answers": answers,
        "names": await _count(connection, delete(members).where(members.c.contact_id.in_(who.contact_ids))),
        "bindings": bound,
        "people": await _count(connection, delete(people).where(people.c.key.in_(who.keys))),
    }


async def _count(connection: AsyncConnection, *statements: Update | Delete) -> int:
    return sum([(await connection.execute(statement)).rowcount for statement in statements])
