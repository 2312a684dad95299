"""What is handed out of one person: a section for each kind of thing that is kept (PIPL article 45)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

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
    departures,
    enquiries,
    evidence,
    exemptions,
    labels,
    ledger,
    ledger_texts,
    members,
    mergers,
    messages,
    nicknames,
    opinions,
    outbox,
    people,
    requests,
    roles,
    rooms,
    shifts,
    statement_lines,
    statements,
    violations,
    welcomes,
)

Section = tuple[str, Select[*tuple[Any, ...]]]


def sections(who: Selves) -> Iterator[Section]:
    """The name and the query of every section, for whoever holds these keys and contact ids.

    What others said or decided about the person is theirs to see; who said it stands as a key.
    """
    yield from _identity(who)
    yield from _record(who)
    yield from _dealings(who)
    yield from _orders(who)


def _identity(who: Selves) -> Iterator[Section]:
    yield (
        "person",
        select(
            people.c.key,
            people.c.name,
            people.c.kind,
            people.c.employee_no,
            people.c.department,
            people.c.is_head,
            people.c.status,
            people.c.left_on,
            people.c.created_at,
        ).where(people.c.key.in_(who.keys)),
    )
    yield (
        "contact_ids",
        select(bindings.c.contact_id, bindings.c.level, bindings.c.since, bindings.c.until)
        .where(bindings.c.person_key.in_(who.keys), bindings.c.contact_id.in_(who.contact_ids))
        .order_by(bindings.c.id),
    )
    yield (
        "mergers",
        select(mergers)
        .where(or_(mergers.c.merged_key.in_(who.keys), mergers.c.kept_key.in_(who.keys)))
        .order_by(mergers.c.merged_at),
    )
    yield (
        "rooms",
        select(
            rooms.c.topic.label("room"),
            members.c.contact_id,
            members.c.name,
            members.c.alias,
            members.c.first_seen,
            members.c.last_seen,
            members.c.left_at,
        )
        .join(rooms, rooms.c.key == members.c.room_key)
        .where(members.c.contact_id.in_(who.contact_ids))
        .order_by(members.c.first_seen),
    )
    yield (
        "roles",
        select(roles.c.role, roles.c.granted_at, roles.c.revoked_at)
        .where(roles.c.person_key.in_(who.keys))
        .order_by(roles.c.id),
    )
    yield (
        "codes",
        select(claims.c.role, claims.c.used_at)
        .where(claims.c.used_by.in_(who.keys))
        .order_by(claims.c.used_at),
    )


def _record(who: Selves) -> Iterator[Section]:
    theirs = select(violations.c.number).where(violations.c.person_key.in_(who.keys))
    yield (
        "cases",
        select(
            violations.c.number,
            rooms.c.topic.label("room"),
            violations.c.rule,
            violations.c.category,
            violations.c.clause,
            violations.c.points,
            violations.c.waived_points,
            violations.c.state,
            violations.c.confidence,
            violations.c.reason,
            violations.c.sender_name,
            violations.c.sent_at,
            violations.c.created_at,
            violations.c.recorded_by,
            violations.c.filed_rule,
            violations.c.filed_category,
            violations.c.filed_clause,
            violations.c.filed_points,
            violations.c.filed_reason,
            violations.c.decided_by,
            violations.c.decided_at,
            violations.c.noticed_at,
            violations.c.published_at,
            evidence.c.text.label("evidence"),
        )
        .join(rooms, rooms.c.key == violations.c.room_key)
        .outerjoin(evidence, evidence.c.number == violations.c.number)
        .where(violations.c.person_key.in_(who.keys))
        .order_by(violations.c.id),
    )
    yield (
        "decisions",
        select(
            case_moves.c.number,
            case_moves.c.from_state,
            case_moves.c.to_state,
            case_moves.c.moved_by,
            case_moves.c.at,
            case_moves.c.reason,
        )
        .where(case_moves.c.number.in_(theirs))
        .order_by(case_moves.c.id),
    )
    has_case = select(violations.c.id).where(violations.c.number == ledger.c.case).exists()
    yield (
        "points",
        select(
            ledger.c.case,
            ledger.c.rule,
            ledger.c.points,
            ledger.c.kind,
            ledger.c.author_key,
            ledger.c.at,
            ledger_texts.c.reason,
        )
        .outerjoin(
            ledger_texts,
            and_(ledger_texts.c.room_key == ledger.c.room_key, ledger_texts.c.seq == ledger.c.seq),
        )
        .where(or_(ledger.c.case.in_(theirs), and_(ledger.c.person_key.in_(who.keys), ~has_case)))
        .order_by(ledger.c.at, ledger.c.room_key, ledger.c.seq),
    )
    yield (
        "statements",
        select(
            statement_lines.c.month,
            statements.c.published_at,
            statement_lines.c.deducted,
            statement_lines.c.bonus,
            statement_lines.c.restored,
            statement_lines.c.cases,
            statement_lines.c.department,
            statement_lines.c.reached_at,
        )
        .join(statements, statements.c.month == statement_lines.c.month)
        .where(statement_lines.c.person_key.in_(who.keys))
        .order_by(statement_lines.c.month),
    )
    yield "appeals", select(appeals).where(appeals.c.person_key.in_(who.keys)).order_by(appeals.c.filed_at)
    yield "demands", select(demands).where(demands.c.person_key.in_(who.keys)).order_by(demands.c.id)
    yield (
        "examples",
        select(labels.c.number, labels.c.rule, labels.c.text, labels.c.verdict, labels.c.at)
        .where(labels.c.number.in_(theirs))
        .order_by(labels.c.at),
    )
    yield (
        "opinions",
        select(
            opinions.c.number,
            opinions.c.asked_at,
            opinions.c.state,
            opinions.c.violation,
            opinions.c.reason,
            opinions.c.model,
        )
        .where(opinions.c.number.in_(theirs))
        .order_by(opinions.c.asked_at),
    )
    yield (
        "nicknames",
        select(nicknames).where(nicknames.c.person_key.in_(who.keys)).order_by(nicknames.c.id),
    )


def _dealings(who: Selves) -> Iterator[Section]:
    yield (
        "messages",
        select(
            rooms.c.topic.label("room"),
            messages.c.sent_at,
            messages.c.sender_name,
            messages.c.type,
            messages.c.text,
        )
        .outerjoin(rooms, rooms.c.key == messages.c.room_key)
        .where(messages.c.person_key.in_(who.keys))
        .order_by(messages.c.seq),
    )
    yield (
        "told",
        select(outbox.c.created_at, outbox.c.sent_at, outbox.c.state, outbox.c.text)
        .where(outbox.c.private, outbox.c.target.in_(who.contact_ids))
        .order_by(outbox.c.id),
    )
    yield (
        "enquiries",
        select(enquiries).where(enquiries.c.asker.in_(who.keys)).order_by(enquiries.c.asked_at),
    )
    yield (
        "answers",
        select(addressees, enquiries.c.asked_at, enquiries.c.due_at)
        .join(enquiries, enquiries.c.number == addressees.c.number)
        .where(addressees.c.person_key.in_(who.keys))
        .order_by(enquiries.c.asked_at),
    )
    yield (
        "announcements",
        select(announcements)
        .where(announcements.c.author.in_(who.keys))
        .order_by(announcements.c.created_at),
    )
    yield (
        "requests",
        select(requests)
        .where(or_(asked_about(who), requests.c.asked_by.in_(who.keys), requests.c.sponsor.in_(who.keys)))
        .order_by(requests.c.created_at),
    )
    yield (
        "archive",
        select(archive.c.number, archive.c.text, archive.c.tags, archive.c.sent_at, archive.c.at)
        .where(archive.c.sender_key.in_(who.keys))
        .order_by(archive.c.id),
    )


def _orders(who: Selves) -> Iterator[Section]:
    yield (
        "exemptions",
        select(exemptions).where(exemptions.c.person_key.in_(who.keys)).order_by(exemptions.c.id),
    )
    yield "shifts", select(shifts).where(shifts.c.person_key.in_(who.keys)).order_by(shifts.c.id)
    yield (
        "departures",
        select(departures).where(departures.c.person_key.in_(who.keys)).order_by(departures.c.id),
    )
    yield "welcomes", select(welcomes).where(welcomes.c.person_key.in_(who.keys)).order_by(welcomes.c.at)
    yield (
        "log",
        select(audit.c.at, audit.c.action, audit.c.detail)
        .where(audit.c.target.in_((*who.keys, *who.contact_ids)))
        .order_by(audit.c.id),
    )
    # Without the detail, which may be about somebody else.
    yield (
        "acts",
        select(audit.c.at, audit.c.action).where(audit.c.actor.in_(who.keys)).order_by(audit.c.id),
    )


def asked_about(who: Selves) -> ColumnElement[bool]:
    """Which membership requests are about this person."""
    return or_(requests.c.person_key.in_(who.keys), requests.c.contact_id.in_(who.contact_ids))
