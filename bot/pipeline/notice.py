"""What the bot says by itself about cases: the notice in the group, the item for the review queue, crash reports.

A notice names the sender, clause, points, case number and how to appeal; it never repeats the offending words
(policy: what fairness asks). Nothing is sent here: every text becomes a row of the outbox.
"""

from __future__ import annotations

import unicodedata

from bot.clock import Clock
from bot.gateway.port import IncomingMessage
from bot.texts import Texts
from rules.core.book import Rulebook
from rules.core.model import Judgement
from rules.procedure.penalty import Decision, Silence, notice_due
from storage.records import Case, Outgoing

NAME_LENGTH = 24
EVIDENCE_LENGTH = 60


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
        supervision: gives the gateway id of the supervision room, empty while there is none.
        quiet_hours: notices wait for working time.
    """

    def __init__(self, texts: Texts, clock: Clock, *, quiet_hours: bool) -> None:
        self._texts = texts
        self._clock = clock
        self._quiet_hours = quiet_hours
        self.supervision = ""

    def of_case(
        self, case: Case, decision: Decision, book: Rulebook, message: IncomingMessage
    ) -> tuple[Outgoing, ...]:
        """The notice to the group if the bot may speak; what people have to decide goes to the supervisors."""
        rows: tuple[Outgoing, ...] = ()
        if decision.silence is Silence.NONE:
            rows += (self._public(case, decision, book, message),)
        if not decision.provisional or decision.graver is not None:
            rows += self._to_supervisors(
                self._texts.render(
                    "review.item",
                    number=case.number,
                    room=shown(message.room_topic),
                    sender=shown(case.sender_name),
                    title=book.entry(case.rule).rule.title,
                    clause=case.clause,
                    points=case.points,
                    confidence=sureness(case.confidence),
                    reason=case.reason,
                    evidence=masked(case.evidence),
                    graver=book.entry(case.graver_rule).rule.title if case.graver_rule else "",
                    graver_points=case.graver_points,
                ),
                case=case.number,
                unique=f"review {case.number}",
            )
        return rows

    def of_crash(self, judgement: Judgement) -> tuple[Outgoing, ...]:
        """One report an hour and rule: a broken rule must not flood the supervision room."""
        rows: tuple[Outgoing, ...] = ()
        hour = self._clock.now().strftime("%Y-%m-%dT%H")
        for outcome in judgement.crashed:
            rows += self._to_supervisors(
                self._texts.render("operator.rule_crashed", rule=outcome.rule, where=outcome.note),
                unique=f"crashed {outcome.rule} {hour}",
            )
        return rows

    def _public(self, case: Case, decision: Decision, book: Rulebook, message: IncomingMessage) -> Outgoing:
        now = self._clock.now()
        text = self._texts.render(
            "notice.case" if case.points else "notice.reminder",
            number=case.number,
            clause=case.clause,
            points=case.points,
            reason=case.reason,
            title=book.entry(case.rule).rule.title,
        )
        return Outgoing(
            target=message.room_id,
            text=addressed(case.sender_name, text),
            due_at=notice_due(now, book.calendar, quiet_hours=self._quiet_hours, urgent=decision.main.urgent),
            created_at=now,
            kind="notice",
            mentions=(message.sender_id,),
            case=case.number,
            merge="notices",
            unique=f"notice {case.number}",
        )

    def _to_supervisors(self, text: str, *, case: str = "", unique: str = "") -> tuple[Outgoing, ...]:
        if not self.supervision:
            return ()
        now = self._clock.now()
        return (Outgoing(self.supervision, text, now, now, kind="alert", case=case, unique=unique),)


def sureness(confidence: float) -> str:
    """A confidence as people read it; a machine is never wholly sure."""
    return f"{min(confidence, 0.99):.0%}"


def masked(evidence: str) -> str:
    """Evidence for the supervision room: one line, bounded, digits of long numbers hidden."""
    flat = shown(evidence, EVIDENCE_LENGTH)
    out, run = [], 0
    for char in flat:
        run = run + 1 if char.isdigit() else 0
        out.append("*" if run > 3 else char)
    return "".join(out)
