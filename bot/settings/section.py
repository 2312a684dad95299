"""What every section of the configuration is made of."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("names something twice; keep one of each")
    return names


Name = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[tuple[Name, ...], AfterValidator(_distinct)]


_HOST_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(?P<port>[0-9]{1,5})")


def _host_port(value: str) -> str:
    match = _HOST_PORT.fullmatch(value)
    if value and (match is None or not 1 <= int(match["port"]) <= 65535):
        raise ValueError("must be host:port without a scheme, such as 127.0.0.1:8788")
    return value


HostPort = Annotated[str, AfterValidator(_host_port)]
"""``host:port``, with brackets round an IPv6 address; empty for none."""


class Section(BaseModel):
    """Base of every section: frozen, no unknown keys, no infinities."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, str_strip_whitespace=True)
