"""A python-wechaty bot as its owner would have written it, with qungui as one of its plugins.

Started as a script of its own, from a folder in which it is called ``bot.py``. The environment says the rest:
``WECHATY_PUPPET_SERVICE_ENDPOINT`` and ``…_TOKEN``, ``HOST_PORT`` (the web server's), ``HOST_ROUTE`` (whether
another plugin registers a route). SIGUSR1 ends the bot's event loop, as the owner's own code might.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import Any

os.dup2(2, 1)  # everything that is said comes out on one stream, so that a test can read it all

from bot.gateway.plugin import QunguiPlugin  # noqa: E402, I001 - what is printed while importing counts too
from wechaty import Wechaty, WechatyOptions, WechatyPlugin  # noqa: E402 - after the plugin, as the docs say


def say(what: str, message_id: str) -> None:
    """Tell the test what was heard."""
    os.write(2, f"{what} {message_id}\n".encode())


class Other(WechatyPlugin):
    """Another plugin of the same bot."""

    async def on_message(self, msg: Any) -> None:
        say("other plugin heard", msg.message_id)

    async def blueprint(self, app: Any) -> None:
        if os.environ.get("HOST_ROUTE"):

            @app.route("/other")
            async def other() -> str:
                return "other"


class Host(Wechaty):
    """The owner's bot."""

    async def on_message(self, msg: Any) -> None:
        say("host heard", msg.message_id)


async def main() -> None:
    """Run the bot."""
    options = WechatyOptions(
        token=os.environ["WECHATY_PUPPET_SERVICE_TOKEN"], port=int(os.environ["HOST_PORT"])
    )
    bot = Host(options)
    bot.use([QunguiPlugin(), Other()])
    running = asyncio.create_task(bot.start())
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await running


if __name__ == "__main__":
    asyncio.run(main())
