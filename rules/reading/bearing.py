"""What stands beside a number or a word and says whose it is: an order's, a company's, a person's, an example."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rules.reading.file_names import blank
from rules.reading.pii import Number
from rules.reading.span import Span
from rules.reading.verbatim import Verbatim


@dataclass(frozen=True, slots=True)
class Bearing:
    """What is said of a number.

    Attributes:
        of_thing: it is labelled as that of an order, a parcel, an invoice, an asset …
        of_person: it is labelled as that of a person's paper.
        of_card: a bank card is spoken of.
        of_company: a company's account or tax data is spoken of.
        sample: it is an example, made up or masked.
    """

    of_thing: bool = False
    of_person: bool = False
    of_card: bool = False
    of_company: bool = False
    sample: bool = False


_THING = re.compile(
    r"(?<!身份证)(?<!证件)(?:(?:订单|运单|快递|物流|单据|发票|税票|资产|合同|流水|交易|凭证|批次|批"
    r"|货|物料|设备|序列|工单|报销|采购|出库|入库|提货|提单|箱|封|回执"
    r"|受理|案件|案|业务|申请|审批|项目|产品|商品|条形?|编|包裹|追踪|跟踪|查询|参考|支付|商户"
    r"|房产证|车架|发动机|保单|机身|电表|水表|气表)"
    r"(?:编|单)?(?:号码?|码|编号)|单号|工号|编号|流水|读数|表底|信用代码|识别号|税号|条码|\bsn"
    r"|\bno\.?|order(?: ?(?:no|id))?|tracking|track|invoice|serial|imei|iccid|uuid|trace|batch|sku"
    r"|订单|运单|工单|批次|快递单?|物料|发票|合同|资产|编码|包裹|单据|保单)[ :=#是为号码]{0,4}\Z",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"身份证|证件号|身份号|公民身份|身份信息|证号|持证人|id ?card|idcard|identity|实名|sfz|姓名",
    re.IGNORECASE,
)
_CARD = re.compile(
    r"卡号|银行卡|储蓄卡|信用卡|借记卡|工资卡|收款|打款|转账|汇款|转到|打到|打我|开户行|开户|支行"
    r"|分行|持卡人|户名|姓名|账号|帐号|账户|帐户|cvv|有效期|银行|工行|建行|农行|中行|招行|交行|邮储"
    r"|我的卡|卡里|card",
    re.IGNORECASE,
)
_COMPANY = re.compile(
    r"税号|纳税人|对公|开票|公户|基本户|一般户|信用代码|抬头|户名[^，。\n]{0,30}(?:公司|厂|中心"
    r"|事务所|集团|店|部)|有限公司|单位账户"
)
_OWN = re.compile(r"身份证|个人卡|工资卡|储蓄卡|持卡人|我的卡|本人|私户|个人账户")
_SAMPLE = re.compile(
    r"示例|样例|测试数据|测试用|测试卡|虚构|假数据|模拟数据|脱敏|样本数据|格式为|格式如|mock|dummy|fixture",
    re.IGNORECASE,
)
_FOR_INSTANCE = re.compile(r"例如|比如|举例|形如|e\.g\.|example|sample", re.IGNORECASE)
_LABEL_REACH: Final = 14
_SAMPLE_REACH: Final = 30
_REACH: Final = 60


def bearing(text: Verbatim, number: Number) -> Bearing:
    """What is said of a number near it; looks only so far, so that it takes no longer in a long text."""
    shown = text.text
    start, end = number.start, number.end
    label = re.split(r"[\n；;。]", shown[max(0, start - _LABEL_REACH) : start])[-1]
    around = shown[max(0, start - _REACH) : end + _REACH]
    near = shown[max(0, start - _SAMPLE_REACH) : end + _SAMPLE_REACH]
    thing = _THING.search(label) is not None
    return Bearing(
        of_thing=thing,
        of_person=not thing and _PERSON.search(around) is not None,
        of_card=_CARD.search(around) is not None,
        of_company=_COMPANY.search(around) is not None and _OWN.search(around) is None,
        sample=_SAMPLE.search(near) is not None or _FOR_INSTANCE.search(label) is not None,
    )


_FIGURE: Final = r"[^，。！？!?；;\n]{0,8}?[¥￥$]?[0-9][0-9,.]*[ ]?(?:万|亿|元|块|美元|美金|%|％|个点|折|/)"
_SHOWN: Final = (
    r"[^。！？!?\n]{0,14}?(?:如下|见下|见附件|在附件|附件里|附上|附后|发群里|发到群"
    r"|发在群|发大家|发给大家|发各位|发出来|已上传|上传到|打包|共享给|导出来|拿去|转给大家|给大家"
    r"|都在这|截图)"
)
_GIVEN = re.compile(f"^(?:{_FIGURE}|{_SHOWN})|^[:：]")
_PACKED = re.compile(
    r"^[^。！？!?\n]{0,16}?(?:发群里|发到群|发在群|发大家|发给大家|打包发|打包好|传群|上传到?"
    r"(?:百度|网盘|群)|网盘链接|提取码|发出来|拿去)"
)
_RECIPE = re.compile(r"^[^。！？!?\n]{0,16}?[0-9.]{1,6} ?(?:%|％|克|g|kg|毫升|ml|份)", re.IGNORECASE)
_OFFERED = re.compile(
    r"(?:这是|附上|奉上|给大家发|发一下|分享一下|共享一下|导出了?|拿到了?)[^，。！？!?\n]{0,6}$"
)
_WITHHELD = re.compile(
    r"公示|公告|公开|中标|不要|别|严禁|禁止|不得|不能|不可|勿|注意|避免|审核|模板|样表|空白|权限"
    r"|加密|脱敏|邮箱|邮件|当面|私下|私发|线下|系统|制度|规定|培训|协议|吗|？|\?|怎么|如何|什么时候"
    r"|谁有|多少"
)
_TIGHT: Final = frozenset({"technical"})
"""Of these everybody may speak, and of where they lie: only what is put into the group counts."""


def given_away(text: str, category: str, place: Span, *, named: bool) -> bool:
    """Whether what a word names seems to be given away; in the name of a file (``named``) it nearly always is."""
    start, end = place
    if named:
        return not blank(text)
    sentence_start = max(text.rfind(sign, max(0, start - 40), start) for sign in "。！!\n；;") + 1
    before, after = (
        text[max(sentence_start, start - 40) : start],
        re.split(r"[。！!\n；;]", text[end : end + 40])[0],
    )
    if _WITHHELD.search(before[-12:]) or _WITHHELD.search(after):
        return False
    if category in _TIGHT:
        return _PACKED.search(after) is not None or (
            text[start:end].endswith("配方") and _RECIPE.search(after) is not None
        )
    return _GIVEN.search(after) is not None or _OFFERED.search(before) is not None
