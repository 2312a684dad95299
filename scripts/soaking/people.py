"""Who is there: a company of people that don't exist, its work groups, and its roster."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.gateway.simulator import Simulator
from storage.records import Role, RosterRow

ZONE = ZoneInfo("Asia/Shanghai")
DAY = datetime(2026, 10, 13, 9, 30, tzinfo=ZONE)
"""A Tuesday morning in working time; a day later it is working time again, and the night's notices have left."""

OFFICE, OFFICE_TOPIC = "office@chatroom", "群规监督组"
ROOMS = {
    "river@chatroom": "滨江项目工作群",
    "tower@chatroom": "南区三号楼群",
    "buying@chatroom": "采购与仓储群",
    "sales@chatroom": "市场部工作群",
    "all@chatroom": "全员通知群",
}
DEPARTMENTS = ("工程部", "采购部", "市场部", "财务部", "仓储部", "质量部")
SURNAMES = "李赵陈刘周孙钱吴郑冯褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜谢邹喻柏水窦章云"
GIVEN = ("强", "磊", "静", "洋", "杰", "丽", "进", "迪")
SUPERVISORS = {
    "wang": ("王敏", Role.HR_LEAD),
    "he": ("贺岚", Role.HR_LEAD),
    "cheng": ("程越", Role.SUPERVISOR),
}
BADLY_NAMED = 9  # every so many people bear a nickname that is none


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person: contact id, name, and how they are called in the groups."""

    id: str
    name: str
    department: str
    alias: str
    friend: bool
    employee_no: str


def everybody() -> tuple[Somebody, ...]:
    """The company: supervisors first, then the members of the groups; most are contacts of the bot's account."""
    leads = [
        Somebody(key, name, "人力资源部", f"人力资源部{name}", True, f"E{1000 + place}")
        for place, (key, (name, _)) in enumerate(SUPERVISORS.items(), 1)
    ]
    members = []
    for place, surname in enumerate(SURNAMES):
        name, department = surname + GIVEN[place % len(GIVEN)], DEPARTMENTS[place % len(DEPARTMENTS)]
        alias = f"{name}✨" if place % BADLY_NAMED == 3 else f"{department}{name}"
        members.append(Somebody(f"m{place:02}", name, department, alias, place % 4 != 0, f"E{1100 + place}"))
    return (*leads, *members)


PEOPLE = everybody()
MEMBERS = PEOPLE[len(SUPERVISORS) :]
ROSTER = tuple(RosterRow(one.employee_no, one.name, one.department, False, True) for one in PEOPLE)


def fill(sim: Simulator) -> None:
    """Put them and their groups into a world; some people are in one group only."""
    for one in PEOPLE:
        sim.contact(one.id, one.name, friend=one.friend)
    leads = list(SUPERVISORS)
    for number, (room, topic) in enumerate(ROOMS.items()):
        inside = [
            one.id for place, one in enumerate(MEMBERS) if (place + number) % 3 or room == "all@chatroom"
        ]
        sim.room(room, topic, [*leads, *inside])
    sim.room(OFFICE, OFFICE_TOPIC, leads)
    for room in (*ROOMS, OFFICE):
        for one in PEOPLE:
            if one.id in sim.place(room).member_ids:
                sim.alias(room, one.id, one.alias)
