"""The clauses that notices refer to, in Chinese: short, in our own words, numbered as in docs/policy.md."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

from bot.texts import TextError


@cache
def clauses() -> Mapping[str, Mapping[str, str]]:
    """Every clause by number, under the headings of the chapters; in order.

    Raises:
        TextError: the file is broken.
    """
    tree: dict[str, dict[str, str]] = yaml.safe_load(
        files(__package__).joinpath("clauses.yaml").read_text(encoding="utf-8")
    )
    for chapter, held in tree.items():
        for number, text in held.items():
            if not (isinstance(number, str) and isinstance(text, str)):
                raise TextError(f"clause {number!r} of {chapter!r} is no text under a number in quotes")
    return tree
