"""Settings of the second opinion: a model of the company's choice, asked about doubtful cases. Off by default."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from bot.settings.section import Names, Section

_SECRET: dict[str, Any] = {"environment_only": True}


def loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _endpoint(value: str) -> str:
    if not value:
        return value
    remedy = "such as https://models.example.com/v1, or http://127.0.0.1:11434/v1 on this machine"
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"is no URL; write one {remedy}") from None
    if parts.scheme not in ("http", "https") or not host or not value.isprintable() or " " in value:
        raise ValueError(f"must be an http(s) URL {remedy}")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError("holds more than host and path; the key is set by QUNGUI_SECOND_OPINION_KEY")
    if parts.scheme == "http" and not loopback(host):
        raise ValueError("is not encrypted and leads to another machine; use https")
    return value


class SecondOpinionSettings(Section):
    """A second opinion on doubtful cases, for reviewers; nothing ever follows from it by itself."""

    endpoint: Annotated[str, AfterValidator(_endpoint)] = Field(
        default="",
        max_length=500,
        description="Base URL of an OpenAI-compatible endpoint, https or on this machine; unset: nobody is asked. "
        "Masked texts of doubtful messages are sent there.",
    )
    model: str = Field(default="", max_length=200, description="Name of the model, as the endpoint calls it.")
    key: SecretStr | None = Field(
        default=None, json_schema_extra=_SECRET, description="The endpoint's key, if it takes one."
    )
    timeout_seconds: float = Field(
        default=10, ge=1, le=60, description="How long an answer is waited for, in seconds."
    )
    daily_requests: int = Field(default=50, ge=1, le=10_000, description="Requests at most, per day.")
    rules: Names = Field(
        default=(),
        description="The rules whose doubtful cases it is asked about, by id; none: those that read a trained score.",
    )
