"""A count out of so many, as a share with its 95 % interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

Z = 1.959964
"""Standard deviations to either side of 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Figure:
    """So many out of so many."""

    count: int
    of: int

    @property
    def share(self) -> float:
        """The share, from 0 to 1; 0 out of nothing."""
        return self.count / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share; everything is possible where nothing was counted."""
        if not self.of:
            return 0.0, 1.0
        spread = Z * Z / self.of
        middle = (self.share + spread / 2) / (1 + spread)
        half = Z / (1 + spread) * math.sqrt(self.share * (1 - self.share) / self.of + spread / (4 * self.of))
        # Rounding must not keep the ends from 0 and 1, where they lie exactly.
        low = 0.0 if self.count == 0 else max(0.0, middle - half)
        return low, 1.0 if self.count == self.of else min(1.0, middle + half)

    def document(self) -> dict[str, Any]:
        """All of it as JSON takes it."""
        low, high = self.interval
        return {
            "count": self.count,
            "of": self.of,
            "share": round(self.share, 6),
            "low": round(low, 6),
            "high": round(high, 6),
        }
