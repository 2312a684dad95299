"""Whether a message wishes somebody well, or laughs: among friends rough words are a form of it, and only people
can tell.

Pure, over text as typed and folded.
"""

from __future__ import annotations

import re
from typing import Final

from rules.reading.reading import Reading

_TREAT: Final = (
    r"(?:火锅|烧烤|羊肉串|烤串|奶茶|咖啡|拿铁|美式|夜宵|宵夜|啤酒|小龙虾|饺子|红包|零食|早饭|午饭|晚饭|水果)"
)
_GOODWILL: Final = re.compile(
    rf"""
    生日|蛋糕|喜[糖酒]|新婚|脱单|上岸了|考(?:试)?全?[过上]了|升职|转正了|{_TREAT}.{{0,6}}(?:管够|走起|我请|我包|安排上|约起|罚)
    |我请(?:客|你|大家|吃|喝)|请你[吃喝]|罚.?杯|赔我.?[杯顿份]|起床[啦了咯]|早点(?:睡|休息|回)|好好休息|注意身体|[替帮]你(?:干|带|顶|盯|值|扛|打饭)
    |给你们?(?:留|带)了?|放你(?:桌|工位)|恭喜(?!发财)|[真好太]可爱|逗得|笑喷|[爱想]死你|心疼|抱抱|么么|演唱会|给大家道个?歉|宝贝|闺女|好久不见|[年月天](?:没|不)见|撸串|血糖|血压|祝[你您]们?(?:早日|一切|生日|顺|健康|幸福|成功|好运|旅途|玩得|平安|开心|快乐)|一路平安
    """,
    re.VERBOSE,
)

_CARE: Final = re.compile(
    r"""
    别(?:哭|难过|伤心|往心里去|放在?心上|自责|灰心)|(?:骂|说)你.{1,8}(?:的人|[是的](?:他|她|那人))
    |(?:对不起|抱歉|不好意思|道个?歉|赔个?不是).{0,6}(?:刚才|刚刚|昨[天晚]|上次|那天)?[吼骂说凶]你
    |(?:刚才|刚刚|昨[天晚]|上次|那天).{0,4}不该.{0,3}[说骂吼凶]你|除了你没[人谁]|舍不得(?:跟|和|你)
    """,
    re.VERBOSE,
)
"""Somebody is consoled, or asked to forgive."""

_BANTER: Final = re.compile(
    r"""
    哈哈|嘿嘿|嘻嘻|hhh|233|开玩笑|[😂🤣😄😁😆😅😜😝🤪😘🥰😉🤭🙈]|~|～|爱你|么么
    |\[(?:捂脸|笑哭|破涕为笑|偷笑|呲牙|坏笑|憨笑|调皮|旺柴|嘿哈|机智|亲亲|可爱|愉快|奸笑|吃瓜|[Dd]oge|狗头)\]
    """,
    re.VERBOSE,
)
"""Laughter, as people write it and as WeChat draws it."""


_PLAY: Final = re.compile(
    r"下[盘把局]?[象围]?棋|[这那下上一]一?盘棋|五子棋|斗地主|掼蛋|麻将|牌局|打(?:羽毛球|乒乓|篮球|台球|桌球|网球)|球场上"
    r"|(?:三国|狼人)杀|桌游|剧本杀|[赢输]你[一两三]?[盘局把]|(?:要|能|肯定|准)赢你"
)
"""A game between people, in which they threaten to beat each other."""


def plays(reading: Reading) -> bool:
    """Whether a game is spoken of that people play against one another."""
    return _PLAY.search(reading.plain) is not None


def means_well(reading: Reading) -> bool:
    """Whether there is a treat, a congratulation, a favour, a care or a consolation in it."""
    return _GOODWILL.search(reading.plain) is not None or _CARE.search(reading.plain) is not None


def jokes(reading: Reading) -> bool:
    """Whether there is laughter in what was typed."""
    start, end = reading.typed
    return _BANTER.search(reading.original, start, end) is not None
