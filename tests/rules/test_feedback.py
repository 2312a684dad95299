"""What a problem report lacks; a report that could be read as complete is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.reading.feedback import LONGEST, Part, is_report, lacking

WHAT, WHEN, WHO = Part.PHENOMENON, Part.TIME, Part.PEOPLE


@pytest.mark.parametrize(
    "text",
    [
        "#反馈 今天上午 10 点起 3 楼打印机卡纸，行政部同事都打不了合同",
        "#反馈# 昨晚八点左右，客户王总反映下单页面一直转圈",
        "＃反馈 10:30 开始 OA 登录不上，我们组全员受影响",
        "#反饋 早上發現倉庫漏水，值班員老周已經在處理",
        "#问题反馈 10月12日 14:00，供应商送来的 2 箱样品破损，张三签收",
        "#反馈\n现象：报销单提交后报错 500\n时间：10-12 15:20\n人员：财务部李四",
        "#反馈 问题：门禁刷不开 时间：今早 涉及人员：研发部全体",
        "目前会议室投影仪没有信号，大家开会用不了 #反馈",
        "#反馈 最近食堂排队时间太长，员工意见很大",
        "#反馈 上周五以来客服电话接不通，多名用户投诉",
        "#反馈 @行政-小李\u2005 今天 B 座电梯停了两次",
        "#反馈 发生时间 9:15 张伟 电脑蓝屏",
        "#反馈 每次升级后我的账号都要重新登录",
    ],
)
def test_a_complete_report_lacks_nothing(text: str) -> None:
    assert is_report(text)
    assert lacking(text) == ()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("#反馈", (WHAT, WHEN, WHO)),
        ("#反馈 有问题", (WHAT, WHEN, WHO)),
        ("#反馈 出问题了，请尽快处理，谢谢", (WHAT, WHEN, WHO)),
        ("#反馈 打印机坏了", (WHEN, WHO)),
        ("#反馈 网络很慢", (WHEN, WHO)),
        ("#反馈 今天打印机坏了", (WHO,)),
        ("#反馈 下午三点机房空调停了", (WHO,)),
        ("#反馈 客户说页面打不开", (WHEN,)),
        ("#反馈 我的邮箱收不到附件", (WHEN,)),
        ("#反馈 @李强\u2005 昨天有问题", (WHAT,)),
        ("#反馈 现象： 时间：今天 人员：张三", (WHAT,)),
        ("#反馈 现象：楼道灯不亮 时间： 人员：", (WHEN, WHO)),
        ("#反馈 考勤机识别失败", (WHEN, WHO)),
    ],
)
def test_what_is_plainly_not_there_is_told(text: str, parts: tuple[Part, ...]) -> None:
    assert lacking(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "反馈一下进度",
        "请大家反馈意见",
        "#日报 今天完成",
        "# 反思",
        "收到，稍后反馈",
        "#周报 问题反馈见附件",
    ],
)
def test_what_bears_no_tag_is_no_report(text: str) -> None:
    assert not is_report(text)
    assert lacking(text) == ()


def test_of_a_long_report_nobody_asks_for_more() -> None:
    assert lacking("#反馈 " + "门禁系统刷卡之后屏幕显示绿色然而闸机并不打开" * 12) == ()


@given(st.text(max_size=400))
def test_any_text_can_be_read(text: str) -> None:
    assert set(lacking(text)) <= set(Part)
    assert set(lacking("#反馈" + text)) <= set(Part)


@pytest.mark.parametrize(
    "piece", ["时间：", "现象", "@", "#反馈", "一二三四五六七八九十", "部", "问题问题", "\u2005"]
)
def test_time_is_linear_in_the_text(piece: str) -> None:
    started = time.perf_counter()
    lacking("#反馈" + piece * 50_000)
    lacking("#反馈" + (piece * LONGEST)[:150])
    assert time.perf_counter() - started < 0.5
