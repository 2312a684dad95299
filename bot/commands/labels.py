"""What people decided is kept as an example of what a rule should, and should not, find."""

from __future__ import annotations

from bot.commands.table import Call
from storage.records import AuditEntry, Case, CaseState, Label
from storage.session import UnitOfWork


async def unlike(unit: UnitOfWork, case: Case, call: Call) -> None:
    """Keep a case that was confirmed under another rule as no example of the rule that had found it."""
    found_by = case.filed_rule
    if case.evidence and found_by and found_by != case.rule:
        await unit.labels.add(
            Label(case.number, case.evidence, found_by, "dismissed", call.sender.key, call.now)
        )


async def learn(unit: UnitOfWork, case: Case, right: bool, call: Call) -> None:
    """Keep a case and whether its rule was right; the last decision on a case stands.

    Without evidence it teaches nothing.
    """
    if not case.evidence:
        return
    verdict = "confirmed" if right else "dismissed"
    await unit.labels.add(Label(case.number, case.evidence, case.rule, verdict, call.sender.key, call.now))


async def judge_trial(unit: UnitOfWork, case: Case, right: bool, why: str, call: Call) -> None:
    """Keep whether a rule on trial was right, to learn from: without points and without a word to anybody."""
    verdict = CaseState.CONFIRMED if right else CaseState.DISMISSED
    await unit.cases.judge_shadow(case.number, verdict, call.sender.key, call.now, why)
    await unit.audit.add(AuditEntry(call.now, call.sender.key, f"trial {verdict}", case.number, why))
    await learn(unit, case, right, call)
