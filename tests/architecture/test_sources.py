"""What import-linter cannot see, read from the syntax tree of every Python file.

For each check a planted fault that it must catch, and a lawful neighbour that it must leave alone.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from architecture.effects import EFFECTS
from architecture.habits import HABITS
from architecture.sources import Check, Tree, faults

CHECKS = (*EFFECTS, *HABITS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.find.__name__)
def test_the_project_keeps_to_it(check: Check, tree: Tree) -> None:
    assert not (found := faults(check, tree)), f"{check.find.__doc__}\n" + "\n".join(found)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.find.__name__)
def test_a_planted_fault_is_caught(check: Check, plant: Callable[[dict[str, str]], Tree]) -> None:
    for fault in check.caught:
        assert faults(check, plant({check.at: fault})), f"not caught: {fault!r}"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.find.__name__)
def test_a_lawful_neighbour_is_left_alone(check: Check, plant: Callable[[dict[str, str]], Tree]) -> None:
    for habit in check.lawful:
        assert not faults(check, plant({check.at: habit})), f"wrongly caught: {habit!r}"


def test_a_spared_place_is_not_looked_at() -> None:
    assert not CHECKS[0].looks_at("bot/clock.py")
    assert CHECKS[0].looks_at("bot/pipeline/outbox.py")
    assert not CHECKS[0].looks_at("bot/texts/zh.yaml")
