"""What confirmed points lead to as they add up, read as chat transcripts (policy 6.2, 5.1)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from fakes.offices import audit, person, says, staffed
from fakes.scene import OFFICE, ROOM, TUESDAY, Scene

from bot.jobs.ladder import Ladder
from bot.settings import Settings
from bot.texts import Texts
from storage.records import SYSTEM, Case, CaseState


@asynccontextmanager
async def office(folder: Path, start: datetime = TUESDAY) -> AsyncIterator[Scene]:
    """The offices, with education for advertising: the rule that it is for is not the point here."""
    async with staffed(folder, start=start) as scene:
        settings = scene.bot.in_force.settings
        penalty = settings.penalty.model_copy(update={"educate": ("advertising",)})
        scene.bot.in_force.settings = settings.model_copy(update={"penalty": penalty})
        # 王五 is believed by nickname only: whoever climbs has to be sure.
        await says(scene, "wang", "/绑定 确认 @市场部王五\u2005 E1005 确认", where=OFFICE, at=("wangwu",))
        yield scene


async def case(
    scene: Scene,
    points: int,
    *,
    who: str = "wangwu",
    state: CaseState = CaseState.CONFIRMED,
    rule: str = "flooding",
) -> str:
    """A case of somebody, charged, and confirmed by the supervisor unless it is to stay open."""
    now = scene.clock.now()
    subject = await person(scene, who)
    async with scene.storage.unit() as unit:
        room = await unit.rooms.by_gateway(ROOM)
        assert room is not None
        made = await unit.cases.open(
            Case(
                number="",
                room_id=ROOM,
                sender_id=who,
                message_id=f"m{now.timestamp()}{points}{rule}{who}",
                rule=rule,
                category="x",
                clause="5.2",
                points=points,
                state=CaseState.PROVISIONAL,
                tier="violation",
                confidence=0.9,
                reason="刷屏",
                room_key=room.key,
                person_key=subject.key,
                sender_name=subject.name,
                sent_at=now,
                created_at=now,
            )
        )
        await unit.ledger.append(
            room_key=room.key,
            case=made.number,
            person_key=subject.key,
            rule=rule,
            points=-points,
            author_key=SYSTEM,
            kind="penalty",
            at=now,
        )
    scene.clock.advance(1)
    if state is CaseState.CONFIRMED:
        await says(scene, "li", f"/违规 确认 {made.number}", where=OFFICE)
    return made.number


def said(scene: Scene, target: str, title: str) -> list[str]:
    return [text for text in scene.heard(target) if title in text]


async def test_the_head_is_told_at_six_the_supervisors_at_ten_each_once(tmp_path: Path) -> None:
    async with office(tmp_path) as scene:
        await case(scene, 3)
        await scene.later(minutes=1)
        assert said(scene, "chen", "【群规提醒】") == []
        number = await case(scene, 3)
        await scene.later(minutes=1)
        (told,) = said(scene, "chen", "【群规提醒】贵部门市场部王五近 30 天")
        assert "累计 6 分" in told
        assert number in told
        (own,) = said(scene, "wangwu", "【积分提醒】")
        assert "已告知部门负责人" in own
        assert said(scene, OFFICE, "【处分建议】") == []
        for _ in range(3):
            await scene.later(minutes=30)
        await case(scene, 4)
        await scene.later(minutes=1)
        (proposal,) = said(scene, OFFICE, "【处分建议】市场部王五")
        assert "累计 10 分" in proposal
        await case(scene, 1)
        await scene.later(minutes=1)
        assert len(said(scene, "chen", "【群规提醒】贵部门")) == 1
        assert len(said(scene, OFFICE, "【处分建议】")) == 1
        assert (await audit(scene)).count("ladder step") == 2
        assert not any("累计" in text for text in scene.heard(ROOM))


async def test_only_confirmed_points_count_and_bonuses_buy_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as scene:
        await case(scene, 4, state=CaseState.PROVISIONAL)
        waiting = await case(scene, 3, state=CaseState.PROVISIONAL)
        await scene.later(minutes=1)
        assert said(scene, "chen", "贵部门") == []
        await case(scene, 3)
        await says(scene, "li", "/加分 E1005 3 表现好", where=OFFICE)
        await scene.later(minutes=1)
        assert said(scene, "chen", "贵部门") == []
        await says(scene, "li", f"/违规 确认 {waiting}", where=OFFICE)
        await scene.later(minutes=1)
        assert len(said(scene, "chen", "贵部门")) == 1


async def test_a_restart_repeats_no_step_and_one_is_due_again_after_a_fall(tmp_path: Path) -> None:
    async with office(tmp_path) as scene:
        await case(scene, 3)
        await case(scene, 3)
        await scene.later(minutes=1)
        assert len(said(scene, "chen", "贵部门")) == 1
        again = Ladder(
            scene.storage,
            scene.bot.policy,
            Texts.load(),
            lambda: scene.bot.in_force.settings,
            lambda: OFFICE,
            lambda now: now,
        )
        assert not await again(scene.clock.now()), "a process that starts says nothing twice"
        await scene.later(days=31)
        await scene.later(days=3)
        assert len(said(scene, "chen", "贵部门")) == 1
        await case(scene, 3)
        await case(scene, 3)
        await scene.later(minutes=1)
        assert len(said(scene, "chen", "贵部门")) == 2


async def test_without_a_head_the_supervisors_are_asked_and_heads_are_not_told_of_themselves(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as scene:
        await case(scene, 3, who="liu")  # 总经办 has no head
        await case(scene, 3, who="liu")
        await case(scene, 3, who="chen")  # heads 市场部
        await case(scene, 3, who="chen")
        await scene.later(minutes=1)
        told = said(scene, OFFICE, "【积分累计】")
        assert len(told) == 2
        assert any("总经办刘洋" in text for text in told)
        assert any("市场部陈晨" in text for text in told)
        assert said(scene, "chen", "贵部门") == []


async def test_whose_identity_is_not_sure_climbs_only_once_it_is(tmp_path: Path) -> None:
    async with office(tmp_path) as scene:
        await case(scene, 3, who="zhang")
        await case(scene, 3, who="zhang")
        await scene.later(minutes=1)
        assert said(scene, "wang", "贵部门") == []
        await says(scene, "wang", "/绑定 确认 @人力资源部张三\u2005 E1001 确认", where=OFFICE, at=("zhang",))
        await scene.later(days=1)
        assert len(said(scene, "wang", "贵部门人力资源部张三")) == 1


async def test_a_grave_case_is_told_at_once_and_education_comes_with_the_confirmation(tmp_path: Path) -> None:
    async with office(tmp_path) as scene:
        number = await case(scene, 5, state=CaseState.PROVISIONAL, rule="advertising")
        await scene.later(minutes=1)
        (told,) = said(scene, OFFICE, "【请优先核实】")
        assert number in told
        assert "疑似商业推广（第 5.2 条，拟扣 5 分；系统初判，未经确认）" in told
        assert said(scene, "wangwu", "【沟通提醒】") == []
        await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)
        await scene.later(minutes=1)
        await scene.later(minutes=1)
        assert len(said(scene, OFFICE, "【请优先核实】")) == 1
        assert said(scene, OFFICE, "【已确认】") == []
        (educated,) = said(scene, "wangwu", "【沟通提醒】")
        assert number in educated


async def test_at_night_nobody_is_disturbed(tmp_path: Path) -> None:
    async with office(tmp_path, TUESDAY.replace(hour=21)) as scene:
        await case(scene, 3)
        await case(scene, 3)
        await scene.later(minutes=1)
        assert said(scene, "chen", "贵部门") == []
        await scene.later(hours=12)
        assert len(said(scene, "chen", "贵部门")) == 1
        assert scene.clock.now() < TUESDAY + timedelta(days=1)


async def test_a_company_has_its_own_ladder(tmp_path: Path) -> None:
    async with office(tmp_path) as scene:
        own = Settings.model_validate(
            {"penalty": {"ladder": [{"points": 2, "days": 7, "action": "propose_discipline"}]}}
        )
        settings = scene.bot.in_force.settings
        scene.bot.in_force.settings = settings.model_copy(update={"penalty": own.penalty})
        await case(scene, 2)
        await scene.later(minutes=1)
        assert len(said(scene, OFFICE, "【处分建议】")) == 1


async def climbed(scene: Scene) -> str:
    """王五 has reached six points, and the head of 市场部 was told; the number of the case of four."""
    await case(scene, 2)
    number = await case(scene, 4)
    await scene.later(minutes=1)
    assert len(said(scene, "chen", "累计 6 分")) == 1
    return number


async def test_whoever_was_told_a_sum_hears_that_an_appeal_has_changed_it(tmp_path: Path) -> None:
    async with office(tmp_path) as scene:
        number = await climbed(scene)
        (told,) = said(scene, "chen", "贵部门")
        assert told.endswith("以上结果本人仍可申诉，仅供您工作需要，请勿转发；如有变更，另行告知。")
        await says(scene, "wangwu", f"/申诉 {number} 这是公司通知", where="")
        await says(scene, "wang", f"/申诉 撤销 {number} 属实", where=OFFICE)
        for _ in range(3):
            await scene.later(minutes=1)
        (corrected,) = said(scene, "chen", "【更正】")
        assert corrected == (
            f"【更正】此前告知的案件 {number}（4 分）经申诉撤销，市场部王五近 30 天扣分现为 2 分。"
            "请以此为准，并请消除影响。"
        )
        (own,) = said(scene, "wangwu", "【积分更正】")
        assert "现为 2 分" in own
        assert not said(scene, OFFICE, "【更正】"), "who was told nothing needs no correction"
        assert not said(scene, ROOM, "更正")


async def test_whoever_was_told_a_sum_hears_that_an_appeal_has_lowered_a_case_in_it(tmp_path: Path) -> None:
    async with office(tmp_path) as scene:
        number = await climbed(scene)
        await says(scene, "wangwu", f"/申诉 {number} 情节很轻", where="")
        await says(scene, "wang", f"/申诉 变更 {number} 1分 情节较轻", where=OFFICE)
        for _ in range(3):
            await scene.later(minutes=1)
        (corrected,) = said(scene, "chen", "【更正】")
        assert corrected == (
            f"【更正】此前告知的案件 {number}（4 分）经申诉减为 1 分，市场部王五近 30 天扣分现为 3 分。"
            "请以此为准，并请消除影响。"
        )
        (own,) = said(scene, "wangwu", "【积分更正】")
        assert "已减为 1 分，您近 30 天已确认的扣分现为 3 分" in own
        assert not said(scene, OFFICE, "【更正】"), "who was told nothing needs no correction"


async def test_a_sum_that_is_told_after_a_case_was_lowered_needs_no_correction(tmp_path: Path) -> None:
    async with office(tmp_path) as scene:
        number = await case(scene, 4)
        await says(scene, "wangwu", f"/申诉 {number} 情节很轻", where="")
        await says(scene, "wang", f"/申诉 变更 {number} 3分 情节较轻", where=OFFICE)
        scene.clock.advance(1)
        await case(scene, 3)
        for _ in range(3):
            await scene.later(minutes=1)
        (told,) = said(scene, "chen", "贵部门")
        assert "累计 6 分" in told
        assert not any(said(scene, reader, "更正】") for reader in ("chen", "wangwu", OFFICE))


async def test_it_is_corrected_also_once_the_messages_of_then_are_purged(tmp_path: Path) -> None:
    async with office(tmp_path) as scene:
        number = await climbed(scene)
        await says(scene, "wangwu", f"/申诉 {number} 这是公司通知", where="")
        async with scene.storage.unit() as unit:
            assert await unit.outbox.purge(scene.clock.now() + timedelta(days=1))
        await says(scene, "wang", f"/申诉 撤销 {number} 属实", where=OFFICE)
        await scene.later(minutes=1)
        assert len(said(scene, "chen", "【更正】")) == 1
        assert len(said(scene, "wangwu", "【积分更正】")) == 1


async def test_a_proposal_of_the_supervisors_is_corrected_where_it_was_made(tmp_path: Path) -> None:
    async with office(tmp_path) as scene:
        await climbed(scene)
        number = await case(scene, 5)
        await scene.later(minutes=1)
        assert len(said(scene, OFFICE, "【处分建议】")) == 1
        await says(scene, "wangwu", f"/申诉 {number} 这是公司通知", where="")
        await says(scene, "wang", f"/申诉 撤销 {number} 属实", where=OFFICE)
        await scene.later(minutes=1)
        (corrected,) = said(scene, OFFICE, "【更正】")
        assert "扣分现为 6 分" in corrected
        assert not said(scene, "chen", "【更正】"), "the head was told of the first six points, which stand"


async def test_a_case_that_no_sum_held_is_corrected_nowhere(tmp_path: Path) -> None:
    async with office(tmp_path) as scene:
        await climbed(scene)
        number = await case(scene, 1)
        await says(scene, "wangwu", f"/申诉 {number} 这是公司通知", where="")
        await says(scene, "wang", f"/申诉 撤销 {number} 属实", where=OFFICE)
        await scene.later(minutes=1)
        assert not any(said(scene, reader, "更正】") for reader in ("chen", "wangwu", OFFICE))


async def test_a_confirmation_that_is_undone_is_corrected_too(tmp_path: Path) -> None:
    async with office(tmp_path) as scene:
        number = await climbed(scene)
        await says(scene, "li", f"/违规 撤销 {number} 看错了", where=OFFICE)
        await says(scene, "wang", f"/违规 驳回 {number} 误判", where=OFFICE)
        await scene.later(minutes=1)
        (corrected,) = said(scene, "chen", "【更正】")
        assert "经复核撤销" in corrected
