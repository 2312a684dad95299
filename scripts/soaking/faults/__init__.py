"""What goes wrong, one small piece a fault; ``KINDS`` names them all."""

from soaking.faults import gateway, ground, process
from soaking.faults.kind import Kind

KINDS: dict[str, Kind] = {kind.name: kind for kind in (*process.KINDS, *gateway.KINDS, *ground.KINDS)}

__all__ = ["KINDS", "Kind"]
