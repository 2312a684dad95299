"""What goes on with an earlier case: one burst is one case, and so is one evening (policy, what fairness asks)."""

from __future__ import annotations

from bot.gateway.port import IncomingMessage
from bot.pipeline.record import with_graver
from rules.core.book import Rulebook
from rules.core.model import Judgement
from rules.procedure.penalty import ONE_BURST, Decision, Earlier, Join, joins, one_evening
from storage.records import Case, CaseState, Person, Room
from storage.session import UnitOfWork

UNDECIDED = frozenset({CaseState.PROVISIONAL, CaseState.REVIEW})


async def counted(
    unit: UnitOfWork,
    message: IncomingMessage,
    where: Room,
    who: Person,
    judgement: Judgement,
    decision: Decision,
    book: Rulebook,
) -> tuple[Case | None, Join]:
    """The earlier case that a message was counted in, and how; none if it opens one of its own."""
    if decision.main.deferred:
        return await _of_the_evening(unit, message, who, decision, book)
    since = message.sent_at - max(book.quiet_times.values(), default=ONE_BURST)
    # What the decision rests on first; then what else the message holds, for a run of it may be the finding.
    rules = dict.fromkeys([decision.main.rule, *(ruling.rule for ruling in judgement.live)])
    for rule in rules:
        earlier = await unit.cases.latest(who.key, rule, since, where.key)
        if earlier is None or earlier.sent_at > message.sent_at + ONE_BURST:
            continue
        episodic = book.entry(decision.main.rule).rule.episodic
        match joins(decision, _seen(earlier, rule), episodic=episodic):
            case Join.REPEAT:
                return await unit.cases.repeated(earlier, message.sent_at), Join.REPEAT
            case Join.GRAVER:
                same = rule == decision.main.rule
                joined = with_graver(earlier, decision.graver if same else decision.main)
                await unit.cases.keep_graver(joined)
                return await unit.cases.repeated(joined, message.sent_at), Join.GRAVER
            case Join.NEW:
                continue
    return None, Join.NEW


async def _of_the_evening(
    unit: UnitOfWork, message: IncomingMessage, who: Person, decision: Decision, book: Rulebook
) -> tuple[Case | None, Join]:
    """A deferred finding belongs to a case of the same hours off: one case a person and evening."""
    since = book.calendar.closing_before(message.sent_at)
    earlier = await unit.cases.latest(who.key, decision.main.rule, since)
    if earlier is None or not one_evening(decision, message.sent_at, earlier.sent_at, earlier.tier):
        return None, Join.NEW
    return await unit.cases.repeated(earlier, message.sent_at), Join.REPEAT


def _seen(case: Case, rule: str) -> Earlier:
    """A case as what it was found for: people may have confirmed it under another rule since."""
    return Earlier(rule, case.tier, case.points, case.graver_points, case.state in UNDECIDED)
