"""Standing orders: switches, words, exemptions, silences and shifts."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from storage.errors import NotFound
from storage.records import Exemption, Mode, MutedRoom, ShiftRow, Switch, Word
from storage.session import Storage, UnitOfWork

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOSTILE = "\x00广告\ud800\u202e'); DROP TABLE words;--"


async def _person(unit: UnitOfWork, now: datetime, contact_id: str = "c1") -> str:
    return (await unit.people.seen(contact_id, contact_id, "", 0, now)).key


async def test_a_switch_is_replaced_and_cleared(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        await unit.switches.set("flooding", 0, Mode.OFF, "p1", now)
        await unit.switches.set("flooding", 7, Mode.ON, "p1", now)
        await unit.switches.set("flooding", 0, Mode.SHADOW, "p2", now + HOUR)
        await unit.switches.set("advertising", 9, Mode.OFF, "p1", now)
    async with storage.unit() as unit:
        assert await unit.switches.all() == [
            Switch("advertising", 9, Mode.OFF, "p1", now),
            Switch("flooding", 0, Mode.SHADOW, "p2", now + HOUR),
            Switch("flooding", 7, Mode.ON, "p1", now),
        ]
        assert await unit.switches.clear("flooding", 0)
        assert not await unit.switches.clear("flooding", 0)
        assert [switch.room_key for switch in await unit.switches.all()] == [9, 7]


async def test_a_word_is_there_once_on_each_side(storage: Storage, now: datetime) -> None:
    word = Word("Ｃｏｄｅ红包", "advertising", allow=False, reason="群里总发", by="p1", at=now)
    allowed = Word("code红包", "", allow=True, reason="内部活动", by="p2", at=now + HOUR)
    async with storage.unit() as unit:
        assert await unit.words.add(word)
        assert not await unit.words.add(Word(" code红包 ", "abuse", allow=False, reason="", by="p3", at=now))
        assert await unit.words.add(allowed)
        assert await unit.words.all() == [word, allowed]
        assert await unit.words.remove("CODE红包")
        assert await unit.words.all() == []
        assert not await unit.words.remove("CODE红包")


@pytest.mark.parametrize("text", [HOSTILE, "长" * 20_000, "", "😀\u200d"])
async def test_any_text_can_be_a_word_and_be_removed(storage: Storage, now: datetime, text: str) -> None:
    async with storage.unit() as unit:
        assert await unit.words.add(Word(text, text, allow=False, reason=text, by=text, at=now))
        assert not await unit.words.add(Word(text, "", allow=False, reason="", by="", at=now))
        (kept,) = await unit.words.all()
        assert len(kept.word) == len(text)
        # What was read can be removed by what is shown of it.
        assert await unit.words.remove(kept.word)


async def test_an_exemption_is_in_force_until_its_time_or_its_end(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        person = await _person(unit, now)
        short = await unit.exemptions.add(person, "after_hours", 3, now + HOUR, "上线", "p9", now)
        good = await unit.exemptions.add(person, "", 0, None, HOSTILE, "p9", now)
        assert short == Exemption(short.id, person, "after_hours", 3, now + HOUR, "上线", "p9", now)
        assert good.until is None
        assert "\x00" not in good.reason
        assert await unit.exemptions.active(now) == [short, good]
        # The end itself is outside.
        assert await unit.exemptions.active(now + HOUR) == [good]
        assert await unit.exemptions.revoke(short.id, "p8", now + HOUR) is None
        assert await unit.exemptions.revoke(good.id, "p8", now + HOUR) == good
        assert await unit.exemptions.revoke(good.id, "p8", now + HOUR) is None
        assert await unit.exemptions.revoke(12345, "p8", now) is None
        assert await unit.exemptions.active(now + HOUR) == []


async def test_nobody_is_exempt_who_is_nobody(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        with pytest.raises(NotFound):
            await unit.exemptions.add("nobody", "", 0, None, "", "p9", now)
        with pytest.raises(NotFound):
            await unit.shifts.add("nobody", "duty", now, now + HOUR, "p9", now)


async def test_exemptions_that_are_over_are_forgotten(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        person = await _person(unit, now)
        lasting = await unit.exemptions.add(person, "a", 0, None, "", "p9", now)
        ran_out = await unit.exemptions.add(person, "b", 0, now + HOUR, "", "p9", now)
        revoked = await unit.exemptions.add(person, "c", 0, None, "", "p9", now)
        await unit.exemptions.revoke(revoked.id, "p9", now + HOUR)
        assert await unit.exemptions.purge(now + HOUR) == 0
        assert await unit.exemptions.purge(now + DAY) == 2
        assert await unit.exemptions.active(now) == [lasting]
        # Their numbers never come again: a stale /豁免 撤销 must not hit another's.
        assert (await unit.exemptions.add(person, "d", 0, None, "", "p9", now)).id > ran_out.id


async def test_a_room_is_muted_until_a_time(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        await unit.silences.mute(5, now + HOUR, "p1", now)
        await unit.silences.mute(2, now + HOUR, "p1", now)
        await unit.silences.mute(5, now + DAY, "p2", now + timedelta(minutes=1))
        muted = MutedRoom(5, now + DAY, "p2", now + timedelta(minutes=1))
        assert await unit.silences.active(now) == [MutedRoom(2, now + HOUR, "p1", now), muted]
        assert await unit.silences.active(now + HOUR) == [muted]
        assert not await unit.silences.unmute(2, now + HOUR)
        assert await unit.silences.unmute(5, now + HOUR)
        assert not await unit.silences.unmute(5, now + HOUR)
        assert await unit.silences.active(now) == []


async def test_silences_that_are_over_are_forgotten(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        await unit.silences.mute(1, now + HOUR, "p1", now)
        await unit.silences.mute(2, now + 3 * DAY, "p1", now)
        assert await unit.silences.purge(now + DAY) == 1
        assert [muted.room_key for muted in await unit.silences.active(now)] == [2]


async def test_shifts_come_in_order_of_start(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        person = await _person(unit, now)
        later = await unit.shifts.add(person, "leave", now + DAY, now + 2 * DAY, "p9", now)
        sooner = await unit.shifts.add(person, "duty", now, now + HOUR, "p9", now)
        assert sooner == ShiftRow(sooner.id, person, "duty", now, now + HOUR, "p9", now)
        assert await unit.shifts.since(now) == [sooner, later]
        # The one that ends just now still counts.
        assert await unit.shifts.since(now + HOUR) == [sooner, later]
        assert await unit.shifts.since(now + 2 * HOUR) == [later]
        assert await unit.shifts.cancel(later.id, "p8", now) == later
        assert await unit.shifts.cancel(later.id, "p8", now) is None
        assert await unit.shifts.cancel(777, "p8", now) is None
        assert await unit.shifts.since(now) == [sooner]


async def test_a_list_of_shifts_can_come_twice(storage: Storage, now: datetime) -> None:
    beijing = timezone(timedelta(hours=8))
    async with storage.unit() as unit:
        person = await _person(unit, now)
        first = await unit.shifts.add(person, "duty", now, now + HOUR, "p9", now)
        again = await unit.shifts.add(person, "duty", now.astimezone(beijing), now + HOUR, "p8", now + DAY)
        assert again == first
        assert (await unit.shifts.add(person, "leave", now, now + HOUR, "p9", now)).id != first.id
        await unit.shifts.cancel(first.id, "p9", now)
        # What was taken back can be entered again.
        assert (await unit.shifts.add(person, "duty", now, now + HOUR, "p9", now)).id > first.id


async def test_a_shift_has_a_kind_and_an_end(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        person = await _person(unit, now)
        for kind, end in (("holiday", now + HOUR), ("duty", now), ("leave", now - HOUR)):
            with pytest.raises(ValueError, match="a shift"):
                await unit.shifts.add(person, kind, now, end, "p9", now)
        assert await unit.shifts.since(now - DAY) == []


async def test_shifts_that_are_over_are_forgotten(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        person = await _person(unit, now)
        past = await unit.shifts.add(person, "duty", now, now + HOUR, "p9", now)
        cancelled = await unit.shifts.add(person, "duty", now + 5 * DAY, now + 6 * DAY, "p9", now)
        coming = await unit.shifts.add(person, "leave", now + 5 * DAY, now + 6 * DAY, "p9", now)
        await unit.shifts.cancel(cancelled.id, "p9", now)
        assert await unit.shifts.purge(now) == 0
        assert await unit.shifts.purge(now + DAY) == 2
        assert await unit.shifts.since(now - DAY) == [coming]
        assert past.id < coming.id


async def test_a_view_reads_every_order(storage: Storage, now: datetime) -> None:
    async with storage.unit() as unit:
        person = await _person(unit, now)
        await unit.exemptions.add(person, "", 0, None, "", "p9", now)
        await unit.shifts.add(person, "duty", now, now + HOUR, "p9", now)
        await unit.silences.mute(0, now + HOUR, "p9", now)
        await unit.switches.set("flooding", 0, Mode.OFF, "p9", now)
    async with storage.view() as view:
        assert len(await view.exemptions.active(now)) == len(await view.shifts.since(now)) == 1
        assert len(await view.silences.active(now)) == len(await view.switches.all()) == 1
        assert await view.words.all() == await view.nicknames.open() == []
