"""Messages that ask for answers, and who has given which (policy 4.1)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from storage import numbers
from storage.errors import Conflict, NotFound
from storage.records import Addressee, Enquiry
from storage.repository import Repository
from storage.tables import addressees, enquiries
from storage.types import storable

_OPEN = "open"
_OVER = frozenset({"closed", "done"})
EnquiryList = list[Enquiry]


class Enquiries(Repository):
    """Enquiries by number; a message opens one at most."""

    async def open(self, enquiry: Enquiry, addressed: Sequence[Addressee]) -> Enquiry:
        """Keep a new enquiry and whom it addresses under a fresh number, which replaces theirs.

        Raises:
            Conflict: this message has opened one already; ``present`` is its number.
            NotFound: somebody addressed is nobody that storage knows.
        """
        await self._serialise("enquiries")
        held = await self.of_message(enquiry.message_id)
        if held is not None:
            raise Conflict("the message has opened an enquiry already", present=held.number)
        for one in addressed:
            await self._require_person(one.person_key)
        number = await self._fresh_number(enquiries.c.number, numbers.ENQUIRY)
        enquiry = replace(enquiry, number=number)
        await self._connection.execute(
            enquiries.insert().values(
                **{column.name: getattr(enquiry, column.name) for column in enquiries.c}
            )
        )
        # Somebody in a room under two ids is asked once.
        for one in {each.person_key: each for each in addressed}.values():
            values = {column.name: getattr(one, column.name) for column in addressees.c}
            await self._connection.execute(addressees.insert().values(**values | {"number": number}))
        return await self.get(number) or enquiry

    async def get(self, number: str) -> Enquiry | None:
        """The enquiry with a number, however it was typed; ``None`` if there is none."""
        found = await self._select(enquiries.c.number == numbers.normal(number, numbers.ENQUIRY))
        return next(iter(found), None)

    async def of_message(self, message_id: str) -> Enquiry | None:
        """The enquiry that a message opened, over or not; ``None`` if it opened none."""
        return next(iter(await self._select(enquiries.c.message_id == storable(message_id))), None)

    async def active(self, room_key: int | None = None) -> EnquiryList:
        """Enquiries that are open, in one room or in all, the one due first at the head."""
        here = [] if room_key is None else [enquiries.c.room_key == room_key]
        return await self._select(enquiries.c.state == _OPEN, *here)

    async def asked_by(self, asker: str, since: datetime) -> EnquiryList:
        """What a person has asked from ``since`` on, the one due first at the head."""
        return await self._select(enquiries.c.asker == asker, enquiries.c.asked_at >= since)

    async def unsummed(self) -> EnquiryList:
        """Enquiries that are over and whose asker was not told yet how they went, longest due first."""
        return await self._select(enquiries.c.state.in_(_OVER), enquiries.c.summary_at.is_(None))

    async def addressees(self, number: str) -> list[Addressee]:
        """Whom an enquiry addresses, in order of their keys."""
        found = await self._connection.execute(
            select(addressees)
            .where(addressees.c.number == numbers.normal(number, numbers.ENQUIRY))
            .order_by(addressees.c.person_key)
        )
        return [Addressee(**row._mapping) for row in found]

    async def of_person(
        self, person_key: str, since: datetime, until: datetime
    ) -> list[tuple[Enquiry, Addressee]]:
        """What a person was asked in ``[since, until)`` and how they answered, in order of asking."""
        found = await self._connection.execute(
            select(addressees)
            .join(enquiries, enquiries.c.number == addressees.c.number)
            .where(
                addressees.c.person_key == person_key,
                enquiries.c.asked_at >= since,
                enquiries.c.asked_at < until,
            )
        )
        theirs = {row.number: Addressee(**row._mapping) for row in found}
        asked = await self._select(enquiries.c.number.in_(theirs))
        return [(one, theirs[one.number]) for one in sorted(asked, key=lambda each: each.asked_at)]

    async def everybody(self, since: datetime, until: datetime) -> list[tuple[Enquiry, Addressee]]:
        """Whoever was asked anything in ``[since, until)`` and how they answered, in order of asking."""
        asked = {
            one.number: one
            for one in await self._select(enquiries.c.asked_at >= since, enquiries.c.asked_at < until)
        }
        theirs = select(enquiries.c.number).where(enquiries.c.asked_at >= since, enquiries.c.asked_at < until)
        found = await self._connection.execute(
            select(addressees)
            .where(addressees.c.number.in_(theirs))
            .order_by(addressees.c.number, addressees.c.person_key)
        )
        answers = [Addressee(**row._mapping) for row in found]
        return sorted(((asked[one.number], one) for one in answers), key=lambda pair: pair[0].asked_at)

    async def answer(
        self, number: str, person_key: str, state: str, expected: str, message_id: str, at: datetime
    ) -> Addressee:
        """Note an answer, or a better one; an empty ``expected`` leaves what was said before.

        Raises:
            NotFound: the enquiry does not address this person.
            Conflict: it is over; ``present`` names its state.
        """
        number = numbers.normal(number, numbers.ENQUIRY)
        await self._require_open(number)
        values = {"state": state, "message_id": message_id, "answered_at": at}
        if expected:
            values["expected"] = expected
        return await self._touch(number, person_key, **values)

    async def excuse(self, number: str, person_key: str) -> Addressee:
        """Take somebody out: they are on leave, or have left.

        Raises:
            NotFound: the enquiry does not address this person.
        """
        return await self._touch(numbers.normal(number, numbers.ENQUIRY), person_key, state="excused")

    async def remind(self, number: str, person_keys: Collection[str], now: datetime) -> int:
        """Count a reminder for each of these people who has not answered; returns for how many."""
        done = await self._connection.execute(
            update(addressees)
            .where(
                addressees.c.number == numbers.normal(number, numbers.ENQUIRY),
                addressees.c.person_key.in_(person_keys),
                addressees.c.state == "missing",
            )
            .values(reminded_at=now, reminders=addressees.c.reminders + 1)
        )
        return done.rowcount

    async def overdue(self, number: str, person_key: str, case: str) -> Addressee:
        """Keep the number of the case that was opened for want of an answer.

        Raises:
            NotFound: the enquiry does not address this person.
            Conflict: there is a case already; ``present`` is its number.
        """
        number = numbers.normal(number, numbers.ENQUIRY)
        row = await self._locked(
            select(addressees.c.overdue_case).where(
                addressees.c.number == number, addressees.c.person_key == person_key
            )
        )
        if row is not None and row.overdue_case not in ("", case):
            raise Conflict("there is a case for this answer already", present=row.overdue_case)
        return await self._touch(number, person_key, overdue_case=case)

    async def close(self, number: str, now: datetime, state: str = "closed") -> Enquiry:
        """End an enquiry: by hand (``closed``), or because everybody answered or time is over (``done``).

        Raises:
            NotFound: there is no such enquiry.
            Conflict: it is over already; ``present`` names its state.
            ValueError: there is no such end.
        """
        if state not in _OVER:
            raise ValueError(f"an enquiry ends closed or done, not {state!r}")
        number = numbers.normal(number, numbers.ENQUIRY)
        await self._require_open(number)
        return await self._set(number, state=state, closed_at=now)

    async def summarised(self, number: str, now: datetime) -> Enquiry:
        """Note that the asker was told how it went.

        Raises:
            NotFound: there is no such enquiry.
            Conflict: they were told before; ``present`` says when.
        """
        number = numbers.normal(number, numbers.ENQUIRY)
        row = await self._locked(select(enquiries.c.summary_at).where(enquiries.c.number == number))
        if row is None:
            raise NotFound(f"there is no enquiry {number}")
        if row.summary_at is not None:
            raise Conflict("the asker was told already", present=row.summary_at.isoformat())
        return await self._set(number, summary_at=now)

    async def purge(self, before: datetime) -> int:
        """Forget enquiries that ended before ``before``, and what was answered; returns how many."""
        gone = await self._connection.execute(delete(enquiries).where(enquiries.c.closed_at < before))
        return gone.rowcount

    async def _require_open(self, number: str) -> None:
        row = await self._locked(select(enquiries.c.state).where(enquiries.c.number == number))
        if row is None:
            raise NotFound(f"there is no enquiry {number}")
        if row.state != _OPEN:
            raise Conflict(f"enquiry {number} is {row.state}", present=row.state)

    async def _set(self, number: str, **values: object) -> Enquiry:
        done = await self._connection.execute(
            update(enquiries).where(enquiries.c.number == number).values(**values).returning(*enquiries.c)
        )
        return Enquiry(**done.one()._mapping)

    async def _touch(self, number: str, person_key: str, **values: object) -> Addressee:
        done = await self._connection.execute(
            update(addressees)
            .where(addressees.c.number == number, addressees.c.person_key == person_key)
            .values(**values)
            .returning(*addressees.c)
        )
        row = done.first()
        if row is None:
            raise NotFound("the enquiry does not address this person")
        return Addressee(**row._mapping)

    async def _select(self, *conditions: Any) -> EnquiryList:
        found = await self._connection.execute(
            select(enquiries).where(*conditions).order_by(enquiries.c.due_at, enquiries.c.number)
        )
        return [Enquiry(**row._mapping) for row in found]
