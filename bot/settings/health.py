"""Settings of the health endpoint: where monitoring asks whether the bot is well. Off by default."""

from __future__ import annotations

from pydantic import Field

from bot.settings.opinion import loopback
from bot.settings.section import HostPort, Section


class HealthSettings(Section):
    """Where `/healthz`, `/readyz` and `/metrics` are served: states and counts, never a text, a name or an id."""

    listen: HostPort = Field(
        default="",
        description="Where it listens, host:port, such as 127.0.0.1:9187; unset: there is none.",
    )
    exposed: bool = Field(
        default=False,
        description="Whether it may listen beyond this machine; it asks nobody for a password.",
    )

    @property
    def address(self) -> tuple[str, int] | None:
        """Host and port; ``None`` if there is no endpoint."""
        host, _, port = self.listen.rpartition(":")
        return (host.strip("[]"), int(port)) if self.listen else None

    @property
    def loopback(self) -> bool:
        """Whether it is for this machine only (true while there is none)."""
        return self.address is None or loopback(self.address[0])
