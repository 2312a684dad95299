"""What an operator may set: frozen values, every one with its unit, its default and its meaning.

The models hold shape and range. What contradicts itself or would silently do nothing is told by
:mod:`bot.settings.checks`; files and environment are read in :mod:`bot.settings.source`.
"""

from __future__ import annotations

import ipaddress
from datetime import time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr

from bot.masking import masked_url, url_secrets
from bot.settings.answers import AnswerSettings
from bot.settings.health import HealthSettings
from bot.settings.members import MemberSettings
from bot.settings.opinion import SecondOpinionSettings
from bot.settings.penalty import PenaltySettings
from bot.settings.procedures import AppealSettings, ReviewSettings
from bot.settings.section import HostPort, Name, Names, Section
from rules.core.options import (
    BookOptions,
    LexiconOptions,
    PolicyOptions,
    RoomOptions,
    RuleOptions,
    WorkOptions,
    did_you_mean,
)

ENVIRONMENT_ONLY: dict[str, Any] = {"environment_only": True}
"""Marks a secret: it is taken from the environment and refused in the file."""

URL_SCHEMES = ("sqlite", "sqlite+aiosqlite", "postgres", "postgresql", "postgresql+asyncpg")


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("is no time zone; take an IANA name such as Asia/Shanghai") from None
    return name


def _storage_url(value: SecretStr) -> SecretStr:
    scheme, separator, _ = value.get_secret_value().partition("://")
    if not separator:
        raise ValueError("must be a database URL such as sqlite:///qungui.db or postgresql://host/name")
    if scheme not in URL_SCHEMES:
        raise ValueError(f"this kind of database is not supported; {did_you_mean(scheme, URL_SCHEMES)}")
    return value


class Company(Section):
    """Whose groups are kept."""

    name: str = Field(default="", max_length=100, description="The company's name, as it stands in reports.")
    timezone: Annotated[str, AfterValidator(_time_zone)] = Field(
        default="Asia/Shanghai", description="Time zone of working hours and reports (IANA name)."
    )
    departments: Names = Field(
        default=(),
        description="Departments as nicknames begin with them, for judging these without a roster.",
    )


class GatewaySettings(Section):
    """How the Wechaty gateway is reached."""

    endpoint: HostPort = Field(
        default="", description="Where the gateway listens, host:port; `run` needs it."
    )
    token: SecretStr | None = Field(
        default=None, json_schema_extra=ENVIRONMENT_ONLY, description="The gateway's token."
    )
    tls: str = Field(
        default="",
        description="`off`, `insecure-default` (Wechaty's public CA, no host-name check) or the path of a CA "
        "file; unset: `off` on loopback, anything else is refused.",
    )
    deadline_seconds: float = Field(
        default=5.0, ge=0.1, le=120, description="How long one call to the gateway may take, in seconds."
    )

    @property
    def loopback(self) -> bool:
        """Whether the endpoint is this machine (true while none is set)."""
        host = self.endpoint.rpartition(":")[0].strip("[]")
        if host.lower() in {"", "localhost"}:
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    @property
    def tls_mode(self) -> str:
        """``off``, ``insecure-default`` or the path of a CA file, with the default for loopback applied."""
        return self.tls or "off"


class StorageSettings(Section):
    """Where everything is remembered."""

    url: Annotated[SecretStr, AfterValidator(_storage_url)] = Field(
        default=SecretStr("sqlite:///qungui.db"),
        description="Database URL, sqlite:///file or postgresql://host/name; "
        "one with a password is taken from the environment only.",
    )

    @property
    def address(self) -> str:
        """The URL with its password: for connecting, never for showing."""
        return self.url.get_secret_value()

    @property
    def shown(self) -> str:
        """The URL as it may be shown: every form of password masked."""
        return masked_url(self.address)


class RoomSettings(Section):
    """Which rooms are kept, and where supervisors meet."""

    guard: Literal["all", "listed"] = Field(
        default="all", description="`all`: every room the account is in; `listed`: only those listed."
    )
    listed: Names = Field(default=(), description="The rooms to keep, by topic or gateway id.")
    supervision: str = Field(
        default="",
        max_length=200,
        description="The supervisors' own room, by topic or id; unset: what is for it waits for `messages_days`.",
    )
    overrides: dict[Name, RoomOptions] = Field(
        default_factory=dict, description="What is different in single rooms, by topic or gateway id."
    )


class FriendSettings(Section):
    """Whose friend requests are accepted; WeChat carries private answers between contacts only."""

    accept: Literal["known", "none"] = Field(
        default="known", description="`known`: people on the roster or listed here; `none`: nobody."
    )
    listed: Names = Field(
        default=(), description="People accepted although no roster has them, by WeChat name."
    )
    per_hour: int = Field(default=10, ge=1, le=60, description="Requests accepted at most, per hour.")


class NoticeSettings(Section):
    """When a warning is spoken in public."""

    quiet_hours: bool = Field(
        default=True, description="Outside working time notices wait for it; `off`: they don't."
    )
    stale_minutes: int = Field(
        default=10,
        ge=1,
        le=1440,
        description="What is decided more than this many minutes after it was sent is recorded, not scolded.",
    )
    per_room_hour: int = Field(
        default=6,
        ge=1,
        le=1000,
        description="Notices in one room at most, per hour; the rest goes out as one summary when the hour allows.",
    )

    @property
    def stale_after(self) -> timedelta:
        """After how long nobody is scolded in public any more."""
        return timedelta(minutes=self.stale_minutes)


class OutboxSettings(Section):
    """How fast the bot may speak; accounts that speak too fast get throttled."""

    pacing: bool = Field(
        default=True,
        description="`off`: no budgets, no jitter, no merging, no summaries; for load tests only.",
    )
    account_per_minute: int = Field(
        default=20, ge=1, le=600, description="Messages of the whole account at most, per minute."
    )
    room_per_minute: int = Field(
        default=6, ge=1, le=600, description="Messages in one room at most, per minute."
    )
    room_per_hour: int = Field(
        default=60, ge=1, le=36000, description="Messages in one room at most, per hour."
    )
    min_gap_seconds: float = Field(
        default=0.5, ge=0, le=60, description="Least time between two messages of the account, in seconds."
    )
    jitter_seconds: float = Field(
        default=0.5, ge=0, le=60, description="A random wait before each message, at most this many seconds."
    )
    merge_seconds: float = Field(
        default=1.0,
        ge=0,
        le=600,
        description="Notices for one room decided within so many seconds go out as one.",
    )
    max_attempts: int = Field(
        default=8, ge=1, le=100, description="Tries before a message is set aside as undeliverable (`/状态`)."
    )
    failures_in_a_row: int = Field(
        default=5,
        ge=2,
        le=100,
        description="So many different messages refused one after the other pause all sending.",
    )
    pause_seconds: float = Field(
        default=30,
        ge=1,
        le=3600,
        description="The first such pause, in seconds; each further one is twice as long.",
    )
    pause_at_most_minutes: int = Field(
        default=30, ge=1, le=1440, description="The longest such pause, in minutes."
    )


class DigestSettings(Section):
    """The daily digest for the supervisors."""

    enabled: bool = Field(default=True, description="`off`: there is none, and none is made up for later.")
    at: time = Field(default=time(17, 30), description="When it is written, on each working day; local time.")
    topics: bool = Field(default=True, description="Whether it names the day's topics, as keywords.")
    rooms: Names = Field(
        default=(),
        description="Work groups that get a shorter one of their own numbers, by topic or gateway id.",
    )


class RetentionSettings(Section):
    """How long personal data is kept."""

    messages_days: int = Field(default=30, ge=1, le=3650, description="Text of clean messages, in days.")
    evidence_days: int = Field(
        default=180,
        ge=1,
        le=3650,
        description="Evidence, and examples taken from it, in days after its case is final.",
    )
    ledger_text_months: int = Field(
        default=24,
        ge=1,
        le=240,
        description="Texts of the ledger, and of old cases, in months; who left that long ago is erased"
        " once nothing else of theirs is kept.",
    )
    archive_months: int = Field(
        default=36, ge=1, le=240, description="Messages that somebody put into the archive, in months."
    )


class LedgerSettings(Section):
    """The points ledger."""

    key: SecretStr | None = Field(
        default=None,
        json_schema_extra=ENVIRONMENT_ONLY,
        description="Key of the ledger's hash chains; unset: the chains are plain hashes.",
    )


class Settings(Section):
    """The whole configuration; ``Settings()`` is the built-in one, whatever the process environment holds."""

    company: Company = Field(default_factory=Company)
    gateway: GatewaySettings = Field(default_factory=GatewaySettings)
    storage: StorageSettings = Field(default_factory=StorageSettings)
    rooms: RoomSettings = Field(default_factory=RoomSettings)
    friends: FriendSettings = Field(default_factory=FriendSettings)
    notices: NoticeSettings = Field(default_factory=NoticeSettings)
    outbox: OutboxSettings = Field(default_factory=OutboxSettings)
    digest: DigestSettings = Field(default_factory=DigestSettings)
    penalty: PenaltySettings = Field(default_factory=PenaltySettings)
    review: ReviewSettings = Field(default_factory=ReviewSettings)
    appeals: AppealSettings = Field(default_factory=AppealSettings)
    answers: AnswerSettings = Field(default_factory=AnswerSettings)
    members: MemberSettings = Field(default_factory=MemberSettings)
    retention: RetentionSettings = Field(default_factory=RetentionSettings)
    ledger: LedgerSettings = Field(default_factory=LedgerSettings)
    health: HealthSettings = Field(default_factory=HealthSettings)
    second_opinion: SecondOpinionSettings = Field(default_factory=SecondOpinionSettings)
    rules: dict[str, RuleOptions] = Field(default_factory=dict, description="How each rule runs, by rule id.")
    policy: dict[str, PolicyOptions] = Field(
        default_factory=dict, description="Clause, points and reason, by rule id or rule/category."
    )
    work: WorkOptions = Field(default_factory=WorkOptions)
    lexicon: LexiconOptions = Field(default_factory=LexiconOptions)

    def book_options(self) -> BookOptions:
        """The part that turns into a rulebook (:func:`rules.core.load.load_book`)."""
        return BookOptions(
            rules=self.rules,
            policy=self.policy,
            work=self.work,
            lexicon=self.lexicon,
            timezone=self.company.timezone,
            departments=self.company.departments,
            rooms=self.rooms.overrides,
        )

    def secrets(self) -> tuple[str, ...]:
        """Every secret value that is set: what logs must mask."""
        parts = (self.gateway.token, self.ledger.key, self.second_opinion.key)
        found = [part.get_secret_value() for part in parts if part is not None]
        return tuple(found + sorted(url_secrets(self.storage.address)))
