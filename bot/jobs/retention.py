"""Keeps texts for the stated time and no longer (policy: personal data)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.pipeline.notice import SUPERVISION
from bot.settings import RetentionSettings
from storage.records import SYSTEM, AuditEntry
from storage.session import Storage, UnitOfWork

DAYS_A_MONTH = 30.4375

PEOPLE_A_DAY = 100
"""So many people are erased at once; the others follow the day after."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long which text is kept; what the bot said is kept as long as what it heard.

    Nicknames that were mended, and exemptions and shifts that are over, are kept as long as the evidence of the
    cases that they explain; so is what people asked of each other and what came of it, and examples to learn from go
    with the evidence that they copy. What is kept on purpose (the archive) has a time of its own. Whoever left as long
    ago as texts of the ledger are kept, and of whom nothing else is, is erased: points stay under a key of nobody.
    """

    messages: timedelta
    evidence: timedelta
    ledger_texts: timedelta
    archive: timedelta = timedelta(days=36 * DAYS_A_MONTH)

    @classmethod
    def of(cls, kept: RetentionSettings) -> Retention:
        """What these settings ask for."""
        return cls(
            messages=timedelta(days=kept.messages_days),
            evidence=timedelta(days=kept.evidence_days),
            ledger_texts=timedelta(days=kept.ledger_text_months * DAYS_A_MONTH),
            archive=timedelta(days=kept.archive_months * DAYS_A_MONTH),
        )

    async def purge(self, storage: Storage, now: datetime) -> str:
        """Erase what is older; returns how many of each, for the job-run row."""
        async with storage.unit() as unit:
            messages = await unit.messages.purge(now - self.messages)
            evidence = await unit.cases.erase_evidence(now - self.evidence)
            texts = await unit.ledger.erase_texts(now - self.ledger_texts)
            # Alerts quote what was said: without a supervision room they are kept no longer than that.
            sent = await unit.outbox.purge(now - self.messages, hopeless=(SUPERVISION,))
            ids = await unit.inbox.purge(now - self.messages)
            names = await unit.nicknames.purge(now - self.evidence)
            orders = await unit.exemptions.purge(now - self.evidence)
            orders += await unit.shifts.purge(now - self.evidence)
            orders += await unit.silences.purge(now - self.evidence)
            await unit.audit.purge(now - self.ledger_texts)
            await unit.claims.purge(now - self.ledger_texts)
            procedures = await self._procedures(unit, now)
            kept = await unit.archive.purge(now - self.archive)
        gone = await self._people(storage, now)
        return (
            f"messages {messages}, evidence {evidence}, ledger texts {texts}, sent {sent}, ids {ids}, "
            f"nicknames {names}, orders {orders}, procedures {procedures}, archived {kept}, people {gone}"
        )

    async def _people(self, storage: Storage, now: datetime) -> int:
        """Erase who left as long ago as texts of the ledger are kept, each in a unit of their own: none is long."""
        before = now - self.ledger_texts
        async with storage.view() as unit:
            keys = await unit.privacy.expired(before, PEOPLE_A_DAY)
        gone = 0
        for key in keys:
            gone += await storage.run(partial(_expire, key, before, now))
        return gone

    async def _procedures(self, unit: UnitOfWork, now: datetime) -> int:
        explained = now - self.evidence
        return sum(
            [
                await unit.appeals.purge(explained),
                await unit.demands.purge(explained),
                await unit.requests.purge(explained),
                await unit.enquiries.purge(explained),
                await unit.announcements.purge(explained),
                await unit.departures.purge(explained),
                await unit.welcomes.purge(explained),
                await unit.labels.purge(),
                await unit.opinions.purge(explained),
            ]
        )


async def _expire(key: str, before: datetime, now: datetime, unit: UnitOfWork) -> bool:
    if not await unit.privacy.expire(key, before, now):
        return False
    await unit.audit.add(AuditEntry(now, SYSTEM, "data erased", key))
    return True
