"""What differs between two configurations, and what of it can't be taken over while the bot runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.settings.model import Settings

FIXED = ("gateway", "storage", "ledger", "health")
"""Sections that need a restart."""


def changed(old: Settings, new: Settings) -> tuple[str, ...]:
    """The keys whose values differ, dotted, in order; the values themselves are never shown."""
    return tuple(_differing(old.model_dump(), new.model_dump(), ""))


def adoptable(running: Settings, wanted: Settings) -> tuple[Settings, tuple[str, ...]]:
    """``wanted`` with the old values where only a restart helps, and the keys that were held back so."""
    kept = {section: getattr(running, section) for section in FIXED}
    effective = wanted.model_copy(update=kept)
    return effective, changed(effective, wanted)


def _differing(old: Any, new: Any, path: str) -> Iterator[str]:
    if old == new:
        return
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield path
        return
    for key in [*old, *(key for key in new if key not in old)]:
        here = f"{path}.{key}" if path else str(key)
        if key in old and key in new:
            yield from _differing(old[key], new[key], here)
        else:
            yield here
