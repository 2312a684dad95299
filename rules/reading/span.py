"""Where something stands in a text."""

from __future__ import annotations

Span = tuple[int, int]
"""Half-open, in code points of the original."""
