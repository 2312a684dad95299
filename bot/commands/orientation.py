"""`/帮助` and `/状态`: what one may do here, and whether the bot is on guard. Both answer everyone."""

from __future__ import annotations

from bot.commands.parse import SLASHES, find, nearest
from bot.commands.table import EVERYONE, SUPERVISION, Action, Answer, Call, Command, Counter, Refused
from bot.pipeline.breaker import PAUSED, Pause
from bot.pipeline.notice import local
from bot.pipeline.places import Place
from bot.reports.figures import unconfirmed, working_days
from storage.records import CaseState, Role
from storage.session import UnitOfWork

STATUS_ROLES = SUPERVISION | {Role.OPERATOR, Role.LEADER}
BLIND_SHOWN = 5
DEAD_SHOWN = 3
UNTOLD_SHOWN = 5


async def help_(desk: Counter, _: UnitOfWork, call: Call) -> Answer:
    """List what the caller may use, or explain one command."""
    allowed = [command for command in desk.commands if command.allowed(call.sender)]
    if call.words:
        word = call.words[0].lstrip(SLASHES).casefold()
        command = find(word, allowed)
        if command is None:
            near = nearest(word, allowed)
            if near is not None:
                raise Refused(desk.texts.render("refuse.near_miss", command=near.name))
            raise Refused(desk.texts.render("refuse.no_such_command"))
        actions = command.actions_for(call.sender)
        return Answer(
            desk.texts.render(
                "help.command",
                name=command.name,
                english=command.english,
                summary=command.summary,
                actions=[
                    {"usage": command.usage(action), "summary": action.summary, "asks": action.asks}
                    for action in actions
                ],
                examples=[
                    {"line": line, "does": does} for action in actions for line, does in action.examples
                ],
            )
        )
    rows = [{"usage": short(command, call), "summary": command.summary} for command in allowed]
    return Answer(desk.texts.render("help.list", commands=rows))


def short(command: Command, call: Call) -> str:
    """A command with the names of what the caller may do with it."""
    names = [action.name for action in command.actions_for(call.sender) if action.name]
    return f"/{command.name}" + (f" [{'|'.join(names)}]" if names else "")


async def status(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """For members: on guard, since when, how to appeal. For role holders, not in a work group: all of it."""
    post = desk.post()
    zone = desk.book().calendar.zone
    since = local(post.since, zone) if post.since else ""
    if call.place is Place.GUARDED or not (STATUS_ROLES & call.sender.roles):
        days = desk.settings().appeals.days
        return Answer(desk.texts.render("status.member", since=since, online=post.online, days=days))
    cases, calendar = await unit.cases.counts(), desk.book().calendar
    oldest = await unit.cases.oldest(CaseState.REVIEW)
    waiting = await unconfirmed(unit, call.now, desk.settings().review.confirm_days, calendar)
    outbox = await unit.outbox.counts()
    inbox = await unit.inbox.counts()
    untold = await unit.cases.untold(UNTOLD_SHOWN + 1)
    pause = Pause.read(await unit.meta.get(PAUSED))
    return Answer(
        desk.texts.render(
            "status.full",
            since=since,
            online=post.online,
            cases={**cases, CaseState.PROVISIONAL: await unit.cases.to_confirm()},
            oldest=working_days(oldest, call.now, calendar) if oldest else 0,
            unconfirmed=waiting.days if waiting else 0,
            closes=f"{waiting.closes:%m-%d}" if waiting else "",
            outbox=outbox,
            inbox=inbox,
            paused=local(pause.since, zone) if pause else "",
            again=local(pause.until, zone) if pause else "",
            untold=untold[:UNTOLD_SHOWN],
            untold_more=len(untold) > UNTOLD_SHOWN,
            dead=[
                {
                    "at": local(letter.message.created_at, zone),
                    "kind": letter.message.kind,
                    "case": letter.message.case,
                }
                for letter in await unit.outbox.dead_letters(DEAD_SHOWN)
            ],
            blind=[
                {
                    "since": local(gap.since, zone),
                    "until": local(gap.until, zone) if gap.until else "",
                    "reason": gap.reason,
                }
                for gap in await unit.blind.recent(BLIND_SHOWN)
            ],
            supervision=bool(desk.supervision()),
            provisional_year=desk.book().calendar.provisional(call.now.astimezone(zone).date()),
        ),
        private=True,
    )


COMMANDS = (
    Command(
        name="帮助",
        english="help",
        aliases=("?", "幫助"),
        summary="列出您可以使用的命令，或说明某一条命令的用法",
        actions=(
            Action(
                name="",
                english="",
                roles=EVERYONE,
                arguments="[命令]",
                summary="列出您可以使用的命令；写上命令名，就说明它的用法",
                examples=(("/帮助", "列出您可以使用的命令"), ("/帮助 违规", "说明 /违规 的用法")),
                run=help_,
            ),
        ),
    ),
    Command(
        name="状态",
        english="status",
        aliases=("狀態",),
        summary="查看机器人是否在岗、自何时起在岗以及申诉办法",
        actions=(
            Action(
                name="",
                english="",
                roles=EVERYONE,
                arguments="",
                summary="是否在岗、自何时起在岗、怎样申诉",
                examples=(("/状态", "查看机器人是否在岗"),),
                run=status,
            ),
        ),
    ),
)
