"""What the program ships with, loaded once for all tests of a process: it is frozen, and loading takes a second.

Each further copy would also keep some 30 MB to the end of the run.
"""

from __future__ import annotations

from functools import cache

from rules.core.book import Rulebook
from rules.core.load import load_book


@cache
def shipped() -> Rulebook:
    """The built-in rulebook; its ``reader`` and ``calendar`` are the built-in ones, too."""
    return load_book()
