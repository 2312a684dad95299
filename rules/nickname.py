"""In a work group one has to know whom one is talking to, so a group nickname is department and name (policy 2.2a).

Between the two at most one separator may stand; titles, emoji, remarks and numbers are no part of it, and heads
of departments go by their real name as well (policy 2.2b). Employees are looked up on the roster. Of outsiders,
who carry company and name, only what is clearly wrong is found, for no list tells their companies. A nickname
costs no points: its wearer is reminded, and a case comes only after a time of grace.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from rules.core.declare import Bars, Penalty, RuleSettings, Unknown, bad, good, rule
from rules.core.model import Context, Finding, Kind, Message, Tier
from rules.core.nickname_shapes import of_external, of_shape
from rules.core.nicknames import Flaw, of_employee

SURE = 0.95
DOUBTFUL = 0.6

INSIDE = "部门+姓名"
OUTSIDE = "公司+姓名"


class Settings(RuleSettings):
    """What a company may set for this rule."""

    grace_days: int = Field(
        default=3,
        ge=0,
        le=60,
        description="Working days between the first reminder and a case; 0 opens the case at once.",
    )
    remind_every_days: int = Field(
        default=1, ge=1, le=30, description="Working days between two reminders of the same person."
    )
    externals: bool = Field(
        default=True, description="Whether the nicknames of outsiders (company and name) are looked at too."
    )


@rule(
    id="nickname",
    title="群昵称",
    categories={
        "format": Penalty(clause="2.2a", points=0),
        "unknown_person": Penalty(clause="2.2a", points=0),
        "other_department": Penalty(clause="2.2a", points=0),
        "other_person": Penalty(clause="2.2a", points=0),
        "head_name": Penalty(clause="2.2b", points=0),
    },
    bars=Bars(violation=0.85, review=0.5),
    reason="群昵称与规定格式（{format}）不符",
    signs="{sign}",
    settings=Settings,
    needs=["sender", "alias", "roster"],
    standing=True,
    examples=[
        bad("收到", alias="人力资源部张三😀", category="format"),
        bad("收到", alias="张三", category="format"),
        bad("收到", alias="财务部张三", category="other_department"),
        bad("收到", alias="技术部孙悟空", category="unknown_person"),
        bad("收到", alias="财务部司马总", category="head_name", why="a head goes by the real name"),
        bad("收到", alias="", sender="阳光", category="format", why="no nickname is set in the group"),
        bad("收到", alias="市场部阿卜杜拉买买提", tier=Tier.REVIEW, why="the name's dot is missing"),
        bad("收到", alias="华为王总", kind=Kind.EXTERNAL, category="format"),
        good("收到", alias="人力资源部张三"),
        good(
            "收到", alias="人力資源部－張三", why="traditional and full-width forms stand for the simple ones"
        ),
        good("收到", alias="技术部测试组王伟", why="one department's name begins the other's"),
        good("收到", alias="市场部·阿卜杜拉•买买提", why="a name with a dot, and a dot as separator"),
        good("收到", alias="华为王伟", kind=Kind.EXTERNAL),
    ],
)
def nickname(message: Message, context: Context, settings: Settings) -> Iterator[Finding]:
    """At most one finding, on what is wrong in the nickname; where nothing tells, it is unknown."""
    sender, directory = message.sender, context.directory
    if sender is None or sender.alias is None or directory is None:
        raise Unknown("the nickname, or what it is compared with")
    external = sender.kind is Kind.EXTERNAL
    if external and not settings.externals:
        return
    own = context.roster.by_number.get(sender.employee_no) if sender.employee_no else None

    def judged(plain: str) -> Flaw | None:
        if external:
            return of_external(plain, directory)
        if directory.people:
            return of_employee(plain, directory, own, sender.kind_known)
        return of_shape(plain, directory, sender.kind_known)

    spelt = directory.spell(sender.alias)
    if spelt.plain:
        flaw = judged(spelt.plain)
    elif (flaw := judged(directory.spell(sender.name).plain)) is not None:
        # Without a nickname in the group everybody sees the own name: fine if that is a right one.
        flaw = Flaw("format", "未设置群昵称", 0, 0, flaw.doubtful)
    if flaw is None:
        return
    start, end = spelt.span(flaw.start, flaw.end)
    yield Finding(
        field="alias",
        start=start,
        end=end,
        confidence=DOUBTFUL if flaw.doubtful else SURE,
        category=flaw.category,
        facts={"format": OUTSIDE if external else INSIDE, "sign": flaw.sign},
    )
