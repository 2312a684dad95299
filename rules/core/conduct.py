"""What a case may be about although no rule judges a message for it: an answer that did not come, points by hand.

Policy gives such conduct clauses as it gives them to rules; a company's own policy is laid over these defaults alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rules.core.options import PolicyOptions

LATE_ANSWER = "late_answer"
BONUS = "bonus"

ORDINARY, URGENT = "ordinary", "urgent"
GIVEN, ANSWERED, ADJUSTED, DEDUCTED = "given", "answered", "adjusted", "deducted"


@dataclass(frozen=True, slots=True)
class Conduct:
    """Something that cases are about beside the rules.

    Attributes:
        id: what stands for a rule in such a case.
        title: what it is called.
        clauses: the clause by category.
        reasons: the reason by category; a category without one has it from whoever opens the case.
        facts: what a reason may have filled in.
        costs: where its points are set.
    """

    id: str
    title: str
    clauses: Mapping[str, str]
    reasons: Mapping[str, str]
    facts: frozenset[str] = frozenset()
    costs: str = ""

    def under(self, policy: Mapping[str, PolicyOptions]) -> Conduct:
        """This conduct by a company's own policy; what is said of a category is laid over what is said of all."""
        clauses, reasons, title = dict(self.clauses), dict(self.reasons), self.title
        if own := policy.get(self.id):
            title = own.title or title
            clauses |= {category: own.clause for category in clauses if own.clause}
            reasons |= {category: own.reason for category in reasons if own.reason}
        for category in self.clauses:
            if own := policy.get(f"{self.id}/{category}"):
                clauses[category] = own.clause or clauses[category]
                if own.reason:
                    reasons[category] = own.reason
        return Conduct(self.id, title, clauses, reasons, self.facts, self.costs)


CONDUCTS: Mapping[str, Conduct] = MappingProxyType(
    {
        LATE_ANSWER: Conduct(
            id=LATE_ANSWER,
            title="未及时回复工作消息",
            clauses={ORDINARY: "4.1a", URGENT: "4.1b"},
            reasons=dict.fromkeys((ORDINARY, URGENT), "未在规定时间内回复需要答复的工作消息"),
            costs="answers.points",
        ),
        BONUS: Conduct(
            id=BONUS,
            title="加分与调整",
            clauses={GIVEN: "6.2b", ANSWERED: "6.2b", ADJUSTED: "6.2b", DEDUCTED: "6.2c"},
            reasons={ANSWERED: "{month} 的 {count} 条工作消息全部按时回复"},
            facts=frozenset({"month", "count"}),
            costs="penalty.bonuses",
        ),
    }
)
"""Every such conduct, as the built-in policy has it."""
