"""The log: structlog on stderr, as text or JSON lines, in UTC, with secrets and personal data masked.

Message text is never logged: callers log ids, counts and names of rules; a value that is called ``text`` is
replaced by its length all the same.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import traceback
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

from bot.masking import Masker

FOREIGN = ("aiosqlite", "alembic", "apscheduler", "asyncio", "grpclib", "hpack", "sqlalchemy")
"""Libraries with loggers of their own; from WARNING on their lines go through ours."""

_OURS = ("timestamp", "level", "event", "exception")


def configure(
    log_format: str = "text",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
    level: int = logging.INFO,
) -> None:
    """Set up logging for the whole process; may be called again, the last call counts.

    Args:
        log_format: ``text`` or ``json``.
        secrets: values that no line may hold (:meth:`bot.settings.Settings.secrets`).
        stream: where lines go; stderr.
        level: the least level that is written, as in :mod:`logging`.

    Raises:
        ValueError: there is no such format.
    """
    structlog.configure(
        processors=_processors(log_format, secrets),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=_forgiving(stream or sys.stderr)),
        cache_logger_on_first_use=False,
    )
    _take_over(_Bridge())


def private(
    name: str, log_format: str = "text", secrets: Iterable[str] = (), level: int = logging.INFO
) -> FilteringBoundLogger:
    """A logger of its own on stderr, for a guest in somebody else's process: nothing global is set up.

    Arguments and errors as of :func:`configure`.
    """
    logger: FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(_forgiving(sys.stderr)),
        processors=_processors(log_format, secrets),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        part=name,
    )
    return logger


def _processors(log_format: str, secrets: Iterable[str]) -> list[Processor]:
    if log_format not in ("text", "json"):
        raise ValueError(f"no log format {log_format!r}")
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _Clean(Masker(secrets)),
        _as_json if log_format == "json" else _as_text,
    ]


class _Forgiving:
    """A stream whose failures cost a line: a disk that is full, or a reader that has gone, must end no guard."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()


def _forgiving(stream: TextIO) -> TextIO:
    return cast(TextIO, _Forgiving(stream))  # no more than these two is asked of it


def get(name: str) -> FilteringBoundLogger:
    """A logger whose lines bear the name of the part that writes them."""
    logger: FilteringBoundLogger = structlog.get_logger(part=name)
    return logger


class _Bridge(logging.Handler):
    """Hands lines of the standard library's logging to ours."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            said = record.getMessage()
        except (TypeError, ValueError):  # the caller's arguments do not fit its format
            said = str(record.msg)
        known = {"exc_info": record.exc_info} if record.exc_info else {}
        level = min(max(record.levelno // 10 * 10, logging.INFO), logging.CRITICAL)
        get(record.name).log(level, said, **known)


def _take_over(bridge: logging.Handler) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if not isinstance(handler, _Bridge)] + [bridge]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)
    for name in FOREIGN:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)


class _Clean:
    """The processor that masks every part of an event, exceptions included."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker

    def __call__(self, _logger: object, _method: str, event: EventDict) -> EventDict:
        raised = _exception(event.pop("exc_info", None))
        clean: dict[str, object] = {name: event.pop(name) for name in ("timestamp", "level") if name in event}
        clean["event"] = self._masker.text(str(event.pop("event", "")))
        for name, value in self._masker.mapping(dict(event)).items():
            clean[f"{name}_" if name in _OURS else name] = value
        if raised is not None:
            lines = "".join(traceback.format_exception(raised)).splitlines()
            clean["exception"] = [self._masker.text(line) for line in lines]
        return clean


def _exception(found: object) -> BaseException | None:
    if isinstance(found, BaseException):
        return found
    if isinstance(found, tuple):
        return found[1] if isinstance(found[1], BaseException) else None
    return sys.exc_info()[1] if found else None


def _as_json(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def _as_text(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    """One line, and one more for each line of a traceback, marked so that none can pass for an event."""
    known = {name: event.pop(name, "") for name in _OURS}
    values = "".join(f" {name}={_quoted(value)}" for name, value in event.items())
    lines = [f"{known['timestamp']} {known['level']:<7} {known['event']}{values}"]
    return "\n".join([*lines, *(f"    | {line}" for line in known["exception"])])


def _quoted(value: object) -> str:
    if isinstance(value, str) and value and not any(sign in value for sign in " \"'="):
        return value
    return json.dumps(value, ensure_ascii=False)
