"""How names are compared: full-width as half-width, case and outer space aside."""

from __future__ import annotations

import re
import unicodedata

_SEPARATORS = re.compile(r"[-_·‧・ ]")


def folded(name: str) -> str:
    """A name as it is compared; a leading ``@`` (a mention) does not count."""
    return " ".join(unicodedata.normalize("NFKC", name).removeprefix("@").split()).casefold()


def joined(name: str) -> str:
    """A :func:`folded` name without what may stand between department and name (policy 2.2a)."""
    return _SEPARATORS.sub("", folded(name))
