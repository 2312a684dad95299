"""How often one person may have something within a time: answers, refusals, guesses."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

REMEMBERED_PEOPLE = 5_000


class Pace:
    """At most ``limit`` bookings a person within ``window``; forgets people who have been quiet."""

    def __init__(self, limit: int, window: timedelta) -> None:
        self._limit = limit
        self._window = window
        self._booked: dict[str, deque[datetime]] = {}

    def full(self, person: str, now: datetime) -> bool:
        """Whether this person has had all there is for now."""
        booked = self._booked.get(person)
        while booked and now - booked[0] > self._window:
            booked.popleft()
        return booked is not None and len(booked) >= self._limit

    def book(self, person: str, now: datetime) -> None:
        """Count one more."""
        self._booked.setdefault(person, deque()).append(now)
        if len(self._booked) > REMEMBERED_PEOPLE:
            self._booked = {
                key: times for key, times in self._booked.items() if times and now - times[-1] <= self._window
            }
