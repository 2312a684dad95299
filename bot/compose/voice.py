"""The outbox out of its parts: the one place where what speaks is handed on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.compose.core import Core
from bot.gateway.port import Gateway
from bot.pipeline.budget import Manner
from bot.pipeline.circuit import Circuit
from bot.pipeline.delivery import Delivery
from bot.pipeline.notice import local
from bot.pipeline.outbox import Outbox
from bot.pipeline.patience import PatientStorage
from bot.pipeline.second_thoughts import SecondThoughts
from bot.pipeline.summary import Summary
from bot.pipeline.turn import Turn


def voice(core: Core, gateway: Gateway, chance: Callable[[], float]) -> Outbox:
    """The outbox of a bot; ``chance`` is a source of numbers in 0..1 for the jitter."""
    kept = PatientStorage(core.storage, core.clock, core.log)
    manner = Manner.of(core.settings().outbox, core.settings().notices)
    summary = Summary(core.policy, core.texts, lambda: core.settings().appeals.days)
    thoughts = SecondThoughts(core.policy, core.courteous)
    turn = Turn(kept, manner, core.supervision, thoughts, summary, core.clock)
    delivery = Delivery(kept, gateway, core.texts, core.supervision, core.clock, core.log)

    def shown(moment: datetime) -> str:
        return local(moment, core.policy.book.calendar.zone)

    circuit = Circuit(kept, manner.tolerance, core.texts, shown, core.clock, core.log)
    return Outbox(kept, turn, delivery, circuit, core.clock, core.log, chance)
