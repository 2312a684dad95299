"""What is only courtesy, what speaks of an emergency, and that hostile texts cost no more than long ones."""

from __future__ import annotations

import time

import pytest

from rules.core.book import Rulebook
from rules.reading.courtesy import Courtesy, courtesy, is_command
from rules.reading.duty import reports_duty
from rules.reading.emergency import Urgency, is_marked, urgency

MARKERS = ("【紧急】", "突发", "急！")

ALONE = [
    "收到收到",
    "OK收到",
    "收到[OK]",
    "辛苦各位了",
    "好的，稍后回复您",
    "收到！立刻去办",
    "多谢王姐",
    "感谢张总的指导和支持",
    "收到（市场部 李四）",
    "二车间收到",
    "我部门收到",
    "邮件收到",
    "Thank you",
    "666",
    "哈哈哈",
    "大家早",
    "周一见",
    "祝小李生日快乐",
    "欢迎小王加入",
    "大家加油💪",
    "愿大家平安喜乐",
    "收到，我会准时参加",
    "好的，明天上班处理",
    "恭喜王总",
    "早日康复",
    "爆竹声中辞旧岁，祝各位同事新年快乐，万事胜意！",
    "收到@张三\u2005",
]
NOTHING = [
    "收到没有",
    "看到没",
    "人呢",
    "谁在",
    "好的，把表发我",
    "收到，那客户那边怎么说",
    "谢谢，顺便把合同发我",
    "早，报表呢",
    "晚上好，打扰一下，方案发我",
    "好消息，我们中标了",
    "可以的话明天九点碰一下",
    "行业报告第三章写好了",
    "对账单出来了",
    "是不是漏了一份",
    "好的方案我再改改发你",
    "真的对不起，周边没有酒店可以住了",
    "周末去爬山",
    "各位领导，周报已发邮箱请查收",
    "感谢大家，请明天下班前把表交给我",
    "@张三\u2005",
]
REAL = [
    "着火了！！",
    "厂区停电",
    "电梯困人",
    "张师傅手被压伤了，已送医院",
    "支付挂了，用户付不了款",
    "煤气泄漏，全部撤离",
    "P0故障，全员上线",
    "【紧急】打印机坏了，客户在等",
    "突发 专线中断",
    "急！系统报错，订单提交失败",
    "@李四\u2005【紧急】货被盗了",
]
DOUBTFUL = ["昨天的事故报告我写完了", "停电通知：下周三检修", "故障率统计表发我", "空调坏了", "接口超时报错"]
CALM = [
    "项目冒烟测试通过",
    "这个方案真是信息爆炸",
    "应急预案修订版",
    "走应急救援通道",
    "不断电源到货",
    "引进水平更高的设备",
    "这件事不急",
    "燃气告警器的界面",
    "被困难打倒的人",
    "打骨折的价格",
]


@pytest.mark.parametrize("text", ALONE)
def test_courtesy_alone(text: str, book: Rulebook) -> None:
    assert courtesy(book.reader.read(text)) is Courtesy.ALONE


@pytest.mark.parametrize("text", NOTHING)
def test_no_courtesy(text: str, book: Rulebook) -> None:
    assert courtesy(book.reader.read(text)) is Courtesy.NONE


@pytest.mark.parametrize("text", ["好的，我在高铁上", "收到？", "已完成", "马上处理"])
def test_courtesy_perhaps(text: str, book: Rulebook) -> None:
    assert courtesy(book.reader.read(text)) is Courtesy.PLAUSIBLE


@pytest.mark.parametrize(
    ("texts", "expected"),
    [(REAL, Urgency.REAL), (DOUBTFUL, Urgency.PLAUSIBLE), (CALM, Urgency.NONE)],
    ids=["real", "doubtful", "calm"],
)
def test_urgency(texts: list[str], expected: Urgency, book: Rulebook) -> None:
    assert {text: urgency(text, book.reader.key(text), MARKERS) for text in texts} == dict.fromkeys(
        texts, expected
    )


def test_an_article_about_a_fire_is_no_cry_for_help(book: Rulebook) -> None:
    text = "某地仓库起火，消防员到场处置。" * 20
    assert urgency(text, book.reader.key(text), MARKERS) is Urgency.PLAUSIBLE


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("【紧急】", True),
        ("[紧急]请看", True),
        ("（ 紧 急 ）请看", True),
        ("请看 〔緊急〕", True),
        ("突发状况", True),
        ("请看\n突发状况", True),
        ("昨天的突发状况", False),
        ("急!!", True),
        ("不急！", False),
        ("紧急", False),
        ("@张三 突发", True),
    ],
)
def test_markers_in_any_bracket_and_the_others_at_a_beginning(
    text: str, marked: bool, book: Rulebook
) -> None:
    assert is_marked(text, book.reader.key(text), MARKERS) is marked


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/状态", True),
        ("／帮助 规则", True),
        ("@群规\u2005/积分", True),
        ("/状态\n开会了", False),
        ("开会/状态", False),
        ("/dev/sda1 满了", False),
        ("@群规\u2005", False),
        ("", False),
    ],
)
def test_commands(text: str, command: bool, book: Rulebook) -> None:
    assert is_command(book.reader.read(text)) is command


@pytest.mark.parametrize(
    ("text", "duty"),
    [
        ("【值班】一切正常", True),
        ("值班日报 10月1日", True),
        ("夜班交接：二号机待料", True),
        ("巡检完成", True),
        ("今晚谁值班？", False),
        ("值班表发我", False),
        ("【通知】值班安排", False),
    ],
)
def test_reports_of_duty(text: str, duty: bool, book: Rulebook) -> None:
    assert reports_duty(book.reader.read(text)) is duty


@pytest.mark.parametrize(
    "unit",
    [
        "好",
        "@a",
        "@a ",
        "系统",
        "收到 ",
        "请",
        "【紧急】",
        "/a ",
        "值班",
        "投诉",
        "急！\n",
        "祝",
        "@\u2005",
        "[[",
    ],
)
def test_work_grows_no_faster_than_the_text(unit: str, book: Rulebook) -> None:
    def seconds(length: int) -> float:
        reading = book.reader.read((unit * length)[:length])
        best = float("inf")
        for _ in range(3):
            begin = time.process_time()
            urgency(reading.original, reading.plain, MARKERS)
            courtesy(reading)
            is_command(reading)
            reports_duty(reading)
            best = min(best, time.process_time() - begin)
        return best

    assert seconds(32_000) <= 10 * seconds(8_000) + 0.02
