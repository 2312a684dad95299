"""One-time codes for roles: only their salted hashes are kept, and each is used once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update

from storage.errors import ClaimRefused, NotFound
from storage.meta import Meta
from storage.records import Claim, Role
from storage.repository import AnyRow, Repository
from storage.tables import claims

_SECRET = "claims.secret"  # noqa: S105 - the name under which the secret is kept


def _claim(row: AnyRow) -> Claim:
    return Claim(**{**row._mapping, "role": Role(row.role)})


class Claims(Repository):
    """Codes by hash."""

    async def hash_code(self, code: str) -> str:
        """The hash of a code, made with this database's secret; case, width and outer space aside."""
        secret = await Meta(self._connection).settle(_SECRET, secrets.token_hex(32))
        plain = unicodedata.normalize("NFKC", code).strip().upper()
        return hmac.new(bytes.fromhex(secret), plain.encode(errors="replace"), hashlib.sha256).hexdigest()

    async def issue(
        self, role: Role, by: str, expires_at: datetime, employee_no: str, code_hash: str
    ) -> Claim:
        """Keep a code's hash until it is used, burnt or expired."""
        await self._connection.execute(
            claims.insert().values(
                code_hash=code_hash,
                role=role,
                issued_by=by,
                employee_no=employee_no,
                expires_at=expires_at,
                used_by="",
            )
        )
        return Claim(code_hash, role, by, employee_no, expires_at)

    async def find(self, code_hash: str) -> Claim | None:
        """The claim with a hash, in whatever state; ``None`` if there is none."""
        row = (await self._connection.execute(select(claims).where(claims.c.code_hash == code_hash))).first()
        return None if row is None else _claim(row)

    async def use(self, code_hash: str, person_key: str, now: datetime) -> Claim:
        """Use a code up for a person.

        Raises:
            NotFound: no such code was issued.
            ClaimRefused: it is ``burnt``, ``used`` or ``expired``.
        """
        used = await self._connection.execute(
            update(claims)
            .where(
                claims.c.code_hash == code_hash,
                claims.c.used_at.is_(None),
                claims.c.burnt_at.is_(None),
                claims.c.expires_at > now,
            )
            .values(used_at=now, used_by=person_key)
            .returning(*claims.c)
        )
        row = used.first()
        if row is not None:
            return _claim(row)
        claim = await self.find(code_hash)
        if claim is None:
            raise NotFound("no such code was issued")
        why = "burnt" if claim.burnt_at else "used" if claim.used_at else "expired"
        raise ClaimRefused(f"the code is {why}", present=why, remedy="ask for a new code")

    async def burn(self, code_hash: str, now: datetime) -> Claim | None:
        """Make a code useless (it was seen in a group); returns it, so that its issuer can be told."""
        await self._connection.execute(
            update(claims)
            .where(claims.c.code_hash == code_hash, claims.c.burnt_at.is_(None), claims.c.used_at.is_(None))
            .values(burnt_at=now)
        )
        return await self.find(code_hash)

    async def waiting(self, by: str, now: datetime) -> int:
        """How many codes that somebody issued could still be used."""
        found = await self._connection.scalar(
            select(func.count())
            .select_from(claims)
            .where(
                claims.c.issued_by == by,
                claims.c.used_at.is_(None),
                claims.c.burnt_at.is_(None),
                claims.c.expires_at > now,
            )
        )
        return found or 0

    async def burn_of(self, issuer: str, employee_no: str, now: datetime) -> int:
        """Make every open code useless that somebody issued, or that is for their number; returns how many."""
        theirs = claims.c.issued_by == issuer
        if employee_no:
            theirs = or_(theirs, claims.c.employee_no == employee_no)
        burnt = await self._connection.execute(
            update(claims)
            .where(theirs, claims.c.used_at.is_(None), claims.c.burnt_at.is_(None))
            .values(burnt_at=now)
        )
        return burnt.rowcount

    async def purge(self, before: datetime) -> int:
        """Forget codes that could not be used any more before ``before``; returns how many."""
        return (await self._connection.execute(delete(claims).where(claims.c.expires_at < before))).rowcount
