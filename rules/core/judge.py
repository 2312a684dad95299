"""The judge: runs every rule of the book over one message and gives an outcome for each.

A rule that fails is an outcome too (``crashed``): the message goes on to the other rules, and operators
are told.
"""

from __future__ import annotations

from rules.core.book import Entry, Rulebook
from rules.core.declare import Unknown
from rules.core.model import Context, Judgement, Kind, Message, MessageType, Outcome, Ruling, Tier, Verdict


def judge(book: Rulebook, message: Message, context: Context) -> Judgement:
    """Judge one message. Pure: the same arguments always give the same judgement."""
    return Judgement(message, tuple(_outcome(entry, message, context) for entry in book.entries))


def _outcome(entry: Entry, message: Message, context: Context) -> Outcome:
    rule = entry.rule
    if not entry.enabled:
        return Outcome(rule.id, Verdict.OFF)
    if message.sender is not None and message.sender.kind is Kind.BOT:
        return Outcome(rule.id, Verdict.EXEMPT, note="bots are not judged")
    if message.type is MessageType.RECALLED:
        return Outcome(rule.id, Verdict.CLEAN, note="recalled")
    if rule.id in context.exempt:
        return Outcome(rule.id, Verdict.EXEMPT, note="exempt here and now")
    if lacking := missing(entry, message, context):
        return Outcome(rule.id, Verdict.UNKNOWN, note="not known: " + ", ".join(lacking))
    try:
        weighed = [entry.weigh(finding) for finding in rule(message, context, entry.settings)]
    except Unknown as reason:
        return Outcome(rule.id, Verdict.UNKNOWN, note=f"not known: {reason}")
    except Exception as failure:  # noqa: BLE001 - any bug of one rule must not silence the others; told to operators
        return Outcome(rule.id, Verdict.CRASHED, note=f"{type(failure).__name__} at {_where(failure)}")
    rulings = tuple(ruling for ruling in weighed if ruling is not None)
    if not rulings:
        return Outcome(rule.id, Verdict.CLEAN)
    if rule.episodic and context.burst is not None:
        return Outcome(rule.id, Verdict.CLEAN, note="part of an open burst", absorbed=True)
    return Outcome(rule.id, _verdict(rulings), rulings)


def _verdict(rulings: tuple[Ruling, ...]) -> Verdict:
    sure = any(ruling.tier is Tier.VIOLATION for ruling in rulings)
    return Verdict.VIOLATION if sure else Verdict.REVIEW


def missing(entry: Entry, message: Message, context: Context) -> list[str]:
    """What a rule needs to know of a message (:data:`rules.core.declare.NEEDS`) and is not known."""
    needs = entry.rule.needs
    known = {
        "sender": message.sender is not None,
        "sent_at": message.sent_at is not None,
        "room": bool(message.room_id or message.room),
        "alias": message.sender is not None and message.sender.alias is not None,
        "roster": context.roster.known,
    }
    return sorted(need for need in needs if need in known and not known[need])


def _where(failure: BaseException) -> str:
    """File and line of the failure, without its message: that may quote the text being judged."""
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
