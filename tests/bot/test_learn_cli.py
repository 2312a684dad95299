"""`qungui learn` on a real database: before and after, refused where it does harm, and back again bit by bit."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes.command_line import Cli, Done, command_line
from fakes.decided import Decision, decisions, remembered

from bot.pipeline.policy import Policy
from bot.settings import Settings
from rules.core.load import load_book
from storage.session import Storage

NOW = datetime(2026, 10, 13, 2, 0, tzinfo=UTC)
BOOK = load_book()
LABEL = "advertising"
OFFER = "员工内购开始啦，新雨伞八折优惠，需要的同事扫码下单"


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return command_line(tmp_path, monkeypatch, capsys)


async def company(folder: Path, *found: Decision, rule: str = LABEL) -> None:
    storage = await Storage.open(f"sqlite:///{folder / 'qungui.db'}")
    async with storage.unit() as unit:
        await remembered(unit, NOW, found, rule)
    await storage.close()


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "qungui.db") as connection:
        return list(connection.execute(query))


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    await company(tmp_path, *decisions())
    return tmp_path


async def _scored(folder: Path) -> float:
    storage = await Storage.open(f"sqlite:///{folder / 'qungui.db'}")
    policy = Policy(BOOK, Settings().notices.stale_after)
    await policy.refresh(storage, NOW)
    await policy.adopt(
        policy.options, BOOK, policy.stale_after
    )  # a changed configuration keeps what was learnt
    await storage.close()
    return policy.book.reader.read(OFFER).score(LABEL)


def test_it_gets_better_is_taken_over_and_goes_back_bit_by_bit(folder: Path, cli: Cli) -> None:
    shipped = asyncio.run(_scored(folder))
    assert shipped == BOOK.reader.read(OFFER).score(LABEL)
    tried = cli("learn", "--dry-run")
    assert (tried.returncode, tried.stderr) == (0, "")
    assert rows(folder, "SELECT count(*) FROM local_weights") == [(0,)]
    done = cli("learn")
    assert done.returncode == 0, done.stderr
    assert tried.stdout.splitlines()[:-1] == done.stdout.splitlines()[:-1]
    found = re.search(
        r"advertising +score +review +(\d+) → (\d+) of (\d+) +(\d+) → (\d+) of (\d+)", done.stdout
    )
    assert found is not None, done.stdout
    kept, still, confirmed, flagged, would, dismissed = map(int, found.groups())
    assert (kept, confirmed, dismissed) == (still, 21, 40)
    assert would < flagged
    assert "version 1 is in force" in done.stdout
    assert asyncio.run(_scored(folder)) < shipped
    said = rows(folder, "SELECT text FROM outbox")
    assert "第 1 版" in str(said)
    # What is in force is the measure now: the same again is no better.
    again = cli("learn")
    assert again.returncode == 1
    assert "nothing would get better" in again.stderr
    assert "in force" in cli("learn", "--history").stdout
    assert cli("learn", "--back").stdout.startswith("version 1 is no longer in force; none is")
    assert asyncio.run(_scored(folder)) == shipped
    assert cli("learn", "--back").returncode == 1
    checked = [cli("check", "-", *flags, text=f'{{"text":"{OFFER}"}}\n') for flags in ((), ("--local",))]
    assert [one.returncode for one in checked] == [0, 0]


async def test_a_running_bot_takes_it_over_and_gives_it_back(folder: Path) -> None:
    storage = await Storage.open(f"sqlite:///{folder / 'qungui.db'}")
    policy = Policy(BOOK, Settings().notices.stale_after)
    await policy.refresh(storage, NOW)
    before = policy.book.reader.read(OFFER).scores
    async with storage.unit() as unit:
        await unit.local_weights.add(
            NOW, "operator", 9, "{}", '{"base":"","grams":{"内购":{"advertising":-1.5}}}'
        )
    assert await policy.refresh(storage, NOW)
    assert policy.book.reader.read(OFFER).score(LABEL) < before[LABEL]
    assert not await policy.refresh(storage, NOW)
    async with storage.unit() as unit:
        await unit.local_weights.add(NOW, "operator", 9, "{}", "broken")
    assert await policy.refresh(storage, NOW)  # what can't be read stops nothing else from being in force
    assert policy.book.reader.read(OFFER).scores == before
    async with storage.unit() as unit:
        assert await unit.local_weights.back() == (2, 1)
    await policy.refresh(storage, NOW)
    assert policy.book.reader.read(OFFER).score(LABEL) < before[LABEL]
    await storage.close()


async def test_decisions_turned_round_change_nothing(tmp_path: Path, cli: Cli) -> None:
    await company(tmp_path, *(replace(one, right=not one.right) for one in decisions()))
    done = await _in_thread(cli, "learn")
    assert done.returncode == 1
    assert "Nothing was changed" in done.stderr
    assert "scores low" in done.stderr
    assert rows(tmp_path, "SELECT count(*) FROM local_weights") == [(0,)]


async def test_too_few_decisions_say_how_many_more(tmp_path: Path, cli: Cli) -> None:
    await company(tmp_path, *decisions()[:9])
    done = await _in_thread(cli, "learn")
    assert done.returncode == 1
    assert (
        "advertising: 0 confirmed, 9 dismissed; 11 more confirmed and 0 more dismissed ones are needed"
        in done.stdout
    )
    assert "too little to learn from" in done.stderr
    refused = await _in_thread(cli, "learn", "--rules", "flooding")
    assert refused.returncode == 2
    assert "no rule that learns" in refused.stderr


async def test_a_proposed_phrase_is_accepted_into_the_lexicon(tmp_path: Path, cli: Cli) -> None:
    said = ("今晚放映赌博警示片", "大家看看赌博警示片", "我看过赌博警示片了")
    found = [Decision(text, f"q{index}", right=False) for index, text in enumerate(said)]
    await company(tmp_path, *found, rule="banned_words")
    offered = await _in_thread(cli, "learn")
    phrase = re.search(r"^  (\S+): dismissed for 3 people, for 赌博$", offered.stdout, re.MULTILINE)
    assert phrase is not None, offered.stdout
    stranger = await _in_thread(cli, "learn", "--accept", "赌博网站")
    assert (stranger.returncode, "not proposed" in stranger.stderr) == (2, True)
    done = await _in_thread(cli, "learn", "--accept", phrase[1])
    assert (done.returncode, done.stdout) == (0, f"allowed: {phrase[1]}\n")
    assert rows(tmp_path, "SELECT word, allow, added_by FROM words") == [(phrase[1], 1, "operator")]
    again = await _in_thread(cli, "learn")
    assert "might be allowed" not in again.stdout


async def _in_thread(cli: Cli, *arguments: str) -> Done:
    return await asyncio.to_thread(cli, *arguments)
