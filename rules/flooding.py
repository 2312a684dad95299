"""Nobody finds the morning's notice under forty stickers. Policy 5.2 forbids runs of meaningless messages and
asks that several messages be spaced out; 2.3b names it among what a member owes the group.

Writing much is no offence, and neither is writing fast: a series of site photos, a relay list, an incident
told in ten quick lines are what a work group is for. So this rule looks for what carries nothing: the same
again and again, stickers in a row, a wall of one character. What is merely very fast goes to people, never to
a warning. A burst is one case, on the message with which it becomes one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from operator import eq
from typing import Literal, Self

from pydantic import Field, model_validator

from rules.core.context import past_of
from rules.core.declare import Bars, Penalty, RuleSettings, Said, bad, good, rule
from rules.core.model import Context, Fact, Finding, Message, MessageType, Past

Category = Literal["repeats", "stickers", "burst", "wall", "fast"]

SPOKEN = frozenset({MessageType.TEXT, MessageType.URL, MessageType.MINI_PROGRAM, MessageType.CONTACT})
"""What can flood by its number; photos, files, videos and voice messages come in series by their nature."""

CLEAR, LIKELY, FAST = 0.95, 0.85, 0.6

_SHORT = 5
_ANSWERS = 2  # so many messages between others' are a conversation, more are a run
_LONGEST_UNIT = 12
_SHARE = 0.8
_RULED = re.compile(r"[-=_*#~.·—–─…+|\s]+")  # what draws lines and tables
_DATA = re.compile(r"[0-9a-fA-Fx,.:;/\\\s-]+")


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
    sticker_messages: int = Field(
        default=6, ge=2, le=60, description="How many stickers or emoji-only messages are a run."
    )
    burst_messages: int = Field(
        default=8,
        ge=2,
        le=60,
        description="How many in a row without substance (syllables, stickers, repeats) are a burst.",
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
        return min(
            self.repeat_messages,
            self.short_repeat_messages,
            self.sticker_messages,
            self.burst_messages,
            self.fast_messages,
        )


@dataclass(frozen=True, slots=True)
class _Flood:
    """What was noticed, how sure, how many of what, in how many seconds (``None``: in one message)."""

    category: Category
    confidence: float
    what: str
    count: int
    unit: str = "条"
    seconds: int | None = None


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
    reason="{what}，{when}共 {count} {unit}",
    settings=FloodingSettings,
    needs=("sender", "sent_at"),
    episodic=True,
    examples=[
        bad("有人在吗有人在吗", before=["有人在吗有人在吗"] * 3, category="repeats"),
        bad("", type=MessageType.EMOTICON, before=[_STICKER] * 5, category="stickers"),
        bad("哈", before=["哈哈", "嘿", "哈哈哈", "嘻", "哦", "啊", "嗯"], category="burst"),
        bad("啊" * 300, category="wall"),
        bad("顶\n" * 30, category="wall"),
        good("现场照片", before=[Said(type=MessageType.IMAGE)] * 9, why="an inspector's nine photos"),
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
    flood = flood or _run(message, message.sent_at.astimezone(UTC), context, settings)
    if flood is not None:
        facts: dict[str, Fact] = {
            "what": flood.what,
            "count": flood.count,
            "unit": flood.unit,
            "when": "一条消息里" if flood.seconds is None else f"{flood.seconds} 秒内",
            "seconds": flood.seconds or 0,
        }
        yield Finding("text", start, end, flood.confidence, flood.category, facts)


def _run(message: Message, now: datetime, context: Context, settings: FloodingSettings) -> _Flood | None:
    """What this message makes of those that its sender wrote just before."""
    earlier = settings.fewest - 1
    if message.sender is None or len(context.recent) < earlier:
        return None
    if now - context.recent[-earlier].sent_at >= settings.longest:
        return None
    mine = past_of(message, message.sender.id, now, context.reading)
    own = [past for past in context.recent if past.type in SPOKEN or past.type is MessageType.EMOTICON]
    own.append(mine)
    runs = _in_runs(context.room_recent, mine)
    return _repeats(own, runs, settings) or _many(own, runs, settings)


def _repeats(own: Sequence[Past], runs: frozenset[int], settings: FloodingSettings) -> _Flood | None:
    mine = own[-1]
    if not mine.key or mine.type is MessageType.EMOTICON:
        return None
    same = [past for past in _within(own, settings.repeat_seconds) if past.key == mine.key]
    needed = settings.repeat_messages
    if len(mine.key) < _SHORT:
        # 收到 as an answer to each of five people is no repetition.
        same = [past for past in same if id(past) in runs and not past.reply]
        needed = settings.short_repeat_messages
    if len(same) < needed or same[-1] is not mine:
        return None
    return _Flood("repeats", CLEAR, "重复发送相同内容", len(same), seconds=_seconds(same))


def _many(own: Sequence[Past], runs: frozenset[int], settings: FloodingSettings) -> _Flood | None:
    mine = own[-1]
    near = _within(own, settings.burst_seconds)
    stickers = [past for past in near if not _worded(past)]
    if len(stickers) >= settings.sticker_messages and stickers[-1] is mine:
        return _Flood("stickers", CLEAR, "连续发送表情", len(stickers), seconds=_seconds(stickers))
    near = [past for past in near if id(past) in runs and not past.reply]
    seen: Counter[str] = Counter()
    hollow = []
    for past in near:
        seen[past.key] += 1
        if not _worded(past) or seen[past.key] > 1 or _thin(past.key):
            hollow.append(past)
    if len(hollow) >= settings.burst_messages and hollow[-1] is mine:
        return _Flood("burst", LIKELY, "连续发送没有内容的消息", len(hollow), seconds=_seconds(hollow))
    if len(near) >= settings.fast_messages and near[-1] is mine:
        return _Flood("fast", FAST, "短时间内连续发送大量消息", len(near), seconds=_seconds(near))
    return None


def _in_runs(room: Sequence[Past], mine: Past) -> frozenset[int]:
    """Identities of the sender's messages that stand in a run: more than answers between others' words."""
    found: set[int] = set()
    run: list[int] = []
    for past in (*room, mine):
        if past.sender_id == mine.sender_id:
            run.append(id(past))
            continue
        if len(run) > _ANSWERS:
            found.update(run)
        run = []
    if len(run) > _ANSWERS:
        found.update(run)
    return frozenset(found)


def _within(own: Sequence[Past], seconds: float) -> list[Past]:
    now = own[-1].sent_at
    return [past for past in own if (now - past.sent_at).total_seconds() < seconds]


def _seconds(counted: Sequence[Past]) -> int:
    return max(1, round((counted[-1].sent_at - counted[0].sent_at).total_seconds()))


def _worded(past: Past) -> bool:
    return past.type is not MessageType.EMOTICON and past.key != ""


def _thin(key: str) -> bool:
    """Whether a text is a syllable or one drawn out (哈, 哈哈哈, 666); figures from 10 on are data."""
    if key.isdecimal():
        return len(key) == 1 or (len(key) > 2 and len(set(key)) == 1)
    return len(key) <= 2 or len(set(key)) <= 2


def _wall(typed: str, settings: FloodingSettings) -> _Flood | None:
    """Whether one message is a wall by itself. Linear in its length."""
    if len(typed) < min(settings.wall_length, settings.wall_lines):
        return None
    return _wall_of_lines(typed, settings) or _wall_of_units(typed, settings)


def _wall_of_lines(typed: str, settings: FloodingSettings) -> _Flood | None:
    lines = [line.strip() for line in typed.splitlines()]
    if len(lines) < settings.wall_lines:
        return None
    filled = [line for line in lines if line]
    empty = len(lines) - len(filled)
    if empty >= settings.wall_lines and empty >= _SHARE * len(lines):
        return _Flood("wall", LIKELY, "大量空行", empty, "行")
    words = [line for line in filled if not _RULED.fullmatch(line)]
    if len(words) < settings.wall_lines:
        return None
    line, times = Counter(words).most_common(1)[0]
    # A column of figures or one line of a log again and again is pasted work.
    if times < _SHARE * len(words) or _DATA.fullmatch(line) or (line.isascii() and len(line) >= _SHORT):
        return None
    return _Flood("wall", CLEAR, "大量重复的行", times, "行")


def _wall_of_units(typed: str, settings: FloodingSettings) -> _Flood | None:
    text = _RULED.sub("", typed)
    if len(text) < settings.wall_length or len(set(text)) * 4 > len(text) or _DATA.fullmatch(text):
        return None
    for unit in range(1, _LONGEST_UNIT + 1):
        if sum(map(eq, text, text[unit:])) >= _SHARE * (len(text) - unit):
            return _Flood("wall", CLEAR, "大量重复的字符", len(text), "字")
    return None
