"""What the gateway passed on, and to whom: a stream of events is one attach of one process of the bot."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from wechaty_grpc.wechaty import puppet as pb

MESSAGE = pb.EventType.EVENT_TYPE_MESSAGE


@dataclass
class Stream:
    """One attach.

    Attributes:
        life: number of the process that listened.
        ids: of the messages that went out on it, in order.
        whole: it came to its end as it should, so that everything which went out has arrived.
    """

    life: int
    ids: list[str] = field(default_factory=list)
    whole: bool = False


@dataclass
class Heard:
    """Every stream so far, by its number."""

    present_life: Callable[[], int]
    streams: dict[int, Stream] = field(default_factory=dict)

    def watch(self, number: int, item: pb.EventResponse) -> None:
        """Note one event that went out."""
        stream = self.streams.setdefault(number, Stream(self.present_life()))
        if item.type == MESSAGE:
            stream.ids.append(str(json.loads(item.payload)["messageId"]))

    def ended_well(self, number: int) -> None:
        """The gateway has ended this stream cleanly."""
        if number in self.streams:
            self.streams[number].whole = True

    def settled(self) -> list[Stream]:
        """The streams in order; one is whole only if the process that listened lived on to the next one."""
        order = [self.streams[number] for number in sorted(self.streams)]
        for stream, following in pairwise(order):
            stream.whole = stream.whole and stream.life == following.life
        return order
