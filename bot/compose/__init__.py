"""Wires everything together, and is the only place that does: what runs is decided here, nowhere else."""

from bot.compose.outside import knock, opened_storage, require_gateway, simulated, wire
from bot.compose.whole import Bot, InForce, build

__all__ = ["Bot", "InForce", "build", "knock", "opened_storage", "require_gateway", "simulated", "wire"]
