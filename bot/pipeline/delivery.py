"""Hands one message to the gateway, and writes down that it left.

A row is marked as sent only after the gateway took it, so a crash in between repeats at most that one message.
A private answer waits until its reader is a friend of the account; the group then gets one line without content.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.errors import GatewayError
from bot.gateway.port import Gateway
from bot.pipeline.notice import SUPERVISION, addressed
from bot.pipeline.patience import PatientStorage
from bot.pipeline.speaking import instead, speak
from bot.pipeline.telling import stated
from bot.texts import Texts
from storage.records import SYSTEM, Outgoing
from storage.session import UnitOfWork


@dataclass(frozen=True, slots=True)
class Delivery:
    """The only part of the path that holds what speaks.

    Attributes:
        supervision: gives the gateway id of the supervision room, empty while there is none.
    """

    storage: PatientStorage
    gateway: Gateway
    texts: Texts
    supervision: Callable[[], str]
    clock: Clock
    log: FilteringBoundLogger

    async def attempt(self, group: Sequence[Outgoing]) -> bool:
        """Send one message for a group of rows; whether it left. What did not waits for a friend, or leaves otherwise.

        Raises:
            GatewayError: it did not leave, or nobody knows.
        """
        first = group[0]
        try:
            if first.private and not await self._reachable(first):
                await self._hold(first)
                return False
            target = self.supervision() if first.target == SUPERVISION else first.target
            sent_id = await speak(self.gateway, group, target)
        except GatewayError as failure:
            if not (kind := instead(first, failure)):
                raise
            self.log.warning("the group announcement can't be set, sent as a message", reason=str(failure))
            await self.storage.write(lambda unit: unit.outbox.recast(first.id, kind))
            return False
        except Exception as failure:  # what nobody foresaw is told here, and costs one attempt of one message
            self.log.error("sending broke", failure=type(failure).__name__, exc_info=failure)
            raise GatewayError(type(failure).__name__) from None
        await self.left(group, sent_id)
        return True

    async def left(self, group: Sequence[Outgoing], sent_id: str, *, surely: bool = True) -> None:
        """Write down that rows left, and that their cases were told of; take back what was dropped meanwhile.

        ``surely`` is false where nobody knows: then nobody's time for an appeal begins.
        """
        now = self.clock.now()

        async def mark(unit: UnitOfWork) -> None:
            dropped = await unit.outbox.sent([row.id for row in group], now, sent_id)
            for row in group:
                if row.case and row.unique.startswith(f"notice {row.case}"):
                    await unit.cases.noticed(row.case, now)
                if surely and (line := stated(row)) is not None:
                    await unit.statements.reached(*line, now, SYSTEM)
            # Recalled or dismissed while it was on its way: what was said is taken back.
            accused = [row for row in dropped if row.case and row.unique.startswith(f"notice {row.case}")]
            await unit.outbox.add([await self._taken_back(unit, row, now) for row in accused])

        await self.storage.write(mark)

    async def _taken_back(self, unit: UnitOfWork, row: Outgoing, now: datetime) -> Outgoing:
        case = await unit.cases.get(row.case)
        stands = case is not None and bool(case.filed_rule)  # people have confirmed it under another rule
        text = self.texts.render("notice.overtaken" if stands else "notice.taken_back", number=row.case)
        return replace(
            row,
            id=0,
            text=text,
            due_at=now,
            created_at=now,
            merge="",
            unique=f"taken back {row.id}",
            attempts=0,
        )

    async def _reachable(self, row: Outgoing) -> bool:
        contact = await self.gateway.member("", row.target)
        return contact is not None and contact.is_friend

    async def _hold(self, row: Outgoing) -> None:
        """Keep a private answer until its reader is a friend, and say so where it was asked for, without content."""
        contact = await self.gateway.member(row.asked_in, row.target) if row.asked_in else None
        name = (contact.alias or contact.name) if contact else ""
        now = self.clock.now()
        line = replace(
            row,
            id=0,
            target=row.asked_in,
            text=addressed(name, self.texts.render("answer.befriend")),
            due_at=now,
            created_at=now,
            kind="line",
            private=False,
            mentions=(row.target,),
            asked_in="",
            attempts=0,
            unique=f"befriend {row.target} {row.asked_in} {now:%Y-%m-%dT%H}",
        )

        async def hold(unit: UnitOfWork) -> None:
            await unit.outbox.hold(row.id)
            if row.asked_in:
                await unit.outbox.add([line])

        await self.storage.write(hold)
