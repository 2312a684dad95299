"""Work information is posted in working hours, emergencies excepted (policy 3.2a), and outside them nobody is
disturbed (3.2b): a message at night reaches everybody in the room, and most feel that they have to answer.

So outside working time every message is noted that is not excepted, talk that has nothing to do with work included.
Excepted are acknowledgements, thanks, greetings and wishes, stickers, what people on duty write, real emergencies and
what is answered to them, commands to the bot, and what policy 4.1a demands of whoever is asked something: received or
not, can or cannot, by when. What only may be an exception goes to people: signs of danger, a longer answer to a
colleague, short news of an operation while it runs, a rumour taken back, the minutes around working time, pictures
and recordings, whose content nobody reads, and days off of a year whose make-up days are not published yet: to remind
somebody in public wrongly is worse than to remind nobody. A marker of urgency on what evidently can wait, or one that
the same person puts on again and again without saying what happened, is noted by itself, for people to look at; in
working time it does no harm. A bare marker frees nobody, whoever writes after it; nor does an alarm whoever raised
it, beyond the first minutes. Nothing is said at the time: whoever wrote is reminded once, courteously, when work next
begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pydantic import Field

from rules.core.alarms import ALARM_SPAN, QUESTION_SPAN, Alert
from rules.core.context import moment_of
from rules.core.declare import Bars, Penalty, RuleSettings, Said, bad, good, rule
from rules.core.duty import on_duty
from rules.core.model import Context, Finding, Message, MessageType, Tier
from rules.core.worktime import WorkCalendar
from rules.reading.courtesy import Courtesy, answers, courtesy, is_command
from rules.reading.duty import reports_duty
from rules.reading.emergency import Urgency, can_wait, unrelated, urgency
from rules.reading.questions import asks, orders
from rules.reading.reading import Reading

SPOKEN = frozenset(
    {MessageType.TEXT, MessageType.URL, MessageType.MINI_PROGRAM, MessageType.CONTACT, MessageType.FILE}
)
UNSEEN = frozenset({MessageType.IMAGE, MessageType.VIDEO, MessageType.AUDIO})
"""What carries something that is never read."""

DENIAL = "denial"
"""The words of the rule on rumours that take one back: until then it spreads, whatever the hour."""

SURE, DOUBTFUL = 0.95, 0.6

ANSWER_LENGTH = 80
"""Folded code points up to which what follows a question may answer it."""

OWN_ALARM = timedelta(minutes=15)
"""For so long whoever raised an alarm goes on speaking of it, whatever it is that they say."""

ASIDE_LENGTH = 8
"""The same for what asks itself: 哪个楼？"""

_ORDINARY = "在工作时间以外发布"
_MISUSE = "紧急标记可能用于非紧急事项"


class Settings(RuleSettings):
    """What a company may set for this rule."""

    emergency_markers: tuple[str, ...] = Field(
        default=(
            *(
                "【紧急】",
                "【紧急通知】",
                "【紧急求助】",
                "【加急】",
                "【突发】",
                "【特急】",
                "【急】",
                "#紧急",
                "#加急",
            ),
            *(
                "紧急：",
                "紧急！",
                "紧急通知",
                "紧急求助",
                "紧急情况",
                "突发",
                "加急",
                "急：",
                "急！",
                "急急",
                "十万火急",
            ),
        ),
        description="How urgency is marked. A marker that begins with a sign counts anywhere in the text, any other "
        "at the beginning of a line; brackets of all shapes are alike.",
    )
    emergency_minutes: int = Field(
        default=120,
        ge=0,
        le=int(ALARM_SPAN.total_seconds() // 60),
        description="For so long after somebody spoke of an emergency in the room, answers to it are fine, in minutes.",
    )
    answer_minutes: int = Field(
        default=30,
        ge=0,
        le=int(QUESTION_SPAN.total_seconds() // 60),
        description="For so long after somebody else asked, ordered or called something in the room, short answers are "
        "fine (received, can or cannot, by when) or for people to look at (any other), in minutes.",
    )
    grace_minutes: int = Field(
        default=10,
        ge=0,
        le=120,
        description="For so long before work begins and after it ends on a working day what is noted is for people to "
        "look at, and nobody is reminded, in minutes.",
    )
    acknowledgements: tuple[str, ...] = Field(
        default=(),
        description="Further words that acknowledge in this company, in simplified characters and without punctuation.",
    )


_ALERTS = {Urgency.REAL: Alert.TOLD, Urgency.CLAIMED: Alert.CLAIMED}


def alarm(message: Message, reading: Reading, settings: Settings) -> Alert | None:
    """How a message raises an emergency, if it does: what happened is told, or only claimed."""
    return _ALERTS.get(_urgency(reading, settings)) if message.type is MessageType.TEXT else None


@rule(
    id="after_hours",
    title="非工作时间发布",
    categories={
        "after_hours": Penalty(clause="3.2a", points=0),
        "misuse": Penalty(clause="3.2a", points=0),
    },
    bars=Bars(violation=0.8, review=0.5),
    reason="{what}",
    signs="{doubt}",
    settings=Settings,
    needs=["sent_at"],
    deferred=True,
    alarm=alarm,
    examples=[
        bad("请各部门把本周数据发我汇总", at="2026-10-08 22:30"),
        bad("明天的会改到十点", at="2026-10-10 18:30", why="the evening of a make-up Saturday"),
        bad("明天的会改到十点", at="2026-03-10 18:00:01", tier=Tier.REVIEW, why="work has hardly ended"),
        bad(
            "一共860方，泵车费用另算",
            at="2026-03-10 18:20",
            before=[Said("三号楼的浇筑方量是多少？", ago=1500, by="李四")],
            tier=Tier.REVIEW,
            why="may answer a question",
        ),
        bad("明天打球吗", at="2026-10-07 10:00", why="a day off: it disturbs, whatever it is about"),
        bad("报价单终版.xlsx", type=MessageType.FILE, at="2026-03-10 23:10"),
        bad("", type=MessageType.IMAGE, at="2026-03-10 23:10", tier=Tier.REVIEW, why="nobody reads pictures"),
        bad("【紧急】请大家下周五前交周报", at="2026-03-10 21:00", tier=Tier.REVIEW, category="misuse"),
        bad("【值班日报】今日无异常", at="2026-03-10 21:00", tier=Tier.REVIEW, why="no rota vouches for it"),
        good("请各部门把本周数据发我汇总", at="2026-10-10 18:00:00", why="working time has both ends inside"),
        good("收到，谢谢张总[抱拳]", at="2026-03-10 22:00", why="acknowledges and thanks"),
        good("祝大家国庆快乐，阖家幸福！", at="2026-10-01 08:00", why="wishes well"),
        good("机房漏水了，快来人", at="2026-03-10 23:00", why="a real emergency needs no marker"),
        good(
            "我十分钟到，先把总闸拉了",
            at="2026-03-10 23:20",
            before=[Said("【紧急】三号车间起火", ago=1200, by="李四")],
            why="answers an emergency",
        ),
        good(
            "已发您邮箱",
            at="2026-03-10 18:20",
            before=[Said("报价单谁有？", ago=1500, by="李四")],
            why="whoever is asked has to answer",
        ),
        good(
            "二号门已锁，访客已登记离开",
            at="2026-03-10 22:00",
            duty=(("2026-03-10 18:00", "2026-03-11 08:00"),),
            why="from somebody on duty",
        ),
    ],
)
def after_hours(message: Message, context: Context, settings: Settings) -> Iterator[Finding]:
    """At most one finding a message (policy 3.2a): sent outside working time, and nothing excepts it."""
    if message.sent_at is None or not (message.type in SPOKEN or message.type in UNSEEN):
        return
    if context.calendar.is_working(message.sent_at):
        return
    if message.sender is not None and on_duty(message.sender, message.sent_at, context):
        return
    start, end = context.reading.typed
    urgent = _urgency(context.reading, settings)
    if message.type is MessageType.TEXT and urgent is Urgency.MISUSED:
        facts = {"what": _MISUSE, "doubt": "标有紧急，内容看似可以等待"}
        yield Finding("text", start, end, DOUBTFUL, "misuse", facts)
        return
    if urgent is Urgency.CLAIMED and message.type is MessageType.TEXT and _claimed_before(context):
        facts = {"what": _MISUSE, "doubt": "同一人当晚多次标有紧急，未说明情况"}
        yield Finding("text", start, end, DOUBTFUL, "misuse", facts)
        return
    doubts = list(_doubts(message, context, settings, urgent))
    if None in doubts:
        return
    if _may_be_made_up(context.calendar, message.sent_at):
        doubts.append("该年调休安排尚未公布，当天可能上班")
    if _near_work(context.calendar, message.sent_at, settings.grace_minutes):
        doubts.append("临近上下班时间")
    sure = DOUBTFUL if doubts else SURE
    facts = {"what": _ORDINARY, "doubt": "；".join(filter(None, doubts))}
    yield Finding("text", start, end, sure, "after_hours", facts)


def _doubts(message: Message, context: Context, settings: Settings, urgent: Urgency) -> Iterator[str | None]:
    """What may except a message, in words for reviewers; ``None`` for what does."""
    reading = context.reading
    if _alarmed(message, context, settings):
        aside = urgent is not Urgency.REAL and unrelated(reading.plain)
        yield "近期有人提出紧急情况，内容看似与之无关" if aside else None
    elif _may_be_alarmed(message, context, settings):
        yield "近期有紧急标记或本人提出的紧急情况，可能与之有关"
    if message.type is not MessageType.TEXT:
        if message.type in UNSEEN:
            yield "图片、视频或语音，内容未读"
        elif urgent is not Urgency.NONE:
            yield "可能与紧急情况有关"
        return
    polite = courtesy(reading, tuple(map(str.casefold, settings.acknowledgements)))
    if urgent is Urgency.REAL or polite is Courtesy.ALONE or is_command(reading):
        yield None
    elif urgent is not Urgency.NONE:
        yield "可能是紧急情况"
    elif reports_duty(reading):
        yield "可能是值班人员的报告"
    elif any(hit.term.category == DENIAL for hit in reading.of("rumour")):
        yield "可能是辟谣"
    elif polite is Courtesy.PLAUSIBLE:
        answered = _asked(message, context, settings) or reading.quote is not None
        yield None if answered and answers(reading) else "可能只是回应或问候"
    elif _asked(message, context, settings) and _may_answer(reading):
        yield "刚有人提问或交办，可能是答复"
    elif not can_wait(reading.plain):
        yield "看不出是否可以等待，不排除突发情况"


def _asked(message: Message, context: Context, settings: Settings) -> bool:
    """Whether somebody else wanted something here just now."""
    now = moment_of(message)
    waiting = timedelta(minutes=settings.answer_minutes)
    return _within(waiting, now, context.calls.asked)


def _may_answer(reading: Reading) -> bool:
    """Short, and wants nothing new: at most a question back, in a few words."""
    longest = ASIDE_LENGTH if asks(reading) else ANSWER_LENGTH
    return len(reading.plain) <= longest and not orders(reading)


def _urgency(reading: Reading, settings: Settings) -> Urgency:
    start, end = reading.typed
    return urgency(reading.original[start:end], reading.plain, settings.emergency_markers)


def _alarmed(message: Message, context: Context, settings: Settings) -> bool:
    """Whether this may answer an emergency: one was spoken of here lately, or is what it quotes."""
    now = moment_of(message)
    answering = timedelta(minutes=settings.emergency_minutes)
    if _within(answering, now, context.calls.told):
        return True
    if _within(min(answering, OWN_ALARM), now, context.calls.own_told):
        return True
    quoted = context.reading.quote
    if quoted is None:
        return False
    found = urgency(quoted.beginning, quoted.beginning.lower(), settings.emergency_markers)
    return found in (Urgency.REAL, Urgency.CLAIMED)


def _may_be_alarmed(message: Message, context: Context, settings: Settings) -> bool:
    """Whether this may go on about an emergency that was only claimed, or that its sender told of a while ago."""
    now, calls = moment_of(message), context.calls
    answering = timedelta(minutes=settings.emergency_minutes)
    if unrelated(context.reading.plain):
        return False
    return (
        _within(answering, now, calls.claimed)
        or _within(answering, now, calls.own_told)
        or _within(min(answering, OWN_ALARM), now, calls.own_claimed)
    )


def _claimed_before(context: Context) -> bool:
    """Whether the sender put a bare marker on something this evening already; in working time one does no harm."""
    claimed = context.calls.own_claimed
    return claimed is not None and not context.calendar.is_working(claimed)


def _within(span: timedelta, now: datetime | None, moment: datetime | None) -> bool:
    return now is not None and moment is not None and now - moment <= span


def _near_work(calendar: WorkCalendar, moment: datetime, grace: int) -> bool:
    """Whether work on that day begins or ended within so many minutes."""
    local = calendar.local(moment)
    if not grace or not calendar.is_workday(local.date()):
        return False
    minute = local.hour * 60 + local.minute + (local.second + local.microsecond / 1e6) / 60
    opening = calendar.start.hour * 60 + calendar.start.minute
    closing = calendar.end.hour * 60 + calendar.end.minute
    return opening - grace <= minute <= closing + grace


def _may_be_made_up(calendar: WorkCalendar, moment: datetime) -> bool:
    """Whether this is a day off by its weekday alone, and the hour one of work."""
    local = calendar.local(moment)
    return (
        calendar.provisional(local.date())
        and not calendar.is_workday(local.date())
        and calendar.start <= local.time().replace(microsecond=0) <= calendar.end
    )
