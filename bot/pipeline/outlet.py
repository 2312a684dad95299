"""What the running line needs of whatever speaks for the bot; and that of a dry run, from which nothing can leave."""

from __future__ import annotations

import asyncio
from typing import Protocol

from bot.pipeline.budget import Manner


class Outlet(Protocol):
    """Where decided messages leave.

    Attributes:
        online: set while the account is logged in.
        left, failures: messages that left, and attempts that failed, since the start.
    """

    online: asyncio.Event
    left: int
    failures: int

    @property
    def resting(self) -> bool:
        """Whether it waits for time to pass, and for nothing else."""
        ...

    @property
    def paused(self) -> bool:
        """Whether nothing is sent, or one message on trial, because too many failed."""
        ...

    def adopt(self, manner: Manner) -> None:
        """Behave like this from now on."""
        ...

    def wake(self) -> None:
        """There may be something new to send."""
        ...

    async def run(self) -> None:
        """Send what becomes due until :meth:`stop`."""
        ...

    def stop(self) -> None:
        """Send nothing more after what is in flight."""
        ...

    async def drain(self) -> int:
        """Try every message that is due now once; returns how many targets still wait."""
        ...


class Unspoken:
    """The outlet of a dry run: it is handed neither a gateway nor a database, and so there is nothing it could send."""

    def __init__(self) -> None:
        self.online = asyncio.Event()
        self.left = self.failures = 0
        self.resting, self.paused = True, False
        self._stopped = asyncio.Event()

    def adopt(self, manner: Manner) -> None:
        """Nothing to behave with."""

    def wake(self) -> None:
        """Nothing to send."""

    async def run(self) -> None:
        """Wait for the end."""
        await self._stopped.wait()

    def stop(self) -> None:
        """The end."""
        self._stopped.set()

    async def drain(self) -> int:
        """Nothing waits."""
        return 0
