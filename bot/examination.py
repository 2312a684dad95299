"""Gathers what `qungui doctor` looks at. Nothing is changed, and no running bot is disturbed."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Awaitable, Mapping
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

from bot import compose
from bot.clock import SystemClock
from bot.compose.trial import DRY_RUN
from bot.errors import ConfigError, QunguiError
from bot.jobs.opinions import PAUSED
from bot.pipeline.breaker import PAUSED as PAUSED_SENDING
from bot.pipeline.breaker import Pause
from bot.pipeline.places import GONE
from bot.pipeline.presence import ALIVE
from bot.reports.health import DAY, Configured, Facts, Remembered, Trouble
from bot.settings import Settings
from bot.settings.source import load_settings
from rules.core.book import Rulebook
from rules.core.load import load_book
from rules.core.load_reading import load_classifier, load_table, load_terms
from rules.core.load_words import load_frequencies
from rules.core.options import LEXICON_RULE, BookOptions
from rules.core.rehearse import reach
from rules.reading.classify import WeightsError
from rules.reading.local import fingerprint, parse_local
from storage.errors import StorageError
from storage.inspection import Ground, inspect
from storage.records import CaseState
from storage.session import Storage, UnitOfWork

T = TypeVar("T")

GATEWAY_SECONDS = 4.0
DATABASE_SECONDS = 4.0


async def gather(path: Path | None, env: Mapping[str, str]) -> Facts:
    """Look at everything, within some ten seconds whatever does not answer."""
    now = SystemClock().now()
    configured = await asyncio.to_thread(_configured, path, env)
    if isinstance(configured, Trouble):
        return Facts(now, configured, zone_release=_zone_release())
    settings = configured.settings
    gateway, (ground, remembered) = await asyncio.gather(_gateway(settings), _database(settings, now))
    words = [word.word for word in settings.book_options().lexicon.add]
    if isinstance(remembered, Remembered):
        words += remembered.words
    return Facts(
        now,
        configured,
        gateway,
        ground,
        remembered,
        free_bytes=_free_bytes(ground),
        everyday=await asyncio.to_thread(_everyday, words),
        zone_release=_zone_release(),
        shipped=fingerprint(load_classifier().weights) if _learns(remembered) else "",
    )


def _learns(remembered: Remembered | Trouble | None) -> bool:
    return isinstance(remembered, Remembered) and remembered.learnt > 0


def _configured(path: Path | None, env: Mapping[str, str]) -> Configured | Trouble:
    built: dict[str, Rulebook] = {}

    def check(options: BookOptions) -> None:
        built["book"] = load_book(options)

    try:
        found = load_settings(path, env, check)
    except ConfigError as refusal:
        return Trouble(str(refusal))
    book = built["book"]
    lexicon = found.settings.lexicon
    fold = load_table().fold
    shipped = {fold(term.word) for term in load_terms() if term.rule == LEXICON_RULE and not term.allow}
    return Configured(
        found.settings,
        found.source,
        found.warnings,
        book,
        {
            entry.rule.id: reach(book, entry.rule.id)
            for entry in book.entries
            if entry.bars != entry.rule.bars
        },
        len(shipped - {fold(word) for word in lexicon.remove}) + len(lexicon.add),
    )


async def _gateway(settings: Settings) -> str | Trouble | None:
    if not settings.gateway.endpoint:
        return None
    try:
        return await compose.knock(settings, GATEWAY_SECONDS)
    except QunguiError as failure:
        return Trouble(failure.args[0], failure.remedy)


async def _database(
    settings: Settings, now: datetime
) -> tuple[Ground | Trouble, Remembered | Trouble | None]:
    url = settings.storage.address
    ground = await _tried(inspect(url))
    if isinstance(ground, Trouble) or ground.standing is None or ground.standing.state != "current":
        return ground, None
    return ground, await _tried(_remembered(url, now))


async def _tried(look: Awaitable[T]) -> T | Trouble:
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            return await look
    except StorageError as failure:
        return Trouble(failure.message, failure.remedy)
    except TimeoutError:
        return Trouble(
            f"the database gives no answer within {DATABASE_SECONDS:g} s", "is it running and reachable?"
        )


async def _remembered(url: str, now: datetime) -> Remembered:
    storage = Storage.as_it_stands(url)
    try:
        async with storage.view() as unit:
            return await _read(unit, now)
    finally:
        await storage.close()


async def _read(unit: UnitOfWork, now: datetime) -> Remembered:
    imported = await unit.audit.last("roster imported")
    alive = await unit.meta.get(ALIVE)
    unconfirmed = await unit.people.unconfirmed_roles()
    strangers = {person.key for person in unconfirmed}
    held = await unit.people.roles_held()
    gone = await unit.meta.all(GONE)
    pins = {key.removeprefix("pin "): room for key, room in (await unit.meta.all("pin ")).items()}
    return Remembered(
        pins={found: room for found, room in pins.items() if f"{GONE}{found}" not in gone},
        roster=tuple(await unit.people.roster()),
        imported=imported.at if imported is not None else None,
        roles=dict(Counter(role for person, role, *_ in held if person.key not in strangers)),
        unconfirmed=len(strangers),
        waiting=await unit.cases.oldest(CaseState.REVIEW),
        outbox=await unit.outbox.counts(),
        inbox=await unit.inbox.counts(),
        blind=tuple(await unit.blind.between(now - DAY, now)),
        alive=datetime.fromisoformat(alive) if alive else None,
        switches=tuple(await unit.switches.all()),
        words=tuple(word.word for word in await unit.words.all() if not word.allow),
        opinions=await unit.opinions.counts(now - DAY),
        opinions_paused=_paused(await unit.meta.get(PAUSED), now),
        pause=Pause.read(await unit.meta.get(PAUSED_SENDING)),
        dry_run=datetime.fromisoformat(dry) if (dry := await unit.meta.get(DRY_RUN)) else None,
        learnt=(learnt := await unit.local_weights.in_force()),
        learnt_over=_learnt_over(await unit.local_weights.weights(learnt)),
    )


def _paused(note: str | None, now: datetime) -> str:
    until, _, why = (note or "").partition(" ")
    return why if until and now < datetime.fromisoformat(until) else ""


def _learnt_over(text: str) -> str:
    try:
        return parse_local(text).base if text else ""
    except WeightsError:
        return ""


def _everyday(words: list[str]) -> tuple[tuple[str, int], ...]:
    if not words:
        return ()
    frequencies = load_frequencies()
    counted = ((word, frequencies.everyday(word)) for word in dict.fromkeys(words))
    return tuple((word, count) for word, count in counted if count is not None)


def _free_bytes(ground: Ground | Trouble | None) -> int | None:
    if not isinstance(ground, Ground) or ground.file is None:
        return None
    folder = next(parent for parent in ground.file.absolute().parents if parent.exists())
    return shutil.disk_usage(folder).free


def _zone_release() -> str:
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return ""
