"""What is well-formed in the configuration, but contradicts itself or would silently do nothing."""

from __future__ import annotations

from collections.abc import Iterator

from bot.settings import OutboxSettings, Settings
from rules.core.options import Mistake, WorkOptions


def contradictions(settings: Settings) -> Iterator[Mistake]:
    """What is well-formed but contradicts itself or would silently do nothing."""
    gateway, rooms, friends = settings.gateway, settings.rooms, settings.friends
    if not gateway.tls and not gateway.loopback:
        yield Mistake(
            ("gateway", "tls"),
            "must be said for a gateway on another machine",
            "set the path of a CA file, insecure-default, or off if the way there is safe",
        )
    if rooms.guard == "all" and rooms.listed:
        yield Mistake(("rooms", "listed"), "does nothing while rooms.guard is all", "set rooms.guard: listed")
    if rooms.guard == "listed" and not rooms.listed:
        yield Mistake(
            ("rooms", "guard"), "no room is listed, so none is kept", "name rooms under rooms.listed"
        )
    if rooms.supervision and rooms.supervision in rooms.listed:
        yield Mistake(
            ("rooms", "supervision"),
            "is also a room that is kept; cases would be discussed before everybody",
            "give the supervisors a room of their own",
        )
    if friends.accept == "none" and friends.listed:
        yield Mistake(("friends", "listed"), "does nothing while friends.accept is none", "set accept: known")
    yield from _crossed_budgets(settings.outbox)
    yield from _crossed_hours(settings.work)


def _crossed_budgets(outbox: OutboxSettings) -> Iterator[Mistake]:
    if outbox.room_per_minute > outbox.account_per_minute:
        yield Mistake(
            ("outbox", "room_per_minute"),
            f"does nothing above account_per_minute ({outbox.account_per_minute})",
            "lower it, or raise account_per_minute",
        )
    if outbox.room_per_minute > outbox.room_per_hour:
        yield Mistake(
            ("outbox", "room_per_minute"),
            f"does nothing above room_per_hour ({outbox.room_per_hour})",
            "lower it, or raise room_per_hour",
        )
    if outbox.room_per_hour > 60 * outbox.room_per_minute:
        yield Mistake(
            ("outbox", "room_per_hour"),
            f"is never reached with room_per_minute {outbox.room_per_minute}",
            f"at most {60 * outbox.room_per_minute}",
        )
    if outbox.retry_seconds > outbox.retry_max_seconds:
        yield Mistake(
            ("outbox", "retry_seconds"),
            f"is above retry_max_seconds ({outbox.retry_max_seconds:g})",
            "lower it, or raise retry_max_seconds",
        )


def _crossed_hours(work: WorkOptions) -> Iterator[Mistake]:
    if work.start >= work.end:
        yield Mistake(("work", "end"), "is not after work.start", "working time ends on the day it starts")
    for day in sorted(set(work.holidays) & set(work.workdays)):
        yield Mistake(("work", "workdays"), f"{day} is also under work.holidays", "keep one of the two")
