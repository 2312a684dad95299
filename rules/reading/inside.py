"""What a company says to its own people: it recruits, hands out, collects and pays, in the words of those who sell.

Pure, over folded text.
"""

from __future__ import annotations

import re
from typing import Final

from rules.reading.reading import Reading

_HIRES: Final = re.compile(
    r"内推|入职奖|介绍奖|推荐奖|推荐成功|伯乐奖|转正后|面试找我|到\d+号门|校招|社招|介绍老乡|老乡朋友|熟人介绍|帮厨|门卫岗|产线|班组"
)
_HANDS_OUT: Final = re.compile(
    r"工会|职工|工牌|食堂|员工(?:热线|援助|家属|心理|票|专属|内购|福利|价)|本司员工|内部员工|给女|行政(?:部|处)|后勤(?:部|处)|凭工"
)
_ACCOUNTS: Final = re.compile(
    r"税号|开户行|收款人|开票(?:资料|信息)|汇款信息|发票抬头|理赔|冲减|报销|盘点|盘存|双人双锁|验钞|比价|询价|问了[两三四几\d]家|定一下|评估价|竞价|拟成交|回收商|[那这]个客户|缺货|现货商|冲刺|业绩|换货|道歉"
)

_SELLS: Final = re.compile(
    r"战报|认筹|开单|导购(?:们|妹妹)|今[天日]主推|店长|早会|晨会|夕会|[本这][月周季]度?.{0,8}(?:目标|任务|指标)|每人\d+[节单套张件户]|限内部|内部(?:员工|推荐|报名)"
    r"|缺[一两二三四五六七八九十\d]+[名人个]|老家|实习证明|排班|群发额度|审核过|公司码|邀约|台账|拉货|师傅顺路|没报的"
)
_BUYS: Final = re.compile(r"(?:联系|报给|发给|交给|转给|对接|告诉)(?:一下)?(?:我们|咱们?)?采购(?!商|价|平台)")


def inside(reading: Reading) -> bool:
    """Whether a message speaks of the company's own hiring, benefits, accounts, trade or purchases, as its staff do."""
    plain = reading.plain
    return any(found.search(plain) is not None for found in (_HIRES, _HANDS_OUT, _ACCOUNTS, _SELLS, _BUYS))
