"""What an example of a command needs before it can be played: ``from fakes.prepared import BEFORE``.

Each preparation gets the example's line and gives the line to type, with numbers that exist.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from itertools import count

from fakes import requested, stated
from fakes.offices import WHO
from fakes.scene import ROOM, SHANGHAI, Scene

from bot.commands.claims import issue
from bot.pipeline import record
from storage.records import SYSTEM, Appeal, Case, CaseState, Demand, Role

MESSAGES = count()
CODE = "7KQM-2XPA-9RTC"
NUMBERS = ("V-7K2QM", "V-9RTC3")


async def new_case(scene: Scene, state: CaseState = CaseState.PROVISIONAL, who: str = "zhang") -> str:
    """A case of 张三, or of somebody else, charged, and on its way to ``state``."""
    now = scene.clock.now()
    async with scene.storage.unit() as unit:
        room = await unit.rooms.by_gateway(ROOM)
        person = await unit.people.by_contact(who)
        assert room is not None
        assert person is not None
        case = await unit.cases.open(
            Case(
                number="",
                room_id=ROOM,
                sender_id=who,
                message_id=f"m{next(MESSAGES)}",
                rule="advertising",
                category="advertising",
                clause="3.1d",
                points=2,
                state=CaseState.PROVISIONAL,
                tier="violation",
                confidence=0.9,
                reason="含有推销信息",
                room_key=room.key,
                person_key=person.key,
                sender_name="人力资源部张三",
                sent_at=now,
                created_at=now,
                evidence="扫码进群领红包",
            )
        )
        await record.charge(unit, case, case.points, author=SYSTEM, kind="penalty", now=now)
        if state is not CaseState.PROVISIONAL:
            supervisor = await unit.people.by_contact(WHO[Role.SUPERVISOR])
            assert supervisor is not None
            await unit.cases.move(
                case.number,
                from_states=(CaseState.PROVISIONAL,),
                to_state=state,
                by=supervisor.key,
                now=now,
                reason="属实",
            )
    return case.number


async def decided(scene: Scene, line: str) -> str:
    """Both cases have been decided."""
    for number in NUMBERS:
        if number in line:
            line = line.replace(number, await new_case(scene, CaseState.CONFIRMED))
    return line


def appealed(who: str) -> Callable[[Scene, str], Awaitable[str]]:
    """Somebody's case has been confirmed, and they have appealed."""

    async def prepare(scene: Scene, line: str) -> str:
        number = await new_case(scene, CaseState.CONFIRMED, who)
        now = scene.clock.now()
        async with scene.storage.unit() as unit:
            case = await unit.cases.get(number)
            assert case is not None
            await unit.cases.move(
                number, (CaseState.CONFIRMED,), CaseState.APPEALED, case.person_key, now, reason=""
            )
            await unit.appeals.file(Appeal(number, case.person_key, "公司通知", now, now + timedelta(days=7)))
        return line.replace(NUMBERS[0], number)

    return prepare


async def too_late(scene: Scene, line: str) -> str:
    """A case was published two weeks ago, and nobody has appealed against it."""
    number = await new_case(scene, CaseState.CONFIRMED)
    async with scene.storage.unit() as unit:
        await unit.cases.publish([number], scene.clock.now() - timedelta(days=14))
    return line.replace(NUMBERS[0], number)


async def own_and_decided(scene: Scene, line: str) -> str:
    """The case is the lead's own, and has been confirmed by somebody else."""
    return line.replace(NUMBERS[0], await new_case(scene, CaseState.CONFIRMED, WHO[Role.HR_LEAD]))


def demanded(kind: str, who: str = "zhang", answer: str = "") -> Callable[[Scene, str], Awaitable[str]]:
    """Something is asked of somebody, and perhaps answered."""

    async def prepare(scene: Scene, line: str) -> str:
        number = await new_case(scene, CaseState.CONFIRMED, who)
        now = scene.clock.now()
        async with scene.storage.unit() as unit:
            case = await unit.cases.get(number)
            assert case is not None
            due = now + timedelta(days=2)
            await unit.demands.ask(Demand(0, number, kind, case.person_key, "somebody", "为什么", now, due))
            if answer:
                await unit.demands.answer(number, kind, answer, now)
        return line.replace(NUMBERS[0], number)

    return prepare


async def with_shifts(scene: Scene, line: str) -> str:
    """There is a duty, entry 1, and a leave, entry 2."""
    async with scene.storage.unit() as unit:
        person = await unit.people.by_contact("zhang")
        assert person is not None
        for days, kind in enumerate(("duty", "leave"), 1):
            start = scene.clock.now().replace(day=20 + days)
            await unit.shifts.add(
                person.key, kind, start, start.replace(hour=18), "operator", scene.clock.now()
            )
    return line


async def with_exemption(scene: Scene, line: str) -> str:
    """There is an exemption, entry 1."""
    async with scene.storage.unit() as unit:
        person = await unit.people.by_contact("zhang")
        assert person is not None
        await unit.exemptions.add(person.key, "", 0, None, "试验", "operator", scene.clock.now())
    return line


async def muted(scene: Scene, line: str) -> str:
    """The room is muted."""
    await scene.says(WHO[Role.HR_LEAD], "/静默")
    return line


async def with_supervisor(scene: Scene, line: str) -> str:
    """张三 is a supervisor."""
    async with scene.storage.unit() as unit:
        person = await unit.people.by_contact("zhang")
        assert person is not None
        await unit.people.grant(person.key, Role.SUPERVISOR, "operator", scene.clock.now())
    return line


async def with_code(scene: Scene, line: str) -> str:
    """The code has been issued."""
    async with scene.storage.unit() as unit:
        return line.replace(CODE, await issue(unit, Role.MEMBER, "", "operator", scene.clock.now()))


async def with_word(scene: Scene, line: str) -> str:
    """The lexicon holds the word that is to be removed."""
    await scene.says(WHO[Role.HR_LEAD], "/词库 添加 青鸾项目 公司自定 尚未公开 确认")
    return line


async def with_digests(scene: Scene, line: str) -> str:
    """There was a digest on the 8th, and one yesterday."""
    for day in (8, 12):
        due = datetime(2026, 10, day, 17, 30, tzinfo=SHANGHAI)
        async with scene.storage.unit() as unit:
            await unit.jobs.claim("digest", due, due)
            await unit.jobs.finish("digest", due, due, "told")
    return line


async def with_a_word_in_the_phrase(scene: Scene, line: str) -> str:
    """The lexicon holds a word that the allowed phrase holds, too."""
    await scene.says(WHO[Role.HR_LEAD], "/词库 添加 禁毒 公司自定 试验 确认")
    return line


async def with_rule_off(scene: Scene, line: str) -> str:
    """The rule is switched off in the room."""
    await scene.says(WHO[Role.HR_LEAD], "/规则 关闭 flooding 项目工作群 确认")
    return line


async def with_draft(scene: Scene, line: str) -> str:
    """There is a draft that waits for approval: the example's own author's, or somebody else's."""
    author = WHO[Role.HR_LEAD] if line.startswith("/发布") else "chen"
    return await drafted(scene, author, line)


async def with_returned_draft(scene: Scene, line: str) -> str:
    """There is a draft that was returned."""
    line = await drafted(scene, WHO[Role.HR_LEAD], line)
    number = next(word for word in line.split() if word.startswith("G-"))
    await scene.says(WHO[Role.LEADER], f"/退回 {number} 请写明联系人", where="")
    return line


async def drafted(scene: Scene, author: str, line: str) -> str:
    """Somebody drafts; the line names the draft's number."""
    await scene.says(author, "/发布 项目工作群 停机维护", where="")
    async with scene.storage.view() as unit:
        (draft, *_) = await unit.announcements.list(states=("submitted",))
    return line.replace("G-7K2QM", draft.number).replace("G-9RTC3", draft.number)


async def with_archived(scene: Scene, line: str) -> str:
    """Something was archived."""
    await scene.says(WHO[Role.MEMBER], "/归档 “例会改为每周三上午” 例会")
    async with scene.storage.view() as unit:
        (kept, *_) = await unit.archive.search(())
    return line.replace("A-7K2QM", kept.number)


async def followed(scene: Scene, line: str) -> str:
    """The HR lead follows something up."""
    await scene.says(WHO[Role.HR_LEAD], "/跟踪 所有人 请确认值班名单")
    async with scene.storage.view() as unit:
        newest = max(await unit.enquiries.active(), key=lambda one: one.asked_at)
    return line.replace("Q-7K2QM", newest.number)


async def of_somebody_met_twice(scene: Scene, line: str) -> str:
    """The case is of somebody off the roster, who holds no role."""
    return line.replace(NUMBERS[0], await new_case(scene, who="someone"))


async def merged(scene: Scene, line: str) -> str:
    """Two records were put together."""
    async with scene.storage.unit() as unit:
        one, other = await unit.people.by_contact("lisi"), await unit.people.by_contact("chen")
        assert one is not None
        assert other is not None
        made = await unit.mergers.merge(one.key, other.key, "operator", "同一人", scene.clock.now())
    return line.replace("M-7K2QM", made.number)


async def quoting(scene: Scene, line: str) -> str:
    """The line is typed below a quoted message, unless it holds the text itself."""
    await scene.says("zhang", "国庆节放假七天，请各部门安排值班")
    return line if "“" in line else f"「人力资源部张三：国庆节放假七天」\n- - - - - - - -\n{line}"


BEFORE: Mapping[tuple[str, str], Callable[[Scene, str], Awaitable[str]]] = {
    ("cases", "undo"): decided,
    ("appeal", ""): own_and_decided,
    ("appeal", "show"): appealed("zhang"),
    ("appeal", "withdraw"): appealed(WHO[Role.HR_LEAD]),
    ("appeal", "uphold"): appealed("zhang"),
    ("appeal", "lower"): appealed("zhang"),
    ("appeal", "overturn"): appealed("zhang"),
    ("appeal", "admit"): too_late,
    ("explain", "accept"): demanded("explanation", answer="转发通知"),
    ("explain", "return"): demanded("explanation", answer="转发通知"),
    ("explain", "cancel"): demanded("explanation"),
    ("rectify", "done"): demanded("rectification", who=WHO[Role.HR_LEAD]),
    ("rectify", "accept"): demanded("rectification", answer="已删除"),
    ("rectify", "return"): demanded("rectification", answer="已删除"),
    ("rectify", "cancel"): demanded("rectification"),
    ("claim", ""): with_code,
    ("duty", "cancel"): with_shifts,
    ("leave", "cancel"): with_shifts,
    ("exempt", "cancel"): with_exemption,
    ("mute", "off"): muted,
    ("grant", "revoke"): with_supervisor,
    ("merge", "into"): of_somebody_met_twice,
    ("merge", "split"): merged,
    ("digest", ""): with_digests,
    ("rules", "on"): with_rule_off,
    ("words", "allow"): with_a_word_in_the_phrase,
    ("words", "remove"): with_word,
    **requested.BEFORE,
    **stated.BEFORE,
    ("announce", "revise"): with_returned_draft,
    ("announce", "withdraw"): with_draft,
    ("announce", "show"): with_draft,
    ("approve", ""): with_draft,
    ("return", ""): with_draft,
    ("track", "show"): followed,
    ("track", "press"): followed,
    ("track", "close"): followed,
    ("archive", ""): quoting,
    ("archive", "show"): with_archived,
    ("archive", "remove"): with_archived,
}
