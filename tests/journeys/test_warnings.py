"""From a message in a group to a fair warning, read as chat transcripts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fakes.scene import AD, OFFICE, ORDINARY, ROOM, TUESDAY, opened

from bot.settings import Settings
from rules.core.model import MessageType
from storage.records import CaseState

WARNS = ("第 ", " 条", "分", "申诉")


async def test_ordinary_talk_gets_no_word(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        assert await scene.says("wang", ORDINARY) == []
        assert await scene.says("li", "收到") == []
        assert await scene.cases() == []


async def test_an_advertisement_gets_one_courteous_warning(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        (notice,) = await scene.says("liu", AD)
        case = await scene.the_case()
        assert notice.startswith("@市场部刘洋\u2005")
        assert case.number in notice
        assert all(word in notice for word in WARNS)
        assert (case.rule, case.points, case.state) == ("advertising", 2, CaseState.PROVISIONAL)
        assert scene.gateway.world.sent[-1].mentions == ("liu",)
        assert scene.gateway.world.sent[-1].conversation_id == ROOM
        assert case.noticed_at is not None


async def test_the_warning_never_repeats_the_offending_words(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        (notice,) = await scene.says("liu", AD)
        for word in ("abc12345", "刷单", "加薇", "日结300"):
            assert word not in notice


async def test_one_burst_is_one_case_and_one_warning(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        said = []
        for _ in range(12):
            said += await scene.says("liu", "在吗在吗在吗")
            scene.clock.advance(3)
        said += await scene.quiet()
        assert len(said) == 1
        assert (await scene.the_case()).rule == "flooding"


async def test_a_burst_over_a_restart_is_still_one_case(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        for _ in range(6):
            await scene.says("liu", "在吗在吗在吗")
            scene.clock.advance(3)
        now = scene.clock.now()
        await scene.the_case()
    async with opened(tmp_path, start=now) as again:
        for _ in range(6):
            again.clock.advance(3)
            await again.says("liu", "在吗在吗在吗")
        assert len(await again.cases()) == 1


async def test_nine_photos_of_a_site_are_no_flood(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("li", "3号楼现场照片")
        for _ in range(9):
            scene.clock.advance(2)
            assert await scene.says("li", "", kind=MessageType.IMAGE) == []
        assert await scene.cases() == []


async def test_a_message_recalled_before_its_notice_costs_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        message = scene.gateway.world.say(ROOM, "liu", AD)
        scene.gateway.world.recall(message)
        assert await scene.quiet() == []
        case = await scene.the_case()
        assert (case.state, case.points) == (CaseState.RECALLED, 0)
        async with scene.storage.view() as unit:
            assert sum(entry.points for entry in await unit.ledger.entries(case.number)) == 0
            assert (await unit.ledger.verify()).holds


async def test_a_message_recalled_after_its_notice_keeps_its_case(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        message = scene.gateway.world.say(ROOM, "liu", AD)
        assert len(await scene.quiet()) == 1
        scene.gateway.world.recall(message)
        await scene.quiet()
        assert (await scene.the_case()).state is CaseState.PROVISIONAL


async def test_what_is_stale_is_told_to_its_sender_alone(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        scene.gateway.world.say(ROOM, "liu", AD, sent_at=TUESDAY - timedelta(minutes=11))
        (told,) = await scene.quiet()
        case = await scene.the_case()
        assert case.state is CaseState.PROVISIONAL
        assert case.number in told
        assert [sent.conversation_id for sent in scene.gateway.world.sent] == ["liu"]


async def test_at_night_nobody_is_disturbed(tmp_path: Path) -> None:
    async with opened(tmp_path, start=TUESDAY.replace(hour=21)) as scene:
        assert await scene.says("liu", AD) == []
        assert await scene.later(hours=11, minutes=50) == []
        (notice,) = await scene.later(minutes=15)
        assert (await scene.the_case()).number in notice


async def test_quiet_hours_can_be_turned_off(tmp_path: Path) -> None:
    settings = Settings.model_validate({"notices": {"quiet_hours": False}})
    async with opened(tmp_path, start=TUESDAY.replace(hour=21), settings=settings) as scene:
        assert len(await scene.says("liu", AD)) == 1


async def test_notices_decided_together_leave_as_one_message(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        scene.gateway.world.say(ROOM, "liu", AD)
        scene.gateway.world.say(ROOM, "zhou", AD + " 先到先得")
        (notice,) = await scene.quiet()
        assert all(case.number in notice for case in await scene.cases())
        assert scene.gateway.world.sent[-1].mentions == ("liu", "zhou")


async def test_a_role_holder_is_reviewed_first(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("li")
        said = await scene.says("li", AD)
        case = await scene.the_case()
        assert case.state is CaseState.REVIEW
        assert [sent.conversation_id for sent in scene.gateway.world.sent[-len(said) :]] == [OFFICE]
        assert case.number in said[0]
        async with scene.storage.view() as unit:
            assert await unit.ledger.entries(case.number) == []


async def test_private_chat_is_never_judged_nor_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        assert await scene.says("liu", AD, where="") == []
        assert await scene.cases() == []
        async with scene.storage.view() as unit:
            assert await unit.messages.since(TUESDAY - timedelta(days=1), limit=10) == []


async def test_a_room_that_is_not_listed_is_left_alone(tmp_path: Path) -> None:
    settings = Settings.model_validate({"rooms": {"guard": "listed", "listed": ["别的群"]}})
    async with opened(tmp_path, settings=settings) as scene:
        assert await scene.says("liu", AD) == []
        assert await scene.says("liu", "/帮助") == []
        assert await scene.cases() == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "字" * 20_000,
        "\u202e反转\u202c\u2066隔离",
        "{{7*7}}{% for a in b %}{0}{0.__class__}%s%n",
        "😀" * 500,
        "\x00\x1b[31m红",
        "「张三：在吗」\n- - - - - - - - - - - - - - -\n",
    ],
    ids=["empty", "long", "bidi", "templates", "emoji", "controls", "empty quote"],
)
async def test_hostile_text_is_handled_like_any_other(tmp_path: Path, text: str) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("liu", text)
        (judgement,) = scene.judgements()
        assert judgement.crashed == ()
        assert "49" not in "".join(sent.text for sent in scene.gateway.world.sent)


async def test_a_hostile_nickname_stays_text(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        scene.gateway.world.alias(ROOM, "liu", "{{7*142857}}@所有人\n\u202e{0}")
        (notice,) = await scene.says("liu", AD)
        assert notice.startswith("@{{7*142857}}所有人")
        assert "\n" not in notice.split("【")[0]
        assert "\u202e" not in notice
        assert "999999" not in notice
