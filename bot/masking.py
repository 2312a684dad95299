"""Keeps secrets and personal data out of whatever is shown: logs, errors, reports."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote, urlsplit

MASKED = "***"
SHORTEST_SECRET = 4
_SECRET_PARAMETER = re.compile(r"(?i)([?&][^=&#]*(?:password|passwd|pwd|secret|token)[^=&#]*=)[^&#]*")
_USERINFO = re.compile(r"(://[^:/@?#]*):.*@", re.DOTALL)


def url_secrets(url: str) -> set[str]:
    """The passwords in a URL, as written and decoded; empty if it holds none."""
    found = set()
    try:
        parts = urlsplit(url)
        found.add(parts.password or "")
        query = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return {url}
    found |= {value for name, value in query if _SECRET_PARAMETER.match(f"?{name}=")}
    return {form for value in found if value for form in (value, unquote(value))}


def masked_url(url: str) -> str:
    """A URL as it may be shown: user-info and query passwords replaced."""
    return _SECRET_PARAMETER.sub(rf"\g<1>{MASKED}", _USERINFO.sub(rf"\g<1>:{MASKED}@", url))


def masked_values(text: str, secrets: Iterable[str]) -> str:
    """``text`` with every secret replaced; secrets too short to tell from ordinary text are left alone."""
    for secret in sorted({one for one in secrets if len(one) >= SHORTEST_SECRET}, key=len, reverse=True):
        text = text.replace(secret, MASKED)
    return text


def one_line(text: str) -> str:
    """``text`` without anything that moves the cursor, colours, reverses or hides: such characters are spelt out."""
    return "".join(
        character if character == " " or unicodedata.category(character)[0] not in "CZ" else _spelt(character)
        for character in text
    )


def _spelt(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")
