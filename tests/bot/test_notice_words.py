"""Names and evidence are hostile; what is shown of them is not."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.masking import personal_data_hidden
from bot.pipeline.notice import NAME_LENGTH, WHOLE_LENGTH, addressed, masked, shown
from bot.pipeline.places import Place, Places


@given(st.text(max_size=300))
def test_a_shown_name_is_one_safe_bounded_line(name: str) -> None:
    safe = shown(name)
    assert len(safe) <= NAME_LENGTH
    assert "@" not in safe
    assert all(unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in safe)


def test_a_mention_is_written_as_wechat_does() -> None:
    assert addressed("工程部李强", "请注意") == "@工程部李强\u2005请注意"


@given(st.text(max_size=300))
def test_masked_evidence_shows_no_long_number(text: str) -> None:
    safe = masked(text)
    assert len(safe) <= WHOLE_LENGTH
    assert not re.search(r"[0-9]{7}", safe)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("电话138-1234-5678请回电", "电话*************请回电"),
        ("138 123 456 78", "**************"),
        ("发到zhang.san@example.com.cn吧", "发到************************吧"),
        ("密码hunter2！", "密码*******！"),
        ("密码：Abc!2345 登录", "密码********* 登录"),
        ("合同号2026-11，共3份", "合同号2026-11，共3份"),
        ("预算12万", "预算12万"),
    ],
)
def test_personal_data_in_evidence_is_hidden_in_place(text: str, hidden: str) -> None:
    assert personal_data_hidden(text) == hidden
    assert len(hidden) == len(text)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("电话138-1234-5678请回电", "电话138********78请回电"),
        ("身份证110101199003070011", "身份证110*************11"),
        ("１１０１０１１９９００３０７００１１", "１１０*************１１"),
        ("1380\u200b000\u200b1111", "138********11"),
        ("护照E12345678", "护照*********"),
        ("密 码：hunter2abc，谢谢", "密 码：**********，谢谢"),
        ("口令是 Qg#2026!", "口令是 ********"),
        ("ghp_abcdefghij1234567890ABCDEFGHIJ", "ghp*****************************IJ"),
        ("redis://:foobared12@h:6379", "redis://:**********@h:6379"),
        ("会议纪要第12345号", "会议纪要第12345号"),
    ],
)
def test_reviewers_see_the_ends_of_what_is_long_and_nothing_of_a_password(text: str, hidden: str) -> None:
    assert personal_data_hidden(text, ends=True) == hidden
    assert len(hidden) == len(text)
    whole = personal_data_hidden(text)
    assert all(one in ("*", other) for one, other in zip(whole, hidden, strict=True))


@pytest.mark.parametrize(
    ("places", "room", "topic", "expected"),
    [
        (Places(True), "", "", Place.PRIVATE),
        (Places(True), "r", "甲群", Place.GUARDED),
        (Places(True, supervision="r"), "r", "甲群", Place.SUPERVISION),
        (Places(True, supervision="r"), "other", "监督组", Place.GUARDED),
        (Places(False, {"甲群"}, pinned={"r"}), "r", "改名了", Place.GUARDED),
        (Places(False, {"甲群"}, pinned={"r"}), "r", None, Place.GUARDED),
        (Places(False, {"甲群"}), "r", "甲群", Place.GUARDED),
        (Places(False, {"r"}), "r", "改名了", Place.GUARDED),
        (Places(False, {"甲群"}), "r", "乙群", Place.ELSEWHERE),
        (Places(False), "r", "", Place.ELSEWHERE),
    ],
)
def test_places(places: Places, room: str, topic: str, expected: Place) -> None:
    assert places.of(room, topic) is expected
