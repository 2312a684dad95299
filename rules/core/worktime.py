"""Working days and hours of a company: pure arithmetic over sets that the loader filled.

Policy 3.2 (posting in working hours) and every deadline that counts in working days (6.3) rest on this. All
of it happens in the company's own time zone; the machine's never matters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import overload
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkCalendar:
    """Working days and hours in the company's time zone.

    Attributes:
        zone: the company's time zone.
        start, end: working hours of a working day, local time, both inside.
        weekdays: the usual working days, 1 = Monday to 7 = Sunday.
        holidays: days off, whatever weekday they are (statutory and the company's own).
        workdays: working days, whatever weekday they are (make-up days and the company's own).
        published: the years whose statutory calendar is known; every other year is provisional.
        fixed: (month, day) of the days off which the law fixes by date: off in every year that is not published too,
            and never provisional.
        overrides: the days which the company set itself; they are never provisional.

    Raises:
        ValueError: no weekday is a working day, or work does not end after it starts.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    start: time = time(9)
    end: time = time(18)
    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    published: frozenset[int] = frozenset()
    fixed: frozenset[tuple[int, int]] = frozenset()
    overrides: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= set(range(1, 8)):
            raise ValueError("weekdays must hold at least one of 1 (Monday) to 7 (Sunday)")
        if self.start >= self.end:
            raise ValueError("working time must end after it starts, on the same day")

    def provisional(self, day: date) -> bool:
        """Whether ``day`` goes by weekday alone, because the State Council's calendar is not known for it."""
        return not (day.year in self.published or day in self.overrides or (day.month, day.day) in self.fixed)

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day, make-up days and holidays considered."""
        if day in self.workdays:
            return True
        if day.isoweekday() not in self.weekdays or day in self.holidays:
            return False
        return day.year in self.published or (day.month, day.day) not in self.fixed

    def local(self, moment: datetime) -> datetime:
        """``moment`` in the company's time zone.

        Raises:
            ValueError: ``moment`` is naive.
        """
        if moment.tzinfo is None:
            raise ValueError("a moment without a time zone has no working time")
        try:
            return moment.astimezone(self.zone)
        except OverflowError:  # within a day of the years 1 and 9999
            return moment.replace(tzinfo=self.zone)

    def is_working(self, moment: datetime) -> bool:
        """Whether ``moment`` lies in working time; the seconds of ``start`` and of ``end`` are inside."""
        local = self.local(moment)
        return self.start <= local.time().replace(microsecond=0) <= self.end and self.is_workday(local.date())

    def next_opening(self, moment: datetime) -> datetime:
        """``moment`` itself if it lies in working time, else when work starts next; in the company's zone."""
        local = self.local(moment)
        if self.is_working(local):
            return local
        day = local.date() if local.time() < self.start else local.date() + _DAY
        while not self.is_workday(day):
            day += _DAY
        return self._at(day, self.start)

    def opening_after(self, moment: datetime) -> datetime:
        """When work next *starts* after ``moment``, whether ``moment`` lies in working time or not."""
        local = self.local(moment)
        day = local.date() if local.time() < self.start else local.date() + _DAY
        while not self.is_workday(day):
            day += _DAY
        return self._at(day, self.start)

    def closing_before(self, moment: datetime) -> datetime:
        """When work last *ended* before ``moment``; in working time that of the working day before."""
        local = self.local(moment)
        day = local.date() if local.time() > self.end else local.date() - _DAY
        while not self.is_workday(day):
            day -= _DAY
        return self._at(day, self.end)

    @overload
    def add_workdays(self, day: datetime, days: int) -> datetime: ...
    @overload
    def add_workdays(self, day: date, days: int) -> date: ...
    def add_workdays(self, day: date, days: int) -> date:
        """The ``days``-th working day after ``day`` (before it, if negative); ``day`` itself for 0.

        The day one starts from never counts, so Friday plus 3 is Wednesday. A datetime keeps its local time
        of day and comes back in the company's zone.
        """
        if isinstance(day, datetime):
            local = self.local(day)
            target = self._step(local.date(), days)
            return self._at(target, local.time()) if days else local
        return self._step(day, days)

    def working_time_between(self, begin: datetime, finish: datetime) -> timedelta:
        """How much working time passes from ``begin`` to ``finish``; negative if ``finish`` is earlier."""
        if finish < begin:
            return -self.working_time_between(finish, begin)
        first, last = self.local(begin).date(), self.local(finish).date()
        total = timedelta()
        for day in self._workdays(first, last):
            opening, closing = self._instant(day, self.start), self._instant(day, self.end)
            total += max(
                timedelta(), min(finish.astimezone(UTC), closing) - max(begin.astimezone(UTC), opening)
            )
        return total

    def add_working_time(self, begin: datetime, span: timedelta) -> datetime:
        """When so much working time has passed since ``begin``, in the company's zone; the inverse of the above.

        Raises:
            ValueError: ``span`` is negative.
        """
        if span < timedelta():
            raise ValueError("working time does not run backwards")
        moment = self.next_opening(begin)
        while span > timedelta():
            closing = self._instant(moment.date(), self.end)
            left = closing - moment.astimezone(UTC)
            if span <= left:
                return (moment.astimezone(UTC) + span).astimezone(self.zone)
            span -= left
            moment = self.opening_after(closing)
        return moment

    def _workdays(self, first: date, last: date) -> Iterator[date]:
        for offset in range((last - first).days + 1):
            day = first + offset * _DAY
            if self.is_workday(day):
                yield day

    def _step(self, day: date, days: int) -> date:
        step = _DAY if days > 0 else -_DAY
        for _ in range(abs(days)):
            day += step
            while not self.is_workday(day):
                day += step
        return day

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=self.zone)

    def _instant(self, day: date, clock: time) -> datetime:
        # In UTC: two datetimes of one zone subtract by the wall clock, which is wrong over a change of DST.
        return self._at(day, clock).astimezone(UTC)
