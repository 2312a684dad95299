"""Keeps secrets and personal data out of whatever is shown: logs, errors, reports."""

from __future__ import annotations

import re
import secrets as randomness
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from hashlib import blake2b
from math import isfinite
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from rules.reading.credentials import SecretKind, secrets
from rules.reading.pii import NumberKind, numbers
from rules.reading.verbatim import verbatim

MASKED = "***"
SHORTEST_SECRET = 4
LONG_NUMBER = 11
FIRST, LAST = 3, 2
"""So many characters are seen of what is long enough, at either end."""
_SECRET_PARAMETER = re.compile(r"(?i)([?&][^=&#]*(?:password|passwd|pwd|secret|token)[^=&#]*=)[^&#]*")
_MAIL = r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
_ACCOUNT = r"(?:wxid|gh)_[\w-]{3,}|[\w.+-]{1,64}@(?:chatroom|openim)\b|@{1,2}[0-9a-fA-F]{16,}"
# Phone, card and account numbers, however they are grouped; dates and times of ISO 8601 are not.
_NUMBER = r"(?<![\w-])\+?\d(?:[ \-]?\d){10,}(?![\w-])|\d{7,}[xX]?"
_PERSONAL = re.compile(f"{_MAIL}|{_ACCOUNT}|{_NUMBER}")
_EVIDENCE = re.compile(
    r"\d(?:[ \-]?\d){6,}[xX]?|[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}"
    r"|(?<=密码)[:：是为 ]{0,3}[!-~]{4,64}"
)
_LARGEST_COUNT = 10**9
_CONTENT = frozenset({"text", "content", "evidence", "body", "quote"})
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


def personal_data_hidden(text: str, *, ends: bool = False) -> str:
    """``text`` with numbers of seven digits and more (however grouped), mail addresses, keys and passwords as stars.

    Every character stays in its place, so that spans still fit.

    Args:
        ends: of a long number, or of a key that can be told by its shape, the first and the last characters stay, so
            that those who review can tell two of them apart. Of a password nothing stays.
    """
    shown = list(text)
    for start, end, whole in _told(text):
        if ends and not whole and end - start >= LONG_NUMBER:
            start, end = start + FIRST, end - LAST
        shown[start:end] = "*" * (end - start)
    return "".join(shown)


def _told(text: str) -> Iterator[tuple[int, int, bool]]:
    """The spans to be hidden, and whether to their ends; what one of them would show another may still hide."""
    for found in _EVIDENCE.finditer(text):
        yield *found.span(), sum(map(str.isdigit, found[0])) < LONG_NUMBER
    unified = verbatim(text)
    for number in numbers(unified):
        yield *unified.span(number.start, number.end), number.kind is NumberKind.PERMIT
    for secret in secrets(unified):
        yield *unified.span(secret.start, secret.end), secret.kind is not SecretKind.KEY


def one_line(text: str) -> str:
    """``text`` with everything that moves the cursor, colours, reverses or hides spelt out as an escape."""
    return "".join(
        character if character == " " or unicodedata.category(character)[0] not in "CZ" else _spelt(character)
        for character in text
    )


def _spelt(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


class Masker:
    """Makes values fit for a log: one line, no secrets, no personal data, no message text.

    A masked number or id becomes a short tag that is the same throughout one run, so that lines about one
    person can still be told to belong together; the tag can't be turned back.

    Args:
        secrets: values that must never be shown, in any encoding a URL may give them.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = frozenset(form for secret in secrets for form in (secret, quote(secret, safe="")))
        self._key = randomness.token_bytes(16)

    def text(self, text: str) -> str:
        """A text on one line, with secrets and personal data masked."""
        return one_line(_PERSONAL.sub(self._tag, self._keys(masked_values(text, self._secrets))))

    def value(self, value: object) -> object:
        """Any value, likewise: numbers and truth values stay, containers are walked, the rest is text."""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, float):
            return value if isfinite(value) else str(value)
        if isinstance(value, int):
            return value if abs(value) < _LARGEST_COUNT else self.text(str(value))
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Mapping):
            return self.mapping(value)
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(item) for item in value]
        if isinstance(value, bytes):
            return self.text(value.decode("utf-8", "backslashreplace"))
        if isinstance(value, BaseException):
            return self.text(f"{type(value).__name__}: {value}")
        return self.text(value if isinstance(value, str) else repr(value))

    def mapping(self, values: Mapping[Any, object]) -> dict[str, object]:
        """Named values; what is named like the text of a message is replaced by its length."""
        return {
            self.text(str(name)): f"<{len(value)} characters>"
            if name in _CONTENT and isinstance(value, str)
            else self.value(value)
            for name, value in values.items()
        }

    def _keys(self, text: str) -> str:
        """A text in which keys and passwords that it happens to hold are replaced."""
        unified = verbatim(text)
        for secret in reversed(secrets(unified)):
            start, end = unified.span(secret.start, secret.end)
            text = f"{text[:start]}{MASKED}{text[end:]}"
        return text

    def _tag(self, match: re.Match[str]) -> str:
        digest = blake2b(match[0].encode("utf-8", "backslashreplace"), digest_size=3, key=self._key)
        return f"<{digest.hexdigest()}>"
