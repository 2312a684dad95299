"""Keeps secrets and personal data out of whatever is shown: logs, errors, reports."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

MASKED = "***"
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
