"""A work group of fifty people, each of whom can offend by themselves: for raids, caps and throttled accounts."""

from __future__ import annotations

from fakes.recording import RecordingGateway
from fakes.scene import OFFICE, ROOM, TUESDAY

from bot.clock import ManualClock
from bot.settings import Settings

RAID = 50
MOST = 6
"""Notices in one room an hour, by default."""

SETTINGS = Settings.model_validate(
    {
        "rooms": {"guard": "all", "supervision": "群规监督组"},
        "outbox": {"account_per_minute": 600, "room_per_minute": 600, "room_per_hour": 36_000},
    }
)


def crowd(many: int = RAID) -> RecordingGateway:
    """Members m0, m1 …, and Wang; a supervision room."""
    gateway = RecordingGateway(clock=ManualClock(TUESDAY))
    world = gateway.world
    names = [f"m{number}" for number in range(many)]
    for number, key in enumerate(names):
        world.contact(key, f"员工{number:02}")
    world.contact("wang", "王敏")
    world.room(ROOM, "项目工作群", [*names, "wang"])
    world.room(OFFICE, "群规监督组", ["wang"])
    return gateway


def ad(number: int) -> str:
    """An advertisement of its own."""
    return f"加薇❤信 abc{number:05} 兼职刷单日结300，扫码进群"
