"""The words of answers in a work group, folded, as patterns: what says received, can do it, cannot, done.

Of two that begin alike the longer stands first. Each pattern is tried at a place, and never across a whole text.
"""

from __future__ import annotations

import re


def _one(words: str) -> str:
    """A pattern for any one of some words, which are patterns themselves."""
    return f"(?:{'|'.join(words.split())})"


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(map(_one, words)))


_NAMES = "[张王李赵刘陈杨黄周吴徐孙马朱胡郭何林高罗]"

CANNOT = _any(
    """
    不行 不可以 不能 不了(?!解|起) 来不及 做不[到了完] 办不[到了成] 完不成 搞不[定完] 弄不[完好] 赶不[上出及]
    写不完 忙不过来 没空 没时间 没办法 没法 抽不[出开] 无法 不方便 有困难 有难度 困难较大 没权限 恐怕不 拒绝
    不同意 不参加 不去 不会(?!有|出) 不太行 够呛 悬了?$ 抱歉 对不起 请假 休假中 在休假 出差中 有问题 冲突了?$
    不清楚 不太方便 no$ (?:没有?|未|尚未|还没)(?:收到|看到|接到|见到)
    """
)
"""No: they can't, will not, or have not got what it is about."""

NOT_YET = _any(
    "(?:没有?|未|尚未|还没有?|还未)(?:全部|完全|弄|做|办|处理|写|填|改)?"
    + _one("完成 做 好 完 弄 搞定 处理 提交 发 写 填 办 改 开始")
)
"""Not done yet, and nothing more."""

HALFWAY = _any(
    _one(
        r"""
        \d{1,2}% 百分之 一半 大半 部分 快 差不多 即将 就要 马上 立即 尽快 正在 基本 准备 还在 会 能 可以 争取 保证
        一定 可 尽量 预计 明 后天 下周 晚点 稍后 待会 等会 一会
        """
    )
    + ".{0,8}"
    + _one("完成 搞定 做[完好] 弄[完好] 处理 好 提交 发 办 交 给 到 回复 反馈 改 填 写"),
    r"(?:完成|做|写|弄|办|处理|填|改)了?(?:\d{1,2}%|一半|大半|部分|差不多)",
    "差不多了 (?:处理|进行|办理|整理|落实|跟进|推进|修改|沟通)中",
)
"""Done in part, or about to be."""

DONE = _any(
    "(?:已经?|都|全部?|均)(?:全部|都|按要求|按时)?"
    + _one(
        """
        完成 完毕 发送 发 提交 处理 办理 办 交 回复 上传 填 转发 搞定 解决 更新 修改 改 弄 做 整改 落实 报送 上报
        反馈 缴 付 参加 到位 到场 确认 寄 送 签 打卡 传
        """
    ),
    _one(
        """
        完成 搞定 弄好 弄完 做好 做完 处理好 处理完毕 处理完 办好 办妥 办完 发出 发给您 发您 发你 发过去 发送 发 提交
        上交 交 填好 填完 填 写完 写好 改好 改完 解决 上传 回复 整改 落实
        """
    )
    + "(?:了|啦|完毕|好了)",
    "^(?:完成|搞定|办妥|妥了?|处理完毕|整改完毕|已办|已发|已交)$ 完毕$ done finished completed fixed ^sent$",
)
"""Done."""

CAN = _any(
    """
    可以 没有?问题 么问题 木问题 冇问题 无问题 能够?(?:完成|做|按时|准时|搞定|行|办|到|参加|交|给|弄|赶) 能$
    行(?!业|政|程|动|情|为|李) 保证 一定(?:完成|按时|准时|到|办) 尽快 尽量 争取 马上 立即 立刻 这就 我来 我去
    交给我 包在我身上 安排 正在 处理 跟进 落实 照办 遵命 准时(?:到|参加) 按时 愿意 同意 赞同 参加 没意见 无异议
    没有?异议 会(?:完成|按时|准时|尽快|参加|去|到|做|处理|提交) 稍后 晚点 一会儿? 等下 待会 能行 可$ can$ sure
    willdo yes$
    """
)
"""Yes: they can, they will, they are at it."""

RECEIVED = _any(
    r"""
    收到 收悉 已?知悉 已阅 阅$ 已?收$ 好的 好滴 好哒 好嘞 好勒 好咧 好呀 好啊 好吧 好$ 嗯+$ 恩+$ 哦+$ 噢+$ okay
    okk ok 明白 了解 瞭解 知道了? 晓得 清楚 懂了? 看到了? 已读 已看 已查收 查收 是的?$ 对的?$ 在的?$ roger copy
    noted gotit received 遵照 得令 1+$ \+1$ 感谢通知 辛苦了?
    """
)
"""Received, read, understood."""

BESIDE = (
    _any(  # who speaks
        "我们? 咱们? 本人 我这边 我方 我司 这边 俺 [^的不没未他她你您]{1,10}?(?:部门?|组|科|处|中心|公司|店|室)",
        _NAMES + r"\w{0,2}?(?=收|已|可)",
    ),
    _any(  # what goes with an answer
        """
        嗯+ 哦+ 噢 啊 呀 好的? 行 那 就 都 也 已经? 现在 目前 刚刚? 刚才 应该 一定 肯定 保证 会 能够? 先 还是? 再
        实在 真的? 确实 可能 估计 大概 恐怕 怕是 但是? 不过 只是 因为 所以 暂时 谢谢 感谢 多谢 辛苦 领导 老板 老师
        经理 主管 各位 大家 亲 您好 你好
        """,
        f"{_NAMES}?[总工哥姐]",
    ),
    _any(  # what it is about
        """
        按时 按期 准时 完成 处理 参加 提交 办理 做 办 弄 去 到 过来 过去 发 给 交 改 填 写 看 这个 这件事 这事 一起 全部
        您 你 邮箱 邮件 文件 表格 通知 消息 今[天早晚] 明[天早晚] 后天 上午 下午 中午 晚上 周[一二三四五六日末]
        """
    ),
    _any("了 的 啦 哈 呀 啊 哟 喔 吧 呢 嘞 哒 滴 咯 喽 哇 得 过 一下 下 完毕 好了"),  # how it ends
)
"""What may stand beside an answer and says nothing alone."""
