"""Keeps the token and what people write out of python-wechaty's own log lines.

python-wechaty logs its token at WARNING and every message's text at INFO, through loggers with handlers of their
own that go past whatever the process has set up. A filter on each of these loggers is what every line passes.
"""

from __future__ import annotations

import logging
import re
import sys

from bot.masking import MASKED, masked_values

_PACKAGES = ("wechaty", "wechaty_puppet", "wechaty_puppet_service")
_HARMLESS = "wechaty.plugin"  # names of plugins and routes, which the owner wants to read
_IN_BRACKETS = re.compile(r"<.*>", re.DOTALL)
_EACH_IN_BRACKETS = re.compile(r"<[^>]*>")
_IN_ADDRESS = re.compile(r"(?<=/hosties/)[^\s/?#]+")


class Discreet(logging.Filter):
    """Masks: values below WARNING, whatever stands in brackets beside the word token, and known secrets anywhere.

    No line is dropped: that something happened stays visible, with numbers and the words of the template.

    Attributes:
        secrets: values that no line may hold.
    """

    def __init__(self) -> None:
        super().__init__()
        self.secrets: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; always true."""
        plain = record.levelno >= logging.WARNING or record.name == _HARMLESS
        said = _without_objects(record) if plain else _template_only(record)
        if "token" in said:
            said = _EACH_IN_BRACKETS.sub(f"<{MASKED}>", said)
        said = _IN_ADDRESS.sub(MASKED, said)
        record.msg, record.args = masked_values(said, self.secrets), None
        return True


DISCREET = Discreet()


def make_discreet(secret: str = "") -> None:
    """Have every logger that python-wechaty has made so far masked; may be called again.

    Args:
        secret: one more value that no line may hold, empty for none.
    """
    if secret:
        DISCREET.secrets.add(secret)
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _PACKAGES:
            for value in list(vars(module).values()):
                if isinstance(value, logging.Logger):
                    value.addFilter(DISCREET)  # a filter that is there already is not added twice


def _template_only(record: logging.LogRecord) -> str:
    """The line with every value but numbers masked; what was formatted beforehand stands in brackets."""
    if not record.args or not isinstance(record.args, tuple):
        return _IN_BRACKETS.sub(f"<{MASKED}>", str(record.msg))
    return _filled(
        record, tuple(value if isinstance(value, int | float) else MASKED for value in record.args)
    )


def _without_objects(record: logging.LogRecord) -> str:
    """The line as it was meant, but for python-wechaty's own objects: a message shows its text."""
    if not record.args or not isinstance(record.args, tuple):
        return _filled(record, record.args or ())
    return _filled(record, tuple(_kind(value) if _theirs(type(value)) else value for value in record.args))


def _theirs(kind: type) -> bool:
    """Whether a class, or one that it was made from, is python-wechaty's: each bot makes classes of its own."""
    return any(base.__module__.partition(".")[0] in _PACKAGES for base in kind.__mro__)


def _kind(value: object) -> str:
    return type(value).__name__


def _filled(record: logging.LogRecord, values: object) -> str:
    try:
        return str(record.msg) % values if values else str(record.msg)
    except (TypeError, ValueError):  # the values do not fit the template
        return str(record.msg)
