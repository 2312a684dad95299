"""What is well-formed in the configuration, but contradicts itself or would silently do nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bot.settings.model import OutboxSettings, RoomSettings, Settings
from bot.settings.opinion import loopback
from rules.core.load import load_rules
from rules.core.options import Mistake, WorkOptions, did_you_mean

TLS_WORDS = ("", "off", "insecure-default")
SECONDS_A_MINUTE = 60
SHORTEST_KEY = 16


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
    yield from _idle_overrides(rooms)
    yield from _digest_rooms(settings)
    if friends.accept == "none" and friends.listed:
        yield Mistake(("friends", "listed"), "does nothing while friends.accept is none", "set accept: known")
    if not database_name(settings.storage.address):
        yield Mistake(
            ("storage", "url"),
            "names no database, or one in memory that forgets every case at exit",
            "name a file, sqlite:///qungui.db, or a database, postgresql://host/name",
        )
    yield from _health(settings)
    yield from _opinion(settings)
    yield from _crossed_budgets(settings.outbox)
    yield from _crossed_pauses(settings.outbox)
    yield from _crossed_hours(settings.work)


def _health(settings: Settings) -> Iterator[Mistake]:
    """An endpoint that others could reach although nobody said so."""
    health = settings.health
    if not health.loopback and not health.exposed:
        yield Mistake(
            ("health", "listen"),
            "lies beyond this machine, and whoever reaches it may ask",
            "listen on 127.0.0.1, or set health.exposed: on if the network in between is safe",
        )
    if health.loopback and health.exposed:
        problem = "does nothing, since health.listen is " + ("this machine" if health.listen else "not set")
        yield Mistake(
            ("health", "exposed"), problem, "set health.listen to an address of the network, or remove it"
        )


def _opinion(settings: Settings) -> Iterator[Mistake]:
    """A second opinion that nobody could be asked for."""
    wanted = settings.second_opinion
    if wanted.endpoint and not wanted.model:
        yield Mistake(
            ("second_opinion", "model"), "is not set, but the endpoint is", "name the model to be asked"
        )
    if not wanted.endpoint and (wanted.model or wanted.rules):
        problem = "is not set, so what else stands in the section does nothing"
        yield Mistake(("second_opinion", "endpoint"), problem, "set it, or remove the rest")
    if wanted.rules:
        known = [rule.id for rule in load_rules()]
        for name in wanted.rules:
            if name not in known:
                yield Mistake(
                    ("second_opinion", "rules"), f"there is no rule {name!r}", did_you_mean(name, known)
                )


def _idle_overrides(rooms: RoomSettings) -> Iterator[Mistake]:
    """Rooms whose own rules would never be asked, and rules that say nothing."""
    for name, room in rooms.overrides.items():
        path = ("rooms", "overrides", name)
        if name == rooms.supervision:
            yield Mistake(path, "is the supervision room, where nothing is judged", "remove it")
        elif rooms.guard == "listed" and name not in rooms.listed:
            yield Mistake(
                path,
                "is not under rooms.listed, so nothing is judged there",
                f"name it as it stands there; {did_you_mean(name, rooms.listed)}",
            )
        if not room.rules:
            yield Mistake(path, "says nothing", "name rules under rules:, or remove it")
        for rule, options in room.rules.items():
            if not options.model_fields_set:
                remedy = "give it enabled, shadow, violation, review or settings, or remove it"
                yield Mistake((*path, "rules", rule), "says nothing", remedy)


def _digest_rooms(settings: Settings) -> Iterator[Mistake]:
    """Work groups that are to get a digest and would get none, or one too many."""
    rooms, path = settings.rooms, ("digest", "rooms")
    if settings.digest.rooms and not settings.digest.enabled:
        yield Mistake(path, "does nothing while digest.enabled is off", "remove it, or set enabled: on")
    for name in settings.digest.rooms:
        if name == rooms.supervision:
            yield Mistake(path, f"{name} is the supervision room, which gets the whole digest", "remove it")
        elif rooms.guard == "listed" and name not in rooms.listed:
            remedy = f"name it as it stands there; {did_you_mean(name, rooms.listed)}"
            yield Mistake(
                path, f"{name} is not under rooms.listed, so there is nothing to tell of it", remedy
            )


def _crossed_pauses(outbox: OutboxSettings) -> Iterator[Mistake]:
    """A first pause that is longer than the longest."""
    if outbox.pause_seconds > outbox.pause_at_most_minutes * SECONDS_A_MINUTE:
        yield Mistake(
            ("outbox", "pause_at_most_minutes"),
            "is shorter than the first pause, pause_seconds",
            "set it higher, or pause_seconds lower",
        )


def _crossed_budgets(outbox: OutboxSettings) -> Iterator[Mistake]:
    """Budgets of which one can never be reached; the one that was set is blamed, not a default beside it."""
    for small, large, times in (
        ("room_per_minute", "account_per_minute", 1),
        ("room_per_minute", "room_per_hour", 1),
        ("room_per_hour", "room_per_minute", 60),
    ):
        low, high = getattr(outbox, small), times * getattr(outbox, large)
        if low <= high:
            continue
        if small in outbox.model_fields_set or large not in outbox.model_fields_set:
            problem = f"is never reached with {large} {getattr(outbox, large)}"
            yield Mistake(("outbox", small), problem, f"at most {high}, or raise {large}")
        else:
            problem = f"is so low that {small} {low} is never reached"
            yield Mistake(("outbox", large), problem, f"raise it, or lower {small} too")


def _crossed_hours(work: WorkOptions) -> Iterator[Mistake]:
    if work.start >= work.end:
        yield Mistake(("work", "end"), "is not after work.start", "working time ends on the day it starts")
    for day in sorted(set(work.holidays) & set(work.workdays)):
        yield Mistake(("work", "workdays"), f"{day} is also under work.holidays", "keep one of the two")


def missing_ca(settings: Settings) -> Iterator[Mistake]:
    """The CA file, if it is not there; relative paths start from the working directory."""
    tls = settings.gateway.tls
    if tls not in TLS_WORDS and not Path(tls).is_file():
        yield Mistake(
            ("gateway", "tls"),
            "is neither off nor insecure-default, and there is no such CA file",
            did_you_mean(tls, TLS_WORDS[1:]),
        )


def cautions(settings: Settings) -> Iterator[str]:
    """What is legal, but worth a warning at every start."""
    gateway, outbox = settings.gateway, settings.outbox
    if gateway.tls == "insecure-default":
        yield "gateway.tls is insecure-default: the gateway's certificate proves nothing about who it is"
    if gateway.tls == "off" and not gateway.loopback:
        yield "gateway.tls is off: messages and the token cross the network in clear"
    if not outbox.pacing:
        yield "outbox.pacing is off: the account may be throttled; for load tests only"
    elif outbox.min_gap_seconds * outbox.account_per_minute > SECONDS_A_MINUTE:
        yield "outbox.min_gap_seconds is so long that outbox.account_per_minute is never reached"
    if not settings.notices.quiet_hours:
        yield "notices.quiet_hours is off: notices go out at night too"
    if not settings.health.loopback:
        yield "health.listen lies beyond this machine: whoever reaches it may read states and counts"
    opinion = settings.second_opinion.endpoint
    if opinion and not loopback(urlsplit(opinion).hostname or ""):
        yield "second_opinion.endpoint is another machine: masked texts of doubtful messages are sent there"
    key = settings.ledger.key
    if key is not None and len(key.get_secret_value()) < SHORTEST_KEY:
        yield f"the ledger's key is shorter than {SHORTEST_KEY} characters: it can be guessed"


def database_name(url: str) -> str:
    """The file or database that a URL names; empty for none and for one in memory."""
    name = url.partition("://")[2].partition("?")[0].partition("/")[2]
    return "" if name == ":memory:" or "mode=memory" in url else name
