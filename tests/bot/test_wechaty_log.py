"""What python-wechaty's own log lines may hold: no token, nothing that anybody wrote."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from fakes import guest  # noqa: F401 - python-wechaty, importable

from bot.gateway.wechaty_log import DISCREET, make_discreet
from bot.masking import MASKED

TOKEN = "puppet_token_1234567890"
TEXT = "客户张三的报价是八万"


class Message:
    """As python-wechaty's: it shows its text."""

    __module__ = "wechaty.user.message"

    def __str__(self) -> str:
        return f"Message#text[{TEXT}]"


class OfOneBot(Message):
    """Each bot has subclasses of its own, made on the spot."""

    __module__ = __name__


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """What comes out of python-wechaty's logger ``Wechaty``."""
    lines: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    ear = Ear()
    for name in ("Wechaty", "PuppetService", "wechaty.plugin"):
        logging.getLogger(name).addHandler(ear)
    make_discreet(TOKEN)
    yield lines
    for name in ("Wechaty", "PuppetService", "wechaty.plugin"):
        logging.getLogger(name).removeHandler(ear)
    DISCREET.secrets.discard(TOKEN)


@pytest.mark.parametrize(
    ("name", "level", "template", "values", "out"),
    [
        ("Wechaty", logging.INFO, "receive message <%s>", (Message(),), f"receive message <{MASKED}>"),
        ("Wechaty", logging.INFO, "say() <%s>", (TEXT,), f"say() <{MASKED}>"),
        ("Wechaty", logging.INFO, f"loading <{{'a': '{TEXT}'}}> from <b>", (), f"loading <{MASKED}>"),
        ("Wechaty", logging.INFO, "waiting %d s for %s", (60, TEXT), f"waiting 60 s for {MASKED}"),
        ("Wechaty", logging.WARNING, "<%s> set twice", (OfOneBot(),), "<OfOneBot> set twice"),
        ("Wechaty", logging.ERROR, "internal error <%s>", ("port taken",), "internal error <port taken>"),
        ("Wechaty", logging.INFO, "%d of %s", (TEXT, 1), "%d of %s"),
        ("wechaty.plugin", logging.INFO, "init %s-plugin ...", ("Digest",), "init Digest-plugin ..."),
        (
            "PuppetService",
            logging.WARNING,
            "there are endpoint<127.0.0.1:1> and token<another-token>",
            (),
            f"there are endpoint<{MASKED}> and token<{MASKED}>",
        ),
        (
            "PuppetService",
            logging.WARNING,
            "asked https://api.chatie.io/v0/hosties/another-token",
            (),
            f"asked https://api.chatie.io/v0/hosties/{MASKED}",
        ),
        ("PuppetService", logging.ERROR, "rejected %s", (f"as {TOKEN}",), f"rejected as {MASKED}"),
    ],
)
def test_lines_stay_and_values_go(
    heard: list[str], name: str, level: int, template: str, values: tuple[object, ...], out: str
) -> None:
    logging.getLogger(name).log(level, template, *values)
    assert heard == [out]


def test_calling_it_again_filters_once() -> None:
    make_discreet()
    make_discreet()
    assert logging.getLogger("Wechaty").filters.count(DISCREET) == 1
