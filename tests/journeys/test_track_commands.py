"""Who may ask for answers, by hand or in so many words, and what is no question (policy 3.2c, 4.1)."""

from __future__ import annotations

from pathlib import Path

from fakes.asking import ZHANG, ask, later, the_enquiry
from fakes.offices import person, says, staffed
from fakes.scene import ROOM

from bot.pipeline.enquiries import A_DAY


async def test_outsiders_ask_without_consequence(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        async with scene.storage.unit() as unit:
            lisi = await person(scene, "lisi")
            await unit.people.set_kind(lisi.key, "external", "test", scene.clock.now())
        scene.bot.handler.forget()
        await says(scene, "lisi", f"{ZHANG}请确认订单", at=("zhang",))
        async with scene.storage.view() as unit:
            assert await unit.enquiries.active() == []
        assert "外部人员不能" in await says(scene, "lisi", f"/跟踪 {ZHANG}请确认订单", at=("zhang",))


async def test_a_quoted_message_is_followed_up(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await says(scene, "wang", "国庆值班表已发，各部门核对")
        quoted = f"「人力资源部王敏：国庆值班表已发」\n- - - - - - - - - - - - - - -\n/跟踪 {ZHANG}明天下班前"
        answer = await says(scene, "wang", quoted, at=("zhang",))
        assert "于 10-14 18:00 前回复" in answer
        enquiry, _ = await the_enquiry(scene)
        assert enquiry.text == "国庆值班表已发，各部门核对"
        assert "已在跟踪" in await says(scene, "wang", quoted, at=("zhang",))


async def test_one_person_asks_so_many_things_a_day(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        for index in range(A_DAY + 1):
            scene.gateway.world.say(ROOM, "wangwu", f"{ZHANG}第{index}件事请回复", mentions=("zhang",))
        await scene.quiet()
        async with scene.storage.view() as unit:
            assert len(await unit.enquiries.active()) == A_DAY
        refused = await says(scene, "wangwu", f"/跟踪 {ZHANG}再加一件", at=("zhang",))
        assert f"最多跟踪 {A_DAY} 条" in refused


async def test_hostile_words_do_no_harm(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await ask(scene, "{{ 1/0 }} @所有人\u202e请回复 13800138000")
        (said,) = await later(scene, hours=2, minutes=1)
        assert "13800138000" not in said
        assert "\u202e" not in said
        assert "{{ 1/0 }}" in said


async def test_talk_without_a_question_opens_nothing(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        for text in (
            "收到",
            f"{ZHANG}昨天的事谢谢",
            "大家请回复一下",
            "@所有人 明天放假",
            f"{ZHANG}如有疑问请反馈",
        ):
            await says(scene, "wang", text, at=("zhang",) if ZHANG in text else ())
        async with scene.storage.view() as unit:
            assert await unit.enquiries.active() == []


async def test_following_up_by_hand(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        answer = await says(scene, "wang", f"/跟踪 {ZHANG}今天17:00前 把名单给我", at=("zhang",))
        assert "于 10-13 17:00 前回复" in answer
        enquiry, _ = await the_enquiry(scene)
        assert enquiry.number in answer
        assert "没有找到" in await says(scene, "wangwu", f"/跟踪 关闭 {enquiry.number}")
        listed = await says(scene, "wang", "/跟踪 列表", where="")
        assert enquiry.number in listed
        pressed = await says(scene, "wang", f"/跟踪 催办 {enquiry.number}")
        assert "已提醒 1 人" in pressed
        assert f"{ZHANG}【回复提醒】" in pressed
        assert "暂不重复提醒" in await says(scene, "wang", f"/跟踪 催办 {enquiry.number}")
        assert "未回复 1 人：人力资源部张三" in await says(scene, "wang", "/跟踪 查看", where="")
        assert "已结束" in await says(scene, "li", f"/跟踪 关闭 {enquiry.number}")
        assert "已经结束" in await says(scene, "wang", f"/跟踪 关闭 {enquiry.number}")
        said = await later(scene, minutes=1)  # a supervisor closed it: its asker is told how it stood
        assert len(said) == 1
        assert "回复汇总" in said[0]
        assert await later(scene, hours=8) == []
