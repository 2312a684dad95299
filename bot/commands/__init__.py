"""Slash commands: one table, one file a family."""

from bot.commands import (
    announcements,
    appeals,
    approvals,
    archive,
    bindings,
    cases,
    claims,
    demand_table,
    digests,
    enquiries,
    exemptions,
    grants,
    orientation,
    points,
    rota,
    rulings,
    search,
    silence,
    why,
    words,
)
from bot.commands.table import Command

COMMANDS: tuple[Command, ...] = (
    *orientation.COMMANDS,
    *claims.COMMANDS,
    *cases.COMMANDS,
    *appeals.COMMANDS,
    *demand_table.COMMANDS,
    *digests.COMMANDS,
    *rulings.COMMANDS,
    *why.COMMANDS,
    *words.COMMANDS,
    *points.COMMANDS,
    *exemptions.COMMANDS,
    *enquiries.COMMANDS,
    *silence.COMMANDS,
    *grants.COMMANDS,
    *bindings.COMMANDS,
    *rota.COMMANDS,
    *announcements.COMMANDS,
    *approvals.COMMANDS,
    *archive.COMMANDS,
    *search.COMMANDS,
)
"""Every command there is, in the order in which help shows them."""
