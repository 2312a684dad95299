"""What befalls the bot's process."""

from __future__ import annotations

import signal

from soaking.faults.kind import Kind
from soaking.stage import Stage


async def kill(stage: Stage) -> None:
    """SIGKILL at a random moment; half the time right after something was sent, before that is on record."""
    if stage.chance.random() < 0.5:
        await stage.next_send(1.0)
    else:
        await stage.pause(0.0, 0.5)
    await stage.keeper.kill()


async def stop(stage: Stage) -> None:
    """SIGTERM; the next process starts at once."""
    await stage.keeper.restart()


async def suspended(stage: Stage) -> None:
    """SIGSTOP, as a machine that sleeps; then SIGCONT."""
    life = stage.keeper.life
    life.send(signal.SIGSTOP)
    try:
        await stage.pause(0.3, 1.5)
    finally:
        life.send(signal.SIGCONT)


KINDS = (
    Kind(
        "kill", "kill -9 of the bot, often between a send and its record", kill, "process", ends=True, often=2
    ),
    Kind("stop", "SIGTERM and a new start", stop, "process", ends=True),
    Kind("suspended", "the bot's process stands still for a while (SIGSTOP)", suspended, "process"),
)
