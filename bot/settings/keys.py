"""Every key of the configuration, read off the models: for environment, editors' schema and docs."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bot.settings.model import ENVIRONMENT_ONLY, Settings

PREFIX = "QUNGUI_"
SECTIONS = tuple(Settings.model_fields)
SPECIAL = {
    f"{PREFIX}CONFIG": "Path of the configuration file.",
    f"{PREFIX}LOG": "Format of the log on stderr: `text` or `json`.",
}
RESERVED = {"broker": "there is no broker to set: everything runs in one process"}
"""Sections that belong to the configuration's names but would do nothing."""

_OPEN_ENDED = {"policy": "<rule>[/<category>]", "rooms.overrides": "<room>"}
"""What may stand as key in a mapping whose keys no model names; rules otherwise."""

_SCALARS: dict[object, str] = {
    str: "text",
    SecretStr: "text",
    int: "whole number",
    float: "number",
    bool: "on | off",
    date: "date",
    time: "time of day",
}


@dataclass(frozen=True, slots=True)
class Key:
    """One ``section.name`` that the environment may set.

    Attributes:
        many: a list; in the environment its items are divided by commas.
        secret: its value is never shown.
        environment_only: it is refused in the file.
    """

    section: str
    name: str
    many: bool
    secret: bool
    environment_only: bool

    @property
    def path(self) -> tuple[str, str]:
        """The key as a path from the top of the configuration."""
        return self.section, self.name

    @property
    def variable(self) -> str:
        """The variable's name: the first ``_`` after ``QUNGUI_`` divides section from key."""
        return f"{PREFIX}{self.section}_{self.name}".upper()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of docs/config.md; ``variable`` is empty where only the file can set the key."""

    key: str
    type: str
    default: str
    description: str
    variable: str = ""


@cache
def environment_keys() -> tuple[Key, ...]:
    """Every key that the environment may set."""
    return tuple(
        Key(
            section,
            name,
            many=get_origin(annotation) is tuple,
            secret=annotation is SecretStr,
            environment_only=info.json_schema_extra == ENVIRONMENT_ONLY,
        )
        for section, whole in Settings.model_fields.items()
        if (model := model_of(whole.annotation)) is not None and get_origin(whole.annotation) is not dict
        for name, info in model.model_fields.items()
        for annotation in [_bare(info.annotation)]
        if _item(annotation) in _SCALARS or get_origin(annotation) is Literal
    )


def known_keys(path: Sequence[str | int]) -> tuple[str, ...]:
    """The keys that a model has at ``path``; empty where any key may stand."""
    model: type[BaseModel] | None = Settings
    open_ended = False
    for part in path:
        if open_ended or isinstance(part, int):
            open_ended = False  # a rule's id, or an item's place: the model stays
            continue
        if model is None or part not in model.model_fields:
            return ()
        annotation = _bare(model.model_fields[part].annotation)
        open_ended = get_origin(annotation) is dict
        model = model_of(annotation)
    return tuple(model.model_fields) if model is not None and not open_ended else ()


def model_of(annotation: object) -> type[BaseModel] | None:
    """The model that an annotation is, or holds as items of a list or a mapping; ``None`` without one."""
    bare = _bare(annotation)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return bare
    if get_origin(bare) is dict:
        return model_of(get_args(bare)[1])
    return model_of(get_args(bare)[0]) if get_origin(bare) is tuple else None


def describe() -> tuple[Row, ...]:
    """Every key with type, default, meaning and variable, in order: what docs/config.md is made of."""
    return (*_rows(Settings, ""), *(Row("", "text", "", text, name) for name, text in SPECIAL.items()))


def _rows(model: type[BaseModel], prefix: str) -> Iterator[Row]:
    variables = {".".join(key.path): key.variable for key in environment_keys()}
    for name, info in model.model_fields.items():
        key = f"{prefix}{name}"
        annotation = _bare(info.annotation)
        inner = model_of(annotation)
        if inner is None:
            yield Row(
                key, _type(info), _default(info), (info.description or "").strip(), variables.get(key, "")
            )
        elif get_origin(annotation) is dict:
            yield from _rows(inner, f"{key}.{_OPEN_ENDED.get(key, '<rule>')}.")
        elif get_origin(annotation) is tuple:
            yield from _rows(inner, f"{key}[].")
        else:
            yield from _rows(inner, f"{key}.")


def schema() -> dict[str, Any]:
    """The JSON schema of config.yaml for editors: what may stand in the file, secrets left out."""
    made = Settings.model_json_schema()
    made["title"] = "qungui configuration"
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    _loosen(made)
    return made


def _loosen(node: object) -> None:
    """Let the schema take what the loader takes: ``on`` for a switch, a bare number for a text, 9:00."""
    if isinstance(node, list):
        for item in node:
            _loosen(item)
    if not isinstance(node, dict):
        return
    properties = node.get("properties", {})
    for name in [name for name, value in properties.items() if value.get("environment_only")]:
        del properties[name]
    for item in node.values():
        _loosen(item)
    if node.get("format") == "time":
        del node["format"]
        node["pattern"] = r"^\d{1,2}:\d{2}$"
        if isinstance(default := node.get("default"), str):
            node["default"] = default[:5]
    elif node.get("format") == "password":
        del node["format"], node["writeOnly"]
        node.pop("default", None)  # pydantic masks it; docs/config.md has it in clear
    elif node.get("type") == "boolean":
        del node["type"]
        node["enum"] = [True, False, "on", "off", "yes", "no"]
    if node.get("type") == "string" and "enum" not in node and "const" not in node:
        node["type"] = ["string", "number"]


def _bare(annotation: object) -> object:
    """An annotation without ``Annotated`` and ``| None``."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return _bare(next(part for part in get_args(annotation) if part is not type(None)))
    return annotation


def _item(annotation: object) -> object:
    return _bare(get_args(annotation)[0]) if get_origin(annotation) is tuple else annotation


def _type(info: FieldInfo) -> str:
    annotation = _bare(info.annotation)
    if get_origin(annotation) is Literal:
        return " | ".join(f"`{choice}`" for choice in get_args(annotation))
    if get_origin(annotation) is dict:
        return "keys and values"
    word = _SCALARS[_item(annotation)]
    return f"list of {word}s" if get_origin(annotation) is tuple else word


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    value = info.get_default(call_default_factory=True)
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, SecretStr):
        return value.get_secret_value()  # a built-in default is no secret
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, tuple):
        return f"[{', '.join(str(item) for item in value)}]"
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None or value == {} else str(value)
