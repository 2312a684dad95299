"""A code names an identity: it gives nobody somebody else's account, nor authority that its issuer has not."""

from __future__ import annotations

import re
from pathlib import Path

from fakes.outgoing import due_rows
from fakes.scene import OFFICE, Scene, opened

from bot.commands.claims import issue
from bot.settings import Settings
from storage.records import Role, RosterRow

ROSTER = tuple(
    RosterRow(number, name, "人力资源部", is_head=False, active=True)
    for number, name in (("E1", "王敏"), ("E3", "李强"), ("E8", "赵云"))
)
SETTINGS = Settings.model_validate({"rooms": {"supervision": "群规监督组"}, "digest": {"enabled": False}})


async def code_from(scene: Scene, said: list[str]) -> str:
    found = re.findall(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", " ".join(said))
    (code,) = set(found)
    return str(code)


async def staffed(scene: Scene) -> None:
    """王敏 leads HR, 李强 is a confirmed supervisor, 赵云 an operator."""
    async with scene.storage.unit() as unit:
        await unit.people.import_roster(ROSTER, scene.clock.now())
    for who, number, role in (
        ("wang", "E1", Role.HR_LEAD),
        ("li", "E3", Role.SUPERVISOR),
        ("liu", "E8", Role.OPERATOR),
    ):
        async with scene.storage.unit() as unit:
            code = await issue(unit, role, number, "operator", scene.clock.now())
        assert "认领成功" in (await scene.says(who, f"/认领 {code}", where=""))[0]


async def test_an_hr_lead_makes_nobody_an_operator_by_a_members_code(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS) as scene:
        await staffed(scene)
        (answer,) = await scene.says("wang", "/授权 成员 E8", where="")
        assert "系统管理员" in answer
        assert not re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", answer)


async def test_a_code_replaces_nobodys_confirmed_account(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS) as scene:
        await staffed(scene)
        scene.gateway.world.contact("thief", "路人", friend=True)
        code = await code_from(scene, await scene.says("wang", "/授权 成员 E3", where=""))
        said = await scene.says("thief", f"/认领 {code}", where="")
        assert any("认领未成功" in text for text in said)
        assert any("试图" in text for text in scene.heard(OFFICE))
        assert any("试图" in text for text in scene.heard("li"))
        async with scene.storage.view() as unit:
            thief, li = await unit.people.by_contact("thief"), await unit.people.by_contact("li")
        assert thief is not None
        assert li is not None
        assert not thief.roles
        assert li.roles == {Role.SUPERVISOR}
        (again,) = await scene.says("thief", f"/认领 {code}", where="")
        assert "认领未成功" in again or "无效" in again


async def test_a_confirmed_employee_becomes_nobody_else(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS) as scene:
        await staffed(scene)
        async with scene.storage.unit() as unit:
            row = RosterRow("E9", "孙丽", "财务部", is_head=False, active=True)
            await unit.people.import_roster([*ROSTER, row], scene.clock.now())
        code = await code_from(scene, await scene.says("wang", "/授权 成员 E9", where=""))
        said = await scene.says("li", f"/认领 {code}", where="")
        assert any("认领未成功" in text for text in said)
        async with scene.storage.view() as unit:
            li = await unit.people.by_contact("li")
        assert li is not None
        assert li.employee_no == "E3"


async def test_a_code_does_not_stay_where_it_was_sent_from(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=SETTINGS) as scene:
        await staffed(scene)
        code = await code_from(scene, await scene.says("wang", "/授权 成员", where=""))
        async with scene.storage.view() as unit:
            rows = [row for row in await due_rows(unit, scene.clock.now(), 100) if code in row.text]
        assert rows == []
        assert code.encode() not in (tmp_path / "qungui.db").read_bytes()
