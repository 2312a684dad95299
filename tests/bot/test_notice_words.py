"""Names and evidence are hostile; what is shown of them is not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pipeline.notice import EVIDENCE_LENGTH, NAME_LENGTH, addressed, masked, shown
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
    assert len(safe) <= EVIDENCE_LENGTH
    run = 0
    for char in safe:
        run = run + 1 if char.isdigit() else 0
        assert run <= 3


@pytest.mark.parametrize(
    ("places", "room", "topic", "expected"),
    [
        (Places(True), "", "", Place.PRIVATE),
        (Places(True), "r", "甲群", Place.GUARDED),
        (Places(True, supervision="监督组"), "r", "监督组", Place.SUPERVISION),
        (Places(True, supervision="r"), "r", "甲群", Place.SUPERVISION),
        (Places(False, {"甲群"}), "r", "甲群", Place.GUARDED),
        (Places(False, {"r"}), "r", "改名了", Place.GUARDED),
        (Places(False, {"甲群"}), "r", "乙群", Place.ELSEWHERE),
        (Places(False), "r", "", Place.ELSEWHERE),
    ],
)
def test_places(places: Places, room: str, topic: str, expected: Place) -> None:
    assert places.of(room, topic) is expected
