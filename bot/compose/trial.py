"""A bot on a dry run out of its parts: it hears, judges and records, and nothing in it could speak or act.

What acts is absent, not switched off: it is handed a :class:`bot.gateway.port.Listener`, has no outbox, no desk that
answers, no friend requests, no jobs that address or move people, and a database from whose outbox nothing leaves.
"""

from __future__ import annotations

from datetime import datetime

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.commands import COMMANDS
from bot.commands.unanswered import Unanswered, Unheeded
from bot.compose.core import Bot, Core
from bot.compose.duties import Upkeep
from bot.errors import ConfigError
from bot.gateway.port import DEEDS, Listener
from bot.pipeline.outlet import Unspoken
from bot.pipeline.presence import FIRST_START
from bot.settings import Settings
from bot.settings.source import Origin
from rules.core.book import Rulebook
from storage.session import Storage

DRY_RUN = "dry_run"
"""Under this name the database notes that only dry runs have used it so far, and since when."""


async def require_own_database(storage: Storage, now: datetime) -> None:
    """Make sure that no live bot has used this database: what it owes people would lie still meanwhile.

    Raises:
        ConfigError: one has.
    """
    async with storage.unit() as unit:
        if await unit.meta.get(DRY_RUN) is not None:
            return
        if await unit.meta.get(FIRST_START) is not None:
            raise ConfigError(
                f"{storage.name} is the database of a live bot: a dry run keeps its records apart",
                "set QUNGUI_STORAGE_URL to a database of its own, for example sqlite:///dry-run.db",
            )
        await unit.meta.set(DRY_RUN, now.isoformat())


async def end_trials(storage: Storage) -> None:
    """Note that the database is a live bot's from now on."""
    async with storage.unit() as unit:
        await unit.meta.delete(DRY_RUN)


def build_dry(
    settings: Settings,
    book: Rulebook,
    storage: Storage,
    ears: Listener,
    clock: Clock,
    log: FilteringBoundLogger,
    origin: Origin | None = None,
) -> Bot:
    """Put a bot on a dry run together; nothing starts here.

    Raises:
        ValueError: the database was not opened to withhold, or what should only listen could act.
    """
    if not storage.withholding:
        raise ValueError("a dry run needs a database that withholds what is put into its outbox")
    if able := [name for name in sorted(DEEDS) if hasattr(ears, name)]:
        raise ValueError(f"a dry run is handed what only listens, and this could {', '.join(able)}")
    core = Core(settings, book, storage, ears, clock, log, trial=True)
    handler = core.handler(Unanswered(COMMANDS, core.post), Unheeded())
    line = core.line(handler, handler.take, Unspoken())
    adopt = core.adoption(line)
    reload = core.reload(origin, adopt)
    upkeep = Upkeep.of(core, line, reload)
    duties = (*upkeep.hearing(), *upkeep.keeping(), *upkeep.following())
    return core.bot(line, duties, adopt, reload)
