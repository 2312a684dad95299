"""Where a case and its appeal stand, as far as the next step depends on it (policy 6.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.pipeline.leave import leave_of
from bot.pipeline.notice import shown
from rules.core.book import Rulebook
from rules.procedure.appeal import Standing, State, Window, eligible, runs_from, window
from storage.records import SYSTEM, Appeal, Case, CaseMove, CaseState, Role
from storage.session import UnitOfWork

ADMITTED = "appeal admitted "
"""Prefix of what is remembered of cases against which HR allows a late appeal."""


@dataclass(frozen=True, slots=True)
class File:
    """A case and its appeal.

    Attributes:
        appeal: ``None`` before one is filed.
        since: from when the time for filing one runs; ``None`` while nothing is published, or has reached its subject.
        window: until when one may be filed; ``None`` as long.
    """

    case: Case
    appeal: Appeal | None
    moves: tuple[CaseMove, ...]
    standing: Standing
    since: datetime | None
    window: Window | None

    @property
    def before(self) -> CaseState:
        """In which state the case was when the appeal was filed."""
        filed = [move.from_state for move in self.moves if move.to_state is CaseState.APPEALED]
        return filed[-1] if filed else self.case.state


async def opened(unit: UnitOfWork, case: Case, book: Rulebook, days: int, reader: str = SYSTEM) -> File:
    """Read everything about a case that an appeal depends on, as it looks to one reader.

    Whoever confirmed it, or is its subject, under another record is the same person.

    Args:
        days: how many working days a published result may be appealed against.
        reader: person key of whoever wants to take a step.
    """
    moves = tuple(await unit.cases.history(case.number))
    appeal = await unit.appeals.get(case.number)
    entries = await unit.ledger.entries(case.number)
    confirmers = {
        move.by
        for move in moves
        if move.to_state is CaseState.CONFIRMED and move.from_state is not CaseState.APPEALED
    } | {entry.author_key for entry in entries if entry.points < 0}
    confirmers.discard(SYSTEM)
    subject = case.person_key
    if reader != SYSTEM:
        ever = await unit.people.ever(reader)
        if confirmers & ever.person_keys:
            confirmers.add(reader)
        subject = reader if subject in ever.person_keys else subject
    since = await _since(unit, case)
    away = await leave_of(unit, case.person_key, book)
    span = window(since, book.calendar, days, away) if since is not None else None
    standing = Standing(
        state=State(appeal.state) if appeal is not None else State.NONE,
        case=case.state.value,
        subject=subject,
        confirmed_by=frozenset(confirmers),
        closes=span.closes if span is not None else None,
    )
    return File(case, appeal, moves, standing, since, span)


async def admit(unit: UnitOfWork, number: str, now: datetime) -> None:
    """Let the time for filing an appeal run anew."""
    await unit.meta.set(f"{ADMITTED}{number}", now.isoformat())


async def _since(unit: UnitOfWork, case: Case) -> datetime | None:
    """From when the time for filing runs; what stands in no statement is published by its notice."""
    line = await unit.statements.entered(case.number)
    reached = case.published_at if line is None else line.reached_at
    admitted = await unit.meta.get(f"{ADMITTED}{case.number}")
    return runs_from(case.published_at, reached, datetime.fromisoformat(admitted) if admitted else None)


async def deciders(unit: UnitOfWork, file: File) -> tuple[str, ...]:
    """Names of the HR leads who may decide; empty if somebody else has to be given the role first."""
    leads = {person.key: person for person in await unit.people.with_role(Role.HR_LEAD)}
    return tuple(shown(leads[key].name) or "（未知姓名）" for key in eligible(file.standing, tuple(leads)))
