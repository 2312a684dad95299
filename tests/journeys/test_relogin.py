"""Ids change on a re-login; rooms, people and their records do not."""

from __future__ import annotations

from pathlib import Path

from fakes.scene import AD, OFFICE, ROOM, opened

NEW = {
    "liu": "liu-2",
    "li": "li-2",
    "wang": "wang-2",
    "zhou": "zhou-2",
    ROOM: "room-2@chatroom",
    "bot": "bot-2",
}


async def test_rooms_and_people_keep_their_keys_under_new_ids(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("li", "收到")
        await scene.says("liu", AD)
        before = await scene.the_case()
        scene.gateway.disconnect("logged out")
        await scene.quiet()
        scene.gateway.world.relogin(NEW)
        scene.gateway.reconnect()
        await scene.quiet()
        await scene.says("liu-2", "你这个蠢货，滚出去", where="room-2@chatroom")
        _, after = await scene.cases()
        assert after.room_key == before.room_key
        assert after.person_key == before.person_key
        assert (after.room_id, after.sender_id) == ("room-2@chatroom", "liu-2")
        async with scene.storage.view() as unit:
            person = await unit.people.by_contact("liu-2")
            assert (await unit.ledger.verify()).holds
        assert person is not None
        assert person.binding == "probable"


async def test_a_role_does_not_follow_a_likeness(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("wang", "收到")
        await scene.appoint("wang")
        await scene.says("liu", AD)
        number = (await scene.the_case()).number
        scene.gateway.disconnect("logged out")
        await scene.quiet()
        scene.gateway.world.relogin(NEW)
        scene.gateway.reconnect()
        await scene.quiet()
        (answer,) = await scene.says("wang-2", f"/违规 确认 {number}", where=OFFICE)
        assert "需要权限" in answer
        await scene.appoint("wang-2")
        (answer,) = await scene.says("wang-2", f"/违规 确认 {number}", where=OFFICE)
        assert "已确认" in answer


async def test_one_nickname_worn_by_two_is_nobodys_until_people_decide(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("liu", AD)
        before = await scene.the_case()
        scene.gateway.disconnect("logged out")
        await scene.quiet()
        scene.gateway.world.relogin(NEW)
        scene.gateway.world.contact("eve", "刘洋")
        scene.gateway.world.join("room-2@chatroom", "eve")
        scene.gateway.world.alias("room-2@chatroom", "eve", "市场部刘洋")
        scene.gateway.reconnect()
        said = await scene.quiet()
        assert any("均不视为本人" in text for text in said)
        await scene.says("eve", AD + " 再发一次", where="room-2@chatroom")
        _, after = await scene.cases()
        assert after.person_key != before.person_key
