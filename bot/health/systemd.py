"""What systemd is told (sd_notify): that the bot is ready, that it lives, that it stops. Without systemd, nothing."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

from structlog.typing import FilteringBoundLogger


class Notifier:
    """Sends to the socket that systemd names; never raises, and never waits.

    Attributes:
        watchdog_seconds: within which time systemd wants a sign of life; ``None`` if it wants none of this process.
    """

    def __init__(self, address: str, watchdog_seconds: float | None, log: FilteringBoundLogger) -> None:
        """
        Args:
            address: path of the socket, or its abstract name behind an ``@``; empty: there is nobody to tell.
        """
        self.watchdog_seconds = watchdog_seconds
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._log = log
        self._failed = False

    @classmethod
    def of(cls, environment: Mapping[str, str], log: FilteringBoundLogger) -> Notifier:
        """As the environment says: NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID."""
        address = environment.get("NOTIFY_SOCKET", "")
        micros, owner = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
        ours = micros.isdecimal() and int(micros) > 0 and owner in ("", str(os.getpid()))
        return cls(address, int(micros) / 1_000_000 if address and ours else None, log)

    def tell(self, line: str) -> None:
        """Send one assignment, such as ``READY=1``."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.setblocking(False)
                out.sendto(line.encode(), self._address)
        except (OSError, ValueError) as failure:
            if not self._failed:
                self._log.warning(
                    "systemd can't be told how the bot is",
                    failure=type(failure).__name__,
                    remedy="look at NOTIFY_SOCKET; the unit needs Type=notify and NotifyAccess=main",
                )
            self._failed = True
