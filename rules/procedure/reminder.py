"""A case that costs nothing is a reminder (policy: the deductions, and what the document gives no points for).

Whoever it is about was told courteously, and that settles it: nobody confirms it, no result is announced, and no
statement takes it up. It stays in the person's own record and in the counts of the digest, it can be appealed
against, and people may dismiss it as wrong.
"""

from __future__ import annotations


def costs_nothing(points: int, graver_points: int = 0) -> bool:
    """Whether no decision on a case can cost points; a graver doubt about the same message could."""
    return points == 0 and graver_points == 0


def settled(state: str, points: int, graver_points: int = 0) -> bool:
    """Whether a case is a reminder that nobody has to decide: sure, and free of cost. A doubt is for people anyway."""
    return state == "provisional" and costs_nothing(points, graver_points)
