"""What notices say: clause, points, case and how to appeal, to each reader in words that fit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.texts import Texts

TEXTS = Texts.load()
CASE = {
    "number": "V-7K2QM",
    "title": "广告推销",
    "clause": "3.1d",
    "points": 2,
    "reason": "含有推销信息。",
    "at": "10-13 10:40",
    "why": "",
    "standing": False,
    "days": 3,
    "befriend": False,
}


@given(st.text(max_size=200).filter(lambda text: text.rstrip("。；;. ") == text))
def test_any_reason_stands_in_the_notice_unchanged(reason: str) -> None:
    assert reason in TEXTS.render("notice.case", **CASE | {"reason": reason})


def test_a_notice_says_clause_points_case_and_how_to_appeal() -> None:
    said = TEXTS.render("notice.case", **CASE)
    for part in (
        "10-13 10:40",
        "系统初判",
        "第 3.1d 条",
        "拟扣 2 分",
        "人工确认",
        "请私聊我：/申诉 V-7K2QM 理由",
        "月度公示后第 3 个工作日",
    ):
        assert part in said


def test_an_urgent_notice_asks_to_recall_and_names_who_helps() -> None:
    said = TEXTS.render("notice.urgent", **CASE | {"points": 5, "outsider": False})
    for part in (
        "能撤回请立即撤回",
        "主管或人力资源部",
        "3.1d",
        "拟扣 5 分",
        "人工确认",
        "请私聊我：/申诉 V-7K2QM 理由",
    ):
        assert part in said
    guest = TEXTS.render("notice.urgent", **CASE | {"points": 0, "outsider": True})
    assert "群内对接人" in guest
    assert "V-7K2QM" in guest
    assert "申诉" not in guest


def test_an_outsider_is_told_the_clause_and_whom_to_turn_to() -> None:
    said = TEXTS.render("notice.outsider", **CASE | {"points": 0})
    assert "工作群须知，第 3.1d 条" in said
    assert "由其转人力资源部（编号 V-7K2QM）" in said


def test_a_grave_case_is_called_doubtful_until_somebody_has_confirmed_it() -> None:
    facts = {"number": "V-7K2QM", "who": "王五", "title": "违规内容", "clause": "3.1d", "points": 5}
    doubt = TEXTS.render("ladder.grave", **facts, confirmed=False)
    assert doubt.startswith(
        "【请优先核实】V-7K2QM　王五　疑似违规内容（第 3.1d 条，拟扣 5 分；系统初判，未经确认）"
    )
    sure = TEXTS.render("ladder.grave", **facts, confirmed=True)
    assert sure.startswith("【已确认】V-7K2QM　王五　违规内容（第 3.1d 条，扣 5 分）")


def test_a_notice_without_points_is_a_courteous_reminder() -> None:
    said = TEXTS.render("notice.reminder", **CASE | {"points": 0})
    for part in ("温馨提示", "3.1d", "不扣分", "V-7K2QM", "申诉", "谢谢"):
        assert part in said


def test_the_word_after_hours_names_the_hours_and_says_what_to_do() -> None:
    said = TEXTS.render("notice.after_hours", **CASE | {"points": 0, "hours": "08:30 至 17:30"})
    for part in (
        "温馨提示",
        "10-13 10:40",
        "08:30 至 17:30",
        "请注明【紧急】并写明情况",
        "值班请由部门负责人提前登记",
        "谢谢",
        "不扣分",
        "请私聊我：/申诉 V-7K2QM 理由",
    ):
        assert part in said
    assert "已过" not in said  # it is read in the early morning and on days off, too
    assert said.index("V-7K2QM") > said.index("不扣分")


def test_a_confirmed_case_tells_its_points() -> None:
    facts = CASE | {"reminder": False, "recorded": "", "late": False}
    assert "扣 2 分" in TEXTS.render("notice.confirmed", **facts)
    assert "。不扣分" in TEXTS.render("notice.confirmed", **facts | {"points": 0})
    reminded = TEXTS.render("notice.confirmed", **facts | {"points": 0, "reminder": True})
    assert "本次仅作提醒，不扣分" in reminded
