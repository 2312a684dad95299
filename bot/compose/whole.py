"""A bot that speaks and acts out of its parts."""

from __future__ import annotations

import random
from collections.abc import Callable

from structlog.typing import FilteringBoundLogger

from bot.clock import Clock
from bot.commands import COMMANDS
from bot.commands.ahead import Ahead
from bot.commands.desk import Desk
from bot.compose.core import Bot, Core
from bot.compose.duties import Duties, Upkeep
from bot.compose.membership import MemberDuties
from bot.compose.voice import voice
from bot.gateway.port import Gateway
from bot.jobs.announcements import Announcements
from bot.jobs.answer_rows import Wording
from bot.jobs.answers import Answers
from bot.jobs.appeals import AppealWatch
from bot.jobs.demands import DemandWatch
from bot.jobs.digest import Digest
from bot.jobs.ladder import Ladder
from bot.jobs.month import MonthEnd
from bot.jobs.nicknames import NicknameRound
from bot.jobs.opinions import SecondOpinions
from bot.jobs.queue import ReviewQueue
from bot.jobs.reached import StatementWatch
from bot.pipeline.enquiries import Enquiries
from bot.pipeline.friends import Friends, Welcome
from bot.pipeline.line import Line
from bot.settings import Settings
from bot.settings.source import Origin
from rules.core.book import Rulebook
from storage.session import Storage


def build(
    settings: Settings,
    book: Rulebook,
    storage: Storage,
    gateway: Gateway,
    clock: Clock,
    log: FilteringBoundLogger,
    chance: Callable[[], float] = random.random,
    origin: Origin | None = None,
) -> Bot:
    """Put a bot together; nothing starts here. With an ``origin`` it follows changes of its configuration."""
    friends = Friends(gateway, storage, Welcome.of(settings.friends), clock, log)
    core = Core(settings, book, storage, gateway, clock, log, friends=friends)
    desk = Desk(
        COMMANDS,
        core.texts,
        clock,
        core.post,
        core.policy,
        core.supervision,
        core.presence.guards,
        core.settings,
    )
    enquiries = Enquiries(storage, core.policy, lambda: core.settings().answers, lambda: gateway.self_id)
    handler = core.handler(desk, enquiries)
    outbox = voice(core, gateway, chance)
    handler.listeners.append(lambda handled: outbox.wake() if handled.outgoing else None)
    line = core.line(handler, Ahead(desk, storage, handler.take, core.places, log).take, outbox)
    adopt = core.adoption(line)
    reload = core.reload(origin, adopt)
    upkeep = Upkeep.of(core, line, reload)
    duties = _duties(core, gateway, line, upkeep, friends, enquiries)
    handler.listeners.append(duties.members.hints.hear)
    return core.bot(line, duties.all(), adopt, reload)


def _duties(
    core: Core, gateway: Gateway, line: Line, upkeep: Upkeep, friends: Friends, enquiries: Enquiries
) -> Duties:
    """Everything that a bot does by the clock."""
    storage, policy, texts, log = core.storage, core.policy, core.texts, core.log
    settings, supervision, courteous = core.settings, core.supervision, core.courteous
    nickname_round = NicknameRound(gateway, storage, policy, core.nicknames, core.places, texts, log)
    wording = Wording(policy, lambda: settings().answers, courteous, texts)
    return Duties(
        settings=settings,
        line=line,
        upkeep=upkeep,
        friends=friends,
        relogin=core.relogin,
        nickname_round=nickname_round,
        members=MemberDuties.of(core, gateway, nickname_round, line.outbox.wake),
        digest=Digest(
            storage,
            policy,
            texts,
            lambda: settings().digest,
            lambda: settings().review.confirm_days,
            courteous,
        ),
        announcements=Announcements(
            storage,
            policy,
            core.presence.guards,
            lambda: settings().notices.quiet_hours,
            lambda: settings().answers,
            enquiries.changed,
            texts,
        ),
        review_queue=ReviewQueue(policy, texts, settings, supervision),
        appeals=AppealWatch(storage, policy, texts, settings, supervision),
        demands=DemandWatch(storage, policy, texts, supervision),
        ladder=Ladder(storage, policy, texts, settings, supervision, courteous),
        month_end=MonthEnd(policy, texts, settings, supervision),
        statements=StatementWatch(storage, policy, texts, supervision),
        answers=Answers(gateway, storage, policy, enquiries, wording, log),
        enquiries=enquiries,
        opinions=SecondOpinions(storage, policy, settings, log),
        asked=core.clock.now(),
    )
