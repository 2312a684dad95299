"""What was learnt from people's decisions, version by version: every one stays, and one or none is in force."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, exists, func, or_, select, update

from storage.records import CaseState, Decided, LocalVersion, Role
from storage.repository import Repository
from storage.tables import labels, local_weights, people, roles, violations

_COLUMNS = (
    local_weights.c.version,
    local_weights.c.made_at.label("at"),
    local_weights.c.made_by.label("by"),
    local_weights.c.examples,
    local_weights.c.figures,
    local_weights.c.in_force,
    local_weights.c.before,
)
_RIGHT = (CaseState.CONFIRMED, CaseState.UPHELD)
_WRONG = (CaseState.DISMISSED, CaseState.OVERTURNED)
_DECIDING = (Role.SUPERVISOR, Role.HR_LEAD)
MOST = 20_000
VersionList = list[LocalVersion]
DecidedList = list[Decided]


class LocalWeights(Repository):
    """Versions by number, from 1 on."""

    async def add(self, at: datetime, by: str, examples: int, figures: str, weights: str) -> int:
        """Keep a version and put it in force in place of the present one; returns its number."""
        await self._serialise("local weights")
        before = await self.in_force()
        await self._connection.execute(update(local_weights).values(in_force=False))
        added = await self._connection.execute(
            local_weights.insert()
            .values(
                made_at=at,
                made_by=by,
                examples=examples,
                figures=figures,
                weights=weights,
                in_force=True,
                before=before,
            )
            .returning(local_weights.c.version)
        )
        return int(added.scalar_one())

    async def in_force(self) -> int:
        """The version in force; 0 if it is none."""
        found = await self._connection.scalar(
            select(local_weights.c.version).where(local_weights.c.in_force.is_(True))
        )
        return int(found or 0)

    async def weights(self, version: int) -> str:
        """The weights of a version, as they were kept; empty for no version."""
        found: str | None = await self._connection.scalar(
            select(local_weights.c.weights).where(local_weights.c.version == version)
        )
        return found or ""

    async def back(self) -> tuple[int, int] | None:
        """Put in force what was there before the present version.

        Returns which version that was and which is in force now (0: none); ``None``, and changes nothing, if none was.
        """
        await self._serialise("local weights")
        present = await self.in_force()
        if not present:
            return None
        before = await self._connection.scalar(
            select(local_weights.c.before).where(local_weights.c.version == present)
        )
        await self._connection.execute(
            update(local_weights).values(in_force=local_weights.c.version == int(before or 0))
        )
        return present, int(before or 0)

    async def history(self, limit: int = 50) -> VersionList:
        """The newest versions, newest first."""
        found = await self._connection.execute(
            select(*_COLUMNS).order_by(local_weights.c.version.desc()).limit(limit)
        )
        return [LocalVersion(**row._mapping) for row in found]

    async def decided(self, limit: int = MOST) -> DecidedList:
        """What people decided about the texts of cases, the newest first.

        Only what is settled: a decision that was appealed against counts as the appeal decided it, and one that was
        undone, or whose appeal is open, not at all. Only decisions of people who held a role for it at that time.
        """
        held = exists().where(
            roles.c.person_key == labels.c.labelled_by,
            roles.c.role.in_(_DECIDING),
            roles.c.granted_at <= labels.c.at,
            or_(roles.c.revoked_at.is_(None), roles.c.revoked_at > labels.c.at),
        )
        stands = or_(
            and_(
                labels.c.verdict == "confirmed",
                labels.c.rule == violations.c.rule,
                violations.c.state.in_(_RIGHT),
            ),
            # Confirmed under another rule: it is no example of the one that had found it.
            and_(
                labels.c.verdict == "dismissed",
                labels.c.rule == violations.c.filed_rule,
                violations.c.filed_rule != violations.c.rule,
                violations.c.state.in_(_RIGHT),
            ),
            and_(labels.c.verdict == "dismissed", violations.c.state.in_(_WRONG)),
            and_(violations.c.state == CaseState.SHADOW, violations.c.verdict == labels.c.verdict),
        )
        found = await self._connection.execute(
            select(
                labels.c.number,
                labels.c.rule,
                labels.c.text,
                (labels.c.verdict == "confirmed").label("right"),
                violations.c.person_key.label("sender"),
                labels.c.labelled_by.label("decider"),
            )
            .join(violations, violations.c.number == labels.c.number)
            .where(held, stands)
            .order_by(labels.c.at.desc(), labels.c.number, labels.c.rule)
            .limit(limit)
        )
        return [
            Decided(row.number, row.rule, row.text, bool(row.right), row.sender, row.decider) for row in found
        ]

    async def names(self) -> frozenset[str]:
        """What the people are called that are known here, as it was written."""
        found = await self._connection.scalars(select(people.c.name).where(func.length(people.c.name) > 1))
        written = await self._connection.scalars(
            select(violations.c.sender_name).where(func.length(violations.c.sender_name) > 1).distinct()
        )
        return frozenset(found) | frozenset(written)
