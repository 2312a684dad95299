"""A made-up company's decisions: offers to colleagues are dismissed there, the offers of strangers are confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

from fakes.kept import kept_case

from storage.records import OPERATOR, CaseState, Label, Role
from storage.session import UnitOfWork

THINGS = ("月饼", "大米", "苹果", "年货", "雨伞", "保温杯", "床品", "运动鞋", "水杯", "毛巾", "粽子", "橙子")
FOR_STAFF = (
    "员工内购开始啦，{}八折优惠，需要的同事扫码下单",
    "团购{}，员工内购价，数量有限，想要的接龙",
    "公司年会剩下的{}特价，员工内购每人限购两份，私聊行政",
    "{}员工内购特惠，今天下单明天送到工位，扫码付款",
    "员工福利：{}内购价，优惠名额有限，扫码登记领取",
)
JOBS = (
    "打字员",
    "点赞员",
    "刷单员",
    "试玩员",
    "抄写员",
    "客服",
    "抢单员",
    "投票员",
    "关注员",
    "评论员",
    "主播",
    "推广员",
)
BY_STRANGERS = (
    "诚招兼职{}，日结三百，在家手机就能做，名额有限速加微信",
    "急招{}，一单一结，日赚五百不是梦，私聊我领取任务",
    "高薪兼职{}，零门槛轻松月入过万，扫码进群了解",
    "平台内部名额，招{}，先做单后返利，稳赚不赔，加我微信",
)


@dataclass(frozen=True, slots=True)
class Decision:
    """One made-up decision: what was said, by which of the members, and whether it was confirmed."""

    text: str
    sender: str
    right: bool


def decisions(many: int = 200) -> Sequence[Decision]:
    """As many decisions, the same every time; a third of them confirmed."""
    dismissed = [
        (frame.format(thing), False)
        for (frame, thing) in product(FOR_STAFF, (f"{a}{b}" for a, b in product(("", "新", "好"), THINGS)))
    ]
    confirmed = [
        (frame.format(job), True)
        for (frame, job) in product(BY_STRANGERS, (f"{a}{b}" for a, b in product(("", "线上"), JOBS)))
    ]
    kept = dismissed[:: max(1, len(dismissed) * 3 // (many * 2))][: many * 2 // 3]
    kept += confirmed[: many - len(kept)]
    return [Decision(text, f"p{index % 23}", right) for index, (text, right) in enumerate(kept)]


async def remembered(
    unit: UnitOfWork, now: datetime, found: Sequence[Decision], rule: str = "advertising"
) -> None:
    """The decisions as storage keeps them, each with its case, by two people who hold a role."""
    for key in ("hr0", "hr1"):
        who = await unit.people.seen(f"contact-{key}", f"人力{key}", "", 0, now)
        await unit.people.grant(who.key, Role.SUPERVISOR, OPERATOR, now)
    keys = [person.key for person, *_ in await unit.people.roles_held()]
    for index, one in enumerate(found):
        case = await kept_case(
            unit,
            now,
            f"{rule}-{index}",
            rule=rule,
            person_key=one.sender,
            sender_id=one.sender,
            evidence=one.text,
        )
        state = CaseState.CONFIRMED if one.right else CaseState.DISMISSED
        by, at = keys[index % 2], now + timedelta(seconds=index)
        await unit.cases.move(case.number, [CaseState.PROVISIONAL], state, by, at, "")
        verdict = "confirmed" if one.right else "dismissed"
        await unit.labels.add(Label(case.number, one.text, rule, verdict, by, at))
