"""How long the fuzzers look: milliseconds in the suite, as long as somebody likes with ``HYPOTHESIS_PROFILE=fuzz``.

    HYPOTHESIS_PROFILE=fuzz pytest tests/fuzz -n0

What they have found once stays beside each test as an ``@example``, so that the suite tries it every time.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

PATIENT = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
TIMES = 200

PIECES = (
    "/", "／", "@", "@群管家\u2005", "@所有人 ", "/违规 驳回 V-2345A", "/认领 AAAA-BBBB-CCCC", "/帮助", "确认",
    "「", "」", "「张三：", "」\n- - - - - - - - - - - -\n", "------", "\n", "\r\n", "\t", " ", "\u3000", "\u2005",
    "“", "”", '"', "'", "，", "：", "加薇❤信", "abc12345", "扫码进群", "收到", "今天下午三点开会", "13812345678",
    "11010519491231002X", "密码：", "Qg#2026run", "https://a.cn/x?y=z", "{{ 7*7 }}", "{0.__class__}", "%s%n", "=1+1",
    "\x1b[2J", "\u202e", "\u200b", "\u200d", "\ufe0f", "\x00", "\ud800", "\udfff", "\U0001f600", "e" + "\u0301" * 9,
    "ﷺ", "㍿", "İ", "ß", "Ａ", "①", "\U0001d49c", "<!ENTITY", "]]>", "' OR 1=1 --", "../../etc/passwd", "[red]",
    "0", "9" * 20,
)  # fmt: skip
"""What means something to one reader or another."""

hostile = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=14).map("".join)
"""Texts that are nearly something, as members and files may hold them."""


def fuzz(quick: int) -> settings:
    """A decorator: so many examples in the suite, :data:`TIMES` as many when there is time."""
    return settings(
        max_examples=quick * (TIMES if PATIENT else 1),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
