"""Whether a message lets off steam at a thing or an animal: whom the rest of it is aimed at, only people can tell.

Pure, over what is said: folded, phrase by phrase.
"""

from __future__ import annotations

import re
from typing import Final

from rules.reading.targets import Speech

_CURSED: Final = "(?:破|烂|死|鬼|垃圾|狗屁|该死的?|天杀的?|杀千刀的?|砍脑壳的?|挨千刀的?|要命的?|见鬼的?)"
_THING: Final = """(?:
    系统|软件|电脑|主机|显示器|屏幕|打印机|打卡机|传真机|扫描仪|投影仪?|机器|设备|仪器|空调|电梯|网络|wifi|信号
    |服务器|数据库|接口|代码|程序|驱动|补丁|脚本|编译器|浏览器|插件|bug|app|微信|钉钉|飞书|密码|验证码|表格|闹钟
    |天气|太阳|轮胎|刹车|发动机|油门|导航|地铁|公交|螺丝|螺母|螺帽|轴承|阀门|水管|龙头|马桶|钉子|胶带|胶水|订书机
    |剪刀|门禁|插座|插头|充电器|耳机|麦克风|键盘|鼠标|u盘|硬盘|内存|电池|梯子|叉车|吊车|皮带|齿轮|模具|裤子|衣服
    |拉链|盖子|瓶子|箱子|柜子|椅子|桌子|题目?|卷子|考试|论文|游戏|地图|存档|股票|基金
)"""
_ANIMAL: Final = """(?:
    狗|犬|猫|鹅|鸭|鸡|猪|牛|羊|马|驴|骡|猴|老鼠|耗子|鸟|麻雀|鸽子|乌鸦|乌龟|王八|蛇|蜂|蚊子|苍蝇|虫|蟑螂|孔雀
    |鹦鹉|兔|狐狸|黄鼠狼
)"""
_WITH_ANIMALS: Final = (
    "蚊子|野猪|仓鼠|哈士奇|猫砂|狗粮|铲屎|拆家|叼走|遛狗|训[犬狗]|牙印|[狗猫鸡]窝|沙发垫|拴"
)
"""What is spoken of where somebody lives with animals, or is plagued by them."""
_VENTED: Final = re.compile(
    rf"""
    (?:^[|]|这|那|的|又|什么|[|]){_CURSED}{_THING}
    |(?:门口|院里|院子里|厂里|村里|小区里?|楼下|路边|我家|家里|仓库|山上|圈里|笼子?里|栏里|工地|食堂|[|])
     (?:[那这]|的|养的|新来的)?(?:只|窝)[^|你您妳他她是像]{{0,3}}{_ANIMAL}
    |^(?!.*[你您妳]).*(?:{_WITH_ANIMALS})
    |(?:大黄|旺财|二哈|哈士奇|泰迪|橘猫|金毛|拉布拉多|德牧)[^|你您妳他她]{{0,5}}(?:又|把|叼|咬|叫|跑|吃|拉|尿|追|刨)
    """,
    re.VERBOSE,
)


def vents(said: Speech) -> bool:
    """Whether it curses a thing, or speaks of an animal that is one."""
    return _VENTED.search(said.said) is not None
