"""What became of messages since the start, counted by rule: no message is told from another here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from bot.pipeline.handled import Handled

TRIAL = "trial"
"""The tier under which findings of rules on trial are counted: nothing follows from them."""


@dataclass(slots=True)
class Tally:
    """Listens to the handler.

    Attributes:
        handled: messages that have their outcome, judged or not.
        findings: by rule and tier; how somebody stands in a room (a nickname) is none, every message would repeat it.
        crashed: by rule, how often it failed on a message.
    """

    handled: int = 0
    judged: int = 0
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    crashed: Counter[str] = field(default_factory=Counter)

    def hear(self, one: Handled) -> None:
        """Count one message."""
        self.handled += 1
        if one.judgement is None:
            return
        self.judged += 1
        self.findings.update((ruling.rule, str(ruling.tier)) for ruling in one.judgement.live)
        self.findings.update((ruling.rule, TRIAL) for ruling in one.judgement.on_trial)
        self.crashed.update(outcome.rule for outcome in one.judgement.crashed)
