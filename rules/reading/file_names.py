"""What the name of a file promises, before anybody has opened it: lists of customers, pay, costs, contracts, keys.

A name is all that a group sees of a file, and all that is ever read of one. Forms, rules and courses about a thing are
not the thing. What a name promises is for people to look at, never more. Pure, and linear in the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from rules.reading.span import Span

LONGEST: Final = 255
"""Code points of a name that are looked at; no system takes longer ones."""

_BLANK: Final = re.compile(
    r"模板|模版|样表|空白|格式|制度|办法|规定|流程|培训|说明书?|通知|填写|表头|规范|指引|示例"
    r"|样例|范本|须知|指南|教程|课件"
    r"|操作手册|手册|管理(?!层|费|员|系统)|公告|标准|预案|宣传|倡议|申请表|登记卡|template|sample|demo"
    r"|公开(?!前)|脱敏|打码|对外版|已公示|公示(?!前)|官网",
    re.I,
)
"""Names of what is about a thing, blank, or published."""

_SERVED: Final = (
    r"(?:客户|顾客|会员|业主|租户|住户|患者|病人|学员|学生|家长|用户(?!界面|手册|体验|需求|协议)"
    r"|候选人|供应商|经销商|代理商|渠道|门店老板|投保人|捐赠人|商户|车主|投诉人|联系人|商机|线索)"
)
_LIST: Final = (
    r"(?:名单|清单|名册|通讯录|台账|明细|总表|汇总|一览|名录|资料|档案|信息|数据|合集|去重|导出|黑名单)"
)
_REACH: Final = r"(?:手机号?|电话|联系方式|住址|家庭住址|地址|身份证|银行卡|微信|生日|爱好|喜好|人脸|车牌)"
_ARCHIVE: Final = r"\.(?:zip|rar|7z|tar|gz|tgz|bz2)(?:\.\w+)?$"

_SHAPES: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "customers": re.compile(
            rf"{_SERVED}.{{0,12}}{_LIST}|{_SERVED}.{{0,14}}{_REACH}"
            rf"|{_LIST}[(（]?[^.]{{0,4}}{_REACH}[^.]{{0,6}}{_REACH}"
            rf"|(?:通讯录|名册|名单|档案|总表).{{0,4}}[(（+含带].{{0,4}}{_REACH}|{_REACH}.{{0,6}}(?:万条"
            rf"|\d{{3,}}条)"
            r"|crm.{0,8}(?:导出|全部|备份|客户)|customers?[ _-]?(?:list|data|info)|患者.{0,10}表",
            re.I,
        ),
        "personnel": re.compile(
            r"(?:员工|人员|干部|女工|职工|关键人员|管理层).{0,8}(?:档案|花名册|考评|评价|测评|背调|家庭(?!日"
            r"|开放)|预产期|补偿)"
            r"|背景调查|背调|(?:谈话|面谈|问询|约谈).{0,6}(?:记录|笔录|实录|纪要)|访谈笔录|举报(?:信"
            r"|材料|原件)|笔录"
            r"|(?:裁员|裁减|淘汰|协商解除|降薪|劝退|离职|竞业|处分|留用).{0,8}(?:名单|方案|计划|协议|补偿"
            r"|建议|沟通口径)"
            r"|(?:优化|淘汰|拟离职).{0,4}(?:人员|名单)|解除.{0,4}协议|当事人陈述|处分(?:决定|建议)|仲裁(?:案|书"
            r"|材料|申请|裁决)"
            r"|律师.{0,6}(?:意见|函)|律师红字"
            r"|病历|诊断(?:书|证明)|体检.{0,8}(?:异常|结果|汇总|报告)|患者.{0,6}检验报告|血.{0,4}检验报告单"
            r"|病理|孕(?:妇|产|检)|预产期"
            r"|工伤.{0,6}(?:ct|片|鉴定)"
            r"|(?:监控|录像).{0,8}(?:正脸|嫌疑)|人脸照片|心理咨询|offer[_ -].{0,12}(?:w|万|k|年包)|年包(?!装|子"
            r"|干)|期权"
            r"|股权激励",
            re.I,
        ),
        "salary": re.compile(
            r"薪酬|薪资|工资|调薪|加薪|薪级|年终奖|奖金.{0,6}(?:分配|方案|明细|名单)|提成.{0,6}(?:明细|表|核算)"
            r"|分红(?:方案|名单|表|明细)"
            r"|社保.{0,8}基数|绩效.{0,8}(?:结果|得分|排名|分布|等级)|强制分布|payroll|salary",
            re.I,
        ),
        "pricing": re.compile(
            r"底价|底线|标底|控制价|心理价|保本价|最低(?:成交)?价|成本.{0,6}(?:拆[分解]|构成|明细|分析|核算"
            r"|测算|表|价|底)|bom成本|毛利(?!人)|加价率"
            r"|比价表|三家比价|报价.{0,6}(?:对比|比较|pk|分析|汇总|底)|家报价|(?:返点|返利|佣金|回扣"
            r"|折扣).{0,8}(?:政策"
            r"|协议|表|明细|方案|部分|底|比例|对照)|账外"
            r"|(?:投标|商务标|经济标|技术标|标书).{0,12}(?:报价|终|定稿|封|投递|盖章|正本|评分|我方)"
            r"|未(?:封标|开标)|开标前|评标|评分.{0,4}汇总|挂网前"
            r"|定标|谈判.{0,8}(?:底|策略|方案|口径)|对手.{0,10}报|报价.{0,4}摸底|单价页|定价策略|结算价",
            re.I,
        ),
        "contract": re.compile(
            r"(?<=.{3})(?:合同|协议|备忘录|意向书|订单框架|补充条款|nda|contract|agreement).{0,20}"
            r"(?:扫描|盖章|双章|签字|签署|双签|已签|正本|原件|签订版|签章|归档|signed|scan|executed|手机拍|返利"
            r"|返点|单价)"
            r"|(?:盖章|双签|已签|签署版|signed).{0,12}(?:合同|协议|nda|contract|agreement)|^nda_.{2,30}signed",
            re.I,
        ),
        "finance": re.compile(
            r"未公开|未审(?!批)|未披露|披露前|未公布|内审.{0,6}(?:报告|发现|底稿|问题)|内控.{0,4}缺陷"
            r"|审计.{0,6}(?:底稿|发现|意见|别给|沟通)|尽调|并购|收购|招股|申报稿"
            r"|估值|对赌|融资(?:方案|计划|协议|材料|bp)"
            r"|股权.{0,6}(?:转让|架构|收购)|关联交易|授信|对外担保|稽查|账外|合并报表|银行流水|(?:董事会|股东会"
            r"|总办会|班子会|党委会|高管会|战略会|总经理办公会).{0,12}(?:纪要|决议|记录|材料)"
            r"|逾期.{0,6}(?:回款|明细|名单)|选址.{0,6}方案|真实(?:良率|数据|成本)|两套账|小金库",
            re.I,
        ),
        "technical": re.compile(
            r"受控.{0,12}(?:图|工艺|参数|配方|dwg|bom)|(?:图纸?|工艺|参数|配方).{0,16}受控|(?:客户)?禁止(?:复制"
            r"|外发)|(?:图纸?|总装图|dwg|工艺|参数|配方|配料单|bom|gerber|模具"
            r"|3d).{0,16}(?:内部|保密|核心|版权归|专用|外传|机密)"
            r"|(?:内部|保密|核心).{0,10}(?:图纸?|工艺|参数|配方|算法)|从.{1,8}带出来|(?:算法|模型"
            r"|权重).{0,10}(?:权重|代码|参数)|专利.{0,8}交底|交底书.{0,8}(?:递交|专利)"
            rf"|(?:源码|源代码|代码|src|source|repo|[-_]master|backend|firmware|固件|sdk"
            rf"|工程文件).{{0,24}}{_ARCHIVE}"
            r"|配料单|配方表|未发布|未量产|未立项|路线图.{0,10}(?:内部|未|留存)|source[ _-]?code"
            r"|渗透测试.{0,8}(?:漏洞|高危|系统|网站)"
            r"|高危漏洞|漏洞.{0,6}未",
            re.I,
        ),
        "keys": re.compile(
            r"^id_(?:rsa|dsa|ecdsa|ed25519)$|\.(?:pem|p12|pfx|kdbx|jks|keystore|ppk|env|ovpn)$|(?:private"
            r"|server|ssl|id|rsa|证书|私钥).{0,12}\.key$|^\.env"
            r"|密码(?:表|本|清单|汇总)?[._]|账号密码|(?:root|登录|系统|运维|管理员|数据库|账号|堡垒机"
            r"|vpn).{0,6}口令|密钥|appsecret|private[ _-]?key|passwords?\b"
            r"|running-config|拓扑.{0,8}(?:口令|密码|ip)"
            r"|(?:backup|dump|备份|全量|全库)[^.]{0,20}\.(?:sql|dmp|bak|gz|zip)$",
            re.I,
        ),
        "withheld": re.compile(
            r"竞品.{0,6}(?:内部|报价|成本|培训)|前同事给|友商.{0,12}(?:内部|源码|图|报价)|勿(?:转|传|外传|外发)"
            r"|先别传|别外传|(?:员|人|客户|hr)不可见|仅(?:hr|财务|领导|老板|高管|总监|本人)可见"
            r"|(?:老板|董事长|总经理|总监|领导)(?:定稿|批注|专阅|办公室|留存|亲启)|别给(?:审计|客户|对方|领导)"
            r"|统一(?:口径|说法)",
            re.I,
        ),
    }
)


ALWAYS: Final = frozenset({"keys"})
"""What is told by the shape of a name, and by no word that a form bears as well."""


def blank(name: str) -> bool:
    """Whether a file by its name is about a thing, a form, or published, and gives nothing away."""
    return _BLANK.search(name) is not None


def telling(name: str) -> Iterator[tuple[str, Span]]:
    """What kinds of secrets the name of a file promises by itself, and where."""
    name = name[:LONGEST]
    empty = blank(name)
    for category, shape in _SHAPES.items():
        if (not empty or category in ALWAYS) and (found := shape.search(name)) is not None:
            yield category, found.span()
