"""How what speaks for and against a promotion adds up: indicators of several kinds, and a model of the whole text.

What shows a way out of the group and what is offered are worth more together; what speaks for work counts against both.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field

from rules.reading.span import Span
from rules.reading.weighing import probability

REACH = frozenset({"contact", "account", "invite", "qr", "group", "link", "mini_program", "card", "soft"})
OFFER = frozenset(
    {"gain", "job", "loan", "invoice", "gamble", "traffic", "adult", "promo", "estate", "sale", "side"}
)
HARD = frozenset({"contact", "account", "qr", "group", "link"})
SHADY = frozenset({"gain", "loan", "gamble", "adult", "traffic", "invoice"})
"""What nobody offers to colleagues; so are jobs of the kind that swindlers offer (:data:`EASY_JOBS`)."""
SOFT = frozenset({"soft", "side"})
"""How colleagues sell beside the job, and talk of home: it brings a message to people, never further."""
COUNTER = frozenset({"work", "warning", "ban", "report", "notice"})
CAUTION = frozenset({"warning", "ban", "report"})
"""Where one of these stands, whose words they are is for people to say."""
NOTICE = "notice"
SELLS = frozenset({"contact", "qr", "group", "side"}) | (SHADY - {"loan", "invoice"})
"""What no notice of a service holds: it names a hotline, and asks nobody to go on in private."""

# Log-odds.
BASE = -3.3
REACH_MEETS_OFFER = 1.6
FURTHER = 0.4  # each further indicator of a kind counts so much of its weight
MOST = {
    "work": -3.0,
    "warning": -6.0,
    "ban": -4.0,
    "report": -3.0,
    "notice": -3.0,
}  # how far what speaks for work can go
MOST_OF_A_KIND = 4.0
EASY_JOBS = 2.0  # what words for a job of that kind weigh at least
UNDECIDED = 0.89  # what was only repeated elsewhere, or is shown as somebody else's, people decide
MODEL_DOUBTS, MODEL_DISSENTS = 0.5, 0.2
"""From this score on the model finds that people should look; below the other all of it is ordinary to the model."""
AGAINST = 1.0  # so much less do the indicators say where the model dissents
SHARE_OF_SIGNS, SHARE_OF_COUNTERS = 0.1, 0.25  # the score has counted them already: so much more do they say


@dataclass
class Promotion:
    """The sum as it grows: per kind the weights seen, and where; and what the model makes of the text as a whole.

    Attributes:
        score: the model's, from 0 to 1.
        peddling: the model's of what colleagues sell beside the job.
        nearby: the model's around the indicators, where it makes little of the whole; else 0.
        guesses: hits that stand only where a disguised word was guessed.
        plain: indicators that stand there as they are.
        long: there is enough text for the model to go by.
        raised: log-odds by who sent it, where else, and how much there is to go by.
    """

    score: float
    peddling: float = 0.0
    nearby: float = 0.0
    long: bool = False
    guesses: int = 0
    plain: int = 0
    kinds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    spans: list[Span] = field(default_factory=list)
    raised: float = 0.0

    @property
    def supported(self) -> bool:
        """Whether more than one guess speaks for it: a second guess, or something that was said openly."""
        return self.plain > 0 or self.guesses > 1

    @property
    def hard(self) -> bool:
        """Whether indicators alone are sure of it, a way out of the group among them that is more than 私聊我."""
        if HARD.isdisjoint(self.kinds):
            return False
        return BASE + self.signs(COUNTER | SOFT) + self.counters() >= unbounded_log_odds(UNDECIDED)

    def notifies(self, *, signed: bool) -> bool:
        """Whether it tells somebody what they booked or are due: in several words, or in one that is ``signed``."""
        return SELLS.isdisjoint(self.kinds) and len(self.kinds.get(NOTICE, ())) > (0 if signed else 1)

    @property
    def within(self) -> bool:
        """Whether no indicator leads out of the group, and nothing is offered that is not offered to colleagues."""
        kinds = self.kinds.keys()
        easy = sum(self.kinds["job"]) >= EASY_JOBS if "job" in kinds else False
        return not easy and kinds.isdisjoint(REACH - SOFT | SHADY | {"disguise", "veiled"})

    def add(self, kind: str, weight: float, span: Span | None = None, *, guessed: bool = False) -> None:
        """One indicator of a kind; ``guessed`` where it stands only as a disguised word may be read."""
        self.kinds[kind].append(weight)
        if weight > 0:
            self.guesses += guessed
            self.plain += not guessed
        if span is not None and kind not in COUNTER:
            self.spans.append(span)

    def signs(self, without: frozenset[str] = COUNTER) -> float:
        """What speaks for advertising."""
        shown = [kind for kind in self.kinds if kind not in without]
        sums = {kind: min(MOST_OF_A_KIND, _diminishing(self.kinds[kind])) for kind in shown}
        reach = sum(sums[kind] for kind in sums if kind in REACH)
        offer = sum(sums[kind] for kind in sums if kind in OFFER)
        return sum(sums.values()) + min(reach, offer, REACH_MEETS_OFFER)

    def counters(self, kinds: frozenset[str] = COUNTER) -> float:
        """What speaks for work: at most zero, and bounded: a few decent words buy no advertisement."""
        return sum(
            max(MOST[kind], -_diminishing([-weight for weight in self.kinds[kind]]))
            for kind in COUNTER
            if kind in self.kinds and kind in kinds
        )

    def confidence(self, without: frozenset[str] = COUNTER) -> float:
        """The indicators by themselves, or the model with what they add to it: whichever is surer."""
        signs, counters = self.signs(without), self.counters()
        indicators = BASE + signs + counters + self.raised - (AGAINST if self.score < MODEL_DISSENTS else 0.0)
        caution = self.counters(CAUTION)
        added = SHARE_OF_SIGNS * signs + SHARE_OF_COUNTERS * (counters - caution) + caution + self.raised
        return probability(max(indicators, unbounded_log_odds(max(self.score, self.peddling)) + added))


def unbounded_log_odds(score: float) -> float:
    """Without the bounds of :func:`rules.reading.weighing.log_odds`: here the surest scores decide by themselves."""
    bounded = min(max(score, 1e-6), 1.0 - 1e-6)
    return math.log(bounded / (1.0 - bounded))


def _diminishing(weights: list[float]) -> float:
    highest = max(weights)
    return highest + FURTHER * (sum(weights) - highest)
