"""Working days and hours of a company: pure arithmetic over sets that the loader filled."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WorkCalendar:
    """Working days and hours in the company's time zone."""
