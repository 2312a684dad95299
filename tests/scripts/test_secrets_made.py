"""Made-up secrets are what they stand for, by others' reckoning, and near misses are not."""

from __future__ import annotations

import random
import re

from secrets_made import NEAR_MISSES, SECRETS, card, id_check, near_misses, resident_id, secrets
from stdnum import luhn
from stdnum.cn import ric


def test_ids_and_cards_are_valid() -> None:
    chance = random.Random(1)  # noqa: S311 - the same numbers in every run
    for _ in range(200):
        number = resident_id(chance)
        assert ric.calc_check_digit(number) == number[17]
        assert ric.get_birth_date(number).year >= 1955
        luhn.validate(card(chance).replace(" ", ""))
    assert id_check("11010519491231002") == "X"


def test_no_near_miss_is_an_id_or_a_card() -> None:
    for made in near_misses(600):
        assert not made.secret
        for number in re.findall(r"(?<!\d)\d{16,19}(?!\d)", made.text):
            if made.kind == "order number":
                assert number.startswith("202"), "a date, as neither a card nor an id begins with"
            else:
                assert not luhn.is_valid(number)
                assert len(number) != 18 or ric.calc_check_digit(number) != number[17]


def test_every_kind_comes_and_the_same_seed_gives_the_same() -> None:
    made = list(secrets(40, "a"))
    assert {one.kind for one in made} == set(SECRETS)
    assert {one.kind for one in near_misses(40)} == set(NEAR_MISSES)
    assert made == list(secrets(40, "a"))
    assert made != list(secrets(40, "b"))


def test_a_connection_string_holds_a_password() -> None:
    password = re.compile(r":[^:@/\s]{8,}@|[Pp]assword=[!-:<-~]{8,}")
    assert all(password.search(one.text) for one in secrets(120) if one.kind == "connection")
    assert not any(
        password.search(one.text) for one in near_misses(200) if "<" not in one.text and "$" not in one.text
    )
