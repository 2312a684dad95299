"""The log: one event one line, in UTC, without secrets, personal data or terminal tricks."""

from __future__ import annotations

import io
import json
import logging
import re
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot import log
from bot.masking import Masker, masked_url, masked_values, one_line, url_secrets

SECRET = "p@ss/wörd-7"
Start = Callable[..., io.StringIO]


@pytest.fixture
def start() -> Iterator[Start]:
    """Sets up the log on a text stream; puts everything back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()

    def begin(log_format: str = "text", secrets: tuple[str, ...] = ()) -> io.StringIO:
        log.configure(log_format, secrets, stream)
        root.handlers[:] = [handler for handler in root.handlers if type(handler).__module__ == log.__name__]
        return stream

    yield begin
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def test_a_line_of_text(start: Start) -> None:
    stream = start()
    log.get("outbox").info("notice sent", case="V-7K2QM", attempts=2, words="two words", nothing=None)
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z info    notice sent "
        r'part=outbox case=V-7K2QM attempts=2 words="two words" nothing=null\n',
        stream.getvalue(),
    )


def test_a_line_of_json(start: Start) -> None:
    stream = start("json")
    log.get("outbox").warning(
        "稍后重试", rows=[1, 2], ratio=float("nan"), at=datetime(2026, 10, 8, tzinfo=UTC)
    )
    found = json.loads(stream.getvalue(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert found.pop("timestamp").endswith("Z")
    assert found == {
        "level": "warning",
        "event": "稍后重试",
        "part": "outbox",
        "rows": [1, 2],
        "ratio": "nan",
        "at": "2026-10-08T00:00:00+00:00",
    }


def test_debug_lines_are_left_out(start: Start) -> None:
    stream = start()
    log.get("x").debug("chatter")
    assert stream.getvalue() == ""


def test_there_are_two_formats() -> None:
    with pytest.raises(ValueError, match="no log format 'xml'"):
        log.configure("xml")


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_secrets_are_masked_wherever_they_stand(start: Start, log_format: str) -> None:
    stream = start(log_format, (SECRET,))
    logger = log.get("x").bind(bound=SECRET)
    try:
        raise ValueError(f"refused {SECRET}")
    except ValueError as failure:
        logger.exception(f"event {SECRET}", **{f"key {SECRET}": [{"deep": (SECRET,)}], "failure": failure})
    logger.error("encoded", url="postgresql://u:p%40ss%2Fw%C3%B6rd-7@h/d", raw=SECRET.encode())
    logging.getLogger("grpclib").error("call with %s", SECRET)
    for form in (SECRET, "p%40ss", "p@ss", "wörd-7"):
        assert form not in stream.getvalue()
    assert "***" in stream.getvalue()


PERSONAL = [
    "13812345678",
    "+86 138 1234 5678",
    "138-1234-5678",
    "11010519491231002X",
    "6222 0200 1111 2222 333",
    "zhang.san@example.com.cn",
    "wxid_9x8y7z6w5v",
    "gh_1a2b3c4d5e6f",
    "19876543210@chatroom",
    "25984981234567890@openim",
    "@" + "0a1b2c3d" * 8,
    "@@" + "0a1b2c3d" * 8,
]


@pytest.mark.parametrize("personal", PERSONAL)
def test_personal_data_becomes_a_tag(start: Start, personal: str) -> None:
    stream = start()
    log.get("x").info(f"from {personal} now", sender=personal, rows={"inner": [f"tel:{personal}。"]})
    said = stream.getvalue()
    assert personal not in said
    digits = re.sub(r"\D", "", personal)
    assert len(digits) < 8 or digits[-8:] not in re.sub(r"[ -]", "", said)
    assert len(set(re.findall(r"<[0-9a-f]{6}>", said))) == 1, "the same person has the same tag"


@pytest.mark.parametrize(
    "harmless",
    ["V-7K2QM", "2026-10-08T22:30:00+00:00", "2026-10-08 22:30", "3.1d", "127.0.0.1:8788"],
)
def test_what_is_nobodys_data_stays(harmless: str) -> None:
    assert Masker().text(harmless) == harmless


def test_a_large_number_is_masked_too() -> None:
    assert Masker().value(13812345678) != 13812345678
    assert Masker().value(4096) == 4096
    assert Masker().value(True) is True


def test_message_text_is_replaced_by_its_length(start: Start) -> None:
    stream = start()
    log.get("x").info("judged", text="加微信", evidence="刷单", nested={"content": "abc"})
    said = stream.getvalue()
    assert "微信" not in said
    assert "刷单" not in said
    assert "<3 characters>" in said


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_nobody_can_forge_a_line_or_play_with_the_terminal(start: Start, log_format: str) -> None:
    stream = start(log_format)
    hostile = "a\n2026-01-01T00:00:00Z info forged\r\x1b[2J\x07\u202e\u2028\x85\ud800\x00"
    try:
        raise ValueError(hostile)
    except ValueError:
        log.get("x").exception(hostile, **{hostile: hostile, "list": [hostile]})
    said = stream.getvalue()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e\ud800]", said)
    assert not any(line.startswith("2026-01-01") for line in said.splitlines())
    first, *rest = said.splitlines()
    assert all(line.startswith("    | ") for line in rest)
    assert "ValueError" in (said if log_format == "text" else first)


def test_a_caller_can_not_overwrite_what_the_log_says_itself(start: Start) -> None:
    stream = start("json")
    log.get("x").info("real", timestamp="then", level="none", exception="none")
    found = json.loads(stream.getvalue())
    assert (found["level"], found["event"]) == ("info", "real")
    assert found["timestamp"] != "then"


def test_libraries_speak_through_our_log_from_warning_on(start: Start) -> None:
    stream = start("json")
    for name in log.FOREIGN:
        logging.getLogger(f"{name}.inner").info("chatter")
        logging.getLogger(f"{name}.inner").warning("50%% of %d", 7)
    logging.getLogger("asyncio").critical("badly put %d", "x")
    try:
        raise KeyError("wxid_abcdef")
    except KeyError:
        logging.getLogger("aiosqlite").exception("failed")
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [one["event"] for one in found[:-2]] == ["50% of 7"] * len(log.FOREIGN)
    assert (found[-2]["event"], found[-2]["level"]) == ("badly put %d", "critical")
    assert "wxid_abcdef" not in str(found[-1])
    assert any("KeyError" in line for line in found[-1]["exception"])


def test_warnings_of_the_language_come_through(start: Start) -> None:
    stream = start()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old thing", DeprecationWarning, stacklevel=1)
    assert "part=py.warnings" in stream.getvalue()


def test_setting_up_twice_says_everything_once(start: Start) -> None:
    start()
    stream = start("json")
    logging.getLogger("asyncio").warning("once")
    assert len(stream.getvalue().splitlines()) == 1
    json.loads(stream.getvalue())


@given(st.text(max_size=200))
def test_one_line_is_one_line_and_loses_nothing(text: str) -> None:
    flat = one_line(text)
    assert flat.isprintable()
    assert len(flat) >= len(text)


@given(
    st.recursive(
        st.text() | st.integers() | st.floats() | st.binary() | st.none(), lambda part: st.lists(part)
    )
)
def test_any_value_can_be_logged_as_json(value: object) -> None:
    json.dumps(Masker((SECRET,)).value(value), allow_nan=False)


URLS = [
    ("postgresql://u:pw@h/d", "postgresql://u:***@h/d", {"pw"}),
    ("postgresql://:pw@h/d", "postgresql://:***@h/d", {"pw"}),
    ("postgresql://u:p%40w@h/d", "postgresql://u:***@h/d", {"p%40w", "p@w"}),
    ("postgresql://u:p@w@h/d", "postgresql://u:***@h/d", {"p@w"}),
    ("postgresql://u@h/d?password=pw", "postgresql://u@h/d?password=***", {"pw"}),
    ("postgresql://h/d?a=b&sslPassword=pw&c=d", "postgresql://h/d?a=b&sslPassword=***&c=d", {"pw"}),
    ("nats://u:pw@h:4222", "nats://u:***@h:4222", {"pw"}),
    ("sqlite:///qungui.db", "sqlite:///qungui.db", set()),
    ("postgresql://u@h/d", "postgresql://u@h/d", set()),
]


@pytest.mark.parametrize(("url", "shown", "secrets"), URLS)
def test_urls_show_no_password(url: str, shown: str, secrets: set[str]) -> None:
    assert masked_url(url) == shown
    assert url_secrets(url) == secrets


def test_secrets_too_short_to_tell_from_words_do_not_spoil_the_text() -> None:
    assert masked_values("a sentence", ["a", "", "sentence"]) == "a ***"
