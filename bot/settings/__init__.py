"""config.yaml and the environment, read into frozen values; every mistake told at once, with file, key and remedy."""

from bot.settings.model import OutboxSettings, RoomSettings, Settings

__all__ = ["OutboxSettings", "RoomSettings", "Settings"]
