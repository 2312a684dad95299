"""A configuration that is changed while the bot runs: a right one is taken over whole, a wrong one never is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fakes.scene import AD, OFFICE, ORDINARY, ROOM, Scene, opened

from bot.settings.source import load_settings
from rules.core.load import load_book
from storage.records import CaseState

BASE = "rooms: {supervision: 群规监督组}\noutbox: {pacing: on}\n"
OTHER = "other@chatroom"


@asynccontextmanager
async def following(
    folder: Path, text: str = BASE, env: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[Scene, Path]]:
    """A scene whose bot follows a configuration file, and that file."""
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    found = load_settings(file, env or {}, load_book)
    async with opened(folder, settings=found.settings, origin=found.origin) as scene:
        yield scene, file


async def minutes(scene: Scene, count: int = 2) -> list[str]:
    """Let so many ticks pass; returns what the bot said meanwhile."""
    return [said for _ in range(count) for said in await scene.later(minutes=1)]


async def audited(scene: Scene) -> list[str]:
    """What the audit says of changed configurations, oldest first."""
    async with scene.storage.view() as unit:
        entries = await unit.audit.recent(100)
    return [entry.detail for entry in reversed(entries) if entry.action == "configuration changed"]


async def test_a_rule_that_is_switched_off_judges_the_next_message_no_more(tmp_path: Path) -> None:
    async with following(tmp_path) as (scene, file):
        assert len(await scene.says("liu", AD)) == 1
        file.write_text(BASE + "rules: {advertising: {enabled: off}, banned_words: {enabled: off}}\n")
        assert await minutes(scene) == []
        assert await scene.says("zhou", AD) == []
        assert await audited(scene) == ["rules.advertising, rules.banned_words"]


async def test_a_bar_that_is_raised_leaves_the_next_message_to_people(tmp_path: Path) -> None:
    async with following(tmp_path) as (scene, file):
        file.write_text(BASE + "rules: {advertising: {violation: 1}, banned_words: {enabled: off}}\n")
        await minutes(scene)
        await scene.says("liu", AD)
        assert (await scene.the_case()).state is CaseState.REVIEW
        assert scene.heard(ROOM) == []


async def test_a_file_that_is_still_being_written_is_left_in_peace(tmp_path: Path) -> None:
    async with following(tmp_path) as (scene, file):
        file.write_text("rooms: {supervision: 群规")
        assert await minutes(scene, 1) == []
        file.write_text(BASE + "notices: {stale_minutes: 30}\n")
        assert await minutes(scene, 1) == []
        assert scene.bot.in_force.settings.notices.stale_minutes == 10
        assert await minutes(scene, 1) == []
        assert scene.bot.in_force.settings.notices.stale_minutes == 30
        assert scene.bot.policy.stale_after.total_seconds() == 30 * 60
        assert scene.heard(OFFICE) == []


async def test_a_wrong_file_changes_nothing_and_is_told_once(tmp_path: Path) -> None:
    async with following(tmp_path) as (scene, file):
        before = scene.bot.in_force.settings
        file.write_text(BASE + "notices: {stale_minuts: 30}\nrules:\n  advertsing: {enabled: off}\n")
        (alert,) = await minutes(scene)
        assert scene.heard(OFFICE) == [alert]
        assert "config.yaml" in alert
        assert ":3: notices.stale_minuts: unknown key (did you mean 'stale_minutes'?)" in alert
        assert ":5: rules.advertsing: there is no such rule" in alert
        assert await minutes(scene, 3) == []
        assert scene.bot.in_force.settings is before
        assert len(await scene.says("liu", AD)) == 1

        file.write_text(BASE + "notices: {stale_minuts: 31}\n")
        assert len(await minutes(scene)) == 1

        file.write_text(BASE + "notices: {stale_minutes: 30}\n")
        (told,) = await minutes(scene)
        assert "已恢复正常" in told
        assert "notices.stale_minutes" in told
        assert await minutes(scene) == []
        assert await audited(scene) == ["notices.stale_minutes"]


async def test_going_back_to_what_was_in_force_is_told_too(tmp_path: Path) -> None:
    async with following(tmp_path) as (scene, file):
        file.write_text("rooms: [")
        assert len(await minutes(scene)) == 1
        file.write_text(BASE)
        (told,) = await minutes(scene)
        assert "已恢复正常" in told
        assert await audited(scene) == []


async def test_a_deleted_file_is_a_mistake_not_a_return_to_the_defaults(tmp_path: Path) -> None:
    async with following(tmp_path, BASE + "rules: {flooding: {enabled: off}}\n") as (scene, file):
        file.unlink()
        (alert,) = await minutes(scene)
        assert "there is no such file" in alert
        assert not scene.bot.in_force.settings.rules["flooding"].enabled


async def test_an_alert_shows_no_secret(tmp_path: Path) -> None:
    secret = "s3cret-of-the-gateway"
    async with following(tmp_path, BASE, {"QUNGUI_GATEWAY_TOKEN": secret}) as (scene, file):
        file.write_text(
            f"{BASE}gateway: {{token: other-{secret}}}\n{secret}: 1\nfriends: {{listed: [13812345678, 13812345678]}}"
        )
        (alert,) = await minutes(scene)
        assert secret not in alert
        assert "QUNGUI_GATEWAY_TOKEN" in alert


async def test_what_needs_a_restart_is_named_and_keeps_its_value(tmp_path: Path) -> None:
    async with following(tmp_path) as (scene, file):
        changed = (
            "gateway: {deadline_seconds: 9}\nstorage: {url: 'sqlite:///other.db'}\nfriends: {per_hour: 3}\n"
        )
        file.write_text(BASE + changed)
        (told,) = await minutes(scene)
        assert "已生效：friends.per_hour" in told
        assert "需重启后生效（目前仍用原值）：gateway.deadline_seconds、storage.url" in told
        settings = scene.bot.in_force.settings
        assert (settings.gateway.deadline_seconds, settings.friends.per_hour) == (5, 3)
        file.write_text(BASE + changed + "# a remark\n")
        assert await minutes(scene) == []  # it was told before
        assert await audited(scene) == ["friends.per_hour"]


async def test_another_supervision_room_gets_what_follows(tmp_path: Path) -> None:
    async with following(tmp_path) as (scene, file):
        scene.gateway.world.room(OTHER, "新监督组", ["wang", "li"])
        await scene.quiet()
        file.write_text("rooms: {supervision: 新监督组}\noutbox: {pacing: on}\n")
        await minutes(scene)
        assert scene.bot.presence.supervision == OTHER
        file.write_text("rooms: [")
        (alert,) = await minutes(scene)
        assert scene.heard(OTHER) == [alert]
        (moved,) = scene.heard(OFFICE)
        assert "不再发到本群" in moved


async def test_a_room_that_is_no_longer_listed_is_left_alone(tmp_path: Path) -> None:
    listed = "rooms: {guard: listed, listed: [%s], supervision: 群规监督组}\n"
    async with following(tmp_path, listed % "项目工作群") as (scene, file):
        assert len(await scene.says("liu", AD)) == 1
        file.write_text(listed % "财务群")
        await minutes(scene)
        assert await scene.says("li", AD) == []


async def test_other_budgets_and_hours_hold_from_now_on(tmp_path: Path) -> None:
    async with following(tmp_path) as (scene, file):
        file.write_text(
            "rooms: {supervision: 群规监督组}\noutbox: {pacing: off}\nnotices: {quiet_hours: off}\n"
            "company: {timezone: Asia/Tokyo, departments: [市场部]}\nwork: {end: 20:00}\n"
            "lexicon: {add: [{word: 代号甲}]}\n"
        )
        await minutes(scene)
        book = scene.bot.policy.book
        assert (str(book.calendar.zone), book.calendar.end.hour) == ("Asia/Tokyo", 20)
        assert book.roster.departments == frozenset({"市场部"})
        scene.clock.advance_to(scene.clock.now().replace(hour=23))
        await scene.says("liu", "代号甲")
        assert (await scene.the_case()).rule == "banned_words"


async def test_a_file_that_comes_later_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = load_settings(None, {})
    async with opened(tmp_path, settings=found.settings, origin=found.origin) as scene:
        (tmp_path / "config.yaml").write_text("friends: {per_hour: 2}\n")
        await minutes(scene)
        assert scene.bot.in_force.settings.friends.per_hour == 2


async def test_whoever_asks_is_not_kept_waiting(tmp_path: Path) -> None:
    async with following(tmp_path) as (scene, file):
        file.write_text(BASE + "friends: {per_hour: 2}\n")
        assert scene.bot.reload is not None
        await scene.bot.reload.at_once()
        assert scene.bot.in_force.settings.friends.per_hour == 2


ROOM_OFF = BASE.replace("}\noutbox", ", overrides: {项目工作群: {rules: {%s}}}}\noutbox")
BOTH_OFF = "advertising: {enabled: off}, banned_words: {enabled: off}"


async def test_a_room_keeps_its_own_rules_under_another_name(tmp_path: Path) -> None:
    async with following(tmp_path, ROOM_OFF % BOTH_OFF) as (scene, _):
        assert await scene.says("liu", AD) == []
        scene.gateway.world.topic(ROOM, "改名群", by="liu")
        await scene.quiet()
        assert await scene.says("li", AD) == []
        scene.gateway.world.room(
            OTHER, "项目工作群", ["liu", "li"]
        )  # somebody opens another one of that name
        await scene.quiet()
        assert len(await scene.says("li", AD, where=OTHER)) >= 1


async def test_a_rule_on_trial_in_one_room_is_reviewed_and_says_nothing_there(tmp_path: Path) -> None:
    on_trial = ROOM_OFF % "advertising: {shadow: on}, banned_words: {enabled: off}"
    async with following(tmp_path, on_trial) as (scene, _):
        scene.gateway.world.room(OTHER, "另一个群", ["liu", "li"])
        await scene.says("liu", AD)
        case = await scene.the_case()
        assert (case.state, case.rule) == (CaseState.SHADOW, "advertising")
        assert scene.heard(ROOM) == []
        (item,) = scene.heard(OFFICE)
        assert "试运行" in item
        assert case.number in item
        assert await scene.says("wang", ORDINARY) == []
        await scene.says("li", AD, where=OTHER)
        assert len(scene.heard(OTHER)) == 1


async def test_rules_of_one_room_can_come_while_the_bot_runs(tmp_path: Path) -> None:
    async with following(tmp_path) as (scene, file):
        file.write_text(ROOM_OFF % BOTH_OFF)
        await minutes(scene)
        assert await scene.says("liu", AD) == []


async def test_a_rota_is_followed_like_the_file_that_names_it(tmp_path: Path) -> None:
    rota = tmp_path / "rota.csv"
    rota.write_text("人员,开始,结束\n张三,2026-10-13,2026-10-13\n", encoding="utf-8")
    async with following(tmp_path, f"{BASE}work: {{rota: {rota}}}\n") as (scene, _):
        rota.write_text(
            "人员,开始,结束\n张三,2026-10-13,2026-10-13\n李四,2026-10-14,2026-10-14\n", encoding="utf-8"
        )
        assert await minutes(scene) == []
        assert len(scene.bot.policy.book.rota.shifts) == 2
        assert await audited(scene) == ["work.rota"]
        rota.write_text("人员,开始,结束\n李四,never,2026-10-14\n", encoding="utf-8")
        (alert,) = await minutes(scene)
        assert "work.rota" in alert
        assert await minutes(scene) == []
        assert len(scene.bot.policy.book.rota.shifts) == 2
