"""What the form of a text shows, and what only resembles it."""

from __future__ import annotations

import pytest

from rules.core.load_reading import load_table
from rules.reading.signs import evasive, signs_of

SHOWS = {
    "=form.halves": ["38214 Q 90417", "2719 4463 口", "口口 5182 7730", "加 4821  90375"],
    "=form.channel": ["38214 Q 90417", "2719 4463 口", "3951453706 来 口口", "企鹅 39514537"],
    "=form.styled": ["𝘒𝘛𝘈 679 大家好", "喂心 C₳D571"],
    "=form.echo": ["了解+V/我/了解+V/我/了解+V/我/", "看片找我看片找我看片找我"],
    "=form.inlaid": ["办√证", "代*开*发*票", "办 理 贷 款 找我"],
    "=form.account": ["加 kta67912"],
}
SHOWS_NOT = {
    "=form.halves": ["会议 482 119 703", "13812 元", "3.1415 9265", "2026 年 1130"],
    "=form.channel": ["报名 12345 人, Q3 完成", "88123456 企业邮箱", "20261130 qa 环境", "口罩 12345 只"],
    "=form.styled": ["€20", "单价 20₩", "KTA679"],
    "=form.echo": ["哈哈哈哈哈哈", "好的好的", "材料到了，人到了，车到了"],
    "=form.inlaid": [
        "好的👌我来",
        "材料/工具/人员",
        "周一→周二",
        "米开朗基罗·博那罗蒂",
        "温度20℃左右",
        "3×4块",
    ],
    "=form.account": ["版本 2026"],
}


def _signs(text: str) -> set[str]:
    return set(signs_of([], text, load_table().fold(text)))


@pytest.mark.parametrize(("sign", "text"), [(sign, text) for sign, texts in SHOWS.items() for text in texts])
def test_a_form_is_seen(sign: str, text: str) -> None:
    assert sign in _signs(text)


@pytest.mark.parametrize(
    ("sign", "text"), [(sign, text) for sign, texts in SHOWS_NOT.items() for text in texts]
)
def test_what_only_resembles_a_form_is_not(sign: str, text: str) -> None:
    assert sign not in _signs(text)


def test_signs_between_characters_and_letters_of_formulas_are_evasive() -> None:
    assert evasive("代*开*发*票")
    assert evasive("𝘒𝘛𝘈 679")
    assert not evasive("电话 6234 5678，下午三点，温度20℃")


def test_a_long_text_is_looked_at_only_so_far() -> None:
    assert "=form.styled" not in _signs("字" * 400 + "𝘒")
