"""What validation found, in words for the person who wrote the file; refused values are never repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from bot.settings.keys import known_keys
from rules.core.options import Mistake, did_you_mean

_WORDS: Mapping[str, tuple[str, str]] = {
    "bool_parsing": ("must be on or off", ""),
    "bool_type": ("must be on or off", ""),
    "int_parsing": ("must be a whole number", ""),
    "int_parsing_size": ("is too large", ""),
    "int_type": ("must be a whole number", ""),
    "float_parsing": ("must be a number", ""),
    "float_type": ("must be a number", ""),
    "finite_number": ("must be a number", ""),
    "string_type": ("must be one piece of text", "put it in quotes"),
    "dict_type": ("must be a mapping", "write `key: value` lines under it, indented"),
    "model_type": ("must be a mapping", "write `key: value` lines under it, indented"),
    "model_attributes_type": ("must be a mapping", "write `key: value` lines under it, indented"),
    "tuple_type": ("must be a list", "write one `- item` a line under it, or [a, b]"),
    "missing": ("is missing", "add it"),
    "date_parsing": ("must be a date such as 2026-10-01", ""),
    "date_from_datetime_parsing": ("must be a date such as 2026-10-01", ""),
    "date_from_datetime_inexact": ("must be a date without a time", ""),
    "date_type": ("must be a date such as 2026-10-01", ""),
}
_LIMITS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than_equal": lambda limit: f"must be at least {limit['ge']:g}",
    "greater_than": lambda limit: f"must be more than {limit['gt']:g}",
    "less_than_equal": lambda limit: f"must be at most {limit['le']:g}",
    "less_than": lambda limit: f"must be less than {limit['lt']:g}",
    "string_too_short": lambda _: "must not be empty",
    "string_too_long": lambda limit: f"must be at most {limit['max_length']} characters",
}


def rephrase(error: ValidationError) -> Iterator[Mistake]:
    """Every mistake of a failed validation of :class:`bot.settings.Settings`, by key."""
    for item in error.errors(include_url=False):
        path, kind, context = item["loc"], item["type"], item.get("ctx", {})
        if kind == "extra_forbidden":
            yield _unknown(path)
        elif kind == "literal_error":
            yield Mistake(path, f"must be {context['expected'].replace(chr(39), '')}", _nearest(item))
        elif kind in _LIMITS:
            yield Mistake(path, _LIMITS[kind](context))
        elif kind in _WORDS:
            yield Mistake(path, *_WORDS[kind])
        else:
            yield Mistake(path, item["msg"].removeprefix("Value error, "))


def _nearest(item: Mapping[str, Any]) -> str:
    choices = item["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
    suggestion = did_you_mean(str(item["input"]), choices)
    return suggestion if suggestion.startswith("did") else ""


def _unknown(path: tuple[int | str, ...]) -> Mistake:
    remedy = did_you_mean(str(path[-1]), known_keys(path[:-1]))
    if len(path) > 2 and path[-3] == "rules" and not remedy.startswith("did"):
        remedy += f"; a rule's own settings stand under {'.'.join(map(str, path[:-1]))}.settings"
    return Mistake(path, "unknown key", remedy)
