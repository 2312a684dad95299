"""How a kind of fault is written down."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from soaking.stage import Stage

Lane = Literal["process", "outside"]
"""Faults of one lane follow each other; those of the two lanes meet."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault.

    Attributes:
        name: as ``--faults`` takes it.
        said: what happens, in one line.
        inject: makes it happen, and puts right afterwards what does not mend by itself.
        lane: ``process`` for what befalls the bot's process, ``outside`` for everything around it.
        ends: whether the bot's process does not survive it.
        often: how many times in a round.
        able: whether it can be done on this system; what can't is named as left out.
    """

    name: str
    said: str
    inject: Callable[[Stage], Awaitable[None]]
    lane: Lane = "outside"
    ends: bool = False
    often: int = 1
    able: bool = True
