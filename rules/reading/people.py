"""People in a text: whose telephone, at which address, how many of them (policy 5.3).

One name with a telephone is how work is done. Several of them, or one with a home address, are personal data.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rules.reading.names import TITLES, reads_as_name, split_title
from rules.reading.pii import Number, NumberKind
from rules.reading.span import Span
from rules.reading.verbatim import Verbatim


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Whose(StrEnum):
    """As what people in a text are spoken of."""

    SERVED = "served"  # customers, patients, pupils …: whom the company has to protect
    AT_WORK = "at_work"  # drivers, people on duty …: their numbers are given out for work
    ANYBODY = "anybody"


@dataclass(frozen=True, slots=True)
class People:
    """Who is told of in a text; spans in :attr:`Verbatim.text`.

    Attributes:
        reached: name with telephone, each telephone once.
        titled: how many of them are only called by surname and title (王工, 李总).
        homes: addresses where people live.
        places: all other addresses.
        paid: name with an amount of money, where pay is spoken of.
        ill: of what somebody suffers is told.
        whose: as what they are spoken of.
    """

    reached: tuple[Span, ...] = ()
    titled: int = 0
    homes: tuple[Span, ...] = ()
    places: tuple[Span, ...] = ()
    paid: tuple[Span, ...] = ()
    ill: bool = False
    whose: Whose = Whose.ANYBODY


_SERVED = re.compile(
    r"客户|患者|病人|业主|住户|租户|租客|学员|学生|考生|家长|会员|用户信息|买家|投保人|被保险人"
    r"|投资人|储户|持卡人|借款人|候选人|应聘者|求职者|访客名单|中奖|欠款人|产妇|孕妇|老人信息"
    r"|消费者|隔离人员|密接"
)
_AT_WORK = re.compile(
    r"值班|司机|师傅|车牌|车队|安装|维修|物业|施工|班组|前台|客服|供应商|送货|取货|配送|快递"
    r"|项目经理|负责人|应急|接待|讲师|导游|酒店|押运|保安|带队|组长|班长|对接|门卫|热线|报修|监理"
    r"|甲方|乙方|厂家|技术支持|调度|带班|安全员|搬运|保洁|电工|吊车|现场联系"
)
_PHONE_WORDS: Final = (
    "的?(?:联系)?(?:手机|电话|方式)(?:号码?|是|为)?|手机号码?|联系方式|号码|tel"
    "|phone|mobile|mob|m|电话/微信|微信同号"
)
_BEFORE = re.compile(
    rf"(?P<run>[\u4e00-\u9fff·]{{2,16}})[ \t]{{0,4}}(?:[(（][^()（）\n]{{0,8}}[)）])?[ \t:：,，、"
    rf"|/;；\-—_]{{0,6}}(?:(?:男|女)?[ ,，、|/]{{0,2}}(?:[0-9]{{1,3}}岁)?[ ,，、|/]{{1,3}})?(?:"
    rf"(?:{_PHONE_WORDS})[ \t:：=]{{0,4}})?(?:\+?86[ -]?)?\Z",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"(?:姓名|名字|联系人|收件人|收货人|客户名?称?|户主|业主|患者|病人|学员|家长|员工|持卡人"
    r"|户名)[ \t:：]{0,4}(?P<run>[\u4e00-\u9fff·]{2,4})(?![\u4e00-\u9fff])"
)
_AFTER = re.compile(r"[ \t:：,，、|/(（\-—]{0,4}(?P<run>[\u4e00-\u9fff·]{2,4})(?![\u4e00-\u9fff])")
_ROLES = re.compile(
    r"^(?:.{0,6}?(?:客户|患者|病人|业主|住户|租户|学员|学生|考生|家长|会员|收件人|收货人|联系人"
    r"|姓名|员工|同事|司机|供应商|买家|候选人|负责人|值班|用户|护士|医生|老师))?(?:名?[是为叫])?"
)
_ILL = re.compile(r"诊断|病历|确诊|肿瘤|[肺肝胃肠乳]癌|手术|住院|阳性|病情|床号|[0-9]{1,3}床")
_NO_NAMES: Final = _words(
    "单位 方式 时间 相关 时候 周一 周二 周三 周四 周五 周六 周日 常用 全天 温馨 高峰 广告 方便 "
    "尚未 双方 黄色 红色 白班 夜班 应急 查询 沙发 马上 平时 单号 卡号 后面 幸福 平台 经理 总机 "
    "关于 和平 解决 安全 管理 车辆 房间 项目 向您 任何 方案 费用 金额 支付 付款 景区 门票 温州 "
    "苏州 徐州 杭州 广州 郑州 常州 贵州 贵阳 洛阳 沈阳 南京 宁波 安徽 江苏 江西 云南 广东 广西 "
    "河北 河南 国庆 明天 成员 公司 全部 所有 应聘 左右 高中 经济 宣传 包装 司机 管家 史上 花园 "
    "贝壳 强调 支持"
)
_HOME = re.compile(
    r"[0-9一二三四五六七八九十A-Za-z]{1,4}(?:号楼|栋|幢|座|号院|弄|单元)[^，。；;、\n]{0,8}?"
    r"(?:[0-9]{3,4}(?![0-9])|[0-9]{1,2}(?:单元|室|户|号|-[0-9]))室?"
    r"|(?:小区|花园|家园|公寓|新村|苑|府|里|庭|湾|城|宿舍)[0-9A-Za-z]{1,3}(?:栋|幢|座|号楼|单元|室"
    r"|-[0-9]{1,4})[^，。；;、\s]{0,10}"
    r"|[0-9]{3,4}室"
    r"|(?:家庭住址|家庭地址|现住址|住址|户籍地址|户籍地|居住地址?"
    r"|家住)[ \t]{0,2}[:：是为]?[ \t]{0,2}[^\s，。,;；]{4,40}"
)
_PLACE = re.compile(
    r"[\u4e00-\u9fff]{1,12}(?:省|市|区|县|镇|乡|州|旗)[\u4e00-\u9fff0-9]{0,12}?(?:路|街|道|巷|胡同"
    r"|村|小区|大厦|广场|园|苑|弄|号)"
    r"|[\u4e00-\u9fff]{2,8}(?:路|街|大道|巷|胡同|里弄)[0-9]{1,5}(?:号|弄)"
    r"|地址[ \t]{0,2}[:：][ \t]{0,2}[^\s，。,;；]{4,40}"
)
_OFFICE = re.compile(
    r"公司|大厦|写字楼|产业园|科技园|工业园|工业区|园区|仓库|厂区|工地|项目部|中心|医院|学校|酒店"
    r"|广场|基地|办公|门店|驿站"
)
_PAY = re.compile(r"工资|薪资|薪酬|底薪|年薪|月薪|奖金|绩效|提成|年终奖|实发|应发|加薪|调薪")
_PAID = re.compile(
    r"(?<![\u4e00-\u9fff])(?P<run>[\u4e00-\u9fff]{2,4})[^0-9\n。；;]{0,10}?[0-9]{4,6}"
    r"(?:\.[0-9]{1,2})?(?![0-9年])"
)
_AMOUNT = re.compile("[0-9]{4}")
_WITHIN = 40
_FURTHEST = 60
_ADDRESS_GOES_ON = 30
_SORTED_TITLES: Final = tuple(sorted(TITLES, key=len, reverse=True))


def hints_at_pay(plain: str) -> bool:
    """Whether a folded text speaks of pay and has amounts in it; quick."""
    return _AMOUNT.search(plain) is not None and _PAY.search(plain) is not None


def people(text: Verbatim, numbers: Sequence[Number]) -> People:
    """Whom a text tells of; linear in the text."""
    shown = text.text
    phones = [one for one in numbers if one.kind in (NumberKind.MOBILE, NumberKind.LANDLINE)]
    reached: dict[str, Span] = {}
    titled = 0
    for index, phone in enumerate(phones):
        earlier = phones[index - 1].end if index else 0
        named = _named(shown, phone, earlier)
        if named is None or phone.digits[-11:] in reached:
            continue
        reached[phone.digits[-11:]] = (min(named[0], phone.start), max(named[1], phone.end))
        titled += named[2]
    whose = _whose(shown)
    if not reached:
        return People(paid=tuple(_paid(shown)), whose=whose)
    homes = tuple(found.span() for found in _HOME.finditer(shown) if not _OFFICE.search(found[0]))
    places = tuple(_elsewhere(shown, homes))
    ill = whose is Whose.SERVED and _ILL.search(shown) is not None
    return People(tuple(reached.values()), titled, homes, places, tuple(_paid(shown)), ill, whose)


def _elsewhere(text: str, homes: Sequence[Span]) -> Iterator[Span]:
    """The addresses that are not where a home's begins."""
    starts = [start for start, _ in homes]
    for found in _PLACE.finditer(text):
        after = bisect_left(starts, found.start())
        near = homes[max(0, after - 1) : after + 1]
        if not any(start < found.end() + _ADDRESS_GOES_ON and found.start() < end for start, end in near):
            yield found.span()


def _whose(text: str) -> Whose:
    if _SERVED.search(text):
        return Whose.SERVED
    return Whose.AT_WORK if _AT_WORK.search(text) else Whose.ANYBODY


def _named(text: str, phone: Number, earlier: int) -> tuple[int, int, bool] | None:
    """The name that goes with a telephone: its span, and whether it is only a surname with a title."""
    floor = max(earlier, phone.start - _WITHIN)
    before = _BEFORE.search(text, floor, phone.start)
    if before is not None and (found := _name_at_end(before["run"])) is not None:
        length, is_title = found
        return before.end("run") - length, before.end("run"), is_title
    for label in _LABELLED.finditer(text, max(earlier, phone.start - _FURTHEST), phone.start):
        if reads_as_name(label["run"]):
            return *label.span("run"), False
    after = _AFTER.match(text, phone.end)
    if after is not None and (found := _name_at_end(after["run"])) is not None:
        return *after.span("run"), found[1]
    return None


def _name_at_end(run: str) -> tuple[int, bool] | None:
    """How long the name is with which Chinese characters end, and whether it is a title; ``None``: there is none."""
    for title in _SORTED_TITLES:
        if run.endswith(title) and len(run) > len(title) and split_title(run[-len(title) - 1 :])[1]:
            return len(title) + 1, True
    bare = _ROLES.sub("", run, count=1)
    if 2 <= len(bare) <= 4 and bare not in _NO_NAMES and reads_as_name(bare):
        return len(bare), False
    return None


def _paid(text: str) -> Iterator[Span]:
    if _PAY.search(text):
        for one in _PAID.finditer(text):
            if (
                one["run"] not in _NO_NAMES
                and len(one["run"]) <= 3
                and reads_as_name(one["run"])
                and not _PAY.search(one["run"])
            ):
                yield one.span()
