"""Who takes a step of a procedure, as far as deciding whether they may depends on it."""

from __future__ import annotations

from dataclasses import dataclass, field

SYSTEM = "system"
"""Key of the bot itself: it keeps time and carries out, and decides about nobody."""

LEADER = "leader"
HR_LEAD = "hr_lead"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody at a step.

    Attributes:
        key: their person key, or :data:`SYSTEM`.
        roles: the roles they hold for certain (a confirmed binding); storage's roles are such words.
        employee: they are no outsider.
    """

    key: str
    roles: frozenset[str] = field(default_factory=frozenset)
    employee: bool = True

    @property
    def is_system(self) -> bool:
        """Whether this is the bot itself."""
        return self.key == SYSTEM


BOT = Actor(SYSTEM)
"""The bot as an actor."""
