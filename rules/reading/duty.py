"""Whether a text presents itself as the report of somebody on duty (policy 3.2a).

No rota vouches for it, so it is never more than plausible. So is short news of an operation (a switch-over, a release)
while it runs or when it is done. Pure; only the beginning of a text is looked at.
"""

from __future__ import annotations

import re

from rules.reading.courtesy import is_name
from rules.reading.reading import Reading

_DUTY = re.compile(
    r"(?:值班|值守|夜班|早班|晚班|中班|白班|当班|交接班|交班|接班|巡检|巡查|巡逻|巡更|巡房|巡视|点检|查岗|夜查|抄表|查寝|查房|查铺|晚点名|留样|盘点|消杀|锁门|清场|封门|夜巡|巡楼).{0,6}"
    r"(?:日报|报告|记录|情况|汇报|交接|信息|快报|播报|小结|正常|无异常|平安|完毕|完成|已做|做完|已写|结束)"
    r"|^(?:值班|夜班|当班|值守)(?:盘点|巡检|抄表|巡查|清点|补货|消杀)"
    r"|(?:[早中晚夜白大小]班|值班|本班|当班).{0,24}(?:已?交接|交接[完好]|产量|下班|平稳)"
    r"|(?:值班|带班|当班|值守)(?:领导|干部|人员)(?!名单|安排|表|是?谁|培训|会|补贴|费|[^谁吗]{0,6}(?:谁|吗|发我))"
)
_SIGNED = re.compile(r"(?:值班|带班|当班)(?:员|人|医生|护士|经理|主任|老师)?(?P<name>[\u4e00-\u9fff]{2,3})$")
_NO_NAMES = frozenset({"安排", "时间", "计划", "经费", "费用", "任务", "方案", "管理", "记录", "公示"})
_STATE = re.compile(
    r"(?:一切|均|都|全部?|运行|压力|温度|湿度|水位|液位|电压|设备|监控|秩序|人数|体征|情况|状态|病人|患者)[^的]{0,4}(?:正常|平稳|稳定|完好|到齐|安全)"
    r"|无(?:异常|来访|告警|险情|外来)|已(?:锁|关闭|封|清点|交接)|(?:交接|交班|巡.|查.|锁.|封.|清.)[^的]{0,4}(?:完毕|完成|结束)|归寝|回宿舍|夜巡"
)
_LEVELS = re.compile(r"\d.*(?:正常|平稳|稳定|无异常|达标|合格|运行良好)$")
"""A figure and that it is as it should be: 22:00水位2.3米，正常."""
_DUTY_TAG = re.compile(
    r"\s{0,8}(?:[【\[〔（(#][^】\]〕）)\n]{0,8}(?:值班|值守|夜班|交接班|巡检|巡查|巡逻)"
    r"|[^，。,.!！?？:：\n]{0,6}(?:值班|值守|夜班|当班|交接班|巡检|巡查|巡逻|夜巡)(?:记录|报告|情况)?\s*[:：])"
)
_OPERATION = re.compile(
    r"(?:活动|切换|升级|割接|备份|更换|换[好完]|维护|保养|抢修|检修|部署|发布|发版|上线|回滚|重启|扩容|迁移|演练|脚本|校验|同步|压测|停机|停服|解锁|恢复)"
    r".{0,8}(?:开始|完成|完毕|完了|执行完|结束|通过|恢复|成功|正常|好了|中)|(?:备份|脚本|校验|切换|回滚|重启|服务|业务|系统|网络|收费)[^的]{0,4}(?:完成|恢复|通过|正常)"
    r"|(?:确认)?(?:已经?)?(?:恢复|解锁|切好|切完|修好|换好|收尾)(?:了|正常)?(?:$|[，,。；;\s])"
)
"""What is told of an operation while it runs or when it is done: such work is done when nobody else works."""
_PLANNED = re.compile(
    r"把|[报给发]我|各[店部科处室位]|加班|明天|下周|后天|周[一二三四五六日](?!.{0,3}(?:报告|复盘|说明|原因))|下午|上午|请[^验知]|务必|尽快|记得|要求|提交|汇报"
)
_OPERATION_LENGTH, _OPERATION_WITHIN = 36, 120
_DUTY_WITHIN = 40


def reports_duty(reading: Reading) -> bool:
    """Whether a text presents itself as the report of somebody on duty."""
    start, end = reading.typed
    typed = reading.original[start:end]
    if "?" in typed or "？" in typed:
        return False
    begin = reading.plain[:_DUTY_WITHIN]
    signed = _SIGNED.search(begin)
    if signed is not None and signed["name"] not in _NO_NAMES and is_name(signed["name"]):
        return True
    typed = typed[:_OPERATION_WITHIN]
    if len(reading.plain) <= _OPERATION_LENGTH and _OPERATION.search(typed) and not _PLANNED.search(typed):
        return True
    return (
        _DUTY_TAG.match(typed) is not None
        or _DUTY.search(begin) is not None
        or (begin == reading.plain and any(sign.search(begin) for sign in (_LEVELS, _STATE)))
    )
