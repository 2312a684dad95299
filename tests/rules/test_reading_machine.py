"""What programs write: keys, digests and addresses of databases say nothing, and what people write stays said."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.core.load_reading import load_reader
from rules.reading.machine import COVER, machine_spans, without

READER = load_reader()

WRITTEN = [
    "postgresql://app:Zq7_kpLm@10.3.4.5:5432/billing",
    "jdbc:mysql://10.20.30.40:3306/stock?useSSL=false",
    "mongodb+srv://reader@cluster7.example.net/logs",
    "sk-Ab3dEf6hIj9kLm2nOp5qRs8tUv1w",
    "glpat-Zx9cVb6nMq3wEr7tYu1i",
    "9f86d081884c7d659a2feaa0c55ad015",
    "3b1f0e4a-77c2-4d0e-9a51-0c6b2f8de913",
    "mK8xQ2vB7nR4tY9wE3zU6pL1aS5dF0gH",
    "password=******",
    "Server=10.9.8.7;",
    "-----BEGIN EC PRIVATE KEY-----",
]
SAID = [
    "加微信abc12345进群领资料",
    "淘口令￥Kd8fTg2hXyz￥打开手机看看",
    "https://shop.example.com/item?id=20261201&from=share",
    "t.me/joinchat/AAAAAEXyz",
    "周五上线Version2026Q4ReleaseNotesFinal",
    "订单20261130000123456已发货",
    "telegram@WanLiShangWuKeFuZhuanXian2026",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_what_programs_write_is_found_whole(text: str) -> None:
    assert machine_spans(f"用 {text} 就行") == ((2, 2 + len(text)),)


@pytest.mark.parametrize("text", SAID)
def test_what_people_write_is_left(text: str) -> None:
    assert machine_spans(text) == ()


def test_only_what_people_wrote_is_scored() -> None:
    key = "sk-VxWx8tUv1wAb3dEf6hIj9kLm2nOp5q"
    reading, alone = READER.read(f"环境变量先填 {key} 再重启"), READER.read("环境变量先填 再重启")
    assert reading.said.replace(COVER, "") == alone.plain
    assert reading.plain != reading.said
    assert not any(hit.start >= 7 and hit.end <= 7 + len(key) for hit in reading.hits)
    assert reading.signs == alone.signs


def test_a_password_is_still_a_secret() -> None:
    assert READER.read("连 mysql://app:Zq7_kpLm@10.3.4.5/x 就行").plain.count("zq7kplm") == 1


PIECES = [*"加微信 \n。=-:/@", *"abcXYZ0189_+;*<>{}", "sk-", "mysql://", "key=", "-----BEGIN ", *WRITTEN]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_spans_are_in_order_and_apart(text: str) -> None:
    spans = machine_spans(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] < other[0] for one, other in pairwise(spans))
    assert len(without(text, spans)) == len(text) - sum(end - start for start, end in spans)
    reading = READER.as_it_stands(text)
    assert len(reading.said) == len(reading.plain)
