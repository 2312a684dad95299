"""Decisions and policies are posted when a leader has approved them (policy 3.3a): whoever reads in a group that pay or
holidays change must be able to rely on it.

An announcement that went through /发布 is posted by the bot, and is never looked at. This rule looks for messages of
ordinary members that read like one: somebody decides, from a day on, for all, about pay, people, departments, working
time or rules. It only shows them to people, and costs nothing. What heads of departments post is theirs to answer for,
as long as it is certain who they are; what outsiders announce is about their own company. Ordinary notices (meetings,
rotas, maintenance), what names the document that it passes on, drafts, questions and reminders are everyday work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pydantic import Field

from rules.core.declare import Bars, Penalty, RuleSettings, bad, good, rule
from rules.core.model import Context, Finding, Kind, Message, MessageType, Tier
from rules.reading.weighing import Claim, Indicator, Pattern, asked, turns, weigh, words

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "decision": "决定语气",
        "onset": "生效时间",
        "everybody": "面向全员",
        "pay": "薪酬福利或费用",
        "personnel": "人事任免或奖惩",
        "organisation": "机构或业务变动",
        "time": "作息、考勤或放假",
        "penalty": "处罚",
        "change": "标准变动",
        "style": "行文像通知",
    }
)
HOW = frozenset({"decision", "onset", "everybody"})
WHAT = frozenset({"pay", "personnel", "organisation", "time", "penalty", "change"})
REPEATING = frozenset({"forward", "draft", "question"})

# Log-odds. What words add stands in rules/data/unapproved_announcement.yaml, word by word.
CLAIM = Claim(HOW, WHAT, REPEATING, meets=0.8, repeated=0.5, base=-2.05, style=-1.5)
"""Whoever passes an announcement on, drafts one or asks about one repeats it: its words count half."""
ASKED, COMMANDED = -2.0, -2.0
CERTAIN, DOUBTFUL = 0.95, 0.55
"""From this score on people look whatever single words say: 经管理层讨论 is no draft."""
ASIDE = frozenset({"question", "forward"})
FAINT = 0.05
UNDECIDED = 0.9
"""However sure it sounds: below the bar from which the bot acts, which is 1."""

_MONTH = r"(?:\d{1,2}|[一二三四五六七八九十元腊正]{1,2})月(?:\d{1,2}[日号])?"
_PATTERNS: tuple[Pattern, ...] = (
    (
        re.compile(rf"{_MONTH}(?:零点)?(?:起|开始|执行|生效|体现|兑现|落实|到账|换)"),
        "onset",
        1.6,
    ),
    (
        re.compile(r"(?:\d{1,2}号|周[一二三四五六日天]|国庆|节后|年后|春节后|元旦)(?:起|开始|执行|生效)"),
        "onset",
        1.4,
    ),
    (
        re.compile(r"[从由].{1,10}?(?:改|调|降|升|涨|提|减|变|缩|压|延)(?:整|低|高|短|长)?[到成为至]?"),
        "change",
        1.0,
    ),
    (
        re.compile(
            r"(?:涨|降|升|提|上调|下调|改|砍|缩|延|加|减)(?:高|整|低|短|长)?[到为至成]"
            r"(?:每|人|\d|[一二两三四五六七八九十百千])"
        ),
        "change",
        1.4,
    ),
    (
        re.compile(r"[扣罚]款?(?:发|掉|当月)?(?:\d|[一二两三五半]|全|奖|工资|绩效|钱)"),
        "penalty",
        1.5,
    ),
    (
        re.compile(r"每(?:人|天|月|年|单|次|餐|晚|票|间|头|平米?|吨)(?:每[天月年人])?.{0,4}?\d"),
        "pay",
        0.8,
    ),
    (
        re.compile(r"(?:任命|聘任|同意|免去|由|兹).{1,12}?(?:担任|接任|兼任|为|任|负责|牵头|分管|代理)"),
        "personnel",
        1.5,
    ),
    (re.compile(r"[以今]后.{0,10}?(?:不|一律|统一|都|必须|改|没)"), "decision", 1.3),
    (re.compile(r"放假?(?:\d|[一二两三四五六七八九十半])"), "time", 1.3),
    (re.compile(r"不(?:发|给|报|再|放|补|折现|计|续|设|收)了?"), "decision", 0.6),
    (re.compile(r"[撤停砍裁没取关][掉消了]了?$|[撤停砍没]了"), "organisation", 1.0),
    (re.compile(r"(?:我|本人).{0,3}(?:休|请|调|换|出差|复查|结婚)"), "own", -1.5),
    # What the bot posted after approval bears its number; whoever repeats it repeats that.
    (re.compile(r"g[0-9a-z]{5}已经?审批"), "forward", -4.0),
)

_COMMAND = re.compile(r"^/[^\W\d]", re.MULTILINE)
"""A line for the bot, passed on: it orders the bot, and announces nothing."""


class Settings(RuleSettings):
    """What a company may set for this rule."""

    heads: bool = Field(
        default=False,
        description="Whether what heads of departments post is looked at, too; who they are must be confirmed.",
    )


@rule(
    id="unapproved_announcement",
    title="未经批准的重要通知",
    categories={"announcement": Penalty(clause="3.3a", points=0)},
    bars=Bars(violation=1.0, review=0.5),
    reason="像是重要通知，群里没有审批记录",
    signs="迹象：{signs}",
    settings=Settings,
    examples=[
        bad("经公司研究决定，自7月1日起全员实行大小周，请互相转告", tier=Tier.REVIEW),
        bad("任命李国强为生产部副经理，即日起生效，特此通知", tier=Tier.REVIEW),
        bad("国庆放假安排：10月1日至7日全体放假，8日正常上班", tier=Tier.REVIEW),
        bad("从下月起取消餐补，迟到一次罚款100元", tier=Tier.REVIEW),
        good("明天下午两点在三楼会议室开会，请各部门负责人参加", why="an ordinary notice"),
        good("转发人力资源部《关于国庆放假安排的通知》，原文见附件", why="names the document"),
        good("放假通知出来了吗？", why="asks"),
        good("我拟了一份关于调整作息的通知草稿，请领导审核", why="a draft"),
        good(
            "经公司研究决定，自7月1日起全员实行大小周",
            sender="李四",
            employee_no="1002",
            why="a head of a department",
        ),
        good("我司产品自7月1日起涨价5%", kind=Kind.EXTERNAL, why="an outsider's own company"),
    ],
)
def unapproved_announcement(message: Message, context: Context, settings: Settings) -> Iterator[Finding]:
    """At most one finding, never surer than ``UNDECIDED``; its facts name kinds of indicators, no words."""
    reading = context.reading
    if message.type is not MessageType.TEXT or not reading.plain or _entitled(message, context, settings):
        return
    found = [*words(reading, "unapproved_announcement"), *turns(reading, _PATTERNS)]
    if asked(reading):
        found.append(Indicator("question", ASKED, reading.typed))
    if _COMMAND.search(reading.original[slice(*reading.typed)]):
        found.append(Indicator("forward", COMMANDED, reading.typed))
    weighed = weigh(found)
    shown = [kind for kind in LABELS if kind in weighed.sums]
    score = reading.score("announcement")
    sure = CLAIM.confidence(weighed, shown, score)
    if score >= CERTAIN and ASIDE.isdisjoint(weighed.sums):
        sure = max(sure, DOUBTFUL)
    if sure < FAINT:
        return
    spans = weighed.places(shown) or (reading.typed,)
    yield Finding.over(
        spans,
        min(UNDECIDED, sure),
        "announcement",
        signs="、".join(LABELS[kind] for kind in shown or ["style"]),
    )


def _entitled(message: Message, context: Context, settings: Settings) -> bool:
    """Whether this rule has nothing to say to the sender: an outsider, or a head for certain."""
    sender = message.sender
    if sender is None:
        return False
    if sender.kind is Kind.EXTERNAL:
        return True
    employee = context.roster.by_number.get(sender.employee_no) if sender.employee_no else None
    return employee is not None and employee.active and employee.is_head and not settings.heads
