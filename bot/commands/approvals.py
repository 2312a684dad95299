"""`/批准` and `/退回`: who may approve decides about what others wrote, never about their own (policy 3.3a).

An approval may be taken back until the announcement is on its way.
"""

from __future__ import annotations

from bot.commands.docket import name_of
from bot.commands.drafting import AT_ONCE, cleaned
from bot.commands.parse import behind
from bot.commands.publication import actor, announcement_named, refused, rooms_of, standing_of, when
from bot.commands.table import Action, Answer, Call, Command, Counter, Refused
from bot.pipeline.notice import shown
from bot.pipeline.publishing import AT_NIGHT_TOO, departure, on_its_way
from rules.procedure.announcement import Move, Refusal, consider
from storage.errors import Conflict
from storage.names import folded
from storage.records import Announcement, AuditEntry, Outgoing, Role
from storage.session import UnitOfWork

DECIDERS = frozenset({Role.LEADER, Role.HR_LEAD})
REMARK_LENGTH = 200


async def approve(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Let an announcement go out at its time; 立即 lets one without a time go out after hours, too."""
    kept = await announcement_named(desk, unit, call)
    urgent = any(folded(word) in AT_ONCE for word in call.words[1:])
    decided = await _decide(desk, unit, call, kept, Move.APPROVE, AT_NIGHT_TOO if urgent else "")
    at = departure(decided, desk.book().calendar, quiet_hours=desk.settings().notices.quiet_hours)
    text = desk.texts.render(
        "announcement.approved",
        number=kept.number,
        rooms=await rooms_of(unit, kept),
        at=when(desk, at, call.now) if at > call.now else "",
    )
    told = desk.texts.render(
        "announcement.was_approved",
        number=kept.number,
        by=await name_of(unit, call.sender.key),
        at=when(desk, at, call.now) if at > call.now else "",
    )
    return Answer(text, private=True, also=await _to_author(unit, call, decided, told))


async def send_back(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Return a draft to its author, with a reason; or take an approval back."""
    kept = await announcement_named(desk, unit, call)
    why = " ".join(cleaned("\n".join(filter(None, (behind(call.rest, 1), call.body)))).split())[
        :REMARK_LENGTH
    ]
    if not why:
        raise Refused(desk.texts.render("announcement.no_reason", number=kept.number))
    decided = await _decide(desk, unit, call, kept, Move.RETURN, why)
    await unit.outbox.drop(kept.number, "the announcement was returned")
    text = desk.texts.render("announcement.returned", number=kept.number)
    told = desk.texts.render(
        "announcement.was_returned",
        number=kept.number,
        by=await name_of(unit, call.sender.key),
        why=shown(why, REMARK_LENGTH),
    )
    return Answer(text, private=True, also=await _to_author(unit, call, decided, told))


async def _decide(
    desk: Counter, unit: UnitOfWork, call: Call, kept: Announcement, move: Move, remark: str
) -> Announcement:
    """Make a move; of two deciders at once, one wins.

    Raises:
        Refused: it can't be made by this person, or not now.
    """
    target = consider(await standing_of(unit, call, kept), move, actor(call.sender), call.now)
    if isinstance(target, Refusal):
        raise await refused(desk, unit, kept, target)
    if await on_its_way(unit, kept):
        raise await refused(desk, unit, kept, Refusal.CLOSED)
    try:
        decided = await unit.announcements.move(
            kept.number, (kept.state,), target, call.sender.key, call.now, remark
        )
    except Conflict:
        raise await refused(desk, unit, kept, Refusal.ALREADY) from None
    await unit.audit.add(
        AuditEntry(call.now, call.sender.key, f"announcement {move.value}", kept.number, remark)
    )
    return decided


async def _to_author(unit: UnitOfWork, call: Call, kept: Announcement, text: str) -> tuple[Outgoing, ...]:
    author = await unit.people.get(kept.author)
    if author is None or not author.contact_id:
        return ()
    return (
        Outgoing(
            author.contact_id,
            text,
            call.now,
            call.now,
            kind="notice",
            private=True,
            unique=f"told {kept.number} {call.message_id}",
        ),
    )


COMMANDS = (
    Command(
        name="批准",
        english="approve",
        aliases=("審批", "审批"),
        summary="批准发布申请，到时间由机器人发布",
        actions=(
            Action(
                name="",
                english="",
                roles=DECIDERS,
                arguments="编号 [立即]",
                summary="批准他人起草的发布；写“立即”则非工作时间也马上发布",
                examples=(
                    ("/批准 G-7K2QM", "批准这条发布"),
                    ("/批准 G-9RTC3 立即", "批准并马上发布，不等上班时间"),
                ),
                run=approve,
                free_text=True,
            ),
        ),
    ),
    Command(
        name="退回",
        english="return",
        aliases=("reject",),
        summary="退回发布申请，请起草人修改",
        actions=(
            Action(
                name="",
                english="",
                roles=DECIDERS,
                arguments="编号 理由",
                summary="退回他人起草的发布；尚未发布的，批准后也可退回",
                examples=(("/退回 G-7K2QM 请写明联系人", "退回并写明理由"),),
                run=send_back,
                free_text=True,
            ),
        ),
    ),
)
