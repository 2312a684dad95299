"""How names are compared: full-width as half-width, case and outer space aside."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from storage.types import storable

LONGEST = 200
"""How many code points of a name an index takes on either database; people's own are far shorter."""

_KEPT = 100
_SEPARATORS = re.compile(r"[-_·‧・ ]")


def folded(name: str) -> str:
    """A name as it is compared; a leading ``@`` (a mention) does not count.

    What no database stores is compared as it will be read again, and what is too long for an index by a digest.
    """
    plain = _plain(name)
    return plain if len(plain) <= LONGEST else plain[:_KEPT] + hashlib.sha256(plain.encode()).hexdigest()


def joined(name: str) -> str:
    """A :func:`folded` name without what may stand between department and name (policy 2.2a)."""
    return _SEPARATORS.sub("", folded(name))


def fingerprint(text: str) -> str:
    """A key of fixed length for a text of any length and origin, compared as :func:`folded` does."""
    return hashlib.sha256(_plain(text).encode()).hexdigest()


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", storable(name)).removeprefix("@").split()).casefold()
