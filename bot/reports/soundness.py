"""Whether everything in the database holds that must: the ledger's chains and the invariants, as values and words.

It names numbers and ids, never a text or a name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.pipeline.notice import SUPERVISION
from bot.pipeline.places import GONE
from bot.pipeline.presence import ALIVE
from storage.invariants import Examination
from storage.lateness import Horizon
from storage.results import Breach, LedgerHead, VerifyReport
from storage.session import UnitOfWork

JOB = "self-check"
"""Name of the duty that looks every day; its job runs say what it found."""

_OUTCOME = re.compile(r"checks (\d+), entries (\d+), findings (\d+)")

TITLES = {
    "ledger": "台账被改动",
    "sums": "案件与台账分数不符",
    "twice": "台账重复记分",
    "evidence": "案件证据缺失",
    "unsent": "消息积压未发",
    "unjudged": "消息未处理",
    "runs": "定时任务记录异常",
    "states": "状态无法识别",
    "references": "关联记录缺失",
    "put_away": "已并入的记录仍有案件或微信号",
    "pages": "数据库文件损坏",
}


@dataclass(frozen=True, slots=True)
class Soundness:
    """What checking everything found."""

    ledger: VerifyReport
    data: Examination

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """Everything that does not hold, problems of the chains first."""
        chains = tuple(
            Breach("ledger", f"{one.room_key}:{one.seq}", one.what) for one in self.ledger.problems
        )
        return (*chains, *self.data.breaches)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return self.ledger.holds and not self.data.breaches

    @property
    def checks(self) -> int:
        """How many things were checked; the chains are one."""
        return self.data.checks + 1

    def lines(self) -> list[str]:
        """The report for an operator."""
        found = self.data.breaches
        size = f"{len(found)} problem{'' if len(found) == 1 else 's'} found"
        said = f"data: {self.data.checks} invariants, {size if found else 'all of them hold'}"
        return [*self.ledger.lines(), said, *(f"  {one.check}: {one.subject} {one.said}" for one in found)]

    def plain(self) -> dict[str, object]:
        """The report for a program."""
        return {
            "holds": self.holds,
            "checks": self.checks,
            "entries": self.ledger.entries,
            "erased": self.ledger.erased,
            "unkeyed": self.ledger.unkeyed,
            "heads": [
                {"room": one.room_key, "entries": one.seq, "hash": one.hash} for one in self.ledger.heads
            ],
            "findings": [
                {"check": one.check, "subject": one.subject, "said": one.said} for one in self.breaches
            ],
        }

    def kinds(self) -> list[tuple[str, int]]:
        """What is wrong, as people call it, and how often."""
        return [(TITLES[check], many) for check, many in Counter(one.check for one in self.breaches).items()]


async def examine(
    unit: UnitOfWork, heads: Sequence[LedgerHead] = (), *, supervised: bool, at: datetime | None = None
) -> Soundness:
    """Check everything.

    Args:
        unit: a view, so that one snapshot is looked at.
        heads: where the chains ended when somebody last looked.
        supervised: there is a supervision room; else its messages wait, and that is as it should be.
        at: late is what was late then; ``None``: at the bot's last sign of life, since nothing moves without it.
    """
    alive = await unit.meta.get(ALIVE)
    seen = datetime.fromisoformat(alive) if alive else None
    if at is not None:
        seen = at if seen is None else min(at, seen)
    horizon = Horizon(seen, frozenset() if supervised else frozenset({SUPERVISION}))
    return Soundness(await unit.ledger.verify(heads), await unit.invariants.examine(horizon))


async def supervised(unit: UnitOfWork, name: str) -> bool:
    """Whether the supervision room of this name was found, and is still there as far as is known."""
    duty = f"supervision {name}"
    return (
        bool(name)
        and await unit.meta.get(f"pin {duty}") is not None
        and await unit.meta.get(f"{GONE}{duty}") is None
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """What the latest daily look came to: ``findings`` is ``None`` where it did not come to an end."""

    at: datetime
    checks: int = 0
    entries: int = 0
    findings: int | None = None


def outcome(found: Soundness) -> str:
    """What stands in the job run."""
    return f"checks {found.checks}, entries {found.ledger.entries}, findings {len(found.breaches)}"


async def latest(unit: UnitOfWork, since: datetime, until: datetime) -> Checked | None:
    """The latest daily look that was due in ``[since, until)``; ``None`` if there was none."""
    runs = [run for run in await unit.jobs.runs(JOB, since) if run.due_at < until]
    if not runs:
        return None
    said = _OUTCOME.fullmatch(runs[-1].result)
    return Checked(runs[-1].due_at, *map(int, said.groups())) if said else Checked(runs[-1].due_at)
