"""The rules of the groups in short, as newcomers are told them and as everybody may read them again (policy 2.1c).

Whoever is judged by a machine has to know beforehand what costs points, that points count in appraisal, that messages
are read by a system, and how long they are kept: all of it as it is configured, and none of it by heart.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from bot.pipeline.notice import shown
from bot.settings import Settings
from bot.texts import Texts
from rules.core.book import Rulebook
from rules.core.conduct import LATE_ANSWER


def primer(texts: Texts, settings: Settings, book: Rulebook, *, outsider: bool) -> str:
    """The rules in short, for an employee or for somebody from outside."""
    return texts.render(
        "welcome.outsider" if outsider else "welcome.employee",
        company=shown(settings.company.name),
        days=settings.appeals.days,
        costs=list(_costs(settings, book)),
        ladder=[
            {"points": step.points, "days": step.days, "action": step.action}
            for step in settings.penalty.ladder
        ],
        messages=settings.retention.messages_days,
        evidence=settings.retention.evidence_days,
    )


def _costs(settings: Settings, book: Rulebook) -> Iterator[dict[str, object]]:
    """What each occurrence costs, the least first, and for what; rules that are off, on trial or free are left out."""
    priced = [
        (max(charge.penalty.points for charge in entry.charges.values()), entry.rule.title)
        for entry in book.entries
        if entry.enabled and not entry.shadow
    ]
    if settings.answers.enabled:
        priced.append((settings.answers.points, book.titles[LATE_ANSWER]))
    rising = sorted((one for one in priced if one[0]), key=lambda one: one[0])
    for points, titles in groupby(rising, key=lambda one: one[0]):
        yield {"points": points, "titles": [title for _, title in titles]}
