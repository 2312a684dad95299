"""What is said in the demo: a working day of a project group, and the days before it, by people who don't exist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.gateway.simulator import Simulator
from rules.core.model import MessageType
from storage.records import RosterRow

ZONE = ZoneInfo("Asia/Shanghai")
EARLIER = datetime(2026, 10, 9, 9, 30, tzinfo=ZONE)
"""When the bot begins: the Friday before, and the Saturday after it is worked in place of a holiday."""

DAY = datetime(2026, 10, 13, 8, 55, tzinfo=ZONE)
ROOM = "project@chatroom"
OFFICE = "office@chatroom"
TOPIC = "滨江项目工作群"
OFFICE_TOPIC = "群规监督组"

PEOPLE = {
    "wang": ("王敏", "人力资源部王敏"),
    "li": ("李强", "工程部李强"),
    "zhao": ("赵磊", "工程部-赵磊"),
    "chen": ("陈静", "采购部陈静"),
    "liu": ("刘洋", "市场部刘洋"),
    "zhou": ("周杰", "市场部周杰"),
    "sun": ("孙丽", "财务部孙丽"),
    "qian": ("钱进", "仓储部钱进"),
    "wu": ("吴迪", "工程部吴迪✨"),
    "gao": ("高远", "宏达建材高远"),
}
NEWCOMERS = {
    "ma": ("马超", "工程部马超"),
    "huang": ("黄忠", "宏达建材黄忠"),
    "lu": ("陆远", "陆远"),
}
"""Who comes into the group in the story of joining."""

STRANGERS = {"qian", "zhou", "gao"}
"""Who is not a contact of the bot's account: they get no private answers."""

ROSTER = tuple(
    RosterRow(f"E10{number:02}", name, department, is_head=False, active=True)
    for number, (name, department) in enumerate(
        (
            ("王敏", "人力资源部"),
            ("李强", "工程部"),
            ("赵磊", "工程部"),
            ("陈静", "采购部"),
            ("刘洋", "市场部"),
            ("周杰", "市场部"),
            ("孙丽", "财务部"),
            ("钱进", "仓储部"),
            ("吴迪", "工程部"),
        ),
        start=1,
    )
)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that somebody says.

    Attributes:
        at: local time of the demo's day.
        by: who, by key of :data:`PEOPLE`.
        where: room id; empty for a private chat with the bot.
        note: what the watcher should notice, printed before it.
        looks_bad: it looks like a violation and is rightly left alone.
        recall: it is recalled right away.
    """

    at: time
    by: str
    text: str
    type: MessageType = MessageType.TEXT
    where: str = ROOM
    note: str = ""
    looks_bad: bool = False
    recall: bool = False


def people(sim: Simulator) -> None:
    """Fill the demo's world."""
    for key, (name, _) in PEOPLE.items():
        sim.contact(key, name, friend=key not in STRANGERS)
    sim.room(ROOM, TOPIC, PEOPLE)
    sim.room(OFFICE, OFFICE_TOPIC, ["wang", "chen"])
    for key, (_, alias) in PEOPLE.items():
        sim.alias(ROOM, key, alias)
    for key in ("wang", "chen"):
        sim.alias(OFFICE, key, PEOPLE[key][1])


def _at(clock: str) -> time:
    return time.fromisoformat(clock)


def _photos(clock: str, by: str, count: int) -> list[Line]:
    first = _at(clock)
    return [
        Line(first.replace(second=2 * number), by, "", MessageType.IMAGE, looks_bad=number == count - 1)
        for number in range(count)
    ]


MORNING = (
    Line(
        _at("09:02"), "wang", "各位早上好，今天下午三点在二楼会议室开项目周例会，请大家准时参加，收到请回复"
    ),
    Line(_at("09:03"), "li", "收到"),
    Line(_at("09:03:20"), "zhao", "收到，我带上验收资料"),
    Line(_at("09:04"), "sun", "/状态", note="人人都可以问：机器人在岗吗？怎样申诉？"),
    Line(
        _at("09:30"),
        "zhao",
        "3号楼五层现场照片，共九张",
        note="巡检员一口气发九张现场照片：看着像刷屏，其实是工作",
    ),
    *_photos("09:31:00", "zhao", 9),
    Line(
        _at("10:05"),
        "chen",
        "防火门报价单：甲级单价1280元/樘，含安装，供应商联系电话在附件里，请财务部核对后付款",
        note="采购报价：有价格有电话，看着像广告，其实是工作",
        looks_bad=True,
    ),
    Line(_at("10:06"), "sun", "收到，下午核对"),
    Line(
        _at("10:40"),
        "qian",
        "加薇❤信 abc12345 兼职刷单日结300，名额有限，扫码进群",
        note="有人发招揽广告，用表情符号隔开关键词",
    ),
    Line(
        _at("11:10"),
        "sun",
        "提醒大家：近期有人以刷单兼职为名诈骗，凡是让你加微信垫付的都不要信",
        note="反诈提醒：满是敏感词，其实是好意",
        looks_bad=True,
    ),
)

AFTERNOON = (
    Line(_at("13:30"), "li", "#接龙 周六加班餐报名\n1. 李强", note="接龙：多人连发相似内容，不是刷屏"),
    Line(_at("13:30:20"), "zhao", "#接龙 周六加班餐报名\n1. 李强\n2. 赵磊"),
    Line(_at("13:30:40"), "chen", "#接龙 周六加班餐报名\n1. 李强\n2. 赵磊\n3. 陈静", looks_bad=True),
    *(
        Line(
            time(14, 20, 3 * number),
            "liu",
            "在吗在吗在吗",
            note="同一句话反复刷屏：只记一次" if number == 0 else "",
        )
        for number in range(8)
    ),
    Line(
        _at("15:10"),
        "zhou",
        "出售真人荷官百家乐平台账号，注册就送彩金",
        note="招揽赌博：两条规则都命中，按较重的一项只处理一次",
    ),
    Line(
        _at("15:40"),
        "li",
        "老婆开了个美容店，办卡打折，需要的私聊我",
        note="拿不准的，机器人不当众说话，交给人来定",
    ),
)

EVENING = (
    Line(
        _at("17:20"),
        "liu",
        "内部渠道办理信用卡提额，无需面签，加V详聊 liuyang888",
        note="发出后马上撤回：提醒不再发出，不计分",
        recall=True,
    ),
)

NIGHT = (
    Line(
        _at("20:40"),
        "li",
        "赵工，明天的隐蔽验收资料今晚整理好发我，甲方早上要",
        note="下班后布置工作：记录在案，此刻不出声；明早上班时提醒一次，不扣分",
    ),
    Line(_at("20:52"), "zhao", "收到", note="回一句“收到”不算打扰", looks_bad=True),
    Line(
        _at("21:15"),
        "qian",
        "亲们，家居城周年庆全场3折起，扫码进群领券抢红包，手慢无！",
        note="夜里的广告：先记录，不打扰大家，下一个工作日上班再提醒",
    ),
    Line(
        _at("22:05"),
        "zhao",
        "【紧急】地下室水泵故障，水已经漫到配电间门口，请电工立即到场",
        note="真正的紧急情况，以及对它的回应，不算违规",
        looks_bad=True,
    ),
    Line(_at("22:07"), "sun", "已经联系物业，十分钟内到", looks_bad=True),
)
