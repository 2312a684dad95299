"""A message asks for answers, people answer in a word, and whoever does not is reminded (policy 4.1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from fakes.asking import BOTH, WANG, WANGWU, ZHANG, ask, later, states, the_enquiry
from fakes.offices import person, says, staffed
from fakes.scene import OFFICE, ROOM, SHANGHAI, TUESDAY

from storage.records import CaseState


async def test_from_the_question_to_the_summary(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        assert await ask(scene) == ""
        enquiry, asked = await the_enquiry(scene)
        assert enquiry.due_at == datetime(2026, 10, 13, 15, 0, tzinfo=SHANGHAI)
        assert set(asked) == set(BOTH)
        assert await says(scene, "zhang", "收到，明天上午完成") == ""
        assert await says(scene, "wangwu", "今天中午吃什么") == ""
        _, asked = await the_enquiry(scene)
        assert (asked["zhang"].state, asked["zhang"].expected) == ("can", "10-14 12:00")
        assert asked["wangwu"].state == "missing"
        said = await later(scene, hours=2, minutes=31)
        assert len(said) == 1
        assert said[0].startswith(f"{WANGWU}【回复提醒】")
        assert "张三" not in said[0]
        assert enquiry.number in said[0]
        assert await says(scene, "wangwu", "没问题") == ""
        said = await later(scene, minutes=1)
        assert len(said) == 1
        assert "共 2 人，已回复 2 人" in said[0]
        assert "人力资源部张三（预计 10-14 12:00）" in said[0]
        assert scene.heard("wang")[-1] == said[0]
        assert await later(scene, hours=3) == []
        assert await scene.cases() == []


async def test_no_answer_becomes_a_case_for_people_and_nothing_is_said_in_public(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await ask(scene, "请确认排期")
        await says(scene, "zhang", "👌")
        await later(scene, hours=2, minutes=1)
        said = "\n".join(await later(scene, hours=2))
        case = await scene.the_case()
        assert (case.rule, case.state, case.points, case.clause) == (
            "late_answer",
            CaseState.REVIEW,
            1,
            "4.1a",
        )
        assert case.person_key == (await person(scene, "wangwu")).key
        assert "未回复 1 人：市场部王五" in said
        assert case.number in scene.heard(OFFICE)[-1]
        assert not any(case.number in text for text in scene.heard(ROOM))
        async with scene.storage.view() as unit:
            assert await unit.ledger.entries(case.number) == []
        assert await says(scene, "wangwu", "收到，抱歉晚了") == ""
        _, asked = await the_enquiry(scene)
        assert asked["wangwu"].overdue_case == case.number
        assert asked["wangwu"].answered_at is not None
        answer = await says(scene, "wang", f"/违规 确认 {case.number}", where=OFFICE)
        assert "已确认" in answer
        assert "认定为未及时回复并影响工作" in answer
        assert "late_answer" not in answer
        for line in (f"/为什么 {case.number}", f"/违规 查看 {case.number}"):
            assert "late_answer" not in await says(scene, "wang", line, where=OFFICE)


async def test_nobody_is_reminded_twice_in_half_a_day_nor_at_night(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=TUESDAY + timedelta(hours=6, minutes=30)) as scene:
        await ask(scene, "请回复")  # half past four: due at half past eleven tomorrow
        enquiry, _ = await the_enquiry(scene)
        assert enquiry.due_at == datetime(2026, 10, 14, 11, 30, tzinfo=SHANGHAI)
        assert await later(scene, hours=3) == []
        assert await later(scene, hours=12) == []
        said = await later(scene, hours=2)
        assert [text for text in said if "回复提醒" in text] == said
        assert len(said) == 1
        assert not any("回复提醒" in text for text in await later(scene, minutes=30))


async def test_answers_find_their_question(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await ask(scene, "第一件事请回复")
        scene.clock.advance_to(scene.clock.now() + timedelta(minutes=5))
        await ask(scene, "第二件事请回复")
        quoted = (
            f"「人力资源部王敏：{ZHANG}{WANGWU}第一件事请回复」\n- - - - - - - - - - - - - - -\n这个做不了"
        )
        await says(scene, "zhang", quoted)
        await says(scene, "zhang", f"{WANGWU}收到", at=("wangwu",))  # to somebody else
        await says(scene, "wangwu", f"{WANG}你看着办", at=("wang",))
        await says(scene, "wangwu", "好的")
        async with scene.storage.view() as unit:
            found = {
                (one.text[len(ZHANG + WANGWU) :][:3], each.contact_id): each.state
                for one in await unit.enquiries.active()
                for each in await unit.enquiries.addressees(one.number)
            }
        assert found == {
            ("第一件", "zhang"): "cannot",
            ("第二件", "zhang"): "missing",
            ("第一件", "wangwu"): "received",
            ("第二件", "wangwu"): "received",
        }


async def test_leave_excuses_and_outsiders_are_never_charged(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        async with scene.storage.unit() as unit:
            zhang = await person(scene, "zhang")
            now = scene.clock.now()
            await unit.shifts.add(zhang.key, "leave", now, now + timedelta(days=2), "test", now)
            await unit.people.set_kind((await person(scene, "lisi")).key, "external", "test", now)
        await later(scene, minutes=1)
        await says(scene, "wang", f"{ZHANG}@某某公司李四\u2005请回复", at=("zhang", "lisi"))
        said = await later(scene, hours=2, minutes=1)
        assert [text[:6] for text in said] == ["@某某公司李"]
        await later(scene, hours=2)
        assert (await states(scene)) == {"zhang": "excused", "lisi": "missing"}
        await later(scene, hours=1)
        assert await scene.cases() == []


async def test_asking_everybody_mentions_few_and_charges_nobody(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        async with scene.storage.unit() as unit:
            room = await unit.rooms.by_gateway(ROOM)
            assert room is not None
            for index in range(60):
                await unit.people.seen(
                    f"p{index}", f"员工{index}", f"市场部员工{index}", room.key, scene.clock.now()
                )
        await says(scene, "wang", "@所有人 明天体检，收到请回复")
        said = await later(scene, hours=2, minutes=1)
        assert len(said) == 1
        assert "还有 68 位同事没有回复" in said[0]
        (sent,) = [one for one in scene.gateway.world.sent if "回复提醒" in one.text]
        assert sent.mentions == ()
        await later(scene, hours=3)
        assert await scene.cases() == []


async def test_a_recalled_question_asks_nothing(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        message = scene.gateway.world.say(ROOM, "wang", f"{ZHANG}请回复", mentions=("zhang",))
        await scene.quiet()
        scene.gateway.world.recall(message)
        await scene.quiet()
        async with scene.storage.view() as unit:
            assert await unit.enquiries.active() == []
        assert await later(scene, hours=3) == []


async def test_what_is_urgent_is_due_at_once(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await ask(scene, "【紧急】客户催货，请立即回复")
        enquiry, _ = await the_enquiry(scene)
        assert enquiry.urgent
        assert enquiry.due_at == TUESDAY + timedelta(minutes=30)
        said = await later(scene, minutes=15)
        assert len(said) == 1
        assert said[0].startswith(f"{WANGWU}{ZHANG}")
        assert "（紧急）" in said[0]
        said = await later(scene, minutes=15)
        assert [case.clause for case in await scene.cases()] == ["4.1b", "4.1b"]
        assert any("未回复 2 人" in text for text in said)


async def test_two_questions_in_one_room_make_one_reminder(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await ask(scene, "请确认排期")
        await ask(scene, "请确认预算")
        (said,) = await later(scene, hours=2, minutes=1)
        assert said.count("Q-") == 2
        assert said.count("@") == 2
        numbered = f"「群管家：{said}」\n- - - - - - - - - - - - - - -\n都没问题"
        await says(scene, "zhang", numbered)
        async with scene.storage.view() as unit:
            answered = [
                each.state
                for one in await unit.enquiries.active()
                for each in await unit.enquiries.addressees(one.number)
                if each.contact_id == "zhang"
            ]
        assert sorted(answered) == ["can", "missing"]


async def test_a_muted_room_is_not_reminded_and_nobody_charged(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await ask(scene, "请确认排期")
        await says(scene, "wang", "/静默 8小时")
        said = await later(scene, hours=5)
        assert not any("回复提醒" in text for text in said)
        assert await scene.cases() == []


async def test_who_asks_and_is_no_contact_is_told_in_the_group_who_is_missing(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        scene.gateway.world.contact("wang", "王敏", friend=False)
        await ask(scene, "请确认排期")
        await says(scene, "zhang", "已处理")
        said = await later(scene, hours=5)
        (summary,) = [text for text in said if "回复汇总" in text]
        assert summary in scene.heard(ROOM)
        assert "市场部王五" in summary
        assert "张三" not in summary


async def test_names_are_enough_where_the_gateway_tells_no_ids(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        scene.gateway._tell_mentions = False
        await says(scene, "wang", f"{ZHANG}@路人甲\u2005@查无此人\u2005请回复", at=("zhang", "someone"))
        assert await states(scene) == {"zhang": "missing", "someone": "missing"}
        await says(scene, "zhang", f"{WANG}这就看", at=("wang",))
        assert (await states(scene))["zhang"] != "missing"


async def test_an_id_that_changed_answers_for_the_same_person(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        async with scene.storage.unit() as unit:
            await unit.people.confirm("zhang", (await person(scene, "zhang")).key, "test", scene.clock.now())
        await ask(scene, "请确认排期")
        async with scene.storage.unit() as unit:
            room = await unit.rooms.by_gateway(ROOM)
            assert room is not None
            await unit.people.left(room.key, "zhang", scene.clock.now())
            await unit.people.seen("zhang2", "张三", "人力资源部张三", room.key, scene.clock.now())
            zhang = await unit.people.by_employee_no("E1001")
            assert zhang is not None
            await unit.people.confirm("zhang2", zhang.key, "test", scene.clock.now())
        scene.gateway.world.contact("zhang2", "张三")
        scene.gateway.world.join(ROOM, "zhang2")
        scene.gateway.world.alias(ROOM, "zhang2", "人力资源部张三")
        await scene.quiet()
        await says(scene, "zhang2", "收到")
        assert (await states(scene))["zhang"] == "received"


async def test_a_restart_knows_what_is_open(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await ask(scene)
        await later(scene, minutes=1)  # what is open is in memory now
        await says(scene, "zhang", "已处理")
        await later(scene, minutes=1)
        assert (await states(scene))["zhang"] == "done"


async def test_clause_title_and_reason_of_a_late_answer_are_the_companys_to_say(tmp_path: Path) -> None:
    policy = {"late_answer": {"clause": "8.1", "title": "回复不及时", "reason": "没有按时回复同事"}}
    async with staffed(tmp_path, policy=policy) as scene:
        await ask(scene, "请确认排期")
        await later(scene, hours=2, minutes=1)
        await later(scene, hours=2)
        cases = await scene.cases()
        assert {(case.clause, case.reason) for case in cases} == {("8.1", "没有按时回复同事")}
        shown = await says(scene, "li", f"/违规 查看 {cases[0].number}", where=OFFICE)
        assert "回复不及时" in shown
        await says(scene, "li", f"/违规 确认 {cases[0].number}", where=OFFICE)
        async with scene.storage.view() as unit:
            (told,) = await unit.outbox.fates(f"result {cases[0].number} ")
        assert "认定为未及时回复并影响工作（群规第 8.1 条）" in told.message.text
