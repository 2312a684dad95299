"""The ledger's arithmetic: what an entry's hash covers, and how a chain is checked. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

PLAIN = "sha256"


@dataclass(frozen=True, slots=True)
class Link:
    """One row of the ledger, with its text if that was not erased."""

    room_key: int
    seq: int
    case: str
    person_key: str
    rule: str
    points: int
    author_key: str
    kind: str
    at: datetime
    content: str
    scheme: str
    prev: str
    hash: str
    salt: bytes | None = None
    reason: str | None = None
    evidence: str | None = None


def scheme(key: bytes) -> str:
    """The name of how entries are hashed; with a key it says which key, without giving it away."""
    if not key:
        return PLAIN
    return "hmac-sha256:" + hmac.new(key, b"qungui ledger key", hashlib.sha256).hexdigest()[:8]


def content(salt: bytes, reason: str, evidence: str) -> str:
    """sha256(salt ‖ reason ‖ evidence); lengths are in it, so that no text can move from one to the other."""
    digest = hashlib.sha256(salt)
    for words in (reason, evidence):
        raw = words.encode()
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def seal(link: Link, key: bytes) -> str:
    """The hash of an entry, over everything in it but its texts, and over the hash before it."""
    covered = json.dumps(
        [
            link.scheme,
            link.prev,
            link.room_key,
            link.seq,
            link.case,
            link.person_key,
            link.rule,
            link.points,
            link.author_key,
            link.kind,
            link.at.astimezone(UTC).isoformat(timespec="microseconds"),
            link.content,
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    if link.scheme == PLAIN:
        return hashlib.sha256(covered).hexdigest()
    return hmac.new(key, covered, hashlib.sha256).hexdigest()


def flaws(link: Link, before: Link | None, key: bytes) -> Iterator[tuple[int, str]]:
    """What is wrong with an entry, as ``(seq, what)``, given the entry before it in the same room."""
    last = before.seq if before else 0
    if link.seq < 1:
        yield link.seq, "inserted"
        return
    for seq in range(last + 1, min(link.seq, last + 1001)):
        yield seq, "removed"
    follows = link.prev == (before.hash if before else "")
    foreign = link.scheme not in {PLAIN, scheme(key)}
    genuine = not foreign and hmac.compare_digest(link.hash, seal(link, key))
    downgraded = link.scheme == PLAIN and before is not None and before.scheme != PLAIN
    if foreign:
        yield link.seq, "key"
    elif not genuine or downgraded:
        yield link.seq, "changed" if follows else "inserted"
    elif not follows and link.seq == last + 1:
        # A genuine entry vouches for another predecessor than the one that stands there.
        yield max(last, 1), "changed"
    elif not follows and link.seq == 1:
        yield 1, "changed"
    if (
        link.salt is not None
        and link.reason is not None
        and link.evidence is not None
        and content(link.salt, link.reason, link.evidence) != link.content
    ):
        yield link.seq, "text"
