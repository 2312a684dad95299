"""One burst is one case: what goes on with it is counted there, and costs nothing more."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from fakes.offices import staffed
from fakes.scene import AD, OFFICE, ORDINARY, ROOM, Scene, opened

from storage.records import CaseState, Role

OTHER_AD = "代开发票，点位低，加微信 piao8866 详谈"
INSULTS = ("你就是个蠢货", "蠢货，滚出去", "真是个废物东西，你个白痴")


async def points(scene: Scene, who: str) -> int:
    """What somebody's ledger says."""
    async with scene.storage.view() as unit:
        person = await unit.people.by_contact(who)
        assert person is not None
        return -sum(entry.points for entry in await unit.ledger.of_person(person.key))


async def burst(scene: Scene, texts: list[str], seconds: float = 5) -> list[str]:
    """Somebody says several things, one shortly after the other; what the bot said."""
    said = []
    for text in texts:
        said += await scene.says("liu", text)
        scene.clock.advance(seconds)
    return said + await scene.quiet()


async def test_the_same_advertisement_again_and_again_is_one_case_and_one_warning(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await burst(scene, [AD] * 8)
        case = await scene.the_case()
        assert len(scene.heard(ROOM)) == 1
        assert (case.rule, case.points, case.repeats) == ("advertising", 2, 7)
        assert case.last_at is not None
        assert (case.last_at - case.sent_at).total_seconds() >= 30
        await scene.appoint("wang", Role.SUPERVISOR)
        (shown,) = await scene.says("wang", f"/违规 查看 {case.number}", where="")
        assert "同一时段另有 7 条（至 " in shown
        assert "按一次处理" in shown
        assert await points(scene, "liu") == 2


async def test_that_it_was_repeated_is_the_graver_finding_of_that_case(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("wang", Role.SUPERVISOR)
        await burst(scene, [AD] * 8)
        case = await scene.the_case()
        assert (case.graver_rule, case.graver_points) == ("flooding", 3)
        (item,) = scene.heard(OFFICE)
        assert case.number in item
        assert "刷屏" in item
        await scene.says("wang", f"/违规 确认 {case.number} 从重", where="")
        case = await scene.the_case()
        assert (case.rule, case.points, case.state) == ("flooding", 3, CaseState.CONFIRMED)
        assert await points(scene, "liu") == 3


async def test_different_words_of_the_same_kind_are_one_case(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        said = await burst(scene, list(INSULTS), seconds=3)
        case = await scene.the_case()
        assert len(said) == 1
        assert (case.rule, case.points, case.repeats) == ("incivility", 4, 2)
        assert await points(scene, "liu") == 4


async def test_conduct_of_another_kind_is_another_case(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await burst(scene, [AD, INSULTS[0]])
        assert [(case.rule, case.repeats) for case in await scene.cases()] == [
            ("advertising", 0),
            ("incivility", 0),
        ]


async def test_who_was_quiet_for_five_minutes_begins_anew(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await burst(scene, [AD, OTHER_AD], seconds=200)  # each within five minutes of the one before
        scene.clock.advance(301)
        await burst(scene, [ORDINARY, AD])
        assert [case.repeats for case in await scene.cases()] == [1, 0]
        assert await points(scene, "liu") == 4


async def test_somebody_else_in_the_same_minute_has_a_case_of_their_own(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("liu", AD)
        await scene.says("zhou", OTHER_AD)
        assert [case.repeats for case in await scene.cases()] == [0, 0]


async def test_what_came_to_nothing_takes_nothing_in(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.appoint("wang", Role.SUPERVISOR)
        await scene.says("liu", AD)
        first = await scene.the_case()
        await scene.says("wang", f"/违规 驳回 {first.number} 这是误报", where="")
        await scene.says("liu", OTHER_AD)
        assert [case.state for case in await scene.cases()] == [CaseState.DISMISSED, CaseState.PROVISIONAL]


async def test_a_certain_finding_does_not_disappear_in_a_doubtful_case(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("liu", "有要做兼职的吗，可以私聊我")
        (doubtful,) = await scene.cases()
        assert doubtful.state is CaseState.REVIEW
        await scene.says("liu", AD)
        await scene.says("liu", "有要做兼职的吗，可以私聊我")
        assert [(case.state, case.repeats) for case in await scene.cases()] == [
            (CaseState.REVIEW, 0),
            (CaseState.PROVISIONAL, 1),
        ]


async def test_a_burst_over_a_restart_is_still_one_case(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await scene.says("liu", AD)
        now = scene.clock.now()
    async with opened(tmp_path, start=now + timedelta(minutes=1)) as again:
        await again.says("liu", AD)
        assert (await again.the_case()).repeats == 1


async def test_an_appeal_in_the_group_is_not_charged_for_what_it_quotes(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("someone", AD)
        case = await scene.the_case()
        await scene.says("someone", f"/申诉 {case.number} {AD}，这是我在转述骗子的话，不是推销")
        case = await scene.the_case()
        assert (case.state, case.repeats) == (CaseState.APPEALED, 0)


async def test_what_takes_no_appeal_is_read_by_people_before_a_word_is_said(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("wangwu", AD)  # who has not proven who they are, and can't appeal yet
        case = await scene.the_case()
        scene.clock.advance(400)
        await scene.says("wangwu", f"/申诉 {case.number} {AD}，这是我在转述骗子的话，不是推销")
        scene.clock.advance(400)
        await scene.says("wangwu", f"/申诉 V-ZZZZZ {AD}")  # no case of theirs: nobody hides behind a number
        assert [one.state for one in await scene.cases()] == [
            CaseState.PROVISIONAL,
            CaseState.REVIEW,
            CaseState.PROVISIONAL,
        ]


async def test_an_insult_in_an_appeal_is_for_people_to_read(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await scene.says("someone", AD)
        case = await scene.the_case()
        said = await scene.says("someone", f"/申诉 {case.number} 不是广告。{INSULTS[0]}")
        first, second = await scene.cases()
        assert first.state is CaseState.APPEALED
        assert (second.rule, second.state) == ("incivility", CaseState.REVIEW)
        assert not any(second.number in text for text in said if "【待审核】" not in text)
