"""Whose words a message holds: its sender's, or somebody else's that are reported, reacted to, drafted or tested.

What is only passed on, warned of or worked at is nobody's offence, though every word of one stands in it. Whoever hides
behind such a frame is shown to people instead. Pure, over text as typed and folded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from rules.reading.reading import Reading
from rules.reading.span import Span

_REACTION: Final = re.compile(
    r"[踢封][了掉号]|已[踢封删]|拉黑|取证|报[警案]|举报|别通过|[别不]要?[相轻]?信|信他|被骗|骗了|上当|退回|改回来?|清缓存|重装|(?:被|遭|dns|域名|页面|链路|运营商)劫持|劫持[了过]|污染"
    r"|没搭?理|不搭理|没敢[信加点转]|没同意|婉拒|拒绝了|[全都]是[假骗]|骗局|民警|派出所|提防|被黑|拦截|屏蔽|下架|警惕|当心|防骗|反诈|保安查|提醒大家|这什么玩意|批量封|[收接]到投诉"
)
_DRAFT: Final = re.compile(
    r"文案|话术|公众号|推送|欢迎语|素材|草稿|初稿|定稿|改稿|海报|标语|推文|落地页|投[ab]还是[ab]|ab测试|弹窗|banner|脚本"
)
_TRIED: Final = re.compile(
    r"用例|示例|样例|词库|敏感词|翻译|译[成作为]|字幕|方言|普通话|台词|原话|例句|考题|歌词|剧本|排练|[话语]教学|违规词|违禁词"
    r"|屏蔽词|骂人的?话|口头禅是|造.{0,3}词的"
)
_TOLD: Final = re.compile(
    r"(?:有人|他们|客户|用户|网友|对方|中介|代理|骗子|黑产|员工|业主|乘客|家长|学生|供应商|群里|评论区?|朋友圈|论坛|闲鱼).{0,12}?"
    r"(?:说|写|发|喊|骂|吼|嚷|怼|留言|评论|刷|贴|卖|出售|问|叫)"
)
_QUOTED: Final = re.compile(r"[“\"「『‘'][^“”\"「」『』‘’']{2,400}[”\"」』’']|[：:]\s{0,20}[“\"「『]")


_SPEECH: Final = re.compile(r"“[^”]{4,400}”|\"[^\"]{4,400}\"|「[^」]{4,400}」|『[^』]{4,400}』")
_BESIDE: Final = 4
"""A message that is hardly more than a quotation, shorter than this beside it, is its sender's own."""


def within_quotation(reading: Reading, spans: Iterable[Span]) -> bool:
    """Whether every one of these spans of the original, one at least, is told in quotation marks."""
    start, end = reading.typed
    speech = [found.span() for found in _SPEECH.finditer(reading.original, start, end)]
    beside = end - start - sum(last - first for first, last in speech)
    places = list(spans)
    return bool(places and speech and beside >= _BESIDE) and all(
        any(first <= one[0] and one[1] <= last for first, last in speech) for one in places
    )


def quoted(reading: Reading) -> bool:
    """Whether something stands in quotation marks in what was typed."""
    start, end = reading.typed
    return _QUOTED.search(reading.original, start, end) is not None


def attributed(reading: Reading) -> bool:
    """Whether a message evidently quotes somebody, or lists words to be tried out."""
    if _TRIED.search(reading.plain):
        return True
    return _TOLD.search(reading.plain) is not None and quoted(reading)


def relayed(reading: Reading) -> bool:
    """Whether a message evidently reports, reacts to, drafts or tests what it holds: more than :func:`attributed`.

    Of an insult it says too little: whoever insults reacts, and may do so about a draft.
    """
    plain = reading.plain
    return _REACTION.search(plain) is not None or _DRAFT.search(plain) is not None or attributed(reading)
