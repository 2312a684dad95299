"""Abuse in pictures and their abbreviations, which are dropped where words are matched."""

from __future__ import annotations

import re
from typing import Final

PICTURES: Final = re.compile(
    r"""
    🖕|🐴(?:没|死)|草你🐎|[🐶🐷💩🤡🐢](?:东西|玩意|日的|逼|一样的(?:人|东西|队友))|^🤡|(?<![\w./-])(?:cnmd|CNMD)(?![\w./-])
    |(?:你|您|他|她)们?(?:就|真)?(?:是|个|这|这个|是个|是条|是头|是坨|这条|这头|这坨)[🐶🐷💩🤡🐢]
    """,
    re.VERBOSE,
)
"""Abuse in pictures, which are dropped where words are matched."""
UNMISTAKABLE: Final = re.compile("🖕|🐴|🐎|cnmd", re.IGNORECASE)
"""Those that mean nothing else: an animal may be a sign of the zodiac."""
