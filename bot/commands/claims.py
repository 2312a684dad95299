"""`/认领`: authority is bound to a WeChat id by a one-time code, typed in a private chat.

A code is shown once by `qungui claim`, lives 30 minutes, is stored only as a hash, and is burnt as soon as
it is seen in a group: whoever issued it is told.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import datetime, timedelta

from bot.commands.desk import Desk, Refused
from bot.commands.table import EVERYONE, ROLE_TITLES, Answer, Call, Command
from bot.pipeline.places import Place
from storage.errors import Conflict, NotFound
from storage.records import AuditEntry, Binding, Outgoing, Role
from storage.session import UnitOfWork

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 12
LIFETIME = timedelta(minutes=30)
CODE = re.compile(
    r"(?<![A-Z0-9])([2-9A-HJ-NP-Z]{4})[-\s]?([2-9A-HJ-NP-Z]{4})[-\s]?([2-9A-HJ-NP-Z]{4})(?![A-Z0-9])"
)


def new_code() -> str:
    """A code with 60 bits of chance, grouped for reading aloud: ``ABCD-EFGH-JKLM``."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[start : start + 4] for start in range(0, LENGTH, 4))


def read_code(text: str) -> str | None:
    """The code in a text, as :func:`new_code` writes it; full-width letters and small ones are read too."""
    match = CODE.search(unicodedata.normalize("NFKC", text).upper())
    return "-".join(match.groups()) if match else None


async def issue(
    unit: UnitOfWork, role: Role, employee_no: str, issuer: str, now: datetime, lifetime: timedelta = LIFETIME
) -> str:
    """Issue a code and return it; only its hash is stored.

    Args:
        issuer: person key of who issues it, or ``operator`` for the command line.
    """
    code = new_code()
    await unit.claims.issue(
        role=role,
        by=issuer,
        expires_at=now + lifetime,
        employee_no=employee_no,
        code_hash=await unit.claims.hash_code(code),
    )
    await unit.audit.add(AuditEntry(now, issuer, "claim issued", role.value, employee_no))
    return code


async def claim(desk: Desk, unit: UnitOfWork, call: Call) -> Answer:
    """Redeem a code in a private chat; in a group, burn it."""
    code = read_code(call.rest)
    if call.place is not Place.PRIVATE:
        return await _seen_in_group(desk, unit, call, code)
    if desk.wrong_codes.full(call.sender.key, call.now):
        raise Refused(desk.texts.render("claim.too_many"))
    if code is None:
        raise Refused(desk.texts.render("claim.usage"))
    try:
        claimed = await unit.claims.use(await unit.claims.hash_code(code), call.sender.key, call.now)
    except (NotFound, Conflict):
        desk.wrong_codes.book(call.sender.key, call.now)
        await unit.audit.add(
            AuditEntry(call.now, call.sender.key, "claim refused", "wrong, used, burnt or expired")
        )
        raise Refused(desk.texts.render("claim.wrong")) from None
    person = call.sender
    if claimed.employee_no and (employee := await unit.people.by_employee_no(claimed.employee_no)):
        person = employee
    await unit.people.bind(call.contact_id, person.key, Binding.CONFIRMED, claimed.issued_by, call.now)
    if claimed.role is not Role.MEMBER:
        await unit.people.grant(person.key, claimed.role, claimed.issued_by, call.now)
    await unit.audit.add(
        AuditEntry(call.now, person.key, "claim redeemed", claimed.role.value, claimed.issued_by)
    )
    return Answer(desk.texts.render("claim.done", role=ROLE_TITLES[claimed.role]), private=True)


async def _seen_in_group(desk: Desk, unit: UnitOfWork, call: Call, code: str | None) -> Answer:
    also: tuple[Outgoing, ...] = ()
    if code is not None:
        burnt = await unit.claims.burn(await unit.claims.hash_code(code), call.now)
        if burnt is not None:
            await unit.audit.add(
                AuditEntry(call.now, call.sender.key, "claim burnt", burnt.role.value, burnt.issued_by)
            )
            also = await _tell_issuer(desk, unit, burnt.issued_by, burnt.role, call.now)
    return Answer(desk.texts.render("claim.private_only", burnt=bool(also) or code is not None), also=also)


async def _tell_issuer(
    desk: Desk, unit: UnitOfWork, issuer: str, role: Role, now: datetime
) -> tuple[Outgoing, ...]:
    text = desk.texts.render("claim.burnt", role=ROLE_TITLES[role])
    person = await unit.people.get(issuer) if issuer != "operator" else None
    if person is not None and person.contact_id:
        return (Outgoing(person.contact_id, text, now, now, kind="alert", private=True),)
    room = desk.supervision()
    return (Outgoing(room, text, now, now, kind="alert"),) if room else ()


COMMANDS = (
    Command(
        name="认领",
        english="claim",
        roles=EVERYONE,
        arguments="认领码",
        summary="用一次性认领码确认身份或领取权限（只能私聊使用）",
        examples=(("/认领 7KQM-2XPA-9RTC", "用管理员给您的认领码确认身份"),),
        run=claim,
        aliases=("認領",),
        private_only=True,
    ),
)
