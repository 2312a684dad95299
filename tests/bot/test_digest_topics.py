"""The day's topics give nobody away: no names, no numbers, nothing that fewer than three people spoke of."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from bot.reports import topics as topics_module
from bot.reports.topics import EVERY_ROOM, MOST, Talk, clean, topics
from storage.records import StoredMessage

TOKENIZER = topics_module._tokenizer
NOW = datetime(2026, 10, 13, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def one_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading it takes a second; the product lets go of it each time."""
    monkeypatch.setattr(topics_module, "_tokenizer", kept_tokenizer)


@cache
def kept_tokenizer() -> object:
    return TOKENIZER()


def said(texts: Iterable[tuple[str, str]], room: int = 1) -> tuple[StoredMessage, ...]:
    return tuple(
        StoredMessage(f"{room}-{number}", room, person, f"市场部{person}", "text", text, NOW)
        for number, (person, text) in enumerate(texts)
    )


def found(
    texts: Iterable[tuple[str, str]], people: Iterable[str] = (), departments: Iterable[str] = ()
) -> set[str]:
    return set(topics(Talk(said(texts), frozenset(people), frozenset(departments)))[EVERY_ROOM])


TEXT = "客户合同的评审结果发到邮箱了"


def by(*people: str, text: str = TEXT) -> list[tuple[str, str]]:
    return [(person, text) for person in people]


def test_what_several_people_speak_of_is_a_topic() -> None:
    assert {"合同", "评审", "邮箱", "客户"} <= found(by("a", "b", "c"))


def test_two_people_are_not_enough_however_much_they_talk() -> None:
    assert found(by(*"ab" * 50)) == set()
    assert "发票" not in found([*by("a", "b", "c"), *by("a", "b", text="发票报销")])


def test_nobody_is_named() -> None:
    texts = by("a", "b", "c", text="高峰和刘洋、张三丰跟进合同评审，红旗也来，找王小明工程师")
    people = ["工程部红旗", "评审", "刘洋"]
    names = found(texts, people, ["工程部"])
    assert "合同" in names
    assert not names & {"高峰", "刘洋", "张三丰", "红旗", "王小明", "评审"}


def test_a_department_before_a_nickname_is_no_name() -> None:
    assert "合同" in found(by("a", "b", "c"), ["合同管理部红旗"], ["合同管理部"])
    assert "合同" not in found(by("a", "b", "c"), ["合同管理部红旗"])


def test_no_numbers_codes_or_words_that_no_dictionary_has() -> None:
    text = "合同 20261013 编号 A-7781 电话 13800138000 wxid_abc123 三千二百万 代号苍鹭计划零七 https://a.cn/x 一百二十"
    names = found(by("a", "b", "c", "d", text=text))
    assert names
    assert not [name for name in names if re.search(r"[0-9A-Za-z零一二三四五六七八九十百千万]", name)]
    assert not [name for name in names if "苍鹭计划" in name]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "\u202e" * 300,
        "@所有人 " * 300,
        "{{ 1 }}{% raw %}",
        "😀" * 500,
        "\ud800坏",
        "哈" * 100_000,
    ],
)
def test_hostile_texts_name_nothing(text: str) -> None:
    assert not {name for name in found(by("a", "b", "c", text=text)) if not name.isalpha()}


def test_at_most_eight_and_the_same_each_time() -> None:
    text = "合同 评审 邮箱 客户 发票 会议室 培训 服务器 版本 流程 设备 仓库 供应商 采购"
    first = topics(Talk(said(by("a", "b", "c", text=text))))
    assert len(first[EVERY_ROOM]) == MOST
    assert first == topics(Talk(said(by("c", "b", "a", text=text))))


def test_each_room_has_its_own() -> None:
    here, there = said(by("a", "b", "c")), said(by("a", "b", "c", text="发票报销"), room=2)
    names = topics(Talk((*here, *there)), [1, 2, 3])
    assert "合同" in names[1]
    assert "合同" not in names[2]
    assert "发票" in names[2]
    assert names[3] == ()


def test_jieba_leaves_no_cache_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(topics_module, "_tokenizer", TOKENIZER)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert found(by("a", "b", "c"))
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("outcomes", "is_clean"),
    [
        ("clean", True),
        ("late clean", True),
        ("nickname=violation after_hours=unknown", True),
        ("flooding=off", True),
        ("advertising=violation", False),
        ("advertising=review nickname=violation", False),
        ("flooding=absorbed", False),
        ("flooding=crashed", False),
        ("command clean", False),
    ],
)
def test_only_what_no_rule_objected_to_is_read(outcomes: str, is_clean: bool) -> None:
    assert clean(outcomes) is is_clean
