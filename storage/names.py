"""How names are compared: full-width as half-width, case and outer space aside."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from storage.types import storable

_SEPARATORS = re.compile(r"[-_·‧・ ]")


def folded(name: str) -> str:
    """A name as it is compared; a leading ``@`` (a mention) does not count."""
    return " ".join(unicodedata.normalize("NFKC", name).removeprefix("@").split()).casefold()


def joined(name: str) -> str:
    """A :func:`folded` name without what may stand between department and name (policy 2.2a)."""
    return _SEPARATORS.sub("", folded(name))


def fingerprint(text: str) -> str:
    """A key of fixed length for a :func:`folded` text of any length and origin."""
    return hashlib.sha256(storable(folded(text)).encode()).hexdigest()
