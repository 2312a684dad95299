"""config.yaml and the environment, read into frozen values; every mistake told at once, with file, key and remedy."""

from bot.settings.model import (
    DigestSettings,
    FriendSettings,
    OutboxSettings,
    RetentionSettings,
    RoomSettings,
    Settings,
)

__all__ = [
    "DigestSettings",
    "FriendSettings",
    "OutboxSettings",
    "RetentionSettings",
    "RoomSettings",
    "Settings",
]
