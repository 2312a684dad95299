"""The outbox out of its parts: the one place where what speaks is handed on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.gateway.port import Gateway
from bot.pipeline.budget import Manner
from bot.pipeline.circuit import Circuit
from bot.pipeline.delivery import Delivery
from bot.pipeline.notice import local
from bot.pipeline.outbox import Outbox
from bot.pipeline.patience import PatientStorage
from bot.pipeline.policy import Policy
from bot.pipeline.second_thoughts import SecondThoughts
from bot.pipeline.summary import Summary
from bot.pipeline.turn import Turn
from bot.settings import Settings
from bot.texts import Texts
from storage.session import Storage


def voice(
    gateway: Gateway,
    storage: Storage,
    settings: Callable[[], Settings],
    policy: Policy,
    supervision: Callable[[], str],
    courteous: Callable[[datetime], datetime],
    texts: Texts,
    clock: Clock,
    log: FilteringBoundLogger,
    chance: Callable[[], float],
) -> Outbox:
    """The outbox of a bot.

    Args:
        settings: gives the settings that are in force now.
        supervision: gives the gateway id of the supervision room, empty while there is none.
        courteous: the earliest moment at which people may be spoken to, seen from a moment.
        chance: a source of numbers in 0..1 for the jitter.
    """
    kept = PatientStorage(storage, clock, log)
    manner = Manner.of(settings().outbox, settings().notices)
    summary = Summary(policy, texts, lambda: settings().appeals.days)
    turn = Turn(kept, manner, supervision, SecondThoughts(policy, courteous), summary, clock)
    delivery = Delivery(kept, gateway, texts, supervision, clock, log)

    def shown(moment: datetime) -> str:
        return local(moment, policy.book.calendar.zone)

    circuit = Circuit(kept, manner.tolerance, texts, shown, clock, log)
    return Outbox(kept, turn, delivery, circuit, clock, log, chance)
