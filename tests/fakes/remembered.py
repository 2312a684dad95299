"""What the product makes anew each time, made once for all tests of a process, in which it is made a thousand times.

That is SQL compiled for an engine, and jieba's dictionary. What comes out is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.reports import topics
from storage import engine as engines


@contextmanager
def remembered() -> Iterator[None]:
    """Share both among everything that runs meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "create_async_engine", _sharing(engines.create_async_engine))
        patch.setattr(topics, "_tokenizer", cache(topics._tokenizer))
        yield


def _sharing(create: Callable[..., AsyncEngine]) -> Callable[..., AsyncEngine]:
    """Engines of SQLite files with one dialect and one store of compiled SQL, which is kept by dialect."""
    lead: list[Engine] = []

    def created(*given: Any, **named: Any) -> AsyncEngine:
        made = create(*given, **named)
        engine = made.sync_engine
        if engine.dialect.name != "sqlite":
            return made
        # One that never connected does not know its database yet, and is of no use to others.
        if lead and getattr(lead[0].dialect, "server_version_info", None):
            engine.dialect = engine.pool._dialect = lead[0].dialect
            engine._compiled_cache = lead[0]._compiled_cache
        else:
            lead[:] = [engine]
        return made

    return created
