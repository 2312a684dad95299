"""What lies outside the bot: the gateway and the database that the settings name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.errors import ConfigError, QunguiError
from bot.gateway.wire import WireGateway, WireListener
from bot.gateway.wire.connection import Timing
from bot.gateway.wire.probe import probe
from bot.pipeline.places import ACCOUNT
from bot.settings import Settings
from storage.alone import Alone, claim
from storage.errors import Occupied, StorageError
from storage.session import Storage

W = TypeVar("W", bound=WireListener)

FAREWELL_SECONDS = 12.0
"""So long another bot may take to end; on SIGTERM it needs 10 s at most."""

CLAIM_AGAIN_SECONDS = 0.5
KEEP_SECONDS = 20.0


def require_gateway(settings: Settings) -> None:
    """Make sure that a gateway is named, before anything is opened or set up.

    Raises:
        ConfigError: none is.
    """
    if not settings.gateway.endpoint:
        raise ConfigError(
            "gateway.endpoint is not set: there is no gateway to run on",
            "set QUNGUI_GATEWAY_ENDPOINT=host:port (and QUNGUI_GATEWAY_TOKEN), "
            "or look at the bot first with `qungui demo`",
        )


async def wire(settings: Settings, storage: Storage, clock: Clock, log: FilteringBoundLogger) -> WireGateway:
    """The gateway that the settings name; it knows the account from the last login, should it not be told again.

    Raises:
        ConfigError: it can't be used as it is.
    """
    return await _client(WireGateway, settings, storage, clock, log)


async def listener(
    settings: Settings, storage: Storage, clock: Clock, log: FilteringBoundLogger
) -> WireListener:
    """The half of that gateway which hears and asks; what acts is never made.

    Raises:
        ConfigError: it can't be used as it is.
    """
    return await _client(WireListener, settings, storage, clock, log)


async def _client(
    kind: type[W], settings: Settings, storage: Storage, clock: Clock, log: FilteringBoundLogger
) -> W:
    gateway = settings.gateway
    token = gateway.token.get_secret_value() if gateway.token else ""
    async with storage.view() as unit:
        account = await unit.meta.get(ACCOUNT)
    return kind(
        gateway.endpoint,
        token,
        gateway.tls_mode,
        clock,
        log,
        timing=Timing(call=gateway.deadline_seconds),
        self_id=account or "",
    )


async def knock(settings: Settings, seconds: float) -> str:
    """The version of the gateway that the settings name; a bot that is on guard there is not disturbed.

    Raises:
        ConfigError: it can't be asked as it is configured.
        GatewayError: it does not answer within ``seconds``, or not to us.
    """
    gateway = settings.gateway
    token = gateway.token.get_secret_value() if gateway.token else ""
    return await probe(gateway.endpoint, token, gateway.tls_mode, min(seconds, gateway.deadline_seconds))


def simulated(endpoint: str, token: str, clock: Clock, log: FilteringBoundLogger) -> WireGateway:
    """The gateway client towards a simulator on loopback."""
    return WireGateway(endpoint, token, "off", clock, log)


@asynccontextmanager
async def opened_storage(settings: Settings, *, withholding: bool = False) -> AsyncIterator[Storage]:
    """The database that the settings name, set up if it is new, closed at the end.

    Args:
        withholding: what is put into its outbox never leaves.

    Raises:
        QunguiError: it can't be used; with the remedy.
    """
    key = settings.ledger.key.get_secret_value().encode() if settings.ledger.key else b""
    try:
        storage = await Storage.open(settings.storage.address, ledger_key=key, withholding=withholding)
    except StorageError as failure:
        raise QunguiError(failure.message, failure.remedy) from failure
    try:
        yield storage
    finally:
        await storage.close()


@asynccontextmanager
async def alone(
    settings: Settings, stop: asyncio.Event, clock: Clock, log: FilteringBoundLogger
) -> AsyncIterator[None]:
    """While this lasts, no other bot guards with the database that the settings name.

    One that is about to end is waited for. Should another take the database while its server was away, ``stop`` is
    set, and the error is raised at the end.

    Raises:
        QunguiError: another one guards with it, or the claim can't be laid; with the remedy.
    """
    try:
        claimed = await _claimed(settings.storage.address, stop, clock, log)
    except StorageError as failure:
        raise QunguiError(failure.message, failure.remedy) from failure
    keeping = asyncio.create_task(_keep(claimed, stop, clock), name="alone")
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])
        await claimed.release()
    if not keeping.cancelled() and (lost := keeping.result()) is not None:
        raise QunguiError(lost.message, lost.remedy)


async def _claimed(url: str, stop: asyncio.Event, clock: Clock, log: FilteringBoundLogger) -> Alone:
    asked = clock.monotonic()
    waiting = False
    while True:
        try:
            return await claim(url)
        except Occupied as failure:
            if stop.is_set() or clock.monotonic() - asked >= FAREWELL_SECONDS:
                raise
            if not waiting:
                log.warning(f"{failure.message}: waiting for it to end", at_most_seconds=FAREWELL_SECONDS)
            waiting = True
        await clock.sleep(CLAIM_AGAIN_SECONDS)


async def _keep(claimed: Alone, stop: asyncio.Event, clock: Clock) -> Occupied | None:
    """Look after the claim; returns how it was lost."""
    while True:
        await clock.sleep(KEEP_SECONDS)
        try:
            await claimed.keep()
        except Occupied as lost:
            stop.set()
            return lost
        except StorageError:
            continue  # those who wait for the database say so
