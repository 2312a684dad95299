"""Unverified rumours have no place in a work group (policy 3.1d): they frighten people, and nobody can take them back.

Whether a thing is true no machine can know, so this rule charges nobody: whatever it finds goes to people, who ask its
sender for the source and look into it before any points are thought of. It looks for how hearsay sounds (somebody is
said to have said it, it must be passed on, it is being hushed up) and for what it is about (dismissals, bankruptcy,
deaths, poisoned food, decrees that nobody has published). What names its source, asks whether it is true, denies a
rumour or reports from work counts against it; what colleagues hear of one another is no rumour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from rules.core.declare import Bars, Penalty, RuleSettings, bad, good, rule
from rules.core.model import Context, Finding, Message, MessageType, Tier
from rules.reading.reading import Reading
from rules.reading.weighing import Claim, Indicator, Pattern, asked, turns, weigh, words

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "hearsay": "转述来路不明的说法",
        "secrecy": "称有人隐瞒",
        "spread": "要求转发扩散",
        "alarm": "催促赶紧应对",
        "company": "单位或个人的重大变故",
        "disaster": "伤亡、治安或灾害",
        "health": "食品、疫病或健康",
        "decree": "未见公布的规定或涨价",
        "style": "行文像传言",
    }
)
HOW = frozenset({"hearsay", "secrecy", "spread", "alarm"})
WHAT = frozenset({"company", "disaster", "health", "decree"})
REPEATING = frozenset({"denial", "verify"})
CARRIERS = frozenset({MessageType.TEXT, MessageType.URL, MessageType.MINI_PROGRAM})

# Log-odds. What words add stands in rules/data/rumour.yaml, word by word.
CLAIM = Claim(HOW, WHAT, REPEATING, meets=0.5, repeated=0.5, base=-1.8, style=-0.8)
"""Whoever denies a rumour, or asks whether it is true, repeats it: its words count half."""
ASKED = -1.5
SOURCED = -2.5
FAINT = 0.05
UNDECIDED = 0.9
"""However sure it sounds: below the bar from which the bot acts, which is 1."""

_KIN = (
    r"(?:朋友|亲戚|同学|老乡|战友|哥们|兄弟|闺蜜|邻居|表[哥姐弟妹]|堂[哥姐弟妹]|姑[父妈]|舅舅?|[大二三小]姨|婶|姐夫"
    r"|妹夫|婆婆|岳父|丈人|老公|老婆|爱人)"
)
_TELLS = r"(?:说|讲|告诉|透露|叫|刚|打来|发来|漏|通知|知道|拍|看)"
_PASSER_BY = r"(?:保安|司机|大爷|阿姨|大叔|门卫|小妹|秘书|财务|会计|前台|村里人|电工|老师傅|领导)"
_PATTERNS: tuple[Pattern, ...] = (
    (
        re.compile(
            rf"[我他她咱]们?(?:家|有个|有一个|一个|那个|的)?(?:在.{{1,8}}的)?{_KIN}.{{0,8}}?(?:在.{{1,10}}|{_TELLS})"
        ),
        "hearsay",
        1.4,
    ),
    (re.compile(rf"的{_KIN}{_TELLS}"), "hearsay", 1.4),
    (
        re.compile(rf"{_PASSER_BY}.{{0,6}}?(?:说的|讲的|说[昨今]|跟我|偷偷|亲口|漏|看到|看见|嘴)"),
        "hearsay",
        1.2,
    ),
    (re.compile(r"听.{1,6}?[说讲](?!明|解|课|话)"), "hearsay", 1.6),
    (re.compile(r"[转发][给到][^工班各]{0,6}?(?:家人|亲人|朋友|父母|老人|孩子|关心的人)"), "spread", 1.5),
    (re.compile(r"死了(?:\d|[一二两三四五六七八九十几俩仨]|好几|多少|个)"), "disaster", 2.0),
    (re.compile(r"[要全都](?:涨|搬|散|并|撤|关|裁|砍|停|炸|拆|卖|封|退)(?:价|光|掉|完)?了"), "company", 1.0),
)
_SOURCES: tuple[Pattern, ...] = (
    (re.compile(r"(?:发|函|令|字|通知|公告|决定书?)第?20\d{2}年?第?\d{1,4}号"), "official", SOURCED),
)
_GOVERNMENT = re.compile(r"(?<![\w-])gov\.cn(?![\w-])", re.IGNORECASE | re.ASCII)


class Settings(RuleSettings):
    """This rule has nothing to set."""


@rule(
    id="rumour",
    title="未经证实的信息",
    categories={"rumour": Penalty(clause="3.1d", points=5)},
    bars=Bars(violation=1.0, review=0.5),
    reason="未见信息出处",
    signs="迹象：{signs}",
    settings=Settings,
    examples=[
        bad("内部消息，听说公司下个月要裁员，一个部门走一批，不要外传", tier=Tier.REVIEW),
        bad("刚得到消息，隔壁厂昨晚爆炸死了好几个，消息被压下来了，快转给家人", tier=Tier.REVIEW),
        bad("我老婆在银行的同学说那家银行要倒闭，存款赶紧取出来", tier=Tier.REVIEW),
        bad("千万别吃那个牌子的酱油，吃死人了，转给你关心的人", tier=Tier.REVIEW),
        good("听说你要结婚了，恭喜恭喜", why="what colleagues hear of one another"),
        good("【辟谣】网传我公司裁员的消息不实，请勿转发", why="denies a rumour"),
        good("请问裁员这件事是真的吗？有没有正式通知", why="asks whether it is true"),
        good("省气象台发布暴雨橙色预警，各项目部按预案做好准备", why="names an office that vouches for it"),
        good("昨晚三号线传送带断裂，无人受伤，原因是接头老化，已更换", why="reports from work"),
    ],
)
def rumour(message: Message, context: Context, _: Settings) -> Iterator[Finding]:
    """At most one finding, never surer than ``UNDECIDED``; its facts name kinds of indicators, no words."""
    reading = context.reading
    if message.type not in CARRIERS or not reading.plain:
        return
    weighed = weigh([*words(reading, "rumour"), *turns(reading, _PATTERNS), *_sources(reading)])
    shown = [kind for kind in LABELS if kind in weighed.sums]
    sure = CLAIM.confidence(weighed, shown, reading.score("rumour"))
    if sure < FAINT:
        return
    spans = weighed.places(shown) or (reading.typed,)
    yield Finding.over(
        spans, min(UNDECIDED, sure), "rumour", signs="、".join(LABELS[kind] for kind in shown or ["style"])
    )


def _sources(reading: Reading) -> Iterator[Indicator]:
    start, end = reading.typed
    if asked(reading):
        yield Indicator("verify", ASKED, (start, end))
    if _GOVERNMENT.search(reading.original, start, end):
        yield Indicator("official", SOURCED, (start, end))
    yield from turns(reading, _SOURCES)
