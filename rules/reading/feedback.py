"""Whether a problem report (#反馈) says what happened, when, and who is involved (policy 3.1c).

It only looks for what is plainly there or plainly not: where a report could be read as complete, it is. Pure, and
bounded by the length up to which a report is looked at.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from rules.reading.names import COMPOUND_SURNAMES, SURNAMES

LONGEST = 1_000
"""So many characters of a report are looked at; whoever writes more has said enough."""

ENOUGH = 200
"""Of a report that long nobody asks for more."""


class Part(StrEnum):
    """What a problem report has to say."""

    PHENOMENON = "phenomenon"
    TIME = "time"
    PEOPLE = "people"


_TAG = re.compile(r"#\s?(?:问题|情况|故障)?(?:反馈|反饋)#?")
_QUOTED_AT = re.compile(r"@[^@\u2005\n]{1,40}\u2005|@[^\s@]{1,40}")
_LABEL = re.compile(
    r"(?P<time>(?:发生|出现)?(?:时间|日期|时段))\s?[:：]"
    r"|(?P<people>(?:涉及|相关|影响|反馈|报告|联系)?(?:人员|人|对象|客户|用户|部门|范围))\s?[:：]"
    r"|(?P<phenomenon>(?:问题|故障)?(?:现象|描述|情况|内容|问题|故障)(?:描述|说明)?)\s?[:：]"
)
_TIME = re.compile(
    r"[0-9零一二两三四五六七八九十]{1,3}\s?(?:[点时]|小时|分钟|天|周|个?月|[日号])|[0-9]{1,2}[:：][0-9]{2}|[0-9]{1,2}[-/.][0-9]{1,2}"
    r"|今[天早晚晨日]|昨[天晚日]|前[天几日晚]|当[天时晚]|[上中下]午|早[上晨]|凌晨|傍晚|晚上|半夜|夜里|刚[才刚]|方才|[上本这]个?(?:周|星期|礼拜|月|季度)"
    r"|(?:周|星期|礼拜)[一二三四五六日天末]|最近|近[期日来几]|目前|现在|此刻|这会儿|一直|至今|到现在|每[天日次晚早周月]|整天|连续|多次|经常|偶尔|时不时"
    r"|开机[后时]|升级[后时]|更新[后时]|上线[后时]|节[前后]|(?<!不)以来|[上下]班[前后时]"
)
_PEOPLE = re.compile(
    r"我|咱|本人|俺|他们?|她们?|大家|各位同|全[员体公]|所有[人员用客]|有人|没人|无人|谁|[客用租住旅乘业患]户|客人|顾客|患者|乘客|旅客|访客|来访|学员|学生|家长"
    r"|同[事仁]|员工|工[人友]|师傅|人员|老师|司机|保安|保洁|前台|值班|客服|销售|采购|会计|出纳|财务|人事|行政|法务|运营|研发|工程师|测试|产品经理|经理|主管|总监|主任"
    r"|领导|老板|组长|班长|店长|厂长|供应商|厂家|厂商|代理商|经销商|合作方|甲方|乙方|对方|团队|公司|门店|分店|网点|车间|产线|部门|班组"
    r"|[^\s，。,.;；:：]{1,8}[部组科室处](?:[^\w]|$|的|有|都|反|不|无|没|人|和|、)|[0-9一二两三四五六七八九十几多]+\s?(?:个|位|名|人)"
)
_STRANGE = re.compile(
    r"[不没無无未]|失败|失效|报错|错误?|异常|故障|[卡慢坏漏断停缺少丢烂裂堵脏臭吵冷热暗闪黑蓝红白]|崩|挂了|死机|宕|延迟|延误|迟到|超时|重复|乱码|空白"
    r"|投诉|举报|泄露|损坏|破损|偏[高低大小]|过[高低大小期]|太|退回|被拒|拒绝|冲突|打架|着火|冒烟|积水|进水|跳闸|停电|断网|断电|误差|对不上|不符|异响|异味"
)
_FILLERS = re.compile(
    r"问题|情况|反馈|反饋|麻烦|请|帮忙|帮|看看|看一?下|处理|解决|一下|尽快|谢谢|感谢|领导|各位|大家|你好|您好|收到|请知悉|知悉|如下|有个?|出现?|发生|了|的|又|还|是"
    r"|系统|我们?|这|那|里|个|吗|呢|啊|吧|，|。"
)
_WORD = re.compile(r"[^\W_]")
_LEAST = 6
"""Letters and characters that have to be left of a report without its fillers for it to describe something."""


def is_report(typed: str) -> bool:
    """Whether somebody means a text as a problem report: it bears the tag #反馈."""
    return "反" in typed and _TAG.search(_plain(typed)) is not None


def lacking(typed: str) -> tuple[Part, ...]:
    """What a problem report does not say; empty for a complete one, and for what is no report at all."""
    plain = _plain(typed)
    tag = _TAG.search(plain)
    if tag is None:
        return ()
    said = f"{plain[: tag.start()]} {plain[tag.end() :]}"
    if len(said) > ENOUGH:
        return ()
    said, given = _labelled(said)
    return tuple(part for part in Part if part not in given and not _says(part, said))


def _plain(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed[:LONGEST])


def _labelled(said: str) -> tuple[str, frozenset[Part]]:
    """The text without its labels (时间：…), and which parts stand behind one."""
    labels = list(_LABEL.finditer(said))
    ends = [*(label.start() for label in labels[1:]), len(said)]
    given = {
        Part(str(label.lastgroup))
        for label, end in zip(labels, ends, strict=False)
        if _WORD.search(said[label.end() : end])
    }
    return _LABEL.sub(" ", said), frozenset(given)


def _says(part: Part, said: str) -> bool:
    if part is Part.TIME:
        return _TIME.search(said) is not None
    if part is Part.PEOPLE:
        return _PEOPLE.search(said) is not None or "@" in said or _names_somebody(said)
    return _describes(said)


def _describes(said: str) -> bool:
    """Whether something is described: what is strange, with something that it is strange about."""
    left = _FILLERS.sub("", _TIME.sub("", _QUOTED_AT.sub("", said)))
    letters = len(_WORD.findall(left))
    return letters >= _LEAST or (letters > 2 and _STRANGE.search(left) is not None)


def _names_somebody(said: str) -> bool:
    """Whether a piece of the text, divided by punctuation, is or begins with what reads as a name."""
    for piece in re.split(r"[\s，。、,.;；:：!！?？()（）]+", _FILLERS.sub(" ", said)):
        if 2 <= len(piece) <= 4 and (piece[0] in SURNAMES or piece[:2] in COMPOUND_SURNAMES):
            return True
    return False
