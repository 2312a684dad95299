"""Whether somebody greets and then only speaks of the weather, the way or oneself: 早 今天降温 多穿点.

Such a message greets and nothing else (policy 3.2a excepts it), though few of its words are words of courtesy. Pure.
"""

from __future__ import annotations

import re
from enum import Enum, auto

LONGEST = 26
"""Folded code points behind a greeting that may be small talk."""

LITTLE = 12
"""So many may be anything that is no work."""

_GREETING = re.compile(
    r"(?:大家|各位|同事们|家人们|小伙伴们|老师们)?(?:早上好|早安|早晨好|早[呀啊哈]?|上午好|晚安|晚上好|中午好|午安|下午好)"
    r"(?:大家|各位|同事们|家人们|小伙伴们|老师们|啊|呀|哈)?"
)
_CARE = re.compile(
    r"慢[点些]|注意(?:安全|保暖|防滑|防晒|身体)|路上|多穿|添衣|秋裤|降温|下雨|下雪|带伞|天[气晴凉冷热]|(?:好|真|太)[冷热困]|加油"
    r"|(?:周[一二三四五六日末]|新的一[周天月年]|假期)(?:好|快乐|愉快|啦|了|加油|的|余额|开始)|没睡醒|打工人|心情|开心|愉快|元气|冲[鸭呀啊]|咖啡|早点休息|好梦"
)
_SPIRITS = re.compile(
    r"(?:大家|各位|家人们|打工人)?(?:周[一二三四五六日]|新的一[周天])?(?:冲鸭|冲呀|冲冲冲|加油鸭)"
)
_WORK = re.compile(
    r"[开改到推][会在]|会议?[改延取]|改[到在成]|取消|暂停|停[发用电水机]|交[付货给上接]|[前内]交|报[表价销]|客户|订单|项目|数据|系统|上线|发版|发货|版本|ppt|表"
    r"|检查|审核|审批|汇报|[0-9]{2,}|[发交填改看].{0,2}(?:一下|下)|尽快|抓紧|务必|记得(?!带伞|吃|穿|添|秋|保暖|喝|多)"
    r"|加班|到岗|都[来去到]|回来|来(?:公司|单位|厂|店|现场|上班)|卸货|搬|工服|工装|正装|全员|到[厂店场]|值班|演练|盘点|集合|准时"
)
"""What makes work of it, whatever it greets with."""


class Talk(Enum):
    """What a text is that holds no request."""

    NONE = auto()
    GREETING = auto()  # and a few words that say nothing of work
    SMALL = auto()


def small_talk(said: str) -> Talk:
    """What a folded text is.

    Args:
        said: the text without mentions; it asks nobody for anything.
    """
    if _SPIRITS.fullmatch(said):
        return Talk.SMALL
    found = _GREETING.match(said)
    if found is None or _WORK.search(rest := said[found.end() :]):
        return Talk.NONE
    if len(rest) <= LONGEST and _CARE.search(rest):
        return Talk.SMALL
    return Talk.GREETING if len(rest) <= LITTLE else Talk.NONE
