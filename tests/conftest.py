"""What all tests share: the folder ``tests/`` itself is importable.

So any test may write ``from fakes.recording import RecordingGateway``, though tests are no packages.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.append(HERE)
