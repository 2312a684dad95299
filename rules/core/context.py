"""What was said just before: the history windows, the same for the bot and for ``check``.

One :class:`Windows` follows one chronological stream. ``look`` says what a message's rules may know,
``advance`` takes the message in once it is judged. All of it is derived: whoever plays the stored messages of
the last :func:`lookback` through look, judge and advance gets windows that judge the same from there on.

Time is the time of the messages, never the machine's. Messages may come late and clocks may jump: windows
keep the order of arrival, and what a message sees is chosen by its own time. Memory is bounded whatever
comes.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final, Generic, TypeVar

from rules.core.alarms import ALARM_SPAN, NO_CALLS, QUESTION_SPAN, Alarms, Alert, Calls
from rules.core.book import Entry, Rulebook
from rules.core.model import Burst, Context, Judgement, Message, MessageType, Past
from rules.core.worktime import WorkCalendar
from rules.reading.called import called_in, without_names
from rules.reading.questions import wants
from rules.reading.reader import Reading

HORIZON: Final = timedelta(minutes=10)
"""How far back a message sees."""

DEPTH: Final = 64
"""How many earlier messages a window holds, of one sender in one room and of one room."""

_KEYS: Final = 16_384
_PASTS: Final = 65_536
_SAME_TEXT: Final = 5  # code points of normalised text from which "the same text elsewhere" says something
_KEY_LENGTH: Final = 48
_ZERO: Final = timedelta()


def text_key(plain: str) -> str:
    """What stands for a normalised text in the windows: itself, or beginning and digest if it is long.

    Equal keys mean equal texts.
    """
    if len(plain) <= _KEY_LENGTH:
        return plain
    digest = hashlib.blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{plain[: _KEY_LENGTH - 16]}{digest}"


def past_of(message: Message, sender: str, moment: datetime, reading: Reading) -> Past:
    """What the windows keep of a message once it has been judged; ``moment`` is in UTC."""
    start, end = reading.typed
    return Past(sender, moment, message.type, _key(message, reading), end - start, reading.quote is not None)


def _key(message: Message, reading: Reading) -> str:
    """The same words to somebody else are another text, whether or not the name is read."""
    return text_key(reading.plain + "".join(name for name, _ in called_in(message.text, message.called)))


def lookback(*books: Rulebook) -> timedelta:
    """How much of the past, played through new windows, makes them judge as the lost ones would have.

    Args:
        books: every book that is in force somewhere; the rooms' own entries of each are seen to.
    """
    every = [one for book in books for one in (book, *map(book.for_room, book.rooms))]
    quiet = max((time for book in every for time in book.quiet_times.values()), default=_ZERO)
    # A burst that is over still settles what it counted, for as long as a message sees that.
    windows = 2 * HORIZON + quiet
    return max(windows, ALARM_SPAN + HORIZON) if any(book.watches for book in every) else windows


def _stale(items: list[Past], now: datetime) -> int:
    """How many of the first messages (in order of time) lie beyond the horizon."""
    for index, past in enumerate(items):
        if now - past.sent_at < HORIZON:
            return index
    return len(items)


@dataclass(slots=True)
class _Window:
    """The last messages under one key, in order of arrival."""

    items: list[Past] = field(default_factory=list)
    ordered: bool = True  # the order of arrival is that of time, as it nearly always is
    burst: Burst | None = None
    quiet: timedelta = _ZERO
    kept: timedelta = HORIZON  # unused for so long, it has nothing left to say

    def before(self, now: datetime) -> tuple[Past, ...]:
        """What was sent in the horizon up to ``now``, oldest first."""
        items = self.items
        if not items:
            return ()
        if not self.ordered or items[-1].sent_at > now:
            seen = (past for past in items if _ZERO <= now - past.sent_at < HORIZON)
            return tuple(sorted(seen, key=lambda past: past.sent_at))
        return tuple(items) if now - items[0].sent_at < HORIZON else tuple(items[_stale(items, now) :])

    def add(self, past: Past) -> int:
        """Take one message in; returns by how many the window grew."""
        items = self.items
        grown = 1
        if items and past.sent_at < items[-1].sent_at:
            self.ordered = False
        items.append(past)
        if len(items) > DEPTH:
            del items[0]
            grown = 0
            if not self.ordered:
                self.ordered = all(a.sent_at <= b.sent_at for a, b in pairwise(items))
        elif self.ordered:
            # Measured from the message before, so that a single jump of the clock costs no history.
            stale = _stale(items, items[-2].sent_at) if len(items) > 1 else 0
            del items[:stale]
            grown -= stale
        return grown

    def open_burst(self, now: datetime) -> Burst | None:
        """The burst that is open at ``now``; late messages belong to it too."""
        burst = self.burst
        if burst is None or now - burst.last >= self.quiet or burst.since - now >= self.quiet:
            return None
        return burst

    def settled(self, now: datetime) -> datetime | None:
        """Up to when the messages belong to a burst that is over at ``now``."""
        burst = self.burst
        if burst is None or burst.last > now or self.open_burst(now) is not None:
            return None
        return burst.last

    def extend_burst(self, now: datetime, opening: timedelta | None) -> None:
        """Open a burst (``opening`` is its quiet time) or carry the open one on."""
        burst = self.burst
        if opening is not None:
            self.burst, self.quiet, self.kept = Burst(now, now), opening, HORIZON + opening
        elif burst is not None:
            self.burst = Burst(min(burst.since, now), max(burst.last, now))


K = TypeVar("K", bound=Hashable)


class _Shelf(Generic[K]):
    """Windows by key; the longest unused go when there are too many or when they have nothing left to say."""

    def __init__(self) -> None:
        self._windows: OrderedDict[K, _Window] = OrderedDict()
        self._pasts = 0

    def __len__(self) -> int:
        return len(self._windows)

    def get(self, key: K) -> _Window | None:
        return self._windows.get(key)

    def add(self, key: K, past: Past) -> _Window:
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = _Window()
        else:
            self._windows.move_to_end(key)
        self._pasts += window.add(past)
        self._tidy(past.sent_at)
        return window

    def _tidy(self, now: datetime) -> None:
        # At most two keys a message: enough to keep up, and a jump of the clock can't sweep everything away.
        windows = self._windows
        for _ in range(2):
            key = next(iter(windows))
            oldest = windows[key]
            idle = now - oldest.items[-1].sent_at >= oldest.kept
            if len(windows) < 2 or not (idle or len(windows) > _KEYS or self._pasts > _PASTS):
                return
            del windows[key]
            self._pasts -= len(oldest.items)


class Windows:
    """The history of one chronological stream of messages, bounded in time and in memory."""

    def __init__(self) -> None:
        self._own: _Shelf[tuple[str, str]] = _Shelf()
        self._rooms: _Shelf[str] = _Shelf()
        self._same: OrderedDict[tuple[str, str], dict[str, datetime]] = OrderedDict()
        self._alarms = {alert: Alarms(ALARM_SPAN) for alert in Alert}
        self._questions = Alarms(QUESTION_SPAN)
        # Of the book that looked last: a message is taken in before the next one looks.
        self._quiet: Mapping[str, timedelta] = {}
        self._watches: tuple[Entry, ...] = ()

    @property
    def size(self) -> int:
        """How many senders and rooms are remembered."""
        return len(self._own) + len(self._rooms)

    def look(self, message: Message, book: Rulebook, exempt: frozenset[str] = frozenset()) -> Context:
        """What the rules may know of a message; takes nothing in.

        Without sender or time there is no window: the rules that need one answer ``unknown``.

        Args:
            exempt: rules that do not apply to this sender here and now.
        """
        self._quiet, self._watches = book.quiet_times, book.watches
        reading = book.reader.read(without_names(message.text, message.called, book.reader.suspicious))
        now = moment_of(message)
        room = message.room_id or message.room
        who = message.sender.id if message.sender is not None else None
        calls = self._calls(room, now, who) if now is not None and self._watches else NO_CALLS
        directory = book.roster.directory(book.reader.table) if book.roster.known else None
        if message.sender is None or now is None:
            return Context(
                reading,
                book.calendar,
                calls=calls,
                roster=book.roster,
                directory=directory,
                rota=book.rota,
                exempt=exempt,
            )
        sender = message.sender.id
        own, everybody = self._own.get((room, sender)), self._rooms.get(room)
        return Context(
            reading,
            book.calendar,
            own.before(now) if own else (),
            everybody.before(now) if everybody else (),
            self._elsewhere(room, sender, _key(message, reading), now),
            own.open_burst(now) if own else None,
            own.settled(now) if own else None,
            calls=calls,
            roster=book.roster,
            directory=directory,
            rota=book.rota,
            exempt=exempt,
        )

    def advance(self, message: Message, context: Context, judgement: Judgement) -> None:
        """Take a judged message in: what ``look`` said of it, and what the judge made of that."""
        now = moment_of(message)
        if now is None or message.type is MessageType.RECALLED:
            return
        room = message.room_id or message.room
        sender = message.sender.id if message.sender is not None else ""
        if self._watches and _heeded(context.calendar, now):
            alerts = {_alert(entry, message, context) for entry in self._watches}
            for alert in Alert:
                if alert in alerts:
                    self._alarms[alert].raised(room, now, sender)
            if message.type is MessageType.TEXT and wants(context.reading, message.mentions):
                self._questions.raised(room, now, sender)
        if message.sender is None:
            return
        past = past_of(message, sender, now, context.reading)
        window = self._own.add((room, sender), past)
        self._rooms.add(room, past)
        if len(past.key) >= _SAME_TEXT:
            self._remember(room, sender, past.key, now)
        for outcome in judgement.outcomes:
            if outcome.absorbed:
                window.extend_burst(now, None)
            elif outcome.rulings and outcome.rule in self._quiet:
                window.extend_burst(now, self._quiet[outcome.rule])

    def _calls(self, room: str, now: datetime, who: str | None) -> Calls:
        told, claimed = self._alarms[Alert.TOLD], self._alarms[Alert.CLAIMED]
        return Calls(
            told.last(room, now, but=who),
            claimed.last(room, now, but=who),
            self._questions.last(room, now, but=who),
            told.last(room, now, by=who) if who is not None else None,
            claimed.last(room, now, by=who) if who is not None else None,
        )

    def _elsewhere(self, room: str, sender: str, key: str, now: datetime) -> int:
        if len(key) < _SAME_TEXT:
            return 0
        rooms = self._same.get((sender, key), {})
        return sum(1 for other, at in rooms.items() if other != room and abs(now - at) < HORIZON)

    def _remember(self, room: str, sender: str, key: str, now: datetime) -> None:
        rooms = self._same.setdefault((sender, key), {})
        self._same.move_to_end((sender, key))
        rooms.pop(room, None)
        rooms[room] = now
        if len(rooms) > DEPTH:
            del rooms[next(iter(rooms))]
        for _ in range(2):
            oldest = next(iter(self._same.values()))
            if len(self._same) <= _KEYS and now - next(reversed(oldest.values())) < HORIZON:
                return
            self._same.popitem(last=False)


def _heeded(calendar: WorkCalendar, now: datetime) -> bool:
    """Whether a call at ``now`` may still matter outside working time: in the middle of the day none does."""
    try:
        return not (calendar.is_working(now) and calendar.is_working(now + ALARM_SPAN))
    except OverflowError:  # within hours of the year 9999's end
        return True


def _alert(entry: Entry, message: Message, context: Context) -> Alert | None:
    alarm = entry.rule.alarm
    return alarm(message, context.reading, entry.settings) if alarm is not None else None


def moment_of(message: Message) -> datetime | None:
    """When it was sent, in UTC: times of one fixed zone compare at a fraction of the cost."""
    sent_at = message.sent_at
    if sent_at is None or sent_at.tzinfo is UTC:
        return sent_at
    try:
        return sent_at.astimezone(UTC)
    except OverflowError:  # within a day of the years 1 and 9999
        return sent_at.replace(tzinfo=UTC)
