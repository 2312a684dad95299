"""What must hold after the day: figures out of the database and the world, and everything that is wrong."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from bot.gateway.simulator.nouns import Sent
from bot.pipeline.crowding import SUMMARY
from bot.pipeline.notice import SUPERVISION
from bot.reports.soundness import TITLES, Soundness
from soaking.heard import Stream

NAMED = 5
NOTICE = "notice "
LATE = frozenset({"unsent", "unjudged", "runs"})
"""What is found only because time has passed."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of messages. ``own`` ones are the bot's; what was not heard never reached it.

    Attributes:
        posted: everything that was said, by anybody.
        heard: of which the inbox has a row.
        unheard: the gateway had nobody to tell, or did not tell.
        cut_off: passed on to a process that was killed, or by a connection that broke, before it was stored.
        lost: stored without an outcome, or passed on and never stored though what came later was.
        unordered: judged, or received, out of the order of its room.
    """

    posted: int
    heard: int
    outcomes: int
    late: int
    unreadable: int
    unheard: int
    cut_off: int
    lost: tuple[str, ...]
    unordered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """What became of the bot's words.

    Attributes:
        sends: what arrived in WeChat.
        decided: notices; each has ``left``, is ``dropped`` (recalled, dismissed …), is ``waiting`` until its reader is
            a friend of the account, is ``later`` because it is not due yet, or ``open``: nobody knows whether it left.
        repeated: arrivals beyond one for each message; of notices in ``notices_repeated``.
        missing: recorded as sent, and never arrived.
        unvouched: the same of sends that were tried twice without an answer, and count as sent.
        stuck: given up.
    """

    sends: int
    decided: int
    left: int
    dropped: int
    waiting: int
    later: int
    open: int
    repeated: int
    notices_repeated: int
    missing: tuple[str, ...]
    unvouched: tuple[tuple[str, str], ...]
    stuck: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Books:
    """Cases and the ledger.

    Attributes:
        self_checks: how each of the bot's own daily self-checks came out.
        told: what it told the supervisors about them.
        sound: what `qungui db verify` finds now.
    """

    cases: int
    entries: int
    self_checks: tuple[str, ...]
    told: tuple[str, ...]
    sound: Soundness


@dataclass
class Row:
    """A row of the outbox, as far as it matters here."""

    id: int
    target: str
    text: str
    kind: str
    unique: str
    state: str
    message_id: str
    merge: str
    sent_at: str

    @property
    def summarised(self) -> bool:
        """Whether it was one line of a summary, in other words: only its case's number tells it there."""
        return self.merge.startswith(SUMMARY)

    @property
    def number(self) -> str:
        """Of the case that it is the notice of."""
        return self.unique.removeprefix(NOTICE)


def rows(database: Path, query: str) -> list[tuple[str, ...]]:
    """What a query finds in a database that nobody writes to any more."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def received(database: Path, posted: Iterable[str], streams: Sequence[Stream]) -> Received:
    """What became of every message that was posted."""
    everything = list(posted)
    inbox = {
        message: (int(seq), state, outcomes)
        for message, seq, state, outcomes in rows(
            database, "select message_id, seq, state, outcomes from inbox"
        )
    }
    lost = [message for message, (_, state, said) in inbox.items() if state != "done" or not said]
    passed = {message for stream in streams for message in stream.ids}
    gaps, unordered = _along_streams(streams, inbox)
    cut_off = (passed - inbox.keys()) - set(gaps)
    unordered += _along_rooms(database)
    return Received(
        posted=len(everything),
        heard=sum(message in inbox for message in everything),
        outcomes=sum(inbox[message][1] == "done" for message in everything if message in inbox),
        late=sum("late" in said.split() for _, _, said in inbox.values()),
        unreadable=sum(said == "unreadable" for _, _, said in inbox.values()),
        unheard=sum(message not in inbox and message not in passed for message in everything),
        cut_off=len(cut_off),
        lost=(*lost, *gaps),
        unordered=tuple(unordered),
    )


def _along_streams(
    streams: Sequence[Stream], inbox: dict[str, tuple[int, str, str]]
) -> tuple[list[str], list[str]]:
    """What was passed on and not stored although it must have arrived, and what was stored in another order."""
    gaps: dict[str, None] = {}
    unordered: list[str] = []
    passed = Counter(message for stream in streams for message in stream.ids)
    for number, stream in enumerate(streams):
        ids = list(dict.fromkeys(stream.ids))
        # What was passed on several times may have arrived any time: only the rest tells how far a stream came.
        once = [place for place, message in enumerate(ids) if message in inbox and passed[message] == 1]
        # What has arrived waits to be stored, and whoever kills the process meanwhile takes it along.
        stored = any(
            message in inbox and passed[message] == 1
            for later in streams[number + 1 :]
            if later.life == stream.life
            for message in later.ids
        )
        until = len(ids) if stream.whole and stored else (once[-1] if once else 0)
        gaps.update(dict.fromkeys(message for message in ids[:until] if message not in inbox))
        seqs = [(inbox[ids[place]][0], ids[place]) for place in once]
        unordered += [after[1] for before, after in pairwise(seqs) if after < before]
    return list(gaps), unordered


def _along_rooms(database: Path) -> list[str]:
    """Messages that were judged before one that was received earlier in their room, though neither came late."""
    found = rows(
        database,
        "select m.room_key, m.message_id, i.seq, i.outcomes from messages m"
        " join inbox i on i.message_id = m.message_id order by m.seq",
    )
    latest: dict[str, int] = defaultdict(int)
    unordered = []
    for room, message, seq, said in found:
        if "late" in said.split():
            continue
        if int(seq) < latest[room]:
            unordered.append(message)
        latest[room] = max(latest[room], int(seq))
    return unordered


def spoken(database: Path, sent: Sequence[Sent], office: str) -> Spoken:
    """What became of every row of the outbox, held against what arrived."""
    found = [
        Row(int(one[0]), *(value or "" for value in one[1:]))
        for one in rows(
            database,
            "select id, target, text, kind, unique_key, state, gateway_message_id, merge, sent_at from outbox",
        )
    ]
    by_id = {one.message_id: one for one in sent}
    recorded = {row.message_id for row in found if row.message_id}
    said = [row for row in found if row.state == "sent" and row.kind not in ("friend", "announcement")]

    def arrivals(row: Row) -> int:
        target = office if row.target == SUPERVISION else row.target
        said = row.number if row.summarised else row.text
        heard = sum(one.conversation_id == target and said in one.text for one in sent)
        return min(heard, 1) if row.summarised else heard

    missing = [f"{row.kind} {row.id}" for row in said if row.message_id and row.message_id not in by_id]
    unvouched = [row for row in said if not row.message_id]
    never = {row.id for row in unvouched if not arrivals(row)}
    notices = [row for row in found if row.unique.startswith(NOTICE)]
    told = {row.id: arrivals(row) for row in notices if row.state == "sent"}
    missing += [f"notice {row}" for row, count in told.items() if not count and row not in never]
    states = Counter(row.state for row in notices)
    return Spoken(
        sends=len(sent),
        decided=len(notices),
        left=sum(count > 0 for count in told.values()),
        dropped=states["dropped"],
        waiting=states["waiting"],
        later=states["pending"],
        open=len(never & told.keys()),
        repeated=len(sent)
        - len(recorded & by_id.keys())
        - len({(row.target, row.sent_at) for row in unvouched}),
        notices_repeated=sum(count - 1 for count in told.values() if count > 1),
        missing=tuple(dict.fromkeys(missing)),
        unvouched=tuple({(row.target, row.sent_at) for row in unvouched if row.id in never}),
        stuck=tuple(f"{row.kind} {row.id}" for row in found if row.state == "dead"),
    )


def books(database: Path, sound: Soundness) -> Books:
    """Cases, the ledger and every invariant that `qungui db verify` checks."""
    ((cases,),) = rows(database, "select count(*) from violations")
    checks = rows(database, "select result from jobs where job = 'self-check' order by due_at")
    alarms = rows(database, "select text from outbox where unique_key like 'self-check %'")
    return Books(
        cases=int(cases),
        entries=sound.ledger.entries,
        self_checks=tuple(said for (said,) in checks),
        told=tuple(said for (said,) in alarms),
        sound=sound,
    )


@dataclass
class Verdict:
    """Everything that is wrong, in words."""

    wrong: list[str] = field(default_factory=list)

    def must(self, holds: bool, said: str, which: Sequence[str] = ()) -> None:
        """Note what does not hold, with the first few places."""
        if not holds:
            named = ", ".join(which[:NAMED]) + (" …" if len(which) > NAMED else "")
            self.wrong.append(f"{said}{f' ({named})' if named else ''}")


def judge_books(
    verdict: Verdict,
    heard: Received,
    said: Spoken,
    kept: Books,
    excuses: int,
    taken_as_sent: int,
    *,
    hurried: bool,
) -> None:
    """Hold all of it against what must be.

    Args:
        verdict: where what does not hold goes.
        excuses: kills and lost answers; each is good for one repeat.
        taken_as_sent: how often the bot has told that it takes something as sent that nobody can vouch for.
        hurried: time runs so fast that a fault of seconds makes something late by hours: the bot may say so meanwhile.
    """
    verdict.must(not heard.lost, f"{len(heard.lost)} messages were lost", heard.lost)
    verdict.must(not heard.unordered, f"{len(heard.unordered)} messages out of order", heard.unordered)
    verdict.must(heard.outcomes == heard.heard, f"{heard.heard - heard.outcomes} messages have no outcome")
    whole = (
        said.left
        + said.dropped
        + said.waiting
        + said.later
        + said.open
        + len([one for one in said.stuck if "notice" in one])
    )
    verdict.must(whole == said.decided, f"of {said.decided} notices only {whole} are accounted for")
    verdict.must(
        not said.missing, f"{len(said.missing)} messages are recorded as sent and never arrived", said.missing
    )
    verdict.must(
        len(said.unvouched) <= taken_as_sent,
        f"{len(said.unvouched)} sends never arrived, and of {taken_as_sent} the bot said that it can't know",
    )
    verdict.must(not said.stuck, f"{len(said.stuck)} messages were given up", said.stuck)
    verdict.must(
        said.repeated <= excuses,
        f"{said.repeated} messages were repeated, with {excuses} kills and lost answers to excuse it",
    )
    for breach in kept.sound.breaches:
        verdict.must(False, f"db verify: {breach.check}: {breach.subject} {breach.said}")
    for alarm in kept.told:
        only_late = not any(title in alarm for check, title in TITLES.items() if check not in LATE)
        verdict.must(hurried and only_late, f"the bot's own self-check: {alarm}")
