"""The after-hours rule beyond its table: settings, other zones of the machine, who is judged (policy 3.2a)."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from chinese_calendar import constants

from rules.core.book import Rulebook
from rules.core.context import Windows
from rules.core.judge import judge
from rules.core.load import load_book
from rules.core.model import Member, Message, MessageType, Outcome, Tier, Verdict
from rules.core.options import BookOptions
from rules.core.rehearse import outcome
from rules.core.roster import Employee, Roster
from rules.core.rota import Rota, Shift, ShiftKind

ROOT = Path(__file__).parents[2]
TALK = "请把三月的排产表发我"
EVENING = "2026-03-10T21:00:00+08:00"


def configured(settings: dict[str, Any] | None = None, **options: Any) -> Rulebook:
    rules = {"after_hours": {"settings": settings or {}}}
    return load_book(BookOptions.model_validate({"rules": rules, **options}))


def said(
    book: Rulebook, *texts: str, at: str = EVENING, sender: Member | None = None, **known: Any
) -> Outcome:
    """What the rule says of the last text; all are said by one member, a minute apart."""
    windows, end = Windows(), datetime.fromisoformat(at)
    found = None
    for number, text in enumerate(texts, 1):
        sent_at = end - timedelta(minutes=len(texts) - number)
        message = Message(text, room_id="r", sender=sender or Member("m", "张三"), sent_at=sent_at, **known)
        context = windows.look(message, book)
        judgement = judge(book, message, context)
        windows.advance(message, context, judgement)
        found = outcome(judgement, "after_hours")
    assert found is not None
    return found


def test_it_costs_nothing_waits_for_work_and_names_its_clause(book: Rulebook) -> None:
    (ruling,) = said(book, TALK).rulings
    assert (ruling.tier, ruling.clause, ruling.points) == (Tier.VIOLATION, "3.2a", 0)
    assert ruling.deferred
    assert not ruling.urgent
    assert ruling.reason == "在工作时间以外发布"
    assert ruling.signs == ""
    assert ruling.spans == ((0, len(TALK)),)


def test_misuse_of_the_marker_is_for_people_and_has_a_reason_of_its_own(book: Rulebook) -> None:
    (ruling,) = said(book, "【紧急】团建报名").rulings
    assert (ruling.tier, ruling.category, ruling.points) == (Tier.REVIEW, "misuse", 0)
    assert ruling.reason != said(book, TALK).rulings[0].reason


def test_doubts_are_told_to_reviewers_alone(book: Rulebook) -> None:
    (ruling,) = said(book, "打印机坏了").rulings
    assert ruling.tier is Tier.REVIEW
    assert "紧急" in ruling.signs
    assert "紧急" not in ruling.reason


@pytest.mark.parametrize(
    ("at", "tier"),
    [
        ("2026-03-10T18:20:00+08:00", Tier.REVIEW),
        ("2026-03-10T18:20:01+08:00", Tier.VIOLATION),
        ("2026-03-10T08:40:00+08:00", Tier.REVIEW),
        ("2026-03-10T08:39:59+08:00", Tier.VIOLATION),
        ("2026-10-10T18:15:00+08:00", Tier.REVIEW),
        ("2026-03-07T18:05:00+08:00", Tier.VIOLATION),
    ],
)
def test_grace_lies_around_the_hours_of_working_days(at: str, tier: Tier) -> None:
    (ruling,) = said(configured({"grace_minutes": 20}), TALK, at=at).rulings
    assert ruling.tier is tier


def test_without_grace_the_first_second_after_work_is_sure() -> None:
    (ruling,) = said(configured({"grace_minutes": 0}), TALK, at="2026-03-10T18:00:01+08:00").rulings
    assert ruling.tier is Tier.VIOLATION


def test_how_long_answers_are_fine_is_a_setting() -> None:
    brief = configured({"emergency_minutes": 1})
    assert not said(brief, "仓库起火了", "我去开门").rulings
    assert said(brief, "仓库起火了", "收到", "我去开门").rulings
    assert said(configured({"emergency_minutes": 0}), "仓库起火了", "我去开门").rulings


@pytest.mark.parametrize(("minutes", "excused"), [(30, True), (4, False), (0, False)])
def test_how_soon_an_answer_must_come_is_a_setting(minutes: int, excused: bool) -> None:
    book, windows = configured({"answer_minutes": minutes}), Windows()
    found = []
    for who, text, minute in (("a", "报价单谁有？", 0), ("b", "已发您邮箱", 5)):
        sent_at = datetime.fromisoformat(EVENING) + timedelta(minutes=minute)
        message = Message(text, room_id="r", sender=Member(who), sent_at=sent_at)
        context = windows.look(message, book)
        judgement = judge(book, message, context)
        windows.advance(message, context, judgement)
        found.append(outcome(judgement, "after_hours"))
    assert found[0].verdict is Verdict.VIOLATION
    assert (found[1].verdict is Verdict.CLEAN) is excused


def test_markers_and_acknowledgements_are_the_company_s_own() -> None:
    own = configured({"emergency_markers": ["SOS", "<红色>"], "acknowledgements": ["喳"]})
    assert not said(own, "sos 打印机坏了，客户在等").rulings
    assert not said(own, "打印机坏了 〈红色〉").rulings
    assert said(own, "【紧急】打印机坏了").rulings
    assert said(own, "请看SOS手册第三页").rulings[0].tier is Tier.VIOLATION
    assert not said(own, "喳！").rulings
    assert said(configured(), "喳！").rulings


def test_a_marker_without_letters_marks_nothing() -> None:
    assert (
        said(configured({"emergency_markers": ["！！！", ""]}), "打印机！！！").rulings[0].category
        == "after_hours"
    )


def test_leave_excepts_nobody_and_duty_goes_by_any_name(book: Rulebook) -> None:
    moment = datetime.fromisoformat(EVENING)
    span = (moment - timedelta(hours=1), moment + timedelta(hours=1))
    leave = replace(book, rota=Rota((Shift("张三", *span, ShiftKind.LEAVE),)))
    assert said(leave, TALK).rulings
    for name in ("张三", "E7", "门卫室 张三"):
        duty = replace(book, rota=Rota((Shift(name, *span),)))
        assert not said(duty, TALK, sender=Member("m", "张三", "门卫室 张三", employee_no="e7")).rulings
        assert said(duty, TALK, sender=Member("m", "李四")).rulings


ROSTER = Roster.of(
    [Employee("E7", "张三", "门卫室"), Employee("E8", "李四", "门卫室"), Employee("E9", "张三", "食堂")]
)


@pytest.mark.parametrize(
    ("entry", "sender", "free"),
    [
        ("E7", Member("m", "张三", "门卫室张三", employee_no="e7"), True),
        ("E7", Member("m", "张三", "门卫室张三"), False),
        ("E7", Member("m", "E7", "E7"), False),
        ("E7", Member("m", "李四", "E7", employee_no="E8"), False),
        ("张三", Member("m", "张三", "张三"), False),
        ("张三", Member("m", "张三", "门卫室 张三"), True),
        ("张三", Member("m", "小三", "随便", employee_no="E7"), True),
        ("张三", Member("m", "张三", "门卫室张三", employee_no="E8"), False),
        ("门卫室 张三", Member("m", "张三", "门卫室 张三"), True),
        ("门卫室张三", Member("m", "张三", "门卫室-张三"), True),
        ("门卫室张三", Member("m", "门卫室张三", "食堂张三"), False),
        ("m", Member("m", "路人", "路人"), True),
    ],
)
def test_with_a_roster_nobody_puts_on_a_rota_entry_like_a_nickname(
    book: Rulebook, entry: str, sender: Member, free: bool
) -> None:
    moment = datetime.fromisoformat(EVENING)
    span = (moment - timedelta(hours=1), moment + timedelta(hours=1))
    duty = replace(book, rota=Rota((Shift(entry, *span),)), roster=ROSTER)
    assert bool(said(duty, TALK, sender=sender).rulings) is not free


def test_hours_and_zone_are_the_company_s() -> None:
    berlin = configured(timezone="Europe/Berlin")
    assert not said(berlin, TALK, at="2026-03-10T17:00:00+00:00").rulings
    assert said(berlin, TALK, at="2026-03-10T07:59:59+00:00").rulings
    late = configured(work={"start": "13:00", "end": "22:00"})
    assert not said(late, TALK).rulings


def test_without_time_it_is_unknown_and_without_sender_it_is_judged(book: Rulebook) -> None:
    message = Message(TALK, room_id="r", sent_at=datetime.fromisoformat(EVENING))
    judged = judge(book, message, Windows().look(message, book))
    assert outcome(judged, "after_hours").verdict is Verdict.VIOLATION
    timeless = replace(message, sent_at=None)
    judged = judge(book, timeless, Windows().look(timeless, book))
    assert outcome(judged, "after_hours").verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_ends_of_time_crash_nothing(moment: datetime) -> None:
    grace = configured({"grace_minutes": 120})
    message = Message(TALK, room_id="r", sender=Member("m"), sent_at=moment)
    judged = judge(grace, message, Windows().look(message, grace))
    assert outcome(judged, "after_hours").verdict is not Verdict.CRASHED


@pytest.mark.parametrize("kind", [MessageType.EMOTICON, MessageType.RECALLED, MessageType.OTHER])
def test_stickers_recalls_and_what_nobody_reads_are_not_judged(book: Rulebook, kind: MessageType) -> None:
    assert said(book, TALK, type=kind).verdict is Verdict.CLEAN


def test_every_day_of_2026_goes_by_the_statutory_calendar(book: Rulebook) -> None:
    """Every day at ten, judged by the rule, against the constants of the calendar library."""
    first = datetime.fromisoformat("2026-01-01T10:00:00+08:00")
    for offset in range(365):
        moment = first + timedelta(days=offset)
        day = moment.date()
        working = day in constants.workdays or (day.isoweekday() <= 5 and day not in constants.holidays)
        assert bool(said(book, TALK, at=moment.isoformat()).rulings) is not working, day
        assert said(book, TALK, at=(moment + timedelta(hours=9)).isoformat()).rulings, day


def test_the_machine_s_time_zone_makes_no_difference() -> None:
    """The tables of working time and of this rule, where the machine believes to be in New York."""
    script = (
        "import sys, time, pytest\n"
        "time.tzset()\n"
        "assert time.localtime(0).tm_hour == 19, time.tzname\n"
        "sys.exit(pytest.main(sys.argv[1:]))\n"
    )
    tests = [
        "tests/rules/test_cases.py",
        "tests/rules/test_worktime.py",
        "-k",
        "after_hours or test_worktime",
    ]
    ran = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", script, "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests],
        cwd=ROOT,
        env={**os.environ, "TZ": "America/New_York"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    assert " passed" in ran.stdout


def test_a_marker_put_on_again_the_same_evening_is_misused_and_another_s_is_not(book: Rulebook) -> None:
    windows = Windows()
    found = {}
    evening = datetime(2026, 3, 10, 12, tzinfo=UTC)
    for minutes, by, text in (
        (0, "zhou", "【紧急】"),
        (10, "li", "【紧急】看手机"),
        (110, "zhou", "【紧急】！"),
        (120, "zhou", "【紧急】冷库断电，备用机没起来"),
    ):
        message = Message(text, room_id="r", sender=Member(by), sent_at=evening + timedelta(minutes=minutes))
        context = windows.look(message, book)
        judgement = judge(book, message, context)
        windows.advance(message, context, judgement)
        found[minutes] = [(one.category, one.tier) for one in judgement.rulings]
    assert found[0] == found[10] == [("after_hours", Tier.REVIEW)]
    assert found[110] == [("misuse", Tier.REVIEW)]
    assert found[120] == [], "whoever then says what happened misuses nothing"
