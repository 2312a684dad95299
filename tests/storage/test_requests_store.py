"""Announcements and membership requests: numbers, moves with their steps, and what is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from storage.errors import Conflict, NotFound
from storage.records import Announcement, MemberRequest, Step
from storage.session import Storage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _draft(now: datetime, **known: object) -> Announcement:
    draft = Announcement("", "p1", "国庆放假安排", (1, 2), None, "draft", now)
    return replace(draft, **known)  # type: ignore[arg-type]  # fields of the record, by name


def _joining(now: datetime) -> MemberRequest:
    return MemberRequest(
        "", "join", "李四", "技术部", "", "", 1, "p1", "", "waiting_hr", now, (Step("waiting_hr", "p1", now),)
    )


async def test_an_announcement_from_draft_to_group(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        draft = await unit.announcements.add(_draft(now))
        assert draft == _draft(now, number=draft.number)
        assert draft.number.startswith("G-")
        assert len(draft.number) == 7
        assert await unit.announcements.get(f"g{draft.number[2:].lower()}") == draft
        await unit.announcements.move(draft.number, ["draft"], "submitted", "p1", now)
        returned = await unit.announcements.move(draft.number, ["submitted"], "returned", "p9", now, "缺日期")
        assert (returned.decided_by, returned.decided_at, returned.remark) == ("p9", now, "缺日期")
        revised = await unit.announcements.revise(draft.number, "新", (3,), now + DAY, tracked=True)
        assert (revised.text, revised.rooms, revised.planned_at, revised.tracked) == (
            "新",
            (3,),
            now + DAY,
            True,
        )
        await unit.announcements.move(draft.number, ["returned"], "submitted", "p1", now)
        with pytest.raises(Conflict) as lies_there:
            await unit.announcements.revise(draft.number, "x", (), None, tracked=False)
        assert lies_there.value.present == "submitted"
        approved = await unit.announcements.move(draft.number, ["submitted"], "approved", "p9", now, "")
        assert (approved.remark, approved.posted_at) == ("", None)
        posted = await unit.announcements.move(draft.number, ["approved"], "posted", "system", now + DAY)
        assert (posted.posted_at, posted.decided_by) == (now + DAY, "p9")


async def test_only_what_is_approved_is_due_and_at_its_time(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        approved = {"state": "approved", "decided_by": "p9", "decided_at": now}
        later = await unit.announcements.add(_draft(now, **approved, planned_at=now + HOUR))
        at_once = await unit.announcements.add(_draft(now, **approved))
        await unit.announcements.add(_draft(now, state="submitted", planned_at=now - DAY))
        assert await unit.announcements.due(now) == [at_once]
        assert await unit.announcements.due(now + HOUR) == [at_once, later]


async def test_lists_of_announcements_and_what_is_forgotten(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        old = await unit.announcements.add(_draft(now, state="posted"))
        new = await unit.announcements.add(_draft(now + HOUR, author="p2"))
        assert await unit.announcements.list() == [new, old]
        assert await unit.announcements.list(states=["posted"]) == [old]
        assert await unit.announcements.list(author="p2", limit=1) == [new]
        assert await unit.announcements.purge(now + DAY) == 1
        # A draft waits, however old.
        assert await unit.announcements.list() == [new]
        with pytest.raises(NotFound):
            await unit.announcements.move(old.number, ["posted"], "failed", "system", now)


async def test_every_step_of_a_request_is_kept(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        asked = await unit.requests.add(_joining(now))
        assert asked == replace(_joining(now), number=asked.number)
        assert asked.number.startswith("R-")
        with pytest.raises(Conflict) as refused:
            await unit.requests.move(asked.number, ["waiting_head"], "approved", "p9", now)
        assert refused.value.present == "waiting_hr"
        approved = await unit.requests.move(
            asked.number, ["waiting_hr"], "approved", "p9", now + HOUR, "可以"
        )
        assert approved.steps == (*asked.steps, Step("approved", "p9", now + HOUR, "可以"))
        assert (approved.remark, approved.done_at) == ("可以", None)
        done = await unit.requests.move(
            asked.number,
            ["approved"],
            "done",
            "system",
            now + DAY,
            done=True,
            contact_id="c5",
            person_key="p5",
        )
        assert (done.done_at, done.contact_id, done.person_key, done.remark) == (
            now + DAY,
            "c5",
            "p5",
            "可以",
        )
        assert await unit.requests.get(asked.number.lower()) == done
        assert await unit.requests.get("R-ZZZZZ") is None
        with pytest.raises(NotFound):
            await unit.requests.move("R-ZZZZZ", ["approved"], "done", "system", now)


async def test_lists_of_requests_and_what_is_forgotten(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        first = await unit.requests.add(_joining(now))
        second = await unit.requests.add(replace(_joining(now + HOUR), room_key=2, kind="leave"))
        assert await unit.requests.list() == [second, first]
        assert await unit.requests.list(room_key=1) == [first]
        done = await unit.requests.move(first.number, ["waiting_hr"], "rejected", "p9", now, done=True)
        assert await unit.requests.list(["rejected"]) == [done]
        assert await unit.requests.list(open_only=True) == [second]
        assert await unit.requests.purge(now) == 0
        assert await unit.requests.purge(now + HOUR) == 1
        assert await unit.requests.list() == [second]
