"""config.yaml and the environment, read into frozen values; every mistake told at once, with file, key and remedy."""

from bot.settings.members import MemberSettings
from bot.settings.model import (
    DigestSettings,
    FriendSettings,
    NoticeSettings,
    OutboxSettings,
    RetentionSettings,
    RoomSettings,
    Settings,
)
from bot.settings.procedures import AppealSettings, ReviewSettings

__all__ = [
    "AppealSettings",
    "DigestSettings",
    "FriendSettings",
    "MemberSettings",
    "NoticeSettings",
    "OutboxSettings",
    "RetentionSettings",
    "ReviewSettings",
    "RoomSettings",
    "Settings",
]
