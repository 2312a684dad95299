"""`/认领`: authority is bound to a WeChat id by a one-time code, typed in a private chat.

A code is shown once by `qungui claim`, lives 30 minutes, is stored only as a hash, and is burnt as soon as
it is seen in a group: whoever issued it is told.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.commands.codes import new_code, possible_codes
from bot.commands.table import EVERYONE, ROLE_TITLES, Action, Answer, Call, Command, Counter, Refused
from bot.pipeline.notice import SUPERVISION, shown
from bot.pipeline.places import Place
from storage.errors import Conflict, NotFound
from storage.records import AuditEntry, Outgoing, Role
from storage.session import UnitOfWork

LIFETIME = timedelta(minutes=30)


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


async def claim(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Redeem a code in a private chat. In a group it is too late: whatever was typed there is burnt already."""
    if call.place is not Place.PRIVATE:
        return Answer(desk.texts.render("claim.private_only", burnt=bool(list(possible_codes(call.rest)))))
    if desk.wrong_codes.full(call.sender.key, call.now):
        raise Refused(desk.texts.render("claim.too_many"))
    code = next(possible_codes(call.rest), None)
    if code is None:
        raise Refused(desk.texts.render("claim.usage"))
    code_hash = await unit.claims.hash_code(code)
    issued = await unit.claims.find(code_hash)
    if issued is not None and issued.issued_by in (await unit.people.ever(call.sender.key)).person_keys:
        # Whoever gives roles would otherwise give themselves another, or somebody else's identity.
        await unit.audit.add(AuditEntry(call.now, call.sender.key, "claim refused", "of their own making"))
        raise Refused(desk.texts.render("grants.own_code"))
    try:
        claimed = await unit.claims.use(code_hash, call.sender.key, call.now)
    except (NotFound, Conflict):
        desk.wrong_codes.book(call.sender.key, call.now)
        await unit.audit.add(
            AuditEntry(call.now, call.sender.key, "claim refused", "wrong, used, burnt or expired")
        )
        raise Refused(desk.texts.render("claim.wrong")) from None
    employee = await unit.people.by_employee_no(claimed.employee_no) if claimed.employee_no else None
    confirmed = await unit.people.confirm(
        call.contact_id, employee.key if employee else None, claimed.issued_by, call.now
    )
    person = confirmed.person
    if claimed.role is not Role.MEMBER:
        await unit.people.grant(person.key, claimed.role, claimed.issued_by, call.now)
    await unit.audit.add(
        AuditEntry(call.now, person.key, "claim redeemed", claimed.role.value, claimed.issued_by)
    )
    also: tuple[Outgoing, ...] = ()
    if confirmed.undone:
        text = desk.texts.render("operator.guess_undone", name=shown(person.name), ids=len(confirmed.undone))
        also = (Outgoing(SUPERVISION, text, call.now, call.now, kind="alert"),)
    return Answer(desk.texts.render("claim.done", role=ROLE_TITLES[claimed.role]), private=True, also=also)


COMMANDS = (
    Command(
        name="认领",
        english="claim",
        aliases=("認領",),
        summary="用一次性认领码确认身份或领取权限（只能私聊使用）",
        private_only=True,
        actions=(
            Action(
                name="",
                english="",
                roles=EVERYONE,
                arguments="认领码",
                summary="确认身份，或领取认领码所给的权限",
                examples=(("/认领 7KQM-2XPA-9RTC", "用管理员给您的认领码确认身份"),),
                run=claim,
            ),
        ),
    ),
)
