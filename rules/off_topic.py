"""A work group is for work (policy 2.3b): whoever looks for the morning's notice should not have to dig for it.

The bot itself speaks up for three things only, and only where nobody can mistake them: begging for votes, clicks and
money, chain letters, and calls to a game. Everything else that people talk of (series, matches, shares, home remedies,
wisdom from the mill, the family and holidays) goes to people at most, and only if it is clear. A sociable line is no
offence: lunch, a birthday, thanks and laughter are what makes colleagues of people. Votes and surveys of the company,
its canteen and its sports day are work; so are games, films, pets and shares for whoever earns a living by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from rules.core.declare import Bars, Penalty, RuleSettings, bad, good, rule
from rules.core.model import Context, Finding, Message, MessageType, Tier
from rules.reading.weighing import Balance, Pattern, log_odds, probability, turns, weigh, words

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "vote": "拉票、助力或筹款",
        "chain": "连环转发",
        "game": "游戏邀约或战绩",
        "showbiz": "影视娱乐",
        "sport": "球赛",
        "stock": "个人理财",
        "health": "养生偏方",
        "soup": "鸡汤问候",
        "joke": "段子谜语",
        "fortune": "运势",
        "pet": "宠物",
        "family": "家事",
        "shopping": "购物吃喝",
        "outing": "出行娱乐",
        "idle": "闲聊",
        "redpacket": "讨要红包",
        "gripe": "生活牢骚",
        "clip": "视频链接",
        "share": "要求转给亲友",
        "tone": "闲聊语气",
        "personal": "私人生活",
        "style": "行文像闲聊",
    }
)
CLEAR = ("vote", "chain", "game")
"""What the bot itself speaks up for, if it is unmistakable."""
COUNTER = ("work", "service")
SOCIABLE = frozenset({"tone", "idle", "personal", "soup"})
AMONG_FRIENDS = ("personal", "tone", "share")
CARRIERS = frozenset({MessageType.TEXT, MessageType.URL, MessageType.MINI_PROGRAM})

# Log-odds. What words add stands in rules/data/off_topic.yaml, word by word.
BASE = -1.6
STYLE = -0.8  # what a score has to outweigh where no word speaks for it
SOCIABLE_LINE = -2.0  # a few characters that only sound sociable are a line among colleagues
SHORT = 8
NAMED = 1.5  # from so much on a case is called by its kind, below it by the talk that it is
CLEAR_BASE = -1.5
MOST_AMONG_FRIENDS = 1.0
UNMISTAKABLE = 0.9
READS_SO = 0.4
"""What is clear by its words reads like it, too, or people decide: all of 156 right verdicts did, 13 of 17 wrong ones.
What begs for something may read like an offer as well, and cards and links say too little to be read."""
UNDECIDED = 0.89
"""Chat, and whatever is not unmistakable, people decide."""
FAINT = 0.05

_NUMBER = r"(?:\d{1,3}|[一二两三四五六七八九十百几]{1,3})"
_DEAR = r"(?:儿子|女儿|闺女|宝贝|宝宝|娃|孩子|侄[子女]|外甥|老公|老婆|老家|亲戚|弟|妹)"
_PATTERNS: tuple[Pattern, ...] = (
    (re.compile(rf"[就还]?差(?:最后)?{_NUMBER}个?[人票刀赞]"), "vote", 1.8),
    (
        re.compile(
            rf"{_DEAR}.{{0,24}}?(?:投.{{0,4}}票|拉票|点赞|号选手)|投.{{0,4}}票.{{0,20}}?(?:我家|{_DEAR[3:-1]})"
        ),
        "vote",
        2.2,
    ),
    (
        re.compile(
            r"(?:帮|麻烦|求|请|拜托|跪求|厚着脸皮).{0,14}?(?:投.{0,5}票|点个?赞|砍|助力|点一下|点链接)"
        ),
        "vote",
        1.2,
    ),
    (
        re.compile(
            rf"[转传]发?[给到至]?[^工班组部]{{0,6}}?{_NUMBER}[个位名]?[^工班组部]{{0,5}}?"
            r"(?:群|好友|朋友|人|亲人|同学|家人)"
        ),
        "chain",
        2.2,
    ),
    (
        re.compile(
            r"不转.{0,6}?(?:倒霉|不是|会|遭|后悔)|[转发传].{0,14}?(?:好运|倒霉|来财|发财|平安|灵验|福气)"
        ),
        "chain",
        1.8,
    ),
    (
        re.compile(
            r"(?<![周期])[一二两三四五]缺[一二两三](?![台辆名车箱件套份张根米组])|[开五四双三][黑排](?:吗|不|缺|来|走|啊|少|求)"
        ),
        "game",
        2.0,
    ),
    (
        re.compile(r"[玩打来]一?[两几]?[把局盘](?:吗|啊|吧|呗|不)?$|有人(?:一起)?(?:玩|打|上号)"),
        "game",
        1.5,
    ),
    (
        re.compile(
            r"(?:你们|大家伙|有人|谁|有没有人?|各位).{0,10}?"
            r"(?:看了|追|买了?|玩|去过|吃过|喜欢|看好|养过|中的|收到|遇到)"
        ),
        "tone",
        1.2,
    ),
    (
        re.compile(
            r"[转发分][享发]?给.{0,6}?(?:家人|姐妹|爱的人|老人|爸妈|父母|亲人|在乎的|身边)"
            r"|(?:收藏|看完).{0,4}?(?:转|分享)"
        ),
        "share",
        1.6,
    ),
    (re.compile(r"愿(?:你|大家|所有|群里|我们|看到|岁月|此生|今生).{4}"), "soup", 1.2),
)


_CALLS = re.compile(
    "来|缺|[少差][一个]|约|组队|一起|上号|[开双三四五][黑排]|走起|有人|谁|求带|带我|[吗呗]|上分|等你|速度"
)
"""What calls others to a game; whoever tells of one is for people to judge."""
_EXERCISE = re.compile(
    r"羽毛球|[篮足排乒台桌]球|乒乓|网球|跑步|夜跑|爬山|登山|骑行|健身|瑜伽|游泳|飞盘|毽子|太极"
)
"""What colleagues do together for their health: whether a group is the place to ask for it people decide."""


class Settings(RuleSettings):
    """This rule has nothing to set."""


@rule(
    id="off_topic",
    title="与工作无关",
    categories={name: Penalty(clause="2.3b", points=2) for name in (*CLEAR, "chat")},
    bars=Bars(violation=0.9, review=0.5),
    reason="可能与工作无关",
    signs="迹象：{signs}",
    settings=Settings,
    examples=[
        bad("麻烦大家给我女儿投一票，萌宝大赛12号选手，每天能投三次", tier=Tier.VIOLATION, category="vote"),
        bad("拼多多帮我砍一刀，就差最后一个人了", tier=Tier.VIOLATION, category="vote"),
        bad("转发到十个群必有好运，不转会倒霉一年", tier=Tier.VIOLATION, category="chain"),
        bad("今晚开黑吗，五排缺一个辅助，段位星耀以上", tier=Tier.VIOLATION, category="game"),
        bad("昨晚国足那个点球绝对是误判，气死我了，你们看了没", tier=Tier.REVIEW, category="chat"),
        bad("养生必看：每天一杯，血管不堵，转给家里老人", tier=Tier.REVIEW, category="chat"),
        good("请大家给优秀员工候选人投一票，系统周五截止", why="a vote of the company"),
        good("请转发给各班组长，明早八点开安全会", why="passes on work"),
        good("游戏测试服今晚开服，打野数值偏强，策划调一下", why="games are this group's work"),
        good("午饭吃啥", why="a sociable line"),
        good("生日快乐！", why="a sociable line"),
        good("周末愉快，值班电话不变", why="a sociable line"),
    ],
)
def off_topic(message: Message, context: Context, _: Settings) -> Iterator[Finding]:
    """At most one finding; only votes, chain letters and games get as far as a violation."""
    reading = context.reading
    if message.type not in CARRIERS or not reading.plain:
        return
    weighed = weigh([*words(reading, "off_topic"), *turns(reading, _PATTERNS)])
    shown = [kind for kind in LABELS if kind in weighed.sums]
    spoken = weighed.of(shown)
    total = (BASE if shown else STYLE) + spoken
    total += weighed.total - spoken + log_odds(reading.score("off_topic"))
    if len(reading.plain) <= SHORT and SOCIABLE.issuperset(shown):
        total += SOCIABLE_LINE
    sure = min(UNDECIDED, probability(total))
    kind = max(CLEAR, key=lambda name: weighed.sums.get(name, 0.0))
    clear = _clear(weighed, kind) if kind != "game" or _calls_to_a_game(reading.plain) else 0.0
    read = max(reading.score(label) for label in ("off_topic", "advertising", "peddling"))
    told = message.type is not MessageType.TEXT or read >= READS_SO
    if clear >= UNMISTAKABLE:
        sure = clear if told else max(sure, UNDECIDED)
    elif sure < FAINT:
        return
    spans = weighed.places(shown) or (reading.typed,)
    yield Finding.over(
        spans,
        sure,
        kind if weighed.sums.get(kind, 0.0) >= NAMED else "chat",
        signs="、".join(LABELS[name] for name in shown or ["style"]),
    )


def _calls_to_a_game(plain: str) -> bool:
    return _CALLS.search(plain) is not None and _EXERCISE.search(plain) is None


def _clear(weighed: Balance, kind: str) -> float:
    """How sure it is by the words alone that a message is of this kind: no score vouches for a notice in public."""
    friends = min(MOST_AMONG_FRIENDS, weighed.of(AMONG_FRIENDS))
    return probability(CLEAR_BASE + weighed.sums.get(kind, 0.0) + friends + weighed.of(COUNTER))
