"""Wires everything together, and is the only place that does: what runs is decided here, nowhere else."""

from bot.compose.core import Bot, InForce
from bot.compose.outside import alone, knock, listener, opened_storage, require_gateway, simulated, wire
from bot.compose.trial import build_dry, end_trials, require_own_database
from bot.compose.whole import build

__all__ = [
    "Bot",
    "InForce",
    "alone",
    "build",
    "build_dry",
    "end_trials",
    "knock",
    "listener",
    "opened_storage",
    "require_gateway",
    "require_own_database",
    "simulated",
    "wire",
]
