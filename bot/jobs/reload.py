"""Keeps the configuration alive: a changed file is taken over while the bot runs, and a wrong one never is.

File and rota are looked at once a minute, and judged when two looks in a row find the same content: an editor
that is just saving alarms nobody. An operator who asks (SIGHUP) is not kept waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.errors import ConfigError
from bot.masking import Masker
from bot.pipeline.notice import SUPERVISION
from bot.pipeline.patience import patiently
from bot.settings import Settings
from bot.settings.changes import adoptable, changed
from bot.settings.source import Loaded, Origin
from bot.texts import Texts
from rules.core.book import Rulebook
from rules.core.load import load_book
from rules.core.options import BookOptions
from storage.records import OPERATOR, AuditEntry, Outgoing
from storage.session import Storage

Adopt = Callable[[Settings, Rulebook], Awaitable[None]]
TOLD_MISTAKES = 10
TOLD_LENGTH = 200
AUDITED_LENGTH = 1_000
ROTA = "work.rota"


class Reload:
    """Watches one configuration file.

    Args:
        origin: the file, as it was read at the start.
        adopt: takes settings and their rulebook over, as a whole.
        current: gives the settings that are in force.
    """

    def __init__(
        self,
        origin: Origin,
        adopt: Adopt,
        current: Callable[[], Settings],
        storage: Storage,
        texts: Texts,
        clock: Clock,
        log: FilteringBoundLogger,
    ) -> None:
        self._origin = origin
        self._adopt = adopt
        self._current = current
        self._storage = storage
        self._texts = texts
        self._clock = clock
        self._log = log
        self._masker = Masker(current().secrets())
        self._judged = self._seen = (origin.digest, origin.digests_now(current())[1])
        self._wrong = False
        self._held_back: tuple[str, ...] = ()
        self._turn = asyncio.Lock()

    async def look(self, _: datetime) -> None:
        """Take over what has changed, once it lies still."""
        async with self._turn:
            digests = await self._digests()
            before, self._seen = self._seen, digests
            if digests == before and digests != self._judged:
                await self._judge(digests)

    async def at_once(self) -> None:
        """Take over what has changed without waiting; whoever asks for it has saved the file."""
        async with self._turn:
            self._seen = await self._digests()
            if self._seen == self._judged:
                self._log.info("the configuration is unchanged", file=str(self._origin.path))
            else:
                await self._judge(self._seen)

    async def _digests(self) -> tuple[str, str]:
        """Of the configuration, and of the rota that is in force beside it."""
        return await asyncio.to_thread(self._origin.digests_now, self._current())

    async def _judge(self, digests: tuple[str, str]) -> None:
        built: dict[str, Rulebook] = {}

        def check(options: BookOptions) -> None:
            built["book"] = load_book(options)

        def load() -> Loaded | ConfigError:
            try:
                return self._origin.load(check)
            except ConfigError as refusal:
                return refusal

        found = await asyncio.to_thread(load)
        if await self._digests() != digests:
            return  # it was written to while it was read
        before, self._judged = self._judged, digests
        if isinstance(found, ConfigError):
            await self._refuse(found)
            return
        running = self._current()
        effective, held_back = adoptable(running, found.settings)
        keys = changed(running, effective)
        if digests[1] != before[1] and ROTA not in keys:
            keys += (ROTA,)  # the same name, and other shifts
        for warning in found.warnings:
            self._log.warning(warning)
        if keys:
            await self._adopt(effective, built["book"])
            self._judged = self._seen = (digests[0], (await self._digests())[1])
        await self._accepted(keys, held_back)

    async def _refuse(self, refusal: ConfigError) -> None:
        """Leave everything as it is, and say what is wrong, once for each content."""
        self._wrong = True
        lines = [self._masker.text(line.strip()) for line in str(refusal).splitlines()[1:]]
        self._log.error("the changed configuration is wrong, the old one stays", mistakes=lines)
        text = self._texts.render(
            "operator.config_wrong",
            file=self._origin.path.name,
            mistakes=[line[:TOLD_LENGTH] for line in lines[:TOLD_MISTAKES]],
            more=max(0, len(lines) - TOLD_MISTAKES),
        )
        await self._note(text)

    async def _accepted(self, keys: tuple[str, ...], held_back: tuple[str, ...]) -> None:
        was_wrong, self._wrong = self._wrong, False
        news = held_back != self._held_back
        self._held_back = held_back
        if keys:
            self._log.info("the changed configuration is in force", keys=list(keys))
        if held_back:
            self._log.warning(
                "changed settings that need a restart keep their old values", keys=list(held_back)
            )
        text = ""
        if was_wrong or (held_back and news):
            text = self._texts.render(
                "operator.config_right",
                file=self._origin.path.name,
                right_again=was_wrong,
                keys=list(keys),
                held_back=list(held_back),
            )
        await self._note(text, keys)

    async def _note(self, text: str, keys: tuple[str, ...] = ()) -> None:
        """Tell the supervisors, if there is something to tell, and write down which keys changed."""
        now = self._clock.now()

        async def note() -> None:
            async with self._storage.unit() as unit:
                if text:
                    await unit.outbox.add([Outgoing(SUPERVISION, text, now, now, kind="alert")])
                if keys:
                    detail = self._masker.text(", ".join(keys))[:AUDITED_LENGTH]
                    file = str(self._origin.path)
                    await unit.audit.add(AuditEntry(now, OPERATOR, "configuration changed", file, detail))

        await patiently(note, self._clock, self._log)
