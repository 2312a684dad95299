"""What is done by the clock about who is in the groups: the roster's file, newcomers, requests and departures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.compose.core import Core
from bot.gateway.port import Gateway
from bot.jobs.arrivals import Arrivals
from bot.jobs.hints import Hints
from bot.jobs.members import Doors
from bot.jobs.nicknames import NicknameRound
from bot.jobs.roster import RosterWatch
from bot.jobs.tick import Duty
from bot.settings import MemberSettings


@dataclass(frozen=True, slots=True)
class MemberDuties:
    """The parts that keep the rooms' members."""

    roster: RosterWatch
    arrivals: Arrivals
    doors: Doors
    hints: Hints
    nickname_round: NicknameRound
    wake: Callable[[], None]

    @classmethod
    def of(
        cls, core: Core, gateway: Gateway, nickname_round: NicknameRound, wake: Callable[[], None]
    ) -> MemberDuties:
        """These parts, wired; ``wake`` tells the outbox that there may be something to say."""
        storage, presence, policy, texts, log = core.storage, core.presence, core.policy, core.texts, core.log

        def members() -> MemberSettings:
            return core.settings().members

        return cls(
            roster=RosterWatch(storage, members, texts, log),
            arrivals=Arrivals(gateway, storage, presence, policy, core.settings, texts, log),
            doors=Doors(gateway, storage, presence, members, texts, log),
            hints=Hints(storage, policy, members, texts),
            nickname_round=nickname_round,
            wake=wake,
        )

    def all(self) -> tuple[Duty, ...]:
        """Their duties, in the order in which one tick does them."""
        return (
            Duty("roster file", self.roster),
            Duty("newcomers", self._newcomers),
            Duty("members", self._members),
        )

    async def _newcomers(self, now: datetime) -> None:
        for event in await self.arrivals(now):
            await self.nickname_round.joined(event.room_id, event.contact_ids, now)
            self.wake()

    async def _members(self, now: datetime) -> None:
        await self.doors(now)
        await self.hints(now)
        self.wake()
