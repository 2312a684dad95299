"""What the states of appeals, and what is asked of people, are called wherever they are read: in chat and in tables."""

from __future__ import annotations

from collections.abc import Mapping

from rules.procedure import appeal, rectification

APPEAL_TITLES: Mapping[str, str] = {
    appeal.State.OPEN: "审理中",
    appeal.State.UPHELD: "维持原决定",
    appeal.State.LOWERED: "申诉部分成立，已减轻",
    appeal.State.OVERTURNED: "申诉成立，已撤销",
    appeal.State.WITHDRAWN: "已撤回",
    appeal.State.LAPSED: "已终止",
}
DEMAND_KINDS: Mapping[str, str] = {
    rectification.Kind.EXPLANATION: "说明",
    rectification.Kind.RECTIFICATION: "整改",
}
DEMAND_STATES: Mapping[str, str] = {
    rectification.State.OPEN: "待回复",
    rectification.State.ANSWERED: "已回复，待审核",
    rectification.State.OVERDUE: "已逾期",
    rectification.State.ACCEPTED: "已通过",
    rectification.State.CANCELLED: "已取消",
}
