"""What programs write and people pass on: keys, digests, addresses of databases. Nobody says anything in them.

Random letters make n-grams and initials of anything: a model that read them took keys for advertisements. They are
found here, and left out wherever a text is asked what it says; the exact readers of secrets see all of it.
Linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from rules.reading.credentials import KEYS
from rules.reading.span import Span

COVER: Final = "\x1f"
"""Stands for each character that a program wrote, in what a text says; no folded text holds it."""

TURNS: Final = 0.15
"""In what is drawn at random every fourth character is a figure behind a letter or the other way round."""

_ADDRESS = re.compile(
    r"(?:jdbc:[a-z0-9]{2,20}|mysql|mariadb|postgres(?:ql)?|rediss?|mongodb(?:\+srv)?|amqps?|sqlserver|oracle|clickhouse"
    r"|kafka|mqtts?|ldaps?|nats|tcp|udp|ssh|sftp|git(?:\+ssh)?|svn|s3|oss|hdfs|zookeeper|elasticsearch)://[!-~]{1,300}",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"(?<![A-Za-z])(?:server|data source|host(?:name)?|port|database|initial catalog|user(?: ?id|name)?|uid"
    r"|pass(?:word|wd)?|pwd|(?:api|access|secret|app)?[_-]?(?:key|secret|token))"
    r"[\"']?(?: ?=|\":) ?[\"']?[!-:<-~]{3,200};?",
    re.IGNORECASE,
)
_BLOCK = re.compile(
    r"-{3,5} ?BEGIN [A-Z0-9 ]{3,40}-{3,5}(?:[A-Za-z0-9+/=\s]{0,8000}-{3,5} ?END [A-Z0-9 ]{3,40}-{3,5})?"
    r"|-{3,5} ?END [A-Z0-9 ]{3,40}-{3,5}"
)
_UUID = re.compile(
    r"(?<![0-9A-Za-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9A-Za-z])", re.IGNORECASE
)
_DIGEST = re.compile(
    r"(?<![0-9A-Za-z])(?=[0-9]{0,127}[a-f])(?=[a-f]{0,127}[0-9])(?:[0-9a-f]{16,128}|[0-9A-F]{16,128})(?![0-9A-Za-z])"
)
_MASKED = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{2,8}[-_]?\*{6,200}")
_RUN = re.compile(r"(?<![A-Za-z0-9_+/=.\-])[A-Za-z0-9_+/=\-]{24,8000}")
_ASCII: Final = re.compile(r"[!-~]{8}")


def machine_spans(text: str) -> tuple[Span, ...]:
    """Where a text as it was typed holds what programs write, joined where spans overlap, in order."""
    if _ASCII.search(text) is None and "=" not in text:
        return ()  # nearly every message
    joined: list[Span] = []
    for start, end in sorted(_spans(text)):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _spans(text: str) -> Iterator[Span]:
    for pattern in (KEYS, _ADDRESS, _FIELD, _BLOCK, _UUID, _DIGEST, _MASKED):
        for found in pattern.finditer(text):
            yield found.span()
    for found in _RUN.finditer(text):
        if _drawn(found[0]):
            yield found.span()


def _drawn(run: str) -> bool:
    """Whether letters and figures follow one another as they are drawn, not as they are said."""
    figures = [sign.isdigit() for sign in run if sign.isalnum()]
    return sum(one != other for one, other in pairwise(figures)) >= TURNS * len(run)


def without(text: str, spans: Iterable[Span]) -> str:
    """A text without what stands in these spans, which are in order."""
    kept, behind = "", 0
    for start, end in spans:
        kept += text[behind:start]
        behind = end
    return kept + text[behind:]


def covered(plain: str, origin: Sequence[int], spans: Iterable[Span]) -> str:
    """A folded text with every sign that comes from one of these spans covered; it stays as long as it is."""
    inside = {at for span in spans for at in range(*span)}
    return "".join(COVER if at in inside else sign for sign, at in zip(plain, origin, strict=True))
