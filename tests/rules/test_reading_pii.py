"""Numbers of persons, held against a second opinion, and read wherever and however they are written."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn as stdnum_luhn
from stdnum.cn import ric

from rules.reading import credentials
from rules.reading.pii import NumberKind, bank_card, luhn, numbers, resident_id
from rules.reading.verbatim import verbatim

ID = "110101199003070011"
CROSSED = "11010119900307002X"
CARD = "6222020200112233446"


def found(text: str) -> list[tuple[NumberKind, str]]:
    read = verbatim(text)
    return [(one.kind, text[slice(*read.span(one.start, one.end))]) for one in numbers(read)]


def grouped(text: str, joint: str = " ", size: int = 4) -> str:
    return joint.join(text[start : start + size] for start in range(0, len(text), size))


def made_up_id(chance: random.Random) -> str:
    region = chance.choice(("110101", "310104", "440305", "330106", "510107", "650102", "370202"))
    stem = f"{region}{chance.randint(1940, 2010)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    stem += f"{chance.randint(0, 999):03}"
    return stem + str(ric.calc_check_digit(stem + "0"))


def test_a_second_opinion_on_resident_ids_agrees() -> None:
    chance = random.Random(18)  # noqa: S311 - made-up ids, nothing is kept secret by them
    valid = 0
    for _ in range(300):
        right = made_up_id(chance)
        assert resident_id(right)
        if not ric.is_valid(right):  # it knows since when there is each county, ours only what there may be
            continue
        valid += 1
        place = chance.randrange(17)
        wrong = right[:place] + chance.choice("0123456789") + right[place + 1 :]
        if place >= 10:
            assert resident_id(wrong) is ric.is_valid(wrong), wrong
        else:
            assert resident_id(wrong) is (wrong == right), wrong
    assert valid > 100


@given(st.text(alphabet="0123456789", min_size=1, max_size=20))
def test_a_second_opinion_on_card_numbers_agrees(digits: str) -> None:
    assert luhn(digits) is stdnum_luhn.is_valid(digits)
    assert not bank_card(digits) or stdnum_luhn.is_valid(digits)


@pytest.mark.parametrize(
    ("digits", "card"),
    [
        (CARD, True),
        ("4111111111111111", True),
        ("5500000000000004", True),
        ("2223000048400011", True),
        ("378282246310005", True),
        ("3530111333300000", True),
        ("4111111111111112", False),
        ("411111111111111", False),
        ("6011111111111117", False),
        ("0000000000000000", False),
        ("5500000000000004000", False),
        ("2088000000000004", False),
    ],
)
def test_only_what_a_bank_issues_is_a_card(digits: str, card: bool) -> None:
    assert bank_card(digits) is card


WRITTEN: list[Callable[[str], str]] = [
    str,
    grouped,
    lambda text: grouped(text, "-"),
    lambda text: "\u200b".join(text),
    lambda text: "".join(chr(ord(one) + 0xFEE0) for one in text),
    lambda text: "".join(f"{one}\ufe0f\u20e3" if one.isdigit() else one for one in text),
    lambda text: text.lower(),
]


@pytest.mark.parametrize("write", WRITTEN)
@pytest.mark.parametrize(
    ("number", "kind"),
    [(ID, NumberKind.RESIDENT), (CROSSED, NumberKind.RESIDENT), (CARD, NumberKind.CARD)],
)
def test_however_it_is_written_the_span_is_that_of_the_original(
    write: Callable[[str], str], number: str, kind: NumberKind
) -> None:
    written = write(number)
    for before, after in (("", ""), ("张三，", "，谢谢"), ("13800001111 ", "\n"), ("（", "）")):
        ours = [one for one in found(before + written + after) if one[0] is kind]
        assert ours == [(kind, written.removesuffix("\ufe0f\u20e3") if "\u20e3" in written else written)] or (
            ours and ours[0][1].rstrip("\ufe0f\u20e3") == written.rstrip("\ufe0f\u20e3")
        )


@pytest.mark.parametrize(
    "text",
    [
        f"1{CARD}",
        f"{CARD}1",
        f"SN{ID}",
        f"{ID}a",
        f"SF-{CARD}",
        f"a_{ID}",
        f"0.{CARD}",
        f"{CARD}.5",
        f"{grouped(CARD)} 1234",
        "13800001111@example.com",
        "v13800001111",
        "12800001111",
        "138000011112",
        "110101********0011",
        "6222 **** **** 1234",
        "2026-03-10 10:00:00",
        "192.168.100.200:3306",
        "E12345678",
        "110101900307001",
    ],
)
def test_a_part_of_something_longer_is_no_number_of_a_person(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "kind", "written"),
    [
        ("电话138-0000-1111", NumberKind.MOBILE, "138-0000-1111"),
        ("+86 13800001111", NumberKind.MOBILE, "86 13800001111"),
        ("tel13800001111", NumberKind.MOBILE, "13800001111"),
        ("138[微笑]0000[微笑]1111", NumberKind.MOBILE, "138[微笑]0000[微笑]1111"),
        ("总机(010) 88001234转1", NumberKind.LANDLINE, "010) 88001234"),
        ("0571-88001234", NumberKind.LANDLINE, "0571-88001234"),
        ("身份证110101900307001", NumberKind.OLD_RESIDENT, "110101900307001"),
        ("护照号：E12345678", NumberKind.PERMIT, "E12345678"),
        ("港澳通行证 C12345678", NumberKind.PERMIT, "C12345678"),
    ],
)
def test_other_numbers_are_read_with_what_stands_before_them(
    text: str, kind: NumberKind, written: str
) -> None:
    assert found(text) == [(kind, written)]


@given(st.text(alphabet="0123456789 -.xX张\u200b１a:/\n", max_size=200))
def test_spans_lie_in_order_and_inside(text: str) -> None:
    read = verbatim(text, 7)
    end = 0
    for one in numbers(read):
        start, after = read.span(one.start, one.end)
        assert 7 <= start < after <= 7 + len(text)
        assert one.start >= end
        end = one.end


@pytest.mark.parametrize(
    "unit",
    ["1234567890", "6222 0212 ", "护照", "密码是", "sk-", "eyJ", "13800001111 张三", "http://a:b@", "=密码"],
)
def test_reading_takes_time_linear_in_the_text(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        best = float("inf")
        for _ in range(2):
            begin = time.process_time()
            read = verbatim(text)
            numbers(read)
            credentials.secrets(read)
            best = min(best, time.process_time() - begin)
        return best

    assert seconds(32_000) <= 10 * seconds(8_000) + 0.02
