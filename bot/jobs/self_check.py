"""Looks every day whether everything that is stored holds (the ledger's chains, points, evidence, what is stuck).

The supervisors are told of a finding at the start of the next working time, once for the same findings; the digest
says every day what the look came to. Operators look closer with `qungui db verify`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.jobs.tick import Within
from bot.pipeline.telling import to_supervisors
from bot.reports.soundness import JOB, Soundness, examine, outcome
from bot.texts import Texts
from storage.session import Storage, UnitOfWork

NAMED = 5
OF_CASES = frozenset({"sums", "twice", "evidence"})


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """Checks everything.

    Attributes:
        supervision: gives the gateway id of the supervision room, empty while there is none.
        courteous: the earliest moment at which people may be spoken to, seen from a moment.
    """

    storage: Storage
    texts: Texts
    supervision: Callable[[], str]
    courteous: Callable[[datetime], datetime]

    async def draft(self, due: datetime, now: datetime) -> Within:  # noqa: ARG002 - the duty's signature
        """Look from one snapshot, which holds nobody up; the unit only keeps what is to be said."""
        async with self.storage.view() as unit:
            found = await examine(unit, supervised=bool(self.supervision()), at=now)

        async def keep(unit: UnitOfWork, due: datetime, now: datetime) -> str:  # noqa: ARG001 - the duty's signature
            if not found.holds:
                unique = f"{JOB} {_fingerprint(found)}"
                rows = await to_supervisors(unit, self.supervision(), self._text(found), now, unique)
                await unit.outbox.add([replace(row, due_at=self.courteous(now)) for row in rows])
            return outcome(found)

        return keep

    def _text(self, found: Soundness) -> str:
        kinds = [{"title": title, "count": many} for title, many in found.kinds()]
        # Other subjects may hold ids of accounts, which are nothing for a chat.
        cases = list(dict.fromkeys(one.subject for one in found.breaches if one.check in OF_CASES))
        return self.texts.render(
            "operator.unsound",
            count=len(found.breaches),
            kinds=kinds,
            cases=cases[:NAMED],
            more=max(0, len(cases) - NAMED),
        )


def _fingerprint(found: Soundness) -> str:
    """The same for the same findings, so that they are told once."""
    said = "\n".join(sorted(f"{one.check} {one.subject}" for one in found.breaches))
    return hashlib.sha256(said.encode()).hexdigest()[:16]
