"""`qungui run` that kills itself with SIGKILL right after one point of the path: ``victim.py POINT``.

The product has no switch for this; the points are wrapped here, in the process that is to die.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.cli import main
from bot.gateway.wire import WireGateway
from bot.pipeline.handle import Handler
from bot.pipeline.inbox import _Store


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(owner: type, name: str, when: Callable[[Any], bool] = bool) -> None:
    """Die as soon as the coroutine method has returned something for which ``when`` holds."""
    original = getattr(owner, name)

    async def wrapped(*arguments: Any, **named: Any) -> Any:
        result = await original(*arguments, **named)
        if when(result):
            die()
        return result

    setattr(owner, name, wrapped)


def after_judging() -> None:
    original = Handler._judge

    def wrapped(*arguments: Any) -> Any:
        result = original(*arguments)
        if result.rulings:
            die()
        return result

    setattr(Handler, "_judge", wrapped)  # noqa: B010 - an assignment is what mypy forbids for methods


POINTS: dict[str, Callable[[], None]] = {
    "inbox": lambda: after(_Store, "__call__"),
    "fetch": lambda: after(WireGateway, "message"),
    "judge": after_judging,
    "commit": lambda: after(Handler, "_commit", lambda handled: any(one.case for one in handled)),
    "send": lambda: after(WireGateway, "say", lambda _: True),
}

if __name__ == "__main__":
    POINTS[sys.argv.pop(1)]()
    sys.argv = ["qungui", "run"]
    main()
