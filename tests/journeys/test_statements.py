"""The month's statement from its cases to its publication and the appeals that it opens (policy 6.2a, 6.3)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

from fakes.offices import audit, person, says, staffed
from fakes.scene import AD, OFFICE, ROOM, SHANGHAI, Scene
from fakes.stated import bonus

from storage.records import Addressee, CaseState, Enquiry, Statement

OCTOBER = "2026-10"


async def confirmed(scene: Scene, who: str = "someone") -> str:
    await scene.says(who, AD)
    number = (await scene.cases())[-1].number
    await says(scene, "li", f"/违规 确认 {number}", where=OFFICE)
    return number


async def until(scene: Scene, moment: str) -> list[str]:
    there = datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=SHANGHAI)
    return await scene.later(seconds=(there - scene.clock.now()).total_seconds())


async def kept(scene: Scene, month: str = OCTOBER) -> Statement | None:
    async with scene.storage.view() as unit:
        return await unit.statements.get(month)


async def test_from_the_months_end_to_publication_and_the_appeal_in_time(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        given = await bonus(scene, "chen", 3)
        await until(scene, "11-02 09:45:30")
        drafted = [text for text in scene.heard(OFFICE) if "可以公示" in text]
        assert len(drafted) == 1
        assert "2 人，扣 2 分，加 3 分" in drafted[0]
        assert await kept(scene) is None, "nothing is published without a person"
        preview = await says(scene, "wang", "/公示", where=OFFICE)
        for part in (OCTOBER, "预览", "市场部：1 人 1 项，扣 0 分，加 3 分，合计 +3", "/公示 2026-10 确认"):
            assert part in preview
        assert await kept(scene) is None
        done = await says(scene, "wang", "/公示 2026-10 确认", where=OFFICE)
        assert "私下告知 2 人" in done
        assert "申诉期自各人收到之日起 3 个工作日" in done
        (told,) = [text for text in scene.heard("someone") if "【月度积分】" in text]
        for part in (number, "-2 分", "商业推广", f"/申诉 {number}", "收到本消息后 3 个工作日内"):
            assert part in told
        assert given.number not in told
        (other,) = [text for text in scene.heard("chen") if "【月度积分】" in text]
        assert given.number in other
        assert number not in other
        assert not any("月度积分" in text for text in scene.heard(ROOM))
        (summary,) = [text for text in scene.heard(OFFICE) if "已公示（王敏）" in text]
        assert "陈晨" not in summary
        assert "statement published" in await audit(scene)
        await until(scene, "11-05 23:00")
        assert "已受理" in await says(scene, "someone", f"/申诉 {number} 这是通知", where="")


async def test_an_appeal_after_the_window_is_refused_with_the_date(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=datetime(2026, 10, 30, 10, 0, tzinfo=SHANGHAI)) as scene:
        number = await confirmed(scene)
        await until(scene, "11-02 10:00")
        await says(scene, "wang", "/公示 上月 确认", where=OFFICE)
        await until(scene, "11-06 09:00")
        said = await says(scene, "someone", f"/申诉 {number} 这是通知", where="")
        assert "11-05" in said
        assert "已受理" not in said


async def test_published_at_night_nobodys_time_runs_before_they_are_told(tmp_path: Path) -> None:
    async with staffed(tmp_path, start=datetime(2026, 10, 30, 10, 0, tzinfo=SHANGHAI)) as scene:
        number = await confirmed(scene)
        await until(scene, "11-02 22:00")
        assert "正在私下告知 1 人" in await says(scene, "wang", "/公示 确认", where=OFFICE)
        assert not any("【月度积分】" in text for text in scene.heard("someone"))
        await until(scene, "11-03 09:00")
        assert any("月度积分" in text for text in scene.heard("someone"))
        (line,) = (await kept(scene) or Statement("", scene.clock.now(), "")).lines
        assert (line.reached_at, line.reached_by) == (datetime(2026, 11, 3, 9, 0, tzinfo=SHANGHAI), "system")
        async with scene.storage.view() as unit:
            case = await unit.cases.get(number)
        assert case is not None
        assert case.published_at == datetime(2026, 11, 3, 9, 0, tzinfo=SHANGHAI)


async def test_a_statement_never_changes_and_what_was_late_or_given_back_comes_in_the_next(
    tmp_path: Path,
) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        await scene.says("chen", AD)  # a head: in review
        late = (await scene.cases())[-1].number
        await until(scene, "11-02 10:00")
        assert "尚有 1 件" in await says(scene, "wang", "/公示 10月", where=OFFICE)
        await says(scene, "wang", "/公示 10月 确认", where=OFFICE)
        assert "不再更改" in await says(scene, "wang", "/公示 10月 确认", where=OFFICE)
        october = await kept(scene)
        assert october is not None
        assert [line.cases for line in october.lines] == [(number,)]
        scene.clock.advance(60)
        await says(scene, "someone", f"/申诉 {number} 这是通知", where="")
        assert "退回 2 分" in await says(scene, "wang", f"/申诉 撤销 {number} 属通知", where=OFFICE)
        await says(scene, "li", f"/违规 确认 {late}", where=OFFICE)
        await until(scene, "12-01 10:00")
        await says(scene, "wang", "/公示 11月 确认", where=OFFICE)
        november = await kept(scene, "2026-11")
        assert november is not None
        lines = {line.person_key: line for line in november.lines}
        back, caught_up = (
            lines[(await person(scene, "someone")).key],
            lines[(await person(scene, "chen")).key],
        )
        assert (back.cases, back.restored, back.corrected) == ((), 2, (number,))
        assert (caught_up.cases, caught_up.deducted) == ((late,), 2)
        assert await kept(scene) == october
        assert any("以往月份更正：+2 分" in text for text in scene.heard("someone"))
        listed = await says(scene, "wang", "/公示 列表", where=OFFICE)
        assert "2026-11" in listed
        assert "2026-10" in listed


async def test_whose_identity_is_not_sure_waits(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene, "wangwu")
        await until(scene, "11-02 10:00")
        preview = await says(scene, "wang", "/公示", where=OFFICE)
        assert "尚未确认身份、暂不计入：市场部王五，共 1 人" in preview
        assert "没有可公示的积分" in await says(scene, "wang", "/公示 确认", where=OFFICE)
        await says(scene, "wang", "/绑定 确认 @市场部王五\u2005 E1005 确认", where=OFFICE, at=("wangwu",))
        await says(scene, "wang", "/公示 确认", where=OFFICE)
        october = await kept(scene)
        assert october is not None
        assert [line.cases for line in october.lines] == [(number,)]


async def test_what_is_no_month_and_what_is_not_over(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await confirmed(scene)
        for word in ("十月份", "2026-13", "0000-01", "../../etc", "=1+1"):
            assert "用法" in await says(scene, "wang", f"/公示 {word}", where=OFFICE)
        assert "尚未结束" in await says(scene, "wang", "/公示 本月 确认", where=OFFICE)
        assert "还没有开始" in await says(scene, "wang", "/公示 2027-01", where=OFFICE)
        assert "没有可公示" in await says(scene, "wang", "/公示 ２０２６年９月 确认", where=OFFICE)
        assert "需要权限" in await says(scene, "li", "/公示", where=OFFICE)
        assert await kept(scene) is None


async def asked(scene: Scene, who: str, count: int, *, late: int = 0, missing: int = 0) -> None:
    """Somebody got requests in October, and answered most of them in time."""
    now = scene.clock.now()
    async with scene.storage.unit() as unit:
        key = (await person(scene, who)).key
        for place in range(count):
            due = now + timedelta(hours=4)
            enquiry = await unit.enquiries.open(
                Enquiry("", 1, f"{who}{place}", "wang", "请确认", False, now, due), [Addressee("", key, who)]
            )
            at = due + timedelta(minutes=5) if place < late else now + timedelta(minutes=5)
            if place < count - missing:
                await unit.enquiries.answer(enquiry.number, key, "can", "", f"a{place}", at)
            await unit.enquiries.close(enquiry.number, now)


async def test_who_answered_everything_in_time_gets_a_point_once(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        await asked(scene, "chen", 3)
        await asked(scene, "liu", 4, late=1)
        await asked(scene, "zhao", 4, missing=1)
        await asked(scene, "li", 2)
        await until(scene, "11-02 09:46")
        assert sum("自动加分 1 人" in text for text in scene.heard(OFFICE)) == 1
        await until(scene, "11-03 09:46")
        async with scene.storage.view() as unit:
            totals = [
                await unit.ledger.total((await person(scene, who)).key)
                for who in ("chen", "liu", "zhao", "li")
            ]
        assert totals == [1, 0, 0, 0]
        await says(scene, "wang", "/公示 确认", where=OFFICE)
        (told,) = [text for text in scene.heard("chen") if "【月度积分】" in text]
        assert "2026-10 的 3 条工作消息全部按时回复" in told
        (line,) = (await kept(scene) or Statement("", scene.clock.now(), "")).lines
        assert line.bonus == 1


async def test_a_case_under_appeal_enters_no_statement(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        await says(scene, "someone", f"/申诉 {number} 这是通知", where="")
        await until(scene, "11-02 10:00")
        preview = await says(scene, "wang", "/公示", where=OFFICE)
        assert "没有已确认的积分" in preview
        assert "尚有 1 件待确认或申诉中" in preview
        async with scene.storage.view() as unit:
            case = await unit.cases.get(number)
        assert case is not None
        assert case.state is CaseState.APPEALED


async def test_own_data_is_listed_privately_and_only_to_whom_it_is(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        number = await confirmed(scene)
        rooms = len(scene.heard(ROOM))
        await says(scene, "someone", "/我的数据")
        told = scene.heard("someone")[-1]
        assert "【我的数据】" in told
        assert re.search(r"案件：1 条", told)
        assert "180 天" in told
        assert number not in told
        assert not any("我的数据" in text for text in scene.heard(ROOM)[rooms:])
        await says(scene, "wang", "/我的数据", where=OFFICE)
        assert "【我的数据】人力资源部王敏" in scene.heard("wang")[-1]
        assert not any("【我的数据】" in text for text in scene.heard(OFFICE))
        assert "需要确认身份" in await says(scene, "wangwu", "/我的数据", where="")


async def test_export_names_the_operators_command(tmp_path: Path) -> None:
    async with staffed(tmp_path) as scene:
        said = await says(scene, "wang", "/导出 2026-09", where=OFFICE)
        assert "qungui export statements --month 2026-09 --format xlsx" in said
        assert "草稿" in said
        assert "需要权限" in await says(scene, "li", "/导出", where=OFFICE)
