"""What people ordered in chat and is in force, as storage hands it out: frozen values, times in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Mode(StrEnum):
    """How a rule runs in a room; ``shadow`` records what it would have done, and nobody is told."""

    ON = "on"
    OFF = "off"
    SHADOW = "shadow"


@dataclass(frozen=True, slots=True)
class Switch:
    """A rule's mode in one room; ``room_key`` 0 stands for every room. ``by`` is a person key or an actor."""

    rule: str
    room_key: int
    mode: Mode
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the company's own lexicon; ``allow`` marks a phrase that is fine although it holds one."""

    word: str
    category: str
    allow: bool
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Exemption:
    """A person is exempt from ``rule`` (empty: every rule) in a room (0: every room) until a time, or for good."""

    id: int
    person_key: str
    rule: str
    room_key: int
    until: datetime | None
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MutedRoom:
    """A room in which the bot says nothing before ``until``."""

    room_key: int
    until: datetime
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A time on duty or on leave (policy 3.2a); half-open."""

    id: int
    person_key: str
    kind: str  # duty | leave
    start: datetime
    end: datetime
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NicknameNote:
    """A nickname that breaks policy 2.2, from its first sight on; there is one note per person and nickname.

    Attributes:
        since: when it was first seen.
        first_reminded_at, reminded_at: the first and the last reminder; ``None`` before there was one.
        number: the case opened for it; empty before.
        cleared_at: when it was no longer worn; ``None`` while it is.
    """

    person_key: str
    alias: str
    room_key: int
    contact_id: str
    tier: str
    category: str
    clause: str
    points: int
    reason: str
    signs: str
    since: datetime
    first_reminded_at: datetime | None = None
    reminded_at: datetime | None = None
    reminders: int = 0
    number: str = ""
    cleared_at: datetime | None = None
