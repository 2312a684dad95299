"""Nobody finds the morning's notice under forty stickers. Policy 5.2 forbids runs of meaningless messages and
asks that several messages be spaced out; 2.3b names it among what a member owes the group.

Writing much is no offence, and neither is writing fast: a series of site photos, a relay list, an incident
told in ten quick lines are what a work group is for. So this rule looks for what carries nothing: the same
again and again, with a sound or two more or less, stickers in a row, a sentence of one character a message, a
wall of one character. What is merely very fast goes to people, never to a warning; so does whoever says 合格 or OK
over and over, for that is how things are ticked off. Votes that are counted out, values that are read out and
whoever cries fire are left alone. A burst is one case, on the message with which it becomes one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Literal, Self

from pydantic import Field, model_validator

from rules.core.context import HORIZON, moment_of, past_of
from rules.core.declare import Bars, Penalty, RuleSettings, Said, bad, good, rule
from rules.core.model import Context, Fact, Finding, Message, MessageType, Past
from rules.reading.repetition import Wall, alarming, gist, ticks, wall
from rules.reading.runs import calls_out, counts_up, equal_to, hollow, in_runs, tallied, within, worded

Category = Literal["repeats", "stickers", "burst", "wall", "fast"]

SPOKEN = frozenset({MessageType.TEXT, MessageType.URL, MessageType.MINI_PROGRAM, MessageType.CONTACT})
"""What can flood by its number; photos, files, videos and voice messages come in series by their nature."""

CLEAR, LIKELY, FAST = 0.95, 0.85, 0.6

MANY_CALLS = 30
"""So many characters called out in two minutes are looked at, though votes may be counted."""

_SHORT = 5
_LONG = 8


class FloodingSettings(RuleSettings):
    """When many messages are too many."""

    repeat_messages: int = Field(
        default=4,
        ge=2,
        le=60,
        description="How often the same text may not come: the finding is on this one.",
    )
    short_repeat_messages: int = Field(
        default=5, ge=2, le=60, description="The same for texts of fewer than five characters, such as 收到."
    )
    repeat_seconds: float = Field(
        default=120, gt=0, le=300, description="Within how many seconds repeated texts are counted."
    )
    slow_repeat_messages: int = Field(
        default=6,
        ge=2,
        le=60,
        description="The same for texts of eight characters and more, within ten minutes.",
    )
    sticker_messages: int = Field(
        default=6, ge=2, le=60, description="How many stickers or emoji-only messages are a run."
    )
    burst_messages: int = Field(
        default=8,
        ge=2,
        le=60,
        description="How many in a row without substance (syllables, stickers, repeats) are a burst.",
    )
    quick_burst_messages: int = Field(
        default=6,
        ge=2,
        le=60,
        description="How many of these are one where they follow each other in no time.",
    )
    fast_messages: int = Field(
        default=20,
        ge=2,
        le=60,
        description="How many messages with substance in a row are shown to people, who decide.",
    )
    burst_seconds: float = Field(
        default=60,
        gt=0,
        le=300,
        description="Within how many seconds stickers, bursts and fast ones are counted.",
    )
    quick_burst_seconds: float = Field(
        default=30,
        gt=0,
        le=300,
        description="Within how many seconds those are counted, of those of `burst_seconds`.",
    )
    wall_length: int = Field(
        default=100,
        ge=20,
        le=20_000,
        description="From how many characters a message of one unit, repeated over and over, is a wall.",
    )
    wall_lines: int = Field(
        default=15, ge=5, le=1_000, description="From how many equal (or empty) lines a message is a wall."
    )
    quiet_seconds: float = Field(
        default=300,
        gt=0,
        le=3_600,
        description="A burst is over when its sender was quiet, or wrote normally, for so many seconds.",
    )

    @model_validator(mode="after")
    def _never_counted_twice(self) -> Self:
        # Quick bursts are counted within those of burst_seconds.
        if self.quiet_seconds < max(self.repeat_seconds, self.burst_seconds):
            raise ValueError("quiet_seconds must not be less than repeat_seconds and burst_seconds")
        return self

    @cached_property
    def longest(self) -> timedelta:
        """Further back nothing is counted."""
        return timedelta(seconds=max(self.repeat_seconds, self.burst_seconds))

    @cached_property
    def fewest(self) -> int:
        """With fewer messages than this nothing can be a burst."""
        fewest: int = min(count for name, count in self if name.endswith("_messages"))
        return fewest


@dataclass(frozen=True, slots=True)
class _Flood:
    """What was noticed, how sure, how many of what, in how many seconds (``None``: in one message)."""

    category: Category
    confidence: float
    count: int
    seconds: int | None = None

    def facts(self) -> dict[str, Fact]:
        """What is said of it in public, and its kind and measure for reviewers."""
        when = "一条消息内" if self.seconds is None else f"{self.seconds} 秒内"
        return {
            "what": _SAID[self.category].replace("#", str(self.count)),
            "kind": _KINDS[self.category],
            "count": self.count,
            "when": when,
            "seconds": self.seconds or 0,
        }


_SAID: Mapping[Category, str] = MappingProxyType(
    {
        "repeats": "短时间内相同内容出现 # 次",
        "stickers": "短时间内连续发送 # 条表情",
        "burst": "短时间内连续发送 # 条简短消息",
        "wall": "一条消息内相同内容出现 # 次",
        "fast": "短时间内连续发送 # 条消息",
    }
)
_KINDS: Mapping[Category, str] = MappingProxyType(
    {
        "repeats": "重复内容",
        "stickers": "连续表情",
        "burst": "连续短消息",
        "wall": "单条重复",
        "fast": "发送过快",
    }
)


_STICKER = Said(type=MessageType.EMOTICON)


@rule(
    id="flooding",
    title="刷屏",
    categories={
        "repeats": Penalty("5.2", 3),
        "stickers": Penalty("5.2", 3),
        "burst": Penalty("5.2", 3),
        "wall": Penalty("5.2", 3),
        "fast": Penalty("5.2", 3),
    },
    bars=Bars(violation=0.8, review=0.5),
    reason="{what}",
    signs="类型：{kind}，{when} {count}",
    weigh="只有恶意刷屏才扣分，连续误发、赶工汇报等请驳回",
    settings=FloodingSettings,
    needs=("sender", "sent_at"),
    episodic=True,
    examples=[
        bad("有人在吗有人在吗", before=["有人在吗有人在吗"] * 3, category="repeats"),
        bad("", type=MessageType.EMOTICON, before=[_STICKER] * 5, category="stickers"),
        bad("哈", before=["哈哈", "嘿", "哈哈哈", "嘻", "哦"], category="burst"),
        bad("啊" * 300, category="wall"),
        bad("顶\n" * 30, category="wall"),
        good("现场照片", before=[Said(type=MessageType.IMAGE)] * 9, why="an inspector's nine photos"),
        good("明", before=["佘", "佘", "明", "佘", "明", "明"], why="votes are counted out loud"),
        good("合格", before=["合格"] * 7, why="one piece after the other is passed"),
        good("三车间氨气泄漏，立即撤离", before=["三车间氨气泄漏，立即撤离"] * 5, why="an alarm"),
        good("收到", before=[Said("收到", by=f"同事{n}") for n in range(30)], why="thirty people, once each"),
        good(
            "已恢复，监控正常",
            before=[
                "网关超时告警",
                "我在看日志",
                "数据库连接数打满了",
                "先扩连接池",
                "重启完成",
                "观察五分钟",
            ],
            why="an incident told in quick lines",
        ),
        good(
            "1、张三 参加\n2、李四 参加\n3、王五 参加",
            before=["1、张三 参加\n2、李四 参加"],
            why="a relay list",
        ),
    ],
)
def flooding(message: Message, context: Context, settings: FloodingSettings) -> Iterator[Finding]:
    """Bursts, repeats, runs of stickers and walls of text (policy 5.2): at most one finding a message."""
    if message.sent_at is None or not (message.type in SPOKEN or message.type is MessageType.EMOTICON):
        return
    start, end = context.reading.typed
    flood = _wall(context.reading.original[start:end], settings) if message.type is MessageType.TEXT else None
    now = moment_of(message)
    if flood is None and now is not None:
        flood = _run(message, now, context, settings)
    if flood is not None:
        yield Finding("text", start, end, flood.confidence, flood.category, flood.facts())


def _run(message: Message, now: datetime, context: Context, settings: FloodingSettings) -> _Flood | None:
    """What this message makes of those that its sender wrote just before."""
    earlier = settings.fewest - 1
    if message.sender is None or len(context.recent) < earlier:
        return None
    slow = len(context.reading.plain) >= _LONG
    if now - context.recent[-earlier].sent_at >= (HORIZON if slow else settings.longest):
        return None
    mine = past_of(message, message.sender.id, now, context.reading)
    own = [past for past in context.recent if past.type in SPOKEN or past.type is MessageType.EMOTICON]
    own.append(mine)
    runs = in_runs(context.room_recent, mine)
    return (
        _repeats(own, runs, settings)
        or _slow_repeats(own, context.settled, settings)
        or _many(own, runs, settings)
    )


def _repeats(own: Sequence[Past], runs: frozenset[int], settings: FloodingSettings) -> _Flood | None:
    mine = own[-1]
    if not mine.key or mine.type is MessageType.EMOTICON or alarming(mine.key):
        return None
    near = within(own, settings.repeat_seconds)
    return _same(near, runs, settings, nearly=False) or _same(near, runs, settings, nearly=True)


def _same(
    near: Sequence[Past], runs: frozenset[int], settings: FloodingSettings, *, nearly: bool
) -> _Flood | None:
    """The same again and again; ``nearly``: with other sounds at its end, or said twice in one message."""
    mine = near[-1]
    needed, sure = settings.repeat_messages, CLEAR
    if len(gist(mine.key) if nearly else mine.key) < _SHORT:
        # 收到 as an answer to each of five people is no repetition.
        near = [past for past in near if id(past) in runs and not past.reply]
        needed = settings.short_repeat_messages
        if tallied(near, mine):
            calls = calls_out(near)
            if len(calls) < MANY_CALLS or calls[-1] is not mine:
                return None
            return _Flood("repeats", FAST, len(calls), seconds=_seconds(calls))
        if ticks(gist(mine.key)):
            needed, sure = 2 * needed, FAST
    same = equal_to(near, mine, needed, nearly=nearly)
    if len(same) < needed or same[-1] is not mine:
        return None
    return _Flood("repeats", sure, len(same), seconds=_seconds(same))


def _slow_repeats(own: Sequence[Past], settled: datetime | None, settings: FloodingSettings) -> _Flood | None:
    """A whole sentence every minute is a flood too; what was counted in an earlier burst counts no more."""
    mine = own[-1]
    if len(mine.key) < _LONG or mine.type is MessageType.EMOTICON or alarming(mine.key):
        return None
    since = [past for past in own if settled is None or past.sent_at > settled]
    same = equal_to(since, mine, settings.slow_repeat_messages)
    if len(same) < settings.slow_repeat_messages or same[-1] is not mine:
        return None
    return _Flood("repeats", CLEAR, len(same), seconds=_seconds(same))


def _many(own: Sequence[Past], runs: frozenset[int], settings: FloodingSettings) -> _Flood | None:
    mine = own[-1]
    near = within(own, settings.burst_seconds)
    stickers = [past for past in near if not worded(past)]
    if len(stickers) >= settings.sticker_messages and stickers[-1] is mine:
        return _Flood("stickers", CLEAR, len(stickers), seconds=_seconds(stickers))
    near = [past for past in near if id(past) in runs and not past.reply]
    if len(near) < min(settings.burst_messages, settings.quick_burst_messages) or near[-1] is not mine:
        return None
    if not any(alarming(past.key) for past in near):
        said = hollow(near)
        quick = within(said, settings.quick_burst_seconds) if said and said[-1] is mine else []
        if len(quick) >= settings.quick_burst_messages:
            return _Flood("burst", LIKELY, len(quick), seconds=_seconds(quick))
        empty = hollow(near, cut=True)
        if len(empty) >= settings.burst_messages and empty[-1] is mine:
            return _Flood("burst", LIKELY, len(empty), seconds=_seconds(empty))
    if len(near) >= settings.fast_messages or counts_up(near) >= settings.burst_messages:
        return _Flood("fast", FAST, len(near), seconds=_seconds(near))
    return None


def _seconds(counted: Sequence[Past]) -> int:
    return max(1, round((counted[-1].sent_at - counted[0].sent_at).total_seconds()))


def _wall(typed: str, settings: FloodingSettings) -> _Flood | None:
    found = wall(typed, settings.wall_length, settings.wall_lines)
    if found is None:
        return None
    sure = {Wall.WORDS: CLEAR, Wall.BLANKS: LIKELY, Wall.COLUMN: FAST}[found[0]]
    return _Flood("wall", sure, found[1])
