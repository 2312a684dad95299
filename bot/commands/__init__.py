"""Slash commands: one table, one file a family."""

from bot.commands import cases, claims, digests, orientation, rulings, why, words
from bot.commands.table import Command

COMMANDS: tuple[Command, ...] = (*orientation.COMMANDS, *claims.COMMANDS, *cases.COMMANDS, *digests.COMMANDS)
"""Every command there is, in the order in which help shows them."""
