"""What the bot says by itself about cases: the notice in the group, the item for the review queue, crash reports.

A notice names the sender, clause, points, case number and how to appeal; it never repeats the offending words
(policy: what fairness asks). Nothing is sent here: every text becomes a row of the outbox.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.gateway.port import IncomingMessage
from bot.masking import personal_data_hidden
from bot.texts import Texts
from rules.core.book import Rulebook
from rules.core.model import Judgement, Tier
from rules.procedure.penalty import Decision, Silence, notice_due
from storage.records import Case, CaseState, Outgoing
from storage.session import UnitOfWork

NOTICES = "notices"
"""Merge key of the public notices of cases."""

SUPERVISION = "@supervision"
"""Target of what is for the supervisors, wherever their room is; without one it waits."""

ITEMS_PER_HOUR = 3
"""So many cases of one person in an hour are put before the supervisors one by one."""

HOUR = timedelta(hours=1)
QUEUED = frozenset({CaseState.REVIEW, CaseState.SHADOW})

NAME_LENGTH = 24
EXCERPT_LENGTH = 90
GLANCE_LENGTH = 36
WHOLE_LENGTH = 600


def shown(name: str, length: int = NAME_LENGTH) -> str:
    """A name that is safe to show: one line, no control or direction marks, no mention signs, bounded."""
    kept = "".join(
        " " if char.isspace() else char
        for char in name
        if char != "@" and unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    ).strip()
    return kept if len(kept) <= length else kept[: length - 1] + "…"


def addressed(name: str, text: str) -> str:
    """Text that begins with a mention, as WeChat clients write it."""
    return f"@{shown(name)}\u2005{text}"


class NoticeWriter:
    """Words and addresses notices.

    Args:
        quiet_hours: tells whether they wait for working time.
        appeal_days: gives for how many working days a published result may be appealed against.
    """

    def __init__(
        self,
        texts: Texts,
        clock: Clock,
        log: FilteringBoundLogger,
        *,
        quiet_hours: Callable[[], bool],
        appeal_days: Callable[[], int],
    ) -> None:
        self._texts = texts
        self._clock = clock
        self._log = log
        self._quiet_hours = quiet_hours
        self._appeal_days = appeal_days

    async def of_case(
        self, unit: UnitOfWork, case: Case, decision: Decision, book: Rulebook, message: IncomingMessage
    ) -> tuple[Outgoing, ...]:
        """The notice, in the group if the bot may speak there; what people have to decide goes to the supervisors."""
        rows: tuple[Outgoing, ...] = ()
        if decision.provisional:
            rows += (self._notice(case, decision, book, message),)
        if not decision.provisional or decision.graver is not None:
            rows += await self.of_doubt(unit, case, decision, book, message)
        return rows

    async def of_doubt(
        self, unit: UnitOfWork, case: Case, decision: Decision, book: Rulebook, message: IncomingMessage
    ) -> tuple[Outgoing, ...]:
        """What people have to decide about a case, for the supervisors."""
        crowded = await self._crowded(unit, case, book)
        return (self._review_item(case, decision, book, message),) if crowded is None else crowded

    def of_crash(self, judgement: Judgement) -> tuple[Outgoing, ...]:
        """One report an hour and rule: a broken rule must not flood the supervision room."""
        rows: tuple[Outgoing, ...] = ()
        now = self._clock.now()
        for outcome in judgement.crashed:
            self._log.error("a rule crashed, the others went on", rule=outcome.rule, where=outcome.note)
            text = self._texts.render("operator.rule_crashed", rule=outcome.rule, where=outcome.note)
            unique = f"crashed {outcome.rule} {now:%Y-%m-%dT%H}"
            rows += (Outgoing(SUPERVISION, text, now, now, kind="alert", unique=unique),)
        return rows

    def _notice(self, case: Case, decision: Decision, book: Rulebook, message: IncomingMessage) -> Outgoing:
        """What is stale is told to its sender alone: points that nobody was told of must not come to count."""
        now, urgent = self._clock.now(), decision.main.urgent
        public = decision.public and not self._alone(case, decision, message)
        text = self._texts.render(
            self._wording(case, decision),
            at=local(case.sent_at, book.calendar.zone),
            number=case.number,
            clause=case.clause,
            points=case.points,
            reason=case.reason,
            days=self._appeal_days(),
            befriend=public and not message.is_friend,
            outsider=decision.outsider,
            hours=f"{book.calendar.start:%H:%M} 至 {book.calendar.end:%H:%M}",
        )
        return Outgoing(
            target=message.room_id if public else message.sender_id,
            text=addressed(case.sender_name, text) if public else text,
            due_at=self._due(decision, book, now),
            created_at=now,
            kind="urgent" if urgent else "notice",
            private=not public,
            mentions=(message.sender_id,) if public else (),
            case=case.number,
            merge=NOTICES if public and not urgent else "",  # what is urgent waits for no summary
            unique=f"notice {case.number}",
        )

    def _alone(self, case: Case, decision: Decision, message: IncomingMessage) -> bool:
        """Whether a notice that might be public is better told to its sender alone.

        A nickname harms nobody, so what costs nothing is for its wearer. What is urgent (a secret that was told) had
        better not be pointed at; but a stranger gets no private word, and it must not wait for a friendship.
        """
        return message.is_friend if decision.main.urgent else decision.main.standing and not case.points

    def _wording(self, case: Case, decision: Decision) -> str:
        if decision.main.standing:
            return "notice.nickname"
        if decision.main.urgent:
            return "notice.urgent"
        if decision.outsider:
            return "notice.outsider"
        if case.points:
            return "notice.case"
        return "notice.after_hours" if decision.main.deferred else "notice.reminder"

    def _due(self, decision: Decision, book: Rulebook, now: datetime) -> datetime:
        """When a notice may leave; a deferred one waits for the start of work, then asks whether its reader is back."""
        if decision.main.deferred:
            return book.calendar.opening_after(now)
        return notice_due(now, book.calendar, quiet_hours=self._quiet_hours(), urgent=decision.main.urgent)

    async def _crowded(self, unit: UnitOfWork, case: Case, book: Rulebook) -> tuple[Outgoing, ...] | None:
        """What is said instead of one more item about one person: a line at the end of the hour, which counts them.

        ``None`` while there are few. Every case stays in the list; the room of those who review is for everybody's.
        """
        now = self._clock.now()
        hour = now.replace(minute=0, second=0, microsecond=0)
        counts = await unit.cases.counts(person_key=case.person_key, since=hour)
        over = sum(counts.get(state, 0) for state in {*QUEUED, case.state}) - ITEMS_PER_HOUR
        if over <= 0:
            return None
        unique = f"reviews {case.person_key} {hour:%Y-%m-%dT%H}"
        text = self._texts.render("review.more", sender=shown(case.sender_name), count=over)
        before = await unit.outbox.by_unique(unique)
        if before is not None:
            await unit.outbox.rewrite(replace(before, text=text))
            return ()
        due = notice_due(hour + HOUR, book.calendar, quiet_hours=self._quiet_hours())
        return (Outgoing(SUPERVISION, text, due, now, kind="alert", unique=unique),)

    def _review_item(
        self, case: Case, decision: Decision, book: Rulebook, message: IncomingMessage
    ) -> Outgoing:
        now, trial = self._clock.now(), decision.silence is Silence.TRIAL
        text = self._texts.render(
            "review.item",
            trial=trial,
            number=case.number,
            room=shown(message.room_topic or ""),
            sender=shown(case.sender_name),
            name=shown(message.sender_name),
            title=book.entry(case.rule).rule.title,
            clause=case.clause,
            points=case.points,
            confidence=sureness(case.confidence),
            reason=case.reason,
            signs=case.signs,
            evidence=excerpt(case),
            weigh=book.entry(case.rule).rule.weigh,
            graver=book.entry(case.graver_rule).rule.title if case.graver_rule else "",
            graver_points=case.graver_points,
        )
        # A head's message is reviewed before anything is said of it: so people hear at once of what can't wait.
        urgent = decision.main.urgent and decision.main.tier is Tier.VIOLATION and not trial
        due = notice_due(now, book.calendar, quiet_hours=self._quiet_hours(), urgent=urgent)
        unique = f"review {case.number}"
        return Outgoing(SUPERVISION, text, due, now, kind="alert", case=case.number, unique=unique)


def local(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as people here read it: month, day, hour and minute in the company's time zone."""
    return moment.astimezone(zone).strftime("%m-%d %H:%M")


def sureness(confidence: float) -> str:
    """A confidence as people read it; a machine is never wholly sure."""
    return f"{min(confidence, 0.99):.0%}"


def masked(text: str, length: int = WHOLE_LENGTH) -> str:
    """Evidence for reviewers: one line, bounded, personal data hidden."""
    return shown(personal_data_hidden(text, ends=True), length)


def excerpt(case: Case, length: int = EXCERPT_LENGTH) -> str:
    """The part of a case's evidence that the finding is about, with what stands around it, masked."""
    if not case.spans or len(case.evidence) <= length:
        return masked(case.evidence, length)
    hidden = personal_data_hidden(case.evidence, ends=True)
    start = max(0, min(case.spans[0][0], len(hidden)) - length // 3)
    return ("…" if start else "") + shown(hidden[start:], length)


BEFORE, WITHIN, AFTER = 12, 60, 20


def surroundings(text: str, at: tuple[int, int]) -> str:
    """What stands around a finding, for reviewers; masked as a whole first, since half a number looks like none."""
    start, end = max(0, at[0] - BEFORE), min(at[1], at[0] + WITHIN) + AFTER
    part = shown(personal_data_hidden(text)[start:end], end - start)
    return ("…" if start else "") + part + ("…" if end < len(text) else "")
