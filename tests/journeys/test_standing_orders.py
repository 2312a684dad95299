"""What supervisors and the configuration set over the rules: trials, rooms, exemptions, quiet, outsiders."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from fakes.scene import AD, OFFICE, ROOM, TUESDAY, opened

from bot.settings import Settings
from storage.records import CaseState, Mode


def configured(**more: object) -> Settings:
    return Settings.model_validate({"rooms": {"supervision": "群规监督组"}, **more})


async def test_a_rule_on_trial_records_and_asks_and_does_nothing_else(tmp_path: Path) -> None:
    settings = configured(rules={"advertising": {"shadow": True}})
    async with opened(tmp_path, settings=settings) as scene:
        await scene.appoint("wang")
        said = await scene.says("zhou", AD)
        case = await scene.the_case()
        assert case.state is CaseState.SHADOW
        assert scene.heard(ROOM) == []
        assert len(said) == 1
        assert "试运行" in said[0]
        assert case.number in said[0]
        (answer,) = await scene.says("wang", f"/违规 驳回 {case.number} 其实是内购", where=OFFICE)
        assert "误判" in answer
        case = await scene.the_case()
        assert (case.state, case.verdict) == (CaseState.SHADOW, "dismissed")
        (answer,) = await scene.says("wang", f"/违规 确认 {case.number}", where=OFFICE)
        assert "判断正确" in answer
        assert (await scene.the_case()).verdict == "confirmed"
        assert scene.heard(ROOM) == []
        assert scene.heard("zhou") == []
        async with scene.storage.view() as unit:
            assert (await unit.ledger.verify()).entries == 0


async def test_a_trial_beside_a_real_finding_leaves_the_real_one_alone(tmp_path: Path) -> None:
    settings = configured(rules={"banned_words": {"shadow": True}})
    async with opened(tmp_path, settings=settings) as scene:
        await scene.says("zhou", "出售真人荷官百家乐平台账号，注册就送彩金，加V详聊 abc12345")
        case = await scene.the_case()
        assert (case.rule, case.state) == ("advertising", CaseState.PROVISIONAL)


async def test_what_a_trial_would_have_done_is_no_part_of_the_own_record(tmp_path: Path) -> None:
    settings = configured(rules={"advertising": {"shadow": True}})
    async with opened(tmp_path, settings=settings) as scene:
        async with scene.storage.unit() as unit:
            await unit.people.confirm("liu", None, "test", scene.clock.now())
        await scene.says("liu", AD)
        case = await scene.the_case()
        (answer,) = await scene.says("liu", "/违规", where="")
        assert case.number not in answer
        (answer,) = await scene.says("liu", f"/违规 查看 {case.number}", where="")
        assert "没有找到" in answer


async def test_a_room_has_rules_of_its_own(tmp_path: Path) -> None:
    overrides = {"销售日报群": {"rules": {"advertising": {"enabled": False}}}}
    settings = configured(rooms={"supervision": "群规监督组", "overrides": overrides})
    async with opened(tmp_path, settings=settings) as scene:
        scene.gateway.world.room("sales@chatroom", "销售日报群", ["zhou", "liu"])
        await scene.says("zhou", AD, where="sales@chatroom")
        assert await scene.cases() == []
        await scene.says("zhou", AD)
        assert (await scene.the_case()).room_id == ROOM


async def test_a_switch_in_one_room_counts_there_alone(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        scene.gateway.world.room("sales@chatroom", "销售日报群", ["zhou", "liu"])
        await scene.says("zhou", "大家好", where="sales@chatroom")
        async with scene.storage.unit() as unit:
            room = await unit.rooms.by_gateway("sales@chatroom")
            assert room is not None
            await unit.switches.set("advertising", room.key, Mode.OFF, "test", scene.clock.now())
        await scene.later(minutes=1)
        await scene.says("zhou", AD, where="sales@chatroom")
        assert await scene.cases() == []
        await scene.says("zhou", AD)
        assert len(await scene.cases()) == 1


async def test_an_exemption_ends_when_it_says(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("zhou", "大家好")
        async with scene.storage.unit() as unit:
            zhou = await unit.people.by_contact("zhou")
            assert zhou is not None
            until = TUESDAY + timedelta(hours=1)
            await unit.exemptions.add(zhou.key, "advertising", 0, until, "招商", "test", scene.clock.now())
        await scene.later(minutes=1)
        await scene.says("zhou", AD)
        assert await scene.cases() == []
        await scene.says("liu", AD)
        assert len(await scene.cases()) == 1
        await scene.later(hours=1)
        await scene.says("zhou", AD)
        assert len(await scene.cases()) == 2


async def test_in_a_muted_room_nothing_is_said_and_everything_recorded(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("liu", "大家好")
        async with scene.storage.unit() as unit:
            room = await unit.rooms.by_gateway(ROOM)
            assert room is not None
            await unit.silences.mute(room.key, TUESDAY + timedelta(hours=1), "test", scene.clock.now())
        await scene.later(minutes=1)
        await scene.says("liu", AD)
        case = await scene.the_case()
        assert case.state is CaseState.PROVISIONAL
        assert scene.heard(ROOM) == []
        assert case.number in scene.heard("liu")[0]
        await scene.later(hours=1)
        assert scene.heard(ROOM) == []


async def test_an_outsider_is_asked_and_not_charged(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("zhou", "大家好")
        async with scene.storage.unit() as unit:
            zhou = await unit.people.by_contact("zhou")
            assert zhou is not None
            await unit.people.set_kind(zhou.key, "external", "test", scene.clock.now())
        await scene.later(minutes=11)
        (said,) = await scene.says("zhou", AD)
        case = await scene.the_case()
        assert case.points == 0
        assert "分" not in said
        assert "谢谢配合" in said
        assert case.number in said
        async with scene.storage.view() as unit:
            assert (await unit.ledger.verify()).entries == 0


async def test_what_changed_overnight_counts_in_the_morning(tmp_path: Path) -> None:
    evening = TUESDAY.replace(hour=21)
    async with opened(tmp_path, start=evening) as scene:
        for who in ("liu", "zhou", "wang"):
            await scene.says(who, "明天的验收资料今晚整理好发我，客户急着要")
        liu, zhou, wang = await scene.cases()
        async with scene.storage.unit() as unit:
            room = await unit.rooms.by_gateway(ROOM)
            assert room is not None
            later = evening + timedelta(days=2)
            await unit.exemptions.add(zhou.person_key, "", 0, later, "值守", "test", scene.clock.now())
            await unit.shifts.add(wang.person_key, "leave", evening, later, "test", scene.clock.now())
            await unit.silences.mute(room.key, evening + timedelta(hours=13), "test", scene.clock.now())
        said = await scene.later(hours=12)
        assert scene.heard(ROOM) == []
        assert [text for text in said if liu.number in text] == scene.heard("liu")
        assert scene.heard("zhou") == scene.heard("wang") == []
        async with scene.storage.view() as unit:
            notice = await unit.outbox.by_unique(f"notice {wang.number}")
        assert notice is not None
        assert notice.due_at.day == 15  # and then it is asked again


async def test_a_rule_that_was_switched_off_reminds_nobody_any_more(tmp_path: Path) -> None:
    async with opened(tmp_path, start=TUESDAY.replace(hour=21)) as scene:
        await scene.says("liu", "明天的验收资料今晚整理好发我，客户急着要")
        async with scene.storage.unit() as unit:
            await unit.switches.set("after_hours", 0, Mode.OFF, "test", scene.clock.now())
        assert await scene.later(hours=12) == []
        assert scene.heard(ROOM) == []
