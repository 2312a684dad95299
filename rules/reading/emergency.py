"""Whether a text speaks of an emergency, and whether a marker of urgency stands on something that is none.

What happened (a fire, an outage, somebody hurt) makes an emergency, with or without a marker. A marker alone
claims one, which people have to look at; on a weekly report or a dinner it is misused. Words that look back,
plan or practise (演练, 复盘, 预案) take the certainty away. Pure, and linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto
from functools import lru_cache

LONGEST = 160
"""Folded code points above which a text is an article, and no cry for help."""

_EVENT = re.compile(
    r"起火|着火|失火|火警|火灾|冒烟(?!测试|用例)|(?<!信息)爆炸(?!式|性)|爆燃|(?<!内存)泄[漏露]|漏水|爆管|水管爆|喷水"
    r"|(?:机房|车间|仓库|库房|电梯|地下室|配电|设备|办公室).{0,4}(?:进水|积水|被淹|水淹)|停电|(?<!不)断电|跳闸|触电|漏电"
    r"|坍塌|塌方|塌了|倒塌|被困(?!难)|困在电梯|困人|困住|大量报错|大面积|(?<![很太])受伤|[摔砸烫烧撞扭压割]伤|伤者|伤亡|晕倒|昏倒|昏迷|(?<!打)骨折"
    r"|流血|大出血|中毒|溺水|(?<!应)急救(?!箱|包|知识|证)|救护车|救命|救人|[打拨叫]了?1(?:20|19|10)|已经?报警|报了警|快报警"
    r"|疏散(?!通道|示意|图|指示|标)|撤离|宕机|停机了|停线|全线停|断网|删库|数据丢失|勒索病毒|事故|车祸|追尾|地震|山洪|洪水"
    r"|失联|走失|被盗|失窃|投诉.{0,2}升级|升级.{0,2}投诉|客诉升级|(?<![a-z0-9])p[01](?:级|故障|告警|事故)|[一二]级告警|严重告警"
    r"|(?:系统|服务|服务器|机房|冷库|网站|数据库|平台|接口|主机|网关|网络|专线|小程序|后台|线上|生产环境|支付|app|产线|生产线|机组|锅炉|电梯|空压机)"
    r".{0,6}(?:崩了|崩溃|挂了|挂掉|瘫痪|中断|打不开|登不上|登录不了|进不去|访问不了|不可用|断了|宕|down|故障|(?:告警|报警)(?!器|机|功能|平台)"
    r"|无响应|没响应|起不来|连不上|被攻击|停了|停摆)"
)
_SYMPTOM = re.compile(
    r"故障|(?:告警|报警)(?!器|机|功能|平台)|报错|异常|中断|崩溃|崩了|卡死|打不开|登不上|连不上|进不去|用不了|不可用|停机|停产|渗水|异味|烧了|坏了"
    r"|抢修|险情|投诉|攻击|漏洞|缺货|断料|召回|闹事|围堵|住院|抢救|病危|求救|求援"
)
_ABOUT = re.compile(
    r"演练|演习|预案|复盘|总结|报告|分析|案例|培训|考试|学习|制度|手册|纪要|通报|宣传|方案|计划|预告|将于|定于|去年|上周|上个?月"
    r"|昨天|前天|明天|明日|后天|检修|故障率|事故率|零事故|无事故|没有|未发生|防止|预防|避免|严防|谨防|防范|杜绝|险种|保险|新闻|电影|电视剧|小说|视频"
)
_ROUTINE = re.compile(
    r"周报|月报|日报|年报|团建|聚餐|聚会|饭局|报名|接龙|投票|问卷|早餐|午餐|晚餐|早饭|午饭|晚饭|夜宵|宵夜|奶茶|咖啡|外卖|下周|下个?月"
    r"|下季度|明年|有空|有时间|抽空|空了|不着急|不急|方便时|方便的时候|方便的话|生日|抽奖|福利|优惠|促销|打折|特价|秒杀|拼单|拼团|团购"
    r"|代购|内购|红包|点赞|集赞|转发|朋友圈|打卡|演练|演习|体检|工会|年会|征文|比赛|打球|球赛|羽毛球|篮球|足球|爬山|唱歌|旅游|春游"
    r"|秋游|合影|照片|海报|问卷|满意度|评优|表扬|生日会|下午茶|零食|口令|助力|砍一刀|兼职|推广|加微信|招聘|内推"
)
_MENTION = re.compile(r"@[^@\u2005\n]{1,40}\u2005|@[^\s@]{1,40}(?:\s|$)")
_FLAT = {ord(wide): ord("[") for wide in "【〔［（〖《〈「('<"} | {
    ord(wide): ord("]") for wide in "】〕］）〗》〉」)'>"
}
_FLAT |= {point: point - 0xFEE0 for point in range(0xFF01, 0xFF5F) if point not in _FLAT}
_SPELLED: dict[int, int | None] = {
    **_FLAT,
    ord("緊"): ord("紧"),
    ord("發"): ord("发"),
    **dict.fromkeys(map(ord, " \t\u3000\xa0\u2005\u200b\ufeff"), None),
}


class Urgency(Enum):
    """What a text makes of itself."""

    NONE = auto()
    PLAUSIBLE = auto()  # signs of trouble, without certainty
    CLAIMED = auto()  # a marker, and neither signs of an emergency nor of the contrary
    REAL = auto()
    MISUSED = auto()  # a marker on what evidently can wait


def urgency(typed: str, plain: str, markers: Sequence[str]) -> Urgency:
    """How urgent a text is.

    Args:
        typed: as it was typed.
        plain: folded for matching.
        markers: how urgency is marked. One that begins with a sign (【紧急】) counts anywhere, any other (突发) at the
            beginning of a line; brackets of all shapes are alike.
    """
    marked = is_marked(typed, plain, markers)
    event = _EVENT.search(plain) is not None
    trouble = event or _SYMPTOM.search(plain) is not None
    if not trouble:
        if not marked:
            return Urgency.NONE
        return Urgency.MISUSED if _ROUTINE.search(plain) else Urgency.CLAIMED
    doubtful = len(plain) > LONGEST or _ABOUT.search(plain) is not None or routine(plain)
    if marked:
        return Urgency.CLAIMED if doubtful else Urgency.REAL
    return Urgency.REAL if event and not doubtful else Urgency.PLAUSIBLE


def routine(plain: str) -> bool:
    """Whether a folded text is evidently about what can wait."""
    return _ROUTINE.search(plain) is not None


def is_marked(typed: str, plain: str, markers: Sequence[str]) -> bool:
    """Whether a text bears one of the markers."""
    spelled = _spelled(tuple(markers))
    if not any(letters in plain for _, letters in spelled):
        return False
    flat = without_mentions(typed).translate(_SPELLED).lower().lstrip()
    for marker, letters in spelled:
        anywhere = not marker.startswith(letters[:1])
        if (anywhere and marker in flat) or flat.startswith(marker) or f"\n{marker}" in flat:
            return True
    return False


def without_mentions(text: str) -> str:
    """The text without those whom it calls by name."""
    return _MENTION.sub(" ", text) if "@" in text else text


def mentions(text: str) -> list[tuple[int, int]]:
    """Where a text calls somebody by name: spans in it."""
    return [found.span() for found in _MENTION.finditer(text)] if "@" in text else []


@lru_cache(maxsize=64)
def _spelled(markers: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each marker in its one spelling, and the letters in it; those without letters can't be told from punctuation."""
    flat = (marker.translate(_SPELLED).lower().strip() for marker in markers)
    pairs = ((marker, "".join(filter(str.isalnum, marker))) for marker in flat)
    return tuple((marker, letters) for marker, letters in pairs if letters)
