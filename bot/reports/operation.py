"""What `qungui doctor` says of the work itself: calendar, words, rules, rooms, people, and what goes in and out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.reports.health import DAY, Configured, Facts, Finding, Remembered, bad, fine, warning
from rules.core.book import Entry
from rules.core.options import LEXICON_RULE
from storage.records import Role

ROSTER_KEPT = timedelta(days=90)
OVERDUE = timedelta(hours=1)
ALIVE_WITHIN = timedelta(minutes=3)
SHOWN_WORDS = 5
OCTOBER = 10


def calendar(facts: Facts) -> Iterator[Finding]:
    """The statutory days of this year, and from October on of the next, are published."""
    if not isinstance(facts.configured, Configured):
        return
    days = facts.configured.book.calendar
    today = days.local(facts.now).date()
    needed = [today.year] if today.month < OCTOBER else [today.year, today.year + 1]
    missing = [str(year) for year in needed if year not in days.published]
    if missing:
        said = f"the statutory days off of {' and '.join(missing)} are not known: they are counted by weekday"
        yield warning(
            "calendar", said, "upgrade chinesecalendar, or list them under work.holidays and work.workdays"
        )
    else:
        yield fine("calendar", f"the statutory days of {' and '.join(map(str, needed))} are known")


def lexicon(facts: Facts) -> Iterator[Finding]:
    """No forbidden word of the company is an everyday word."""
    for word, count in facts.everyday[:SHOWN_WORDS]:
        said = f"{word} is an everyday word ({count:,} in some 60 million words), and forbidden wherever it stands"
        yield warning(
            "lexicon",
            said,
            "forbid a longer phrase, or allow its harmless uses; /词库 测试 shows what it hits",
        )
    if rest := facts.everyday[SHOWN_WORDS:]:
        said = f"{len(rest)} more everyday words are forbidden: {', '.join(word for word, _ in rest)}"
        yield warning("lexicon", said, "forbid longer phrases")
    if isinstance(facts.configured, Configured) and not facts.everyday:
        yield fine("lexicon", "no forbidden word of the company is an everyday word")


def learning(facts: Facts) -> Iterator[Finding]:
    """What was learnt from people can be read, and lies over the weights that it was learnt over."""
    known = facts.remembered
    if not isinstance(known, Remembered) or not known.learnt:
        return
    if not known.learnt_over:
        said = f"version {known.learnt} can't be read, so nothing that was learnt is in force"
        yield bad("learning", said, "`qungui learn --back`, or learn again with `qungui learn`")
    elif known.learnt_over != facts.shipped:
        said = f"version {known.learnt} was learnt over the scores of another release"
        yield warning(
            "learning",
            said,
            "measure it anew with `qungui learn`, or take it back with `qungui learn --back`",
        )
    else:
        yield fine("learning", f"version {known.learnt} is in force")


def second_opinion(facts: Facts) -> Iterator[Finding]:
    """The endpoint that is asked for second opinions, if there is one, answers."""
    known = facts.remembered
    if (
        facts.settings is None
        or not facts.settings.second_opinion.endpoint
        or not isinstance(known, Remembered)
    ):
        return
    if known.opinions_paused:
        said = f"the endpoint failed {known.opinions.get('failed', 0)} times within a day: {known.opinions_paused}"
        yield warning(
            "second opinion",
            said,
            "look at second_opinion.endpoint and its key; it is tried again within the hour",
        )
    else:
        many = sum(known.opinions.values())
        yield fine(
            "second opinion", f"{known.opinions.get('answered', 0)} of {many} requests of a day were answered"
        )


def idle_rules(facts: Facts) -> Iterator[Finding]:
    """Every rule can fire somewhere."""
    if not isinstance(facts.configured, Configured):
        return
    found = facts.configured
    idle = 0
    for entry in found.book.entries:
        if (why := _idle(entry, found, facts)) is not None:
            idle += 1
            yield warning("rules", f"{entry.rule.id} never fires: {why[0]}", why[1])
    if not idle:
        yield fine("rules", "every rule can fire")


def _idle(entry: Entry, found: Configured, facts: Facts) -> tuple[str, str] | None:
    """Why a rule never fires, and the remedy; ``None`` if it can."""
    rule = entry.rule.id
    in_rooms = [own for own in _of_rooms(rule, found) if own.enabled]
    if not entry.enabled and not in_rooms:
        return "it is off", f"set rules.{rule}.enabled: on, if that was not meant"
    if isinstance(facts.remembered, Remembered) and facts.remembered.off_everywhere(rule) and not in_rooms:
        return "supervisors switched it off in every room", f"/规则 开启 {rule}, if that was not meant"
    lowest = min(own.bars.review for own in (entry, *in_rooms))
    if (reach := found.reach.get(rule)) is not None and reach < lowest:
        said = f"it is never surer than {reach:g} of its own examples, and its lowest bar is {lowest:g}"
        return said, f"lower rules.{rule}.review"
    if "roster" in entry.rule.needs and not _roster_known(found, facts):
        return (
            "there is neither a roster nor a department",
            "run `qungui roster import FILE`, or set company.departments",
        )
    if rule == LEXICON_RULE and not found.words:
        return "no word is left in its list", "remove less under lexicon.remove, or add words"
    return None


def _of_rooms(rule: str, found: Configured) -> Iterator[Entry]:
    return (entry for entries in found.book.rooms.values() for entry in entries if entry.rule.id == rule)


def _roster_known(found: Configured, facts: Facts) -> bool:
    rows = facts.remembered.roster if isinstance(facts.remembered, Remembered) else ()
    return bool(rows or found.settings.company.departments)


def roster(facts: Facts) -> Iterator[Finding]:
    """It is known who works here, and since lately."""
    if not isinstance(facts.remembered, Remembered):
        return
    active = sum(row.active for row in facts.remembered.roster)
    imported = facts.remembered.imported
    if not active:
        said = "nobody is on the roster: nicknames can't be checked against it"
        yield warning("roster", said, "run `qungui roster import FILE`")
    elif imported is not None and facts.now - imported > ROSTER_KEPT:
        said = f"it was imported {(facts.now - imported).days} days ago"
        yield warning("roster", said, "import the present one with `qungui roster import FILE`")
    else:
        yield fine("roster", f"{active} employees")


def rooms(facts: Facts) -> Iterator[Finding]:
    """It is said which rooms are kept, and where the supervisors meet; the named ones were found."""
    if facts.settings is None:
        return
    wanted = facts.settings.rooms
    if wanted.guard == "all":
        said = "every room that the account is in is kept"
        yield warning("rooms", said, "set rooms.guard: listed and name them under rooms.listed")
    known = facts.remembered if isinstance(facts.remembered, Remembered) else None
    if not wanted.supervision:
        days = facts.settings.retention.messages_days
        said = f"there is no supervision room: digests and alerts reach nobody, and go after {days} days"
        yield warning("supervision room", said, "name it under rooms.supervision, and invite the account")
    elif known is not None and f"supervision {wanted.supervision}" not in known.pins:
        said = f"{wanted.supervision} was not found among the rooms of the account"
        yield warning("supervision room", said, "invite the account into it, or correct rooms.supervision")
    elif known is not None:
        yield fine("supervision room", f"{wanted.supervision} was found")
    if known is not None:
        for duty, names in (("guarded", wanted.listed), ("override", wanted.overrides)):
            for name in names:
                if not {f"{duty} {name}", f"guarded {name}"} & known.pins.keys():
                    said = f"{name} was not found among the rooms of the account"
                    yield warning("rooms", said, "invite the account into it, or correct its name")


def people(facts: Facts) -> Iterator[Finding]:
    """Somebody can decide cases, and whoever holds a role can use it."""
    known = facts.remembered
    if not isinstance(known, Remembered):
        return
    deciders = known.roles.get(Role.SUPERVISOR, 0) + known.roles.get(Role.HR_LEAD, 0)
    remedy = "run `qungui claim --role hr_lead`, and have the code typed to the bot in a private chat"
    if not deciders and known.waiting is not None:
        yield bad("roles", "cases wait for a decision, and nobody is supervisor or HR lead", remedy)
    elif not deciders:
        yield warning("roles", "nobody is supervisor or HR lead: nobody could decide a case", remedy)
    else:
        yield fine("roles", f"{deciders} can decide cases")
    if known.unconfirmed:
        said = f"{known.unconfirmed} hold a role that they can't use: none of their ids is confirmed"
        yield warning("roles", said, "issue them a code with /授权 or `qungui claim`")


def traffic(facts: Facts) -> Iterator[Finding]:
    """What came in was read, what was decided went out, and the bot was not blind."""
    known = facts.remembered
    if not isinstance(known, Remembered):
        return
    outbox, inbox = known.outbox, known.inbox
    if outbox.dead:
        said = f"{outbox.dead} messages could not be sent and were given up"
        yield warning("outbox", said, "/状态 in the supervision room lists them")
    if outbox.oldest_due is not None and facts.now - outbox.oldest_due > OVERDUE:
        said = f"{outbox.pending} messages wait to be sent, the oldest for {_span(facts.now - outbox.oldest_due)}"
        yield warning("outbox", said, "is the bot running, and is there a supervision room?")
    elif not outbox.dead:
        yield fine("outbox", f"{outbox.pending} wait to be sent, {outbox.waiting} for a friendship")
    if known.pause is not None:
        said = f"sending is paused since {known.pause.since:%F %H:%MZ}: the gateway refused one message after the other"
        yield warning("outbox", said, "look at the gateway's log, and whether WeChat restricts the account")
    if known.dry_run is not None:
        said = f"dry run since {known.dry_run:%F}: {outbox.withheld} messages were withheld, and never leave"
        yield fine("dry run", said)
    if inbox.unread:
        said = f"{inbox.unread} messages came in, but the gateway does not give their content"
        yield warning("inbox", said, "they are tried again; look at the gateway's log")
    alive = known.alive
    if alive is None:
        yield warning("bot", "it has never been on guard", "start it with `qungui run`")
    elif facts.now - alive > ALIVE_WITHIN:
        said = f"its last sign of life was {_span(facts.now - alive)} ago"
        yield warning("bot", said, "start it with `qungui run`, or look at its log")
    else:
        yield fine("bot", "it is on guard")
    blind = sum(
        (min(one.until or facts.now, facts.now) - max(one.since, facts.now - DAY) for one in known.blind),
        timedelta(),
    )
    if blind > timedelta():
        said = f"nothing could be seen for {_span(blind)} of the last day, in {len(known.blind)} stretches"
        yield warning("blind", said, "what was said then was judged by nobody; look at gateway and log")


def _span(time: timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
