"""qungui inside an existing python-wechaty bot: ``bot.use(QunguiPlugin())``.

Import this module before ``wechaty``: it makes python-wechaty importable (:mod:`bot.gateway.wechaty_compat`) and
keeps its token and message texts out of the log from the first line on. ``docs/plugin.md`` is for owners of bots.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import compose, running
from bot import log as logs
from bot.clock import SystemClock
from bot.errors import ConfigError, QunguiError
from bot.gateway.hosted import HostedGateway
from bot.gateway.wechaty_compat import make_importable
from bot.gateway.wechaty_log import make_discreet
from bot.gateway.wire.connection import Timing
from bot.settings.source import load_settings
from rules.core.load import load_book

make_importable()
make_discreet()

from wechaty import WechatyPlugin  # noqa: E402 - only importable after the cures

if TYPE_CHECKING:
    from collections.abc import Callable

RETRY_FIRST_SECONDS = 5.0
RETRY_LONGEST_SECONDS = 300.0
FAREWELL_SECONDS = 5.0
PROBE_SECONDS = 1.0


class QunguiPlugin(WechatyPlugin):  # type: ignore[misc]  # python-wechaty comes without types
    """Guards the groups of a python-wechaty bot, in its own event loop, beside its other plugins and handlers.

    It starts at the bot's first login and ends with the bot's event loop, on SIGTERM, or with :meth:`close`.
    Whatever fails in here is logged and tried again; it never reaches the bot.
    """

    VISIABLE = False  # (sic) python-wechaty's web page has nothing to show of it

    def __init__(self, config: str | os.PathLike[str] | None = None, options: Any = None) -> None:
        """
        Args:
            config: config.yaml to use; else QUNGUI_CONFIG, else ./config.yaml, else built in. The environment
                goes over the file, as with ``qungui run``; the ``gateway`` section is the bot's own affair.
            options: python-wechaty's ``WechatyPluginOptions``.

        Raises:
            ConfigError: the configuration is wrong; the message lists every mistake with its remedy.
        """
        self._found = load_settings(Path(config) if config is not None else None, os.environ, load_book)
        self._book = load_book(self._found.settings.book_options())
        self._log = logs.private("qungui", self._found.log, self._found.settings.secrets())
        super().__init__(options)
        self._clock = SystemClock()
        self._hosted: HostedGateway | None = None
        self._stop = asyncio.Event()
        self._guarding: asyncio.Task[None] | None = None
        self._leaving: asyncio.Task[None] | None = None
        make_discreet()

    async def init_plugin(self, wechaty: Any) -> None:
        """Called by python-wechaty at the first login, and again after each of its restarts."""
        try:
            await self._begin(wechaty)
        except QunguiError as failure:
            self._log.error("qungui does not guard this bot", failure=str(failure))
        except Exception as failure:  # noqa: BLE001 - an error here would keep the bot's other plugins from starting
            self._log.critical("qungui does not guard this bot", exc_info=failure)

    async def on_message(self, msg: Any) -> None:
        """A message that python-wechaty has handled; all but those before our start are known already."""
        if self._hosted is not None:
            self._hosted.take_message(msg.message_id)

    async def on_login(self, contact: Any) -> None:  # noqa: ARG002 - python-wechaty's signature
        """python-wechaty has started everything: say so if it opened its web server to the world."""
        manager = getattr(self.bot, "_plugin_manager", None)
        host, port = getattr(manager, "endpoint", ("", 0))
        if manager is not None and any(manager.app.url_map.iter_rules()) and not _loopback(host):
            self._log.warning(
                "another plugin has this bot open a web server without a password, which can also stop plugins",
                address=f"{host}:{port}",
                remedy="WechatyOptions(host='127.0.0.1')",
            )

    async def on_stoped(self) -> None:
        """Switched off in python-wechaty's web page."""
        await self.close()

    async def on_running(self) -> None:
        """Switched on again in python-wechaty's web page."""
        if self.bot is not None:
            await self.init_plugin(self.bot)

    async def close(self) -> None:
        """Take nothing new, send what is due, close the storage; returns when that is done, after 10 s at most."""
        task, self._guarding = self._guarding, None
        self._stop.set()
        if task is not None:
            await asyncio.wait([task])

    async def _begin(self, wechaty: Any) -> None:
        puppet = wechaty.puppet
        if not hasattr(puppet, "puppet_stub"):
            raise ConfigError(
                f"the bot's puppet is a {type(puppet).__name__}, whose gateway qungui can't speak to",
                "use wechaty-puppet-service, or run qungui beside the bot with `qungui run`",
            )
        token = puppet.options.token or ""
        make_discreet(token)
        if self._hosted is None:
            settings = self._found.settings
            self._log = logs.private("qungui", self._found.log, (*settings.secrets(), token))
            timing = Timing(call=settings.gateway.deadline_seconds)
            self._hosted = HostedGateway(token, self._clock, self._log, timing)
            self._tell_cautions(puppet)
        self._hosted.attach(puppet)
        await self._tell_taken_port(wechaty)
        if self._guarding is None or self._guarding.done():
            self._stop = asyncio.Event()
            self._take_sigterm()
            self._guarding = asyncio.create_task(self._keep_guarding(self._hosted), name="qungui")

    async def _keep_guarding(self, gateway: HostedGateway) -> None:
        """Guard until told to stop; a failure is told and tried again, later each time."""
        wait = RETRY_FIRST_SECONDS
        watch = asyncio.create_task(gateway.watch(), name="qungui watch")
        try:
            # A failure on the way out may hide that we were cancelled: the loop that ends would wait for us for ever.
            while not self._stop.is_set() and not _cancelled():
                began = self._clock.monotonic()
                try:
                    await self._guard(gateway)
                except QunguiError as failure:
                    self._log.error(
                        "qungui has stopped guarding", failure=str(failure), again_in_seconds=wait
                    )
                except Exception as failure:  # noqa: BLE001 - the bot goes on, and so does the next attempt
                    self._log.critical("qungui has stopped guarding", exc_info=failure, again_in_seconds=wait)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), wait)
                held = self._clock.monotonic() - began > RETRY_LONGEST_SECONDS * 2
                wait = RETRY_FIRST_SECONDS if held else min(wait * 2, RETRY_LONGEST_SECONDS)
        finally:
            watch.cancel()

    async def _guard(self, gateway: HostedGateway) -> None:
        settings = self._found.settings
        async with (
            compose.opened_storage(settings) as storage,
            compose.alone(settings, self._stop, self._clock, self._log),
        ):
            origin = self._found.origin
            bot = compose.build(settings, self._book, storage, gateway, self._clock, self._log, origin=origin)
            self._log.info("starting inside a python-wechaty bot", database=storage.name)
            try:
                await running.guard(bot, self._stop)
            except asyncio.CancelledError:
                # The bot's loop ends and took the line with it. What is stored comes with the next start; what
                # is decided and due can still leave.
                await self._farewell(bot)
                self._log.info("stopped with the bot's event loop")
                raise
        self._log.info("stopped")

    async def _farewell(self, bot: compose.Bot) -> None:
        if not bot.presence.online:
            return
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                await bot.outbox.drain()
                await bot.presence.alive()
        except Exception as failure:  # noqa: BLE001 - on the way out: told, and nothing is lost that is not stored
            self._log.warning("stopped with notices unsent; they leave with the next start", failure=failure)

    def _take_sigterm(self) -> None:
        """On SIGTERM finish first and then end as the process would have; a handler that is there stays."""
        if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
            return
        loop = asyncio.get_running_loop()
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            # Not on Windows' loops, and in the main thread only; the loop's end closes us all the same.
            loop.add_signal_handler(signal.SIGTERM, self._leave, loop.remove_signal_handler)

    def _leave(self, give_back: Callable[[int], bool]) -> None:
        async def leave() -> None:
            await self.close()
            give_back(signal.SIGTERM)
            signal.raise_signal(signal.SIGTERM)

        self._leaving = asyncio.create_task(leave(), name="qungui leaves")

    def _tell_cautions(self, puppet: Any) -> None:
        for warning in self._found.warnings:
            self._log.warning(warning)
        ours, theirs = self._found.settings.gateway.endpoint, puppet.options.end_point or ""
        if ours and ours != theirs:
            self._log.warning(
                "gateway.endpoint is not used inside a python-wechaty bot, which is connected elsewhere",
                configured=ours,
                connected=theirs,
                remedy="remove gateway.endpoint, or run qungui by itself with `qungui run`",
            )

    async def _tell_taken_port(self, wechaty: Any) -> None:
        """With its web server's port taken python-wechaty tells no plugin of the login, and has one log line for it."""
        port = wechaty._plugin_manager.endpoint[1]
        with contextlib.suppress(OSError):
            async with asyncio.timeout(PROBE_SECONDS):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            self._log.warning(
                "the port of python-wechaty's web server is taken: its on_login handlers are never called",
                port=port,
                remedy="WechatyOptions(port=…) with a free one; qungui itself works all the same",
            )


def _cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
