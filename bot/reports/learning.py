"""What `qungui learn` says: how much there is to learn from, what it would change, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from rules.core.learn import NEEDED, NEEDED_OF_A_KIND, Figures, Guard, Learnt, Supply, Tally
from rules.core.phrases import Proposal
from storage.records import LocalVersion


def supply_lines(decided: int, counting: int, supplies: Iterable[Supply]) -> Iterator[str]:
    """How many decisions there are, and where more are needed."""
    yield (
        f"{decided} settled decisions, {counting} count (each text once, not too many of one person): "
        f"{NEEDED} are needed of a label, {NEEDED_OF_A_KIND} of each kind"
    )
    for supply in supplies:
        line = f"  {supply.label}: {supply.confirmed} confirmed, {supply.dismissed} dismissed"
        confirmed, dismissed = supply.lacking
        if confirmed or dismissed:
            line += f"; {confirmed} more confirmed and {dismissed} more dismissed ones are needed"
        yield line


def table(learnt: Learnt) -> Iterator[str]:
    """What would change, on the decisions that were kept back and on shipped text; before → after."""
    yield f"learnt from {learnt.taught} decisions; on those that were kept back (before → after):"
    yield f"  {'rule':<24}{'judged by':<11}{'tier':<11}{'confirmed, found':<24}dismissed, flagged"
    for line in learnt.figures:
        yield from _rows(line)
    yield "on shipped text (found at all, of that surely):"
    yield from (f"  {_guard(guard)}" for guard in learnt.guards)
    for label, share in learnt.agreement.items():
        yield f"people and the shipped score agree in {share:.0%} of pairs ({label})"


def _rows(line: Figures) -> Iterator[str]:
    for tier in ("review", "violation"):
        kept = _moved(line.kept, tier, line.confirmed)
        flagged = _moved(line.flagged, tier, line.dismissed)
        yield f"  {line.rule:<24}{line.by:<11}{tier:<11}{kept:<24}{flagged}"


def _moved(tallies: tuple[Tally, Tally], tier: str, of: int) -> str:
    before, after = (getattr(tally, tier) for tally in tallies)
    return f"{before} → {after} of {of}"


def _guard(guard: Guard) -> str:
    was, would = guard.found
    return f"{guard.name}: {was.review} → {would.review} of {guard.texts}, of that {was.violation} → {would.violation}"


def proposal_lines(found: Iterable[Proposal]) -> Iterator[str]:
    """Phrases that might be allowed."""
    known = list(found)
    if known:
        yield "phrases that might be allowed (qungui learn --accept PHRASE):"
        yield from (f"  {one.phrase}: dismissed for {one.dismissed} people, for {one.word}" for one in known)


def history_lines(known: Iterable[LocalVersion], zone: ZoneInfo) -> Iterator[str]:
    """The versions, the newest first."""
    empty = True
    for one in known:
        empty = False
        at = one.at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        sign = "in force" if one.in_force else ""
        gained = "; ".join(_gains(one.figures))
        yield f"{one.version:>4}  {at}  {one.by}  {one.examples} decisions  {gained}  {sign}".rstrip()
    if empty:
        yield "nothing was learnt yet"


def _gains(figures: str) -> Iterator[str]:
    for line in json.loads(figures)["figures"]:
        if line["by"] == "score":
            kept = [tally["review"] for tally in line["kept"]]
            flagged = [tally["review"] for tally in line["flagged"]]
            yield (
                f"{line['rule']}: confirmed {kept[0]} → {kept[1]} of {line['confirmed']}, "
                f"dismissed {flagged[0]} → {flagged[1]} of {line['dismissed']}"
            )
