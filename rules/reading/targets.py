"""At whom words are aimed: a person in the room, somebody spoken of, the speaker, or a thing; and how they are meant.

The same word is an insult to a colleague, a sigh about a printer, a joke about oneself or a line of a report. What
tells is the clause around it: who is addressed in it, whether it is denied or quoted, and whose words it repeats.
Pure, and linear in the length of the text; it is asked only about passages that something drew attention to.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from rules.reading.normalize import HARD_BREAKS
from rules.reading.reading import Reading
from rules.reading.span import Span

BREAK = "|"
"""Stands in a speech where a phrase ends; no folded text holds it (it is dropped as punctuation)."""

NEAR = 14
"""So many code points before an expression, within its clause, somebody is still addressed by it."""


REACH = 60
"""Code points to each side of an expression that are looked at, however long its clause is."""


class Aim(Enum):
    """At whom an expression is aimed."""

    YOU = auto()  # somebody addressed: 你, @name
    THEM = auto()  # somebody spoken of: 他, 某些人, 这帮人, 王经理, 客服部
    BARE = auto()  # nobody is named, and the expression is all there is of its clause
    NOBODY = auto()  # nobody can be told
    SELF = auto()  # whoever writes
    THING = auto()  # a device, a product, the weather


@dataclass(frozen=True, slots=True)
class Speech:
    """A text as it is said: folded, with :data:`BREAK` where a phrase ends and a space where one was typed.

    Attributes:
        said: begins and ends with a break.
        places: for each code point of ``said`` the index in the original.
        quoted: the spans of ``said`` that stand between quotation marks.
        called: somebody is mentioned by name (@).
        addresses: somebody is addressed (你).
    """

    said: str
    places: Sequence[int]
    quoted: tuple[Span, ...]
    called: bool
    addresses: bool

    def span(self, start: int, end: int) -> Span:
        """A span of ``said`` (not empty) as a span of the original."""
        return self.places[start], self.places[end - 1] + 1

    def find(self, start: int, end: int) -> Span:
        """A span of the original as a span of ``said``."""
        return bisect_left(self.places, start), bisect_left(self.places, end)

    def clause(self, start: int, end: int) -> Span:
        """The clause around a span of ``said``, without its breaks; of a long one what is near."""
        after = self.said.find(BREAK, end, end + REACH)
        before = self.said.rfind(BREAK, max(0, start - REACH), start + 1)
        return max(before + 1, start - REACH, 0), min(end + REACH, len(self.said)) if after < 0 else after


_QUOTED = re.compile(
    r"“[^“”]{1,80}”|‘[^‘’]{1,80}’|\"[^\"\n]{1,80}\"|「[^「」]{1,80}」|『[^『』]{1,80}』|《[^《》]{1,60}》"
)
_MENTION = re.compile(r"(?:^|[\s\u2005，。！？、])@\S|^@")
_SEPARATOR = frozenset(HARD_BREAKS | {"@", "~", "～", "—", "|", "/"})


def speech(reading: Reading) -> Speech:
    """A reading with its phrases told apart."""
    original, plain, origin = reading.original, reading.plain, list(reading.origin)
    start, end = reading.typed
    said, places, last = [BREAK], [start], start - 1
    for character, place in zip(plain, origin, strict=True):
        if place - last > 1:
            gap = original[last + 1 : place]
            if not _SEPARATOR.isdisjoint(gap):
                said.append(BREAK)
                places.append(last + 1)
            elif any(sign.isspace() for sign in gap):
                said.append(" ")
                places.append(last + 1)
        said.append(character)
        places.append(place)
        last = place
    said.append(BREAK)
    places.append(max(end, last + 1))
    typed = original[start:end]
    quoted = tuple(
        (bisect_left(places, start + found.start()), bisect_left(places, start + found.end()))
        for found in _QUOTED.finditer(typed)
    )
    whole = "".join(said)
    return Speech(whole, places, quoted, _MENTION.search(typed) is not None, _YOU.search(whole) is not None)


_NAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁马方俞任袁柳唐费薛雷贺罗"
    "郝安乐于傅齐康伍余顾孟黄萧尹姚邵汪毛戴宋庞熊纪舒项祝董梁杜阮蓝季贾江郭梅林钟徐邱高夏蔡田胡霍万柯卢莫"
    "房丁邓石崔龚程裴陆翁曾叶温庄刘龙段侯廖谭黎"
)
_RANK = """
    总监|总|经理|主管|主任|组长|班长|队长|部长|处长|科长|局长|院长|校长|行长|站长|店长|厂长|所长|老板|领导
    |主编|导演|老师|教授|医生|护士长|护士|律师|会计|出纳|工程师|设计师|工头|监理|书记|秘书|助理|总裁|董事长
    |师傅
"""
_STAFF = """
    同事|员工|新人|新来的|实习生|临时工|外包|保安|保洁|前台|客服|销售|采购|财务|人事|行政|运营|产品经理|测试
    |前端|后端|美工|司机|快递员|骑手|外卖员|厨子|厨师|服务员|仓管|库管|质检|调度|分拣|收银|物业|中介|甲方
    |乙方|供应商|包工头|监工|博主|楼主|层主|主播|作者|小编|裁判|教练|队友|邻居|房东|租客|买家|卖家|网友|家长
    |客户|顾客|乘客|家属
"""
_YOU = re.compile(
    r"(?<!迷)[你您妳]|尔等|阁下|汝|亻尔|亻你|(?<![a-z])(?:you|u r|ur)(?![a-z])|贵部|贵司|贵公司"
)
_THEM = re.compile(
    rf"""
    [他她](?!妈|娘|奶奶|大爷|乡|国|人[的在])|(?:这|那|这么|那么|哪)(?:个|种|帮|群|伙|些|位|号|类|路|头|条|只
    |坨|货|人|家伙|老|小子|丫头|男|女|孙子|娘们|东西|玩意)|某[些位个人]|有[些的]人|有个人|有的人
    |一[帮群伙窝]|个个|全家|这货|那货|那谁|此人|这厮|[小老大阿][{_NAMES}]
    |[{_NAMES}][\u4e00-\u9fff]{{0,2}}(?:{_RANK}|工|哥|姐|叔|姨|婶|爷|董|局|处|科|队|所)(?![程作地业资])
    |{_RANK}|{_STAFF}|[\u4e00-\u9fff]{{2}}(?:部|科|组|班|队|处|办|室|中心|车间)(?!件|分|位|署|门槛|学|目|长)
    |家伙|小子|丫头|男的|女的|男人|女人|老头|老太|大妈|大爷|大姐|大哥|兄弟们
    """,
    re.VERBOSE,
)
_UNNAMED = re.compile(r"某些?(?:人|位|个)|有[些的](?:人|同事|领导)")
_I = """
    (?:我|俺|本人|自己|在下|咱|本社畜|老夫)(?:自己|们俩|俩|这人|这个人|可能|大概|估计|当时|刚才|昨天|今天
    |今早|早上|昨晚|那天|现在|当年|当初|以前|从前|小时候|年轻时|上学时|那会儿?|那时候?|一|也|都|又|就|还|才|只|真的|真是|真|可真是|可真|可|是不是|是|算是|算|好像|像
    |简直|果然|怎么|这么|那么|这|那|的|个|张|条|头|只|样|太|好|很|有点|特别|变成|成|当|做|被|要|快|已经|老
    |犯|脑子|脑袋|脑壳|眼睛|眼|手|嘴|记性|智商|破|狗|猪|臭|烂|说|叫|骂)*
"""
_SELF_BEFORE = re.compile(
    rf"""
    {_I}$
    """,
    re.VERBOSE,
)
_SELF_AFTER = re.compile(
    r"^(?:的|了|货|蛋|子)?(?:就)?是我(?!们?(?:领导|老板|同事|见|们))|^的我(?:[^们]|$)|^(?:的)?自己"
)
_THINGS = """
    系统|软件|电脑|打印机|打卡机|机器|设备|网络|网速|网|wifi|信号|服务器|数据库|接口|代码|程序|bug|需求|流程
    |制度|规定|表格|表|方案|文件|文档|数据|报表|模板|页面|界面|按钮|验证码|密码|手机|键盘|鼠标|屏幕|投影
    |投影仪|摄像头|空调|电梯|导航|闹钟|闹铃|天气|雨|太阳|风|台风|蚊子|虫子|股票|基金|平台|app|小程序|网站
    |快递|外卖|食堂|菜|饭|咖啡|茶|衣服|鞋|裤子|车|路|路况|地铁|公交|航班|酒店|房子|质量|产品|价格|做工|味道
    |味儿|电影|电视剧|综艺|游戏|文案|稿子|配色|图纸|字体|零件|材料|包装|样品|合同|条款|标书|发票|考题|题目
    |作业|培训|会议|工期|排期|进度|行情|市场|世界|生活|日子|人生|运气|心情|胃|肚子|身体|腰|牙|皮肤|病毒|邮件
    |短信|广告|电话|新闻|标题|剧情|客户端
"""
_THING_BEFORE = re.compile(
    rf"""
    (?:{_THINGS})(?:真是|真的|真|太|好|很|也|就是|就|都|是|这么|那么|怎么这么|简直|实在|确实|更|最|跟|像
    |有点|特别|又|的)*(?:他妈的?|特么|tmd)?$
    |(?:角色|反派|主角|配角|男主|女主|npc)(?:真是|真的|真|就是|就|都|是|也|简直|太)*(?:一?个)?$
    """,
    re.VERBOSE,
)
_COUNTED = re.compile(
    r"[这那](?:颗|台|辆|把|根|块|片|张|只|条线|扇|盏|套|款|部|支|双|件|间|栋|瓶|碗|锅|棵|盆|段代码|破)[^|你您他她]{1,8}$"
)
"""Things and animals, which are counted in other words than people: 这颗螺丝真…, 这只猫太…."""
_POINTED = re.compile(
    r"[这那哪](?:些|类|条|头|窝|坨|堆|批|段|份|句|篇|波|家)(?P<what>[^|的你您他她]{1,9}?)"
    r"(?:真是|真的|真|太|好|很|也|就是|就|都|是|这么|那么|怎么|简直|实在|确实|更|最|跟|像|有点|特别|又| )*$"
)
_SOMEBODY = re.compile(
    rf"""
    [人员师生男女娃孩佬仔们谁蠢贱屌逼婊]|者|司机|老板|领导|客户(?!端)|顾客|同事|家长|经理|主管|教练|评委|家伙|东西|玩意|货色
    |废物|畜生|禽兽|混蛋|败类|[骗胖瘦疯傻矮秃瞎聋瘸蛮婊小老毛棒]子|大[妈爷叔婶]|[亲爹妈爸爷奶婆公叔姨姑嫂哥弟姐妹夫妇党粉]$
    |{_RANK}|{_STAFF}|[部科组班队处办室]$|绿茶|戏精|奇葩|老六|贼|[小老大阿][{_NAMES}]|^[{_NAMES}].{{1,2}}$
    """,
    re.VERBOSE,
)
"""What is pointed at is somebody where one of these is in it; else it is mostly a thing or an animal (这些图片真…,
那窝老鼠…), and at whom it is aimed can't be told."""
_EARLIER = re.compile(rf"(?:{_THINGS})[ ]?\|")
"""A thing that a clause before ended with: 这个老电脑，…，蠢得要死."""
_MINE = re.compile(r"(?:怪|赖|是|怨)我(?!们)[^|你您他她]{0,12}$")
_THING_AFTER = re.compile(
    rf"""
    ^(?:一样|似)?(?:的)?(?:破)?(?!产品经理|系统管理员|数据库管理员)(?:{_THINGS}|桶|箱|袋|车|站|场|房|堆|分类|回收|清运|处理|焚烧|填埋
    |渣土)(?!一样|似的|狗|玩意)
    """,
    re.VERBOSE,
)
_DENIED = re.compile(
    r"""
    (?:(?<!是)不是|并非|绝非|没有|没|不能|不该|不应该|不可以|不准|不许|不要再?|请勿|别再?|莫|谁说|凭什么说
    |不至于|算不上|谈不上|哪里|从不|从来不|不再|防止|避免|不算|别看|就算|即使|哪怕|虽然
    |以为)(?:[说叫骂喊称用把当给人家是成为别讲提谁这那样种的他她你您员工同事患者病客户什么“]|觉得|认为|别人|使用
    |一个|任何){0,6}$
    """,
    re.VERBOSE,
)
_TOLD = re.compile(
    r"""
    (?:骂|喊|称|说|叫|吼|问|嚷|嚷嚷|回|评价|评论|留言|刷|写|形容|吐槽|质疑|质问|反映|投诉|原话|大喊|辱骂
    |怒骂)(?:了|过|着|我们?|俺|人|他们?|她们?|小[^|]|老[^|]|[^|你]{0,3}(?:护士|前台|客服|保安|同事|司机|老师
    |医生|员工|师傅))?(?:是|成|为|作|就是)?[“\"| ]*$
    """,
    re.VERBOSE,
)


def aimed(speech: Speech, start: int, end: int) -> Aim:
    """At whom the expression in a span of ``speech.said`` is aimed."""
    first, last = speech.clause(start, end)
    before, after = speech.said[first:start], speech.said[end:last]
    near = before[-NEAR:]
    you = _YOU.search(near)
    if you is None and (_SELF_BEFORE.search(near) or _SELF_AFTER.match(after) or _MINE.search(near)):
        return Aim.SELF
    if _THING_AFTER.match(after):
        return Aim.THING
    addressed = you is not None or _YOU.search(speech.said[start:end]) is not None
    if not addressed and (_THING_BEFORE.search(near) or _COUNTED.search(near)):
        return Aim.THING
    if not addressed and _points_at_a_thing(near):
        return Aim.NOBODY
    if you is not None or _YOU.search(speech.said, start, min(last, end + 8)):
        return Aim.YOU
    if _THEM.search(before[-2 * NEAR :]) or _THEM.search(speech.said, start, min(last, end + 6)):
        return Aim.THEM
    if speech.called:
        return Aim.YOU
    if not speech.addresses and _EARLIER.search(speech.said, max(0, first - REACH), first):
        return Aim.THING
    return Aim.BARE if len(before.strip()) <= 1 and len(after.strip()) <= 3 else Aim.NOBODY


def _points_at_a_thing(before: str) -> bool:
    """Whether what stands before an expression points at something that is no person."""
    found = _POINTED.search(before)
    return found is not None and _SOMEBODY.search(found["what"]) is None


def denied(speech: Speech, start: int, end: int) -> bool:
    """Whether an expression is denied or warned of in its own clause (不是…, 别说人…)."""
    first, _ = speech.clause(start, end)
    return _DENIED.search(speech.said[max(first, start - NEAR) : start]) is not None


def told(speech: Speech, start: int, end: int) -> bool:
    """Whether an expression repeats somebody's words: in quotation marks, or after 骂, 喊, 称 by somebody else."""
    nearest = bisect_right(speech.quoted, (start, len(speech.said))) - 1
    if nearest >= 0 and end <= speech.quoted[nearest][1]:
        first = speech.quoted[nearest][0]
        return _YOU.search(speech.said[max(0, first - 5) : first].rpartition(BREAK)[2]) is None
    before = speech.said[max(0, start - NEAR) : start].rstrip(BREAK + " ")
    found = _TOLD.search(before)
    return found is not None and re.search(r"[你我您](?:就|来)?$", before[: found.start()]) is None


_A = "(?:一?[个条头群窝帮坨只]|些|几个)"
_VERY = "(?:大|老|小|死|臭|狗|超级|纯|绝世|千年|彻头彻尾的|不折不扣的|十足的)?"
_SAID_OF = re.compile(
    rf"(?:是|当|成|像|养了?|出了?){_A}{_VERY}$|(?:这|那|哪来的|什么|一)(?:个|种|帮|群|条|头|窝|坨|只){_VERY}$"
    rf"|[你您](?:这|就是|真是)?(?:个|种|帮|群|条|头){_VERY}$"
)
_NOUN_OF = re.compile(rf"(?:就|都|全|真|简直|纯|妥妥|果然|才)是{_VERY}$|(?:什么|这种|那种|哪来的){_VERY}$")
_VOCATIVE = re.compile(r"(?:吧|啊|呀|呢|了|吗|么|的|你|您)[ ]?$")
_CLOSED = re.compile(
    r"(?:[吧啊呀呢嘛了]{0,2}你|[吧啊呀呢嘛]{0,2}(?=[| ]|$)|一[个群帮窝枚条头]|东西|玩意儿?|点心|似的)"
)


def calls(speech: Speech, start: int, end: int, *, noun: bool) -> bool:
    """Whether a belittling word is what somebody is called: 你就是个…, 这帮…, …吧你; of things and oneself it is not.

    Args:
        noun: the word is a name by itself; of others it takes more to tell (是个…).
    """
    aim = aimed(speech, start, end)
    if aim not in (Aim.YOU, Aim.THEM):
        return False
    first, _ = speech.clause(start, end)
    before = speech.said[max(first, start - NEAR) : start]
    if _SAID_OF.search(before) or (noun and _NOUN_OF.search(before)):
        return True
    if not noun or aim is not Aim.YOU or _CLOSED.match(speech.said, end) is None:
        return False
    return not before.strip() or _VOCATIVE.search(before) is not None


def unnamed(speech: Speech, start: int, end: int) -> bool:
    """Whether somebody is spoken of whom only insiders know: 某些人, 有的人."""
    first, _ = speech.clause(start, end)
    return (
        _UNNAMED.search(speech.said, max(first - 1, 0), end) is not None
        and _YOU.search(speech.said, first, end) is None
    )
