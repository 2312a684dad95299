"""What reads as a person's name, and what only follows or replaces one: titles, pet names.

Surnames are those of the common and the less common families; a name they don't cover is never held against
anybody: callers ask people, or say that they can't tell.
"""

from __future__ import annotations

import re
from typing import Final

from rules.reading.spelling import DOT, is_han


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SURNAMES: Final = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤"
    "花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝"
    "明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管"
    "卢莫经房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉龚程邢裴陆荣翁荀羊甄曲封储靳段富巫乌焦巴谷车侯宓蓬全班仰仲伊宫宁"
    "仇栾甘厉武符刘景詹束龙叶幸司黎薄印宿白怀蒲邰鄂索赖卓蔺屠蒙池乔阴能苍双闻莘党翟谭贡劳姬申扶冉宰雍桑桂牛寿通边扈"
    "燕冀尚农温庄晏柴瞿阎充慕连茹习艾鱼容向古易慎戈廖庾终居衡步都耿满弘匡国文寇广东欧沃利蔚越隆师巩聂晁勾敖融冷辛阚那"
    "简饶空曾沙丰巢关查荆红游竺权盖益桓肖闫岳帅缑亢况有琴商牟佘佴伯赏墨年仝佟付代覃尧丛原晋楚苑鹿鲜战禤占闪揭"
)
COMPOUND_SURNAMES: Final = frozenset(
    _words(
        "欧阳 司马 上官 诸葛 夏侯 东方 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 司空 端木 百里 东郭 南宫 西门 独孤 轩辕 "
        "呼延 钟离 闻人 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 鲜于 闾丘 司寇 拓跋 夹谷 谷梁 颛孙 万俟 赫连 纳兰 "
        "完颜 叶赫 爱新觉罗 那拉 富察 钮祜禄 乐正 漆雕 公西 壤驷 梁丘 左丘 第五 即墨 巫马 公羊 羊舌 微生 归海 伯赏"
    )
)

HEAD_TITLES: Final = _words(
    "总经理 副总经理 副总裁 总裁 董事长 副总监 总监 副经理 经理 副部长 部长 副主任 主任 副主管 主管 负责人 "
    "组长 科长 处长 局长 院长 所长 校长 厂长 店长 队长 站长 行长 董事 副总 总 董 部"
)
"""Titles of those who lead something."""

TITLES: Final = (
    *HEAD_TITLES,
    *_words(
        "高级工程师 总工程师 工程师 总工 架构师 设计师 会计师 分析师 老师 师傅 助理 秘书 顾问 专员 会计 出纳 书记 领导 "
        "老板 博士 教授 医生 律师 先生 女士 小姐 同学 同志 代表 客服 销售 采购 文员 前台 实习生 工 哥 姐 叔 姨 爷"
    ),
)
"""What is put after a surname or a name and is part of neither; longer ones first where one ends another."""

_BY_LENGTH: Final = tuple(sorted(TITLES, key=len, reverse=True))
_HEADS: Final = frozenset(HEAD_TITLES)
_PET: Final = re.compile(r"[小老大][^\W\d_a-z]{1,2}|阿[^\W\d_a-z]")
_LATIN_NAME: Final = re.compile(r"[a-z][a-z']+(?:[ .\-·][a-z][a-z']*\.?){1,3}")
_DEPARTMENT_ENDS: Final = (*"部组室处科队院所厂店办课司站团班线", "中心", "公司", "事业群", "委员会")


def surname_of(name: str) -> str:
    """The surname a Chinese name begins with, compound ones first; empty if it begins with none."""
    for length in (4, 3, 2):
        if name[:length] in COMPOUND_SURNAMES and len(name) > length:
            return name[:length]
    return name[:1] if name[:1] in SURNAMES else ""


def split_title(text: str) -> tuple[str, str]:
    """What stands before a title at the end, and the title; ``(text, "")`` if it ends with none.

    Titles of one character count only right after a surname: 李总 is one, 李建总 may be a name.
    """
    for title in _BY_LENGTH:
        if not text.endswith(title):
            continue
        before = text[: -len(title)]
        if len(title) > 1 or before in SURNAMES or before in COMPOUND_SURNAMES:
            return before, title
    return text, ""


def leads(title: str) -> bool:
    """Whether a title is that of somebody who leads something."""
    return title in _HEADS


def is_pet_name(text: str) -> bool:
    """Whether it is what colleagues call each other: 小王, 老李, 阿强."""
    return _PET.fullmatch(text) is not None


def reads_as_name(text: str) -> bool:
    """Whether a text as spelt reads as a whole real name: Chinese, of a minority (with dots), or Latin."""
    if DOT in text or "." in text:
        parts = text.replace(".", DOT).split(DOT)
        if all(len(part) >= 2 and all(map(is_han, part)) for part in parts):
            return True
    if _LATIN_NAME.fullmatch(text):
        return True
    if not text or not all(map(is_han, text)):
        return False
    surname = surname_of(text)
    given = len(text) - len(surname)
    if not surname or not 1 <= given <= 2 or split_title(text)[1]:
        return False
    return not (is_pet_name(text) and text[:1] not in SURNAMES)


def looks_like_department(text: str) -> bool:
    """Whether it ends as departments do: 部, 组, 中心 …"""
    return len(text) >= 2 and text.endswith(_DEPARTMENT_ENDS)
