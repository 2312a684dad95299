"""The systemd unit in docs: systemd accepts it, it fits what the bot does, and it is as closed as it says."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
from fakes.process import ROOT

from bot.health.pulse import BEAT_SECONDS, BEATS_IN_TIME

UNIT = ROOT / "docs/systemd/qungui.service"


def settings() -> dict[str, list[str]]:
    found = defaultdict(list)
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"(\w+)=(.*)", line):
            found[match[1]].append(match[2])
    return found


def test_it_fits_what_the_bot_does() -> None:
    unit = settings()
    assert unit["Type"] == ["notify"]
    assert unit["ExecStart"][0].split()[1:] == ["run", "--config", "/etc/qungui/config.yaml"]
    assert unit["ExecReload"] == ["/bin/kill -HUP $MAINPID"]
    assert unit["RestartPreventExitStatus"] == ["2"]
    assert int(unit["TimeoutStopSec"][0].removesuffix("s")) > 10
    assert int(unit["WatchdogSec"][0].removesuffix("s")) >= BEAT_SECONDS * BEATS_IN_TIME


def test_systemd_accepts_it_and_finds_little_exposed(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "qungui.service"
    text = UNIT.read_text(encoding="utf-8").replace("/opt/qungui/.venv/bin/qungui", "/bin/true")
    unit.write_text(text, encoding="utf-8")

    def said(*words: str) -> str:
        done = subprocess.run([program, *words], check=False, capture_output=True, text=True, timeout=30)  # noqa: S603 - our own words
        return done.stdout + done.stderr

    complaints = [line for line in said("verify", str(unit)).splitlines() if "qungui.service" in line]
    assert not complaints
    exposure = re.search(r"exposure level for \S+: ([\d.]+)", said("security", "--offline=yes", str(unit)))
    if exposure is None:
        pytest.skip("this systemd can't judge a unit that is not installed")
    assert float(exposure[1]) < 3
