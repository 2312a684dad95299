"""What `qungui doctor` says of the installation: configuration, gateway, database, disk, key, time zones."""

from __future__ import annotations

from collections.abc import Iterator

from bot.reports.health import Facts, Finding, Trouble, bad, fine, warning
from storage.inspection import Ground

SHORTEST_KEY = 16
LITTLE_SPACE = 1_000_000_000
NO_SPACE = 100_000_000


def configuration(facts: Facts) -> Iterator[Finding]:
    """It can be read, and what in it is worth a word."""
    found = facts.configured
    if isinstance(found, Trouble):
        yield bad(
            "configuration", found.said, found.remedy or "correct it; `qungui config check` tells the same"
        )
        return
    on = sum(entry.enabled for entry in found.book.entries)
    yield fine("configuration", f"{found.source}: {on} of {len(found.book.entries)} rules on")
    for said in found.warnings:
        yield warning("configuration", said, "see config.yaml at that key")


def gateway(facts: Facts) -> Iterator[Finding]:
    """It is named, answers, and takes our token."""
    settings = facts.settings
    if settings is None:
        return
    if facts.gateway is None:
        said = "no gateway is named; `qungui check` and `qungui demo` need none"
        yield bad("gateway", said, "set QUNGUI_GATEWAY_ENDPOINT=host:port and QUNGUI_GATEWAY_TOKEN")
    elif isinstance(facts.gateway, Trouble):
        remedy = (
            facts.gateway.remedy or "start it, and look at host, port and firewall; `qungui run` waits for it"
        )
        yield bad("gateway", f"{settings.gateway.endpoint}: {facts.gateway.said}", remedy)
    else:
        yield fine("gateway", f"{settings.gateway.endpoint} answers (version {facts.gateway or 'unknown'})")
        if settings.gateway.token is None:
            said = "no token is set: whoever reaches the gateway may use it"
            yield warning("gateway", said, "start it with a token and set QUNGUI_GATEWAY_TOKEN")


def database(facts: Facts) -> Iterator[Finding]:
    """It is there, ours, of this version, writable, and for its owner's eyes."""
    ground = facts.ground
    if isinstance(ground, Trouble):
        yield bad("database", ground.said, ground.remedy or "name a database in QUNGUI_STORAGE_URL")
    elif ground is not None:
        yield from _database(ground)
    if isinstance(facts.remembered, Trouble):
        yield bad("database", facts.remembered.said, facts.remembered.remedy or "try again when it is back")


def _database(ground: Ground) -> Iterator[Finding]:
    if not ground.writable:
        yield bad(
            "database", f"{ground.name} can't be written by this user", "give it to the user who runs the bot"
        )
    if ground.mode is not None and ground.mode & 0o077:
        said = f"{ground.name} may be read by others on this machine (mode {ground.mode:o})"
        yield warning("database", said, f"chmod 600 {ground.file}")
    state = "missing" if ground.standing is None else ground.standing.state
    if state in ("missing", "empty"):
        said = f"{ground.name} is not set up yet"
        yield warning("database", said, "`qungui run` sets it up, or `qungui db upgrade` does now")
    elif state == "behind":
        said = f"{ground.name} has an older schema"
        yield bad("database", said, "stop the bot, take a backup, and run `qungui db upgrade`")
    elif state == "ahead":
        yield bad("database", f"{ground.name} was made by a newer qungui", "install that one, or a newer one")
    elif state == "foreign":
        said = f"{ground.name} holds tables that are not qungui's"
        yield bad("database", said, "name an empty or new database in QUNGUI_STORAGE_URL")
    elif ground.writable:
        yield fine("database", f"{ground.name} is of this version and can be written")


def disk(facts: Facts) -> Iterator[Finding]:
    """There is room for what comes."""
    if facts.free_bytes is None:
        return
    said = f"{facts.free_bytes / 1e9:.1f} GB are free where the database lies"
    if facts.free_bytes < NO_SPACE:
        yield bad("disk", said, "free some, or the bot stops recording")
    elif facts.free_bytes < LITTLE_SPACE:
        yield warning("disk", said, "free some before it runs out")
    else:
        yield fine("disk", said)


def ledger_key(facts: Facts) -> Iterator[Finding]:
    """The chains can't be forged."""
    if facts.settings is None:
        return
    key = facts.settings.ledger.key
    remedy = "set QUNGUI_LEDGER_KEY to a long random text before the first case, and keep a copy of it"
    if key is None:
        said = "no key is set: whoever can write to the database can forge the points ledger"
        yield warning("ledger key", said, remedy)
    elif len(key.get_secret_value()) < SHORTEST_KEY:
        yield warning(
            "ledger key", f"it is shorter than {SHORTEST_KEY} characters and can be guessed", remedy
        )
    else:
        yield fine("ledger key", "it is set")


def time_zones(facts: Facts) -> Iterator[Finding]:
    """There is a time zone database of our own."""
    if facts.zone_release:
        yield fine("time zones", f"release {facts.zone_release}")
    else:
        yield bad("time zones", "there is no time zone database", "pip install tzdata")
