"""`/认领`: authority is bound to a WeChat id by a one-time code, typed in a private chat.

A code is shown once by `qungui claim`, lives 30 minutes, is stored only as a hash, and is burnt as soon as
it is seen in a group: whoever issued it is told.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.commands.codes import new_code, possible_codes
from bot.commands.docket import roles_held_by
from bot.commands.table import EVERYONE, ROLE_TITLES, Action, Answer, Call, Command, Counter, Refused
from bot.pipeline.notice import SUPERVISION, shown
from bot.pipeline.places import Place
from storage.audit import CLAIM_ISSUED
from storage.errors import Conflict, NotFound
from storage.records import OPERATOR, AuditEntry, Binding, Claim, Outgoing, Person, Role
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
    await unit.audit.add(AuditEntry(now, issuer, CLAIM_ISSUED, role.value, employee_no))
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
    employee = None
    if issued is not None and issued.employee_no:
        employee = await unit.people.by_employee_no(issued.employee_no)
        if (objection := await _taken(unit, issued, employee, call)) is not None:
            return await _refused(desk, unit, code_hash, objection, employee, call)
    try:
        claimed = await unit.claims.use(code_hash, call.sender.key, call.now)
    except (NotFound, Conflict):
        desk.wrong_codes.book(call.sender.key, call.now)
        await unit.audit.add(
            AuditEntry(call.now, call.sender.key, "claim refused", "wrong, used, burnt or expired")
        )
        raise Refused(desk.texts.render("claim.wrong")) from None
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


async def _taken(unit: UnitOfWork, issued: Claim, employee: Person | None, call: Call) -> str | None:
    """Why a code must not make its redeemer the employee it names; ``None`` if it may.

    A code names an identity, with all that this identity may do: it replaces nobody's confirmed account behind
    their back, and gives no authority that its issuer could not give. The command line may do both.
    """
    if employee is None or issued.issued_by == OPERATOR:
        return None
    if (
        call.sender.binding is Binding.CONFIRMED
        and call.sender.key != employee.key
        and call.sender.employee_no
    ):
        return "another"
    if employee.binding is Binding.CONFIRMED and employee.contact_id != call.contact_id:
        return "taken"
    if Role.OPERATOR in await roles_held_by(unit, employee.key):
        issuer = await roles_held_by(unit, issued.issued_by)
        return None if Role.OPERATOR in issuer else "beyond"
    return None


async def _refused(
    desk: Counter, unit: UnitOfWork, code_hash: str, objection: str, employee: Person | None, call: Call
) -> Answer:
    """Burn the code; whoever the identity belongs to and the supervisors hear of the attempt."""
    await unit.claims.burn(code_hash, call.now)
    who = shown(employee.name) if employee else ""
    await unit.audit.add(AuditEntry(call.now, call.sender.key, "claim refused", f"identity: {objection}"))
    text = desk.texts.render("claim.attempt", who=who, by=shown(call.shown_name))
    also = [Outgoing(SUPERVISION, text, call.now, call.now, kind="alert", unique=f"attempt {code_hash}")]
    if objection == "taken" and employee is not None:
        word = desk.texts.render("claim.attempt_yours")
        also.append(
            Outgoing(
                employee.contact_id,
                word,
                call.now,
                call.now,
                kind="notice",
                private=True,
                unique=f"attempt told {code_hash}",
            )
        )
    return Answer(desk.texts.render("claim.not_you"), private=True, also=tuple(also))


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
