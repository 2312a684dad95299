"""The one message that stands for many notices: each accused still has case, clause, points and a way to appeal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.pipeline.notice import addressed, local
from bot.pipeline.policy import Policy
from bot.texts import Texts
from rules.core.model import Kind
from storage.records import Outgoing
from storage.session import UnitOfWork

LONGEST_TEXT = 1_800
"""Of one message, in characters; WeChat takes some 2,000."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Words summaries.

    Attributes:
        appeal_days: gives for how many working days a published result may be appealed against.
    """

    policy: Policy
    texts: Texts
    appeal_days: Callable[[], int]

    async def page(self, unit: UnitOfWork, rows: Sequence[Outgoing]) -> list[Outgoing]:
        """As many of these notices, from the first on, as fit into one message, with the words that they have in it.

        One that is alone keeps its own words.
        """
        head = self.texts.render("notice.summary_head")
        foot = self.texts.render("notice.summary_foot", days=self.appeal_days())
        length, lines = len(head) + len(foot) + 1, list[str]()
        for row in rows:
            line = await self._line(unit, row)
            length += len(line) + 1
            if lines and length > LONGEST_TEXT:
                break
            lines.append(line)
        if len(lines) < 2:
            return list(rows[:1])
        lines[0] = f"{head}\n{lines[0]}"
        lines[-1] = f"{lines[-1]}\n{foot}"
        return [replace(row, text=line) for row, line in zip(rows, lines, strict=False)]

    async def _line(self, unit: UnitOfWork, row: Outgoing) -> str:
        case = await unit.cases.get(row.case)
        if case is None:
            return row.text
        person = await unit.people.get(case.person_key)
        return addressed(
            case.sender_name,
            self.texts.render(
                "notice.summary_line",
                at=local(case.sent_at, self.policy.book.calendar.zone),
                number=case.number,
                clause=case.clause,
                points=case.points,
                reason=case.reason,
                standing=case.rule in self.policy.book.standing,
                outsider=person is not None and person.kind == Kind.EXTERNAL,
            ),
        )
