"""What is in force: the configuration, and over it what people set in chat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes.databases import set_up
from fakes.shipped import shipped

from bot.pipeline.policy import Policy
from rules.core.book import Entry
from rules.core.load import load_book
from rules.core.options import BookOptions, LexiconOptions, LexiconWord, RoomOptions, RuleOptions
from storage.records import Mode, Room, Word
from storage.session import Storage

NOW = datetime(2026, 10, 13, 2, 0, tzinfo=UTC)
STALE = timedelta(minutes=10)
PROJECT, SALES = Room(1, "project@chatroom", "项目工作群"), Room(2, "sales@chatroom", "销售群")
BUILT_IN = shipped()
ADS, FLOOD = "advertising", "flooding"


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    opened = await Storage.open(await set_up(tmp_path / "policy.db"))
    async with opened.unit() as unit:
        for room in (PROJECT, SALES):
            assert (await unit.rooms.seen(room.gateway_id, room.topic, NOW)).key == room.key
    yield opened
    await opened.close()


def policy_of(options: BookOptions | None = None) -> Policy:
    book = BUILT_IN if options is None else load_book(options)
    return Policy(book, STALE, options or BookOptions())


def entry(policy: Policy, rule: str, room: Room | None = None) -> Entry:
    return policy.of(room).entry(rule)


async def switched(storage: Storage, policy: Policy, rule: str, room_key: int, mode: Mode) -> None:
    async with storage.unit() as unit:
        await unit.switches.set(rule, room_key, mode, "hr", NOW)
    assert await policy.refresh(storage, NOW)


async def kept(storage: Storage, policy: Policy, *words: tuple[str, str, bool]) -> None:
    async with storage.unit() as unit:
        for index, (word, category, allow) in enumerate(words):
            await unit.words.add(Word(word, category, allow, "", "hr", NOW + timedelta(seconds=index)))
    assert await policy.refresh(storage, NOW)


def found(policy: Policy, text: str) -> list[tuple[str, str]]:
    hits = policy.book.reader.read(text).of("banned_words")
    return [(hit.term.word, hit.term.category) for hit in hits]


# ---- switches


async def test_a_switch_holds_in_its_room_alone(storage: Storage) -> None:
    policy = policy_of()
    await switched(storage, policy, ADS, PROJECT.key, Mode.OFF)
    assert not entry(policy, ADS, PROJECT).enabled
    assert entry(policy, ADS, SALES).enabled
    assert entry(policy, ADS).enabled
    assert entry(policy, FLOOD, PROJECT).enabled


async def test_the_narrower_switch_counts(storage: Storage) -> None:
    policy = policy_of()
    await switched(storage, policy, ADS, 0, Mode.OFF)
    await switched(storage, policy, ADS, PROJECT.key, Mode.SHADOW)
    assert not entry(policy, ADS).enabled
    assert not entry(policy, ADS, SALES).enabled
    assert entry(policy, ADS, PROJECT).enabled
    assert entry(policy, ADS, PROJECT).shadow


async def test_a_switch_on_ends_a_trial_of_the_configuration(storage: Storage) -> None:
    policy = policy_of(BookOptions(rules={ADS: RuleOptions(shadow=True), FLOOD: RuleOptions(enabled=False)}))
    assert entry(policy, ADS).shadow
    await switched(storage, policy, ADS, 0, Mode.ON)
    await switched(storage, policy, FLOOD, 0, Mode.SHADOW)
    assert not entry(policy, ADS).shadow
    assert entry(policy, FLOOD).enabled
    assert entry(policy, FLOOD).shadow


async def test_a_rooms_configuration_goes_before_a_switch_for_every_room_and_behind_its_own(
    storage: Storage,
) -> None:
    own = {"项目工作群": RoomOptions(rules={ADS: RuleOptions(enabled=False)})}
    policy = policy_of(BookOptions(rooms=own))
    assert not entry(policy, ADS, PROJECT).enabled
    await switched(storage, policy, ADS, 0, Mode.SHADOW)
    await switched(storage, policy, FLOOD, 0, Mode.OFF)
    assert not entry(policy, ADS, PROJECT).enabled
    assert not entry(policy, FLOOD, PROJECT).enabled  # the room says nothing of this rule
    assert entry(policy, ADS, SALES).shadow
    await switched(storage, policy, ADS, PROJECT.key, Mode.ON)
    assert entry(policy, ADS, PROJECT).enabled
    assert not entry(policy, ADS, PROJECT).shadow


async def test_a_switch_keeps_bars_and_settings(storage: Storage) -> None:
    policy = policy_of(BookOptions(rules={ADS: RuleOptions(enabled=False, violation=0.97)}))
    await switched(storage, policy, ADS, PROJECT.key, Mode.ON)
    assert entry(policy, ADS, PROJECT).bars.violation == 0.97


async def test_a_switch_that_is_taken_away_leaves_the_configuration(storage: Storage) -> None:
    policy = policy_of()
    await switched(storage, policy, ADS, PROJECT.key, Mode.OFF)
    async with storage.unit() as unit:
        assert await unit.switches.clear(ADS, PROJECT.key)
    assert await policy.refresh(storage, NOW)
    assert entry(policy, ADS, PROJECT) == BUILT_IN.entry(ADS)


async def test_a_switch_of_a_rule_that_is_gone_harms_nobody(storage: Storage) -> None:
    policy = policy_of()
    await switched(storage, policy, "no_such_rule", 0, Mode.OFF)
    assert [one.rule.id for one in policy.book.entries] == [one.rule.id for one in BUILT_IN.entries]


# ---- exemptions and silences


async def test_exemptions_hold_for_a_person_a_rule_a_room_and_a_time(storage: Storage) -> None:
    policy, until = policy_of(), NOW + timedelta(hours=1)
    async with storage.unit() as unit:
        li, wang, zhou = [
            (await unit.people.seen(one, one, None, 0, NOW)).key for one in ("li", "wang", "zhou")
        ]
        await unit.exemptions.add(li, FLOOD, PROJECT.key, until, "值班", "hr", NOW)
        await unit.exemptions.add(wang, "", 0, None, "公告员", "hr", NOW)
    assert await policy.refresh(storage, NOW)
    assert policy.exempt(li, PROJECT.key, NOW) == {FLOOD}
    assert policy.exempt(li, SALES.key, NOW) == frozenset()
    assert policy.exempt(li, PROJECT.key, until) == frozenset()  # without reading anew
    assert policy.exempt(wang, SALES.key, until) == {one.rule.id for one in BUILT_IN.entries}
    assert policy.exempt(zhou, PROJECT.key, NOW) == frozenset()


async def test_an_exemption_that_is_revoked_is_over(storage: Storage) -> None:
    policy = policy_of()
    async with storage.unit() as unit:
        li = (await unit.people.seen("li", "李强", None, 0, NOW)).key
        exemption = await unit.exemptions.add(li, FLOOD, 0, None, "", "hr", NOW)
    await policy.refresh(storage, NOW)
    assert policy.exempt(li, PROJECT.key, NOW) == {FLOOD}
    async with storage.unit() as unit:
        await unit.exemptions.revoke(exemption.id, "hr", NOW)
    assert await policy.refresh(storage, NOW)
    assert policy.exempt(li, PROJECT.key, NOW) == frozenset()


async def test_a_room_is_muted_until_its_time(storage: Storage) -> None:
    policy, until = policy_of(), NOW + timedelta(hours=2)
    async with storage.unit() as unit:
        await unit.silences.mute(PROJECT.key, until, "hr", NOW)
    assert await policy.refresh(storage, NOW)
    assert policy.muted(PROJECT.key, NOW)
    assert not policy.muted(SALES.key, NOW)
    assert not policy.muted(PROJECT.key, until)


# ---- words


async def test_words_from_chat_are_found_and_allow_phrases_spare(storage: Storage) -> None:
    policy = policy_of()
    await kept(storage, policy, ("青鸾", "gambling", False), ("赌博网站一览", "", True))
    assert found(policy, "青 鸞上线") == [("青鸾", "gambling")]
    assert found(policy, "赌博网站一览") == []
    assert found(policy, "赌博网站") == [("赌博网站", "gambling")]


async def test_a_preview_changes_nothing(storage: Storage) -> None:
    policy = policy_of()
    book = policy.preview(Word("青鸾", "company", False, "", "hr", NOW))
    assert book.reader.read("青鸾").of("banned_words")
    assert found(policy, "青鸾") == []


async def test_a_built_in_word_allowed_in_chat_is_no_longer_found(storage: Storage) -> None:
    policy = policy_of()
    await kept(storage, policy, ("赌博网站", "", True))
    assert found(policy, "赌博网站") == []


CLASHING = (
    ("青鸾", "company", False),
    ("青鸞", "gambling", False),
    ("青鸾", "", True),
    ("赌场", "company", False),
    ("白泽", "no_such_category", False),
    ("！！", "company", False),
    ("开会", "", True),
)


@pytest.mark.parametrize(
    "lexicon",
    [
        LexiconOptions(),
        LexiconOptions(add=(LexiconWord(word="青鸾", category="obscene"), LexiconWord(word="开会"))),
        LexiconOptions(allow=("青鸾", "白泽")),
        LexiconOptions(remove=("赌场", "赌博")),
    ],
)
async def test_words_that_clash_with_a_later_configuration_never_break_it(
    storage: Storage, lexicon: LexiconOptions
) -> None:
    policy = policy_of()
    await kept(storage, policy, *CLASHING)
    options = BookOptions(lexicon=lexicon)
    await policy.adopt(options, load_book(options), STALE)
    configured = {word.word for word in lexicon.add}
    if "青鸾" in configured:
        assert found(policy, "青鸾") == [("青鸾", "obscene")]
        assert found(policy, "开会")
    if lexicon.allow:
        assert found(policy, "青鸾") == found(policy, "白泽") == []
    else:
        assert found(policy, "白泽") == [("白泽", "company")]
    if lexicon.remove:
        assert found(policy, "赌场") == []


# ---- roster and rota


async def test_roster_and_rota_are_those_of_storage_and_configuration(storage: Storage) -> None:
    policy = policy_of(BookOptions(departments=("研发中心",)))
    async with storage.unit() as unit:
        person = await unit.people.seen("li", "李强", "工程部李强", PROJECT.key, NOW)
        await unit.shifts.add(person.key, "duty", NOW, NOW + timedelta(hours=8), "hr", NOW)
    assert await policy.refresh(storage, NOW)
    assert policy.book.rota.on_duty((person.key,), NOW + timedelta(hours=1))
    assert not policy.book.rota.on_leave((person.key,), NOW + timedelta(hours=1))
    assert "研发中心" in policy.book.roster.departments
    assert policy.of(PROJECT).rota is policy.book.rota


# ---- refreshing


async def test_it_is_built_anew_only_when_something_changed(storage: Storage) -> None:
    policy = policy_of()
    assert not await policy.refresh(storage, NOW)
    assert policy.book is BUILT_IN
    await switched(storage, policy, ADS, 0, Mode.OFF)
    before = policy.book
    assert not await policy.refresh(storage, NOW)
    assert policy.book is before
    assert policy.of(PROJECT) is before  # rooms without rules of their own share it


async def test_only_changed_words_build_a_new_lexicon(storage: Storage) -> None:
    policy = policy_of()
    await kept(storage, policy, ("青鸾", "company", False))
    reader = policy.book.reader
    await switched(storage, policy, ADS, PROJECT.key, Mode.OFF)
    assert policy.book.reader is reader
    assert policy.of(PROJECT).reader is reader


async def test_a_changed_configuration_keeps_what_chat_set(storage: Storage) -> None:
    policy = policy_of()
    await kept(storage, policy, ("青鸾", "company", False))
    await switched(storage, policy, ADS, PROJECT.key, Mode.OFF)
    options = BookOptions(rules={FLOOD: RuleOptions(enabled=False)})
    await policy.adopt(options, load_book(options), timedelta(minutes=3))
    assert policy.stale_after == timedelta(minutes=3)
    assert not entry(policy, FLOOD).enabled
    assert not entry(policy, ADS, PROJECT).enabled
    assert found(policy, "青鸾") == [("青鸾", "company")]


async def test_a_room_that_was_renamed_keeps_the_rules_it_is_named_with(storage: Storage) -> None:
    own = {"项目工作群": RoomOptions(rules={ADS: RuleOptions(enabled=False)})}
    policy = policy_of(BookOptions(rooms=own))
    policy.call({PROJECT.key: "项目工作群"})
    assert not entry(policy, ADS, replace(PROJECT, topic="新名字")).enabled
    # Another room that takes its name over does not get its rules.
    assert entry(policy, ADS, replace(SALES, topic="项目工作群")).enabled
