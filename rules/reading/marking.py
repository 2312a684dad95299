"""Markings of secrecy: what a document or its name is stamped with, and not what people say about secrecy (policy 5.3).

A marking stands in brackets, after 密级, before a star, or forbids in one breath to pass an internal document on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rules.reading.verbatim import Verbatim


@dataclass(frozen=True, slots=True)
class Marking:
    """A marking found, its span in :attr:`Verbatim.text`; a weak one says who it is for, and not that it is secret."""

    start: int
    end: int
    strong: bool


_LEVEL: Final = (
    r"(?:(?:公司|商业|企业|内部|国家|工作|核心|技术|最高)?(?:绝密|机密|秘密|涉密)"
    r"|top[ -]?secret|strictly[ -]confidential|confidential)"
)
_INTERNAL: Final = (
    r"(?:内部(?:资料|文件|材料|使用|信息|数据|传阅|专用)|保密(?:资料|文件|信息)?"
    r"|internal(?: use)? only|company confidential)"
)
_HINTS: Final = (
    "密",
    "内部",
    "外传",
    "外泄",
    "secret",
    "confidential",
    "distribute",
    "forward",
    "disclose",
    "internal",
    "share",
)
_OPEN: Final = r"[【\[(<{《〔〈「]"
_CLOSE: Final = r"[】\])>}》〕〉」]"
_STAMPS = (
    re.compile(
        rf"{_OPEN} ?{_LEVEL} ?(?:级|文件|资料|信息|材料|件|[-·"
        rf"|:] ?[^】\])\n]{{1,12}})?[ ★☆0-9年个月]{{0,6}}{_CLOSE}",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:密级|保密等级|保密级别|涉密等级|classification) ?[:为是]? ?[【\[「\"“]?(?:绝密|机密"
        r"|秘密|内部机密|核心商密|普通商密|商密|confidential|secret|top secret)(?!、|和|或|/|及|，"
        r"(?:机密|秘密))",
        re.IGNORECASE,
    ),
    re.compile(r"(?:绝密|机密|秘密) ?[★☆] ?(?:[0-9]{1,2}|长期|启封|一|三|五|十|二十|解密)?"),
)
_SAID = (
    re.compile(
        r"^(?:绝密|机密|秘密|商业机密|公司机密|商业秘密) ?[:|\n★]|^(?:top secret"
        r"|strictly confidential|confidential)\b ?(?:[:!|\-\n]|$)",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:(?:绝密|机密|商业秘密|公司秘密|企业秘密)级?|(?:涉密|保密|秘密|内部)(?=资|文|信|材|数|内|使|档))(?:资料|文件|信息"
        r"|材料|数据|内容|文档|使用|档案)?[ ,，:：!！;；、\-—|（(]{0,3}(?:仅限"
        r"|仅供)?[^。！？!?\n]{0,8}?"
        r"(?:严禁|禁止|不得|请勿|切勿|勿|严格禁止|不准|不许)[^。！？!?\n，,的]{0,6}(?:外传|外泄"
        r"|传播|转发|泄露|泄漏|扩散|翻印|对外|外发|流出|传阅)"
    ),
    re.compile(r"(?:do not (?:distribute|forward|share outside|disclose))", re.IGNORECASE),
)
_WEAK = (
    re.compile(rf"{_OPEN} ?{_INTERNAL} ?[^】\])\n]{{0,6}}{_CLOSE}", re.IGNORECASE),
    re.compile(
        r"仅供(?:公司)?内部(?:使用|参考|传阅|学习)(?!的)|仅限(?:公司)?内部(?:使用|传阅|员工)"
        r"|internal use only|for internal use",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:绝密|机密|涉密)(?:文件|资料|材料|数据|图纸|信息|档案)(?:[^。！？!?\n，,]{0,6}(?:发|传"
        r"|给|看|如下|见|在这|附件|共享))"
    ),
)
_ABOUT = re.compile(
    r"制度|规定|办法|培训|意识|协议|遵守|教育|追责|违反|违规|案例|条例|保密法|学习|宣传|检查|手册"
    r"|承诺|须知|泄密|纪律|守则|要求|责任|不要在|不得在|禁止在|严禁在|不能在|别在|不要发|别发"
    r"|不能发|禁止发|请勿将|不得将|严禁将|勿将|不要把|别把|怎么|如何|什么|吗|是否|应当|应该|需要标"
    r"|打上|标注|加盖|盖章|水印"
)
_IN_NAMES = re.compile(
    r"(?<![\u4e00-\u9fff])(?:公司|商业|企业|内部|核心|技术)?(?:绝密|机密|秘密|涉密)(?:级|文件|资料"
    r"|材料|版|件)?(?![\u4e00-\u9fff])|(?:绝密|机密)(?:文件|资料|材料|级)"
    r"|(?<![a-z])(?:top[ _-]?secret|strictly[ _-]?confidential|confidential)(?![a-z])|^(?:绝密"
    r"|机密)(?!性|度|等级|管理|制度|柜|室|员|岗)|(?:绝密|机密)$"
    r"|(?:内部|保密)[^.]{0,8}(?:严禁|禁止|不得|请勿|切勿|勿)(?:外传|外泄|转发|传播|外发|泄露)|"
    r"(?:严禁|禁止|不得|请勿|切勿|勿)(?:外传|外泄)",
    re.IGNORECASE,
)
_WEAK_IN_NAMES = re.compile(
    r"内部资料|内部文件|内部使用|内部版|仅供内部|(?<![\u4e00-\u9fff])保密(?![\u4e00-\u9fff])"
    r"|internal[ _-]?only",
    re.IGNORECASE,
)


def hinted(plain: str) -> bool:
    """Whether a folded text holds anything for which :func:`markings` has to look; quick."""
    return any(hint in plain for hint in _HINTS)


def markings(text: Verbatim) -> Iterator[Marking]:
    """The markings in a text; talk about secrecy has none, unless it is stamped itself. Linear in the text."""
    shown = text.text
    about = _ABOUT.search(shown) is not None
    for stamps, strong in ((_STAMPS, True), (() if about else _SAID, True), (() if about else _WEAK, False)):
        for stamp in stamps:
            for found in stamp.finditer(shown):
                yield Marking(*found.span(), strong)


def markings_in_name(text: Verbatim) -> Iterator[Marking]:
    """The markings in the name of a file; a document about secrecy has none."""
    shown = text.text
    if _ABOUT.search(shown):
        return
    for stamp, strong in ((_IN_NAMES, True), (_WEAK_IN_NAMES, False)):
        for found in stamp.finditer(shown):
            yield Marking(*found.span(), strong)
