"""Learns from what people decided: `qungui learn` measures it, and puts in force what is better (decision 0022)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime

from bot.clock import SystemClock
from bot.errors import UsageError
from bot.pipeline.notice import SUPERVISION, shown
from bot.pipeline.policy import Policy
from bot.settings import Settings
from bot.texts import Texts
from rules.core import learn
from rules.core.book import Rulebook
from rules.core.candidate import known_words
from rules.core.learn import Learnt, Supply
from rules.core.load import load_shipped
from rules.core.load_reading import load_classifier, load_table, load_yardstick
from rules.core.options import COMPANY, LEXICON_RULE, did_you_mean
from rules.core.phrases import Proposal, proposals
from rules.reading.classify import WeightsError
from rules.reading.learning import Lesson, Said, counted
from rules.reading.local import LocalWeights, parse_local
from rules.reading.reader import Reader
from storage.records import OPERATOR, AuditEntry, Decided, LocalVersion, Outgoing, Word
from storage.session import Storage, UnitOfWork

PROPOSED = "放行建议：多次驳回"


@dataclass(frozen=True)
class Study:
    """What one look at the decisions gave.

    Attributes:
        decided: settled decisions on cases of rules that learn.
        counting: those of them that count.
        supplies: how many there are for each label.
        learnt: what was learnt, and what it would do; ``None`` if there is too little of everything.
        in_force: the version that it was measured against; 0 for none.
    """

    decided: int
    counting: int
    supplies: tuple[Supply, ...]
    learnt: Learnt | None
    proposed: tuple[Proposal, ...]
    in_force: int


async def study(
    settings: Settings, book: Rulebook, rules: Collection[str] = (), *, phrases_only: bool = False
) -> Study:
    """Look at every decision; nothing is changed.

    Args:
        rules: learn only of these; empty: of all.
        phrases_only: look for allow-phrases alone.

    Raises:
        UsageError: a rule that does not learn.
        StorageError: the database can't be used.
    """
    labels = learning_rules(book)
    if strangers := [rule for rule in rules if rule not in labels]:
        raise UsageError(
            f"--rules: {strangers[0]!r} is no rule that learns", did_you_mean(strangers[0], list(labels))
        )
    now = SystemClock().now()
    policy = Policy(book, settings.notices.stale_after, settings.book_options())
    async with _opened(settings) as storage:
        await policy.refresh(storage, now)
        async with storage.view() as unit:
            decided = [one for one in await unit.local_weights.decided() if one.rule in labels]
            names = await unit.local_weights.names() | {row.name for row in await unit.people.roster()}
            version = await unit.local_weights.in_force()
            before = await unit.local_weights.weights(version)
            words = await unit.words.all()
    return await asyncio.to_thread(
        _studied, policy, now, decided, names, (version, before), words, set(rules or labels), phrases_only
    )


def learning_rules(book: Rulebook) -> dict[str, str]:
    """The rules that read a trained score, each with its label."""
    return {entry.rule.id: entry.rule.label for entry in book.entries if entry.rule.label}


def _studied(
    policy: Policy,
    now: datetime,
    decided: Sequence[Decided],
    names: Collection[str],
    before: tuple[int, str],
    words: Sequence[Word],
    rules: Collection[str],
    phrases_only: bool,
) -> Study:
    book, labels = policy.book, learning_rules(policy.book)
    fold = load_table().fold
    folded = frozenset(fold(name) for name in names)
    lessons = counted(
        Lesson(
            one.number,
            one.rule,
            labels[one.rule],
            Said.of(book.reader, one.text),
            one.sender,
            one.decider,
            one.right,
        )
        for one in decided
    )
    supplies = learn.supplies(lessons, [labels[rule] for rule in rules])
    enough = {supply.label for supply in supplies if supply.enough}
    learnt = None
    if enough and not phrases_only:
        kept = [lesson for lesson in lessons if lesson.label in enough and lesson.rule in rules]
        shipped = load_classifier()
        learnt = learn.learn(book, shipped, kept, load_yardstick(book.reader), folded, _readable(before[1]))
    charges = book.entry(LEXICON_RULE).charges
    chat = [(word.word, word.allow) for word in words]
    known = known_words(load_shipped(), charges, policy.options.lexicon, chat, fold)

    def allowing(phrase: str) -> Reader:
        return policy.preview(Word(phrase, COMPANY, True, "", OPERATOR, now)).reader

    proposed = proposals(book.reader, lessons, known, folded, allowing)
    return Study(len(decided), len(lessons), supplies, learnt, proposed, before[0])


def _readable(text: str) -> LocalWeights | None:
    """What was learnt before; nothing where it can't be read, since it is not in force then either."""
    try:
        return parse_local(text) if text else None
    except WeightsError:
        return None


async def put_in_force(settings: Settings, learnt: Learnt) -> int:
    """Keep what was learnt as a new version, in force; returns its number. A running bot takes it over within a minute.

    Raises:
        ValueError: it has faults.
        StorageError: the database can't be used.
    """
    if learnt.faults:
        raise ValueError("what has faults is not put in force")
    now = SystemClock().now()
    figures = json.dumps(
        {
            "figures": [asdict(line) for line in learnt.figures],
            "guards": [asdict(guard) for guard in learnt.guards],
        },
        ensure_ascii=False,
    )

    async def keep(unit: UnitOfWork) -> int:
        version = await unit.local_weights.add(
            now, OPERATOR, learnt.taught, figures, learnt.weights.written()
        )
        await unit.audit.add(AuditEntry(now, OPERATOR, "weights learnt", str(version), f"{learnt.taught} 件"))
        await _tell(unit, now, "learning.in_force", version=version, examples=learnt.taught)
        return version

    async with _opened(settings) as storage:
        return await storage.run(keep)


async def put_back(settings: Settings) -> tuple[int, int] | None:
    """Put the version before in force again, or none; returns which left and which came, ``None`` if none was in force.

    Raises:
        StorageError: the database can't be used.
    """
    now = SystemClock().now()

    async def undo(unit: UnitOfWork) -> tuple[int, int] | None:
        moved = await unit.local_weights.back()
        if moved is not None:
            await unit.audit.add(
                AuditEntry(now, OPERATOR, "weights put back", str(moved[0]), f"现为第 {moved[1]} 版")
            )
            await _tell(unit, now, "learning.put_back", version=moved[0], now_version=moved[1])
        return moved

    async with _opened(settings) as storage:
        return await storage.run(undo)


async def versions(settings: Settings) -> list[LocalVersion]:
    """Every version, the newest first.

    Raises:
        StorageError: the database can't be used.
    """
    async with _opened(settings) as storage, storage.view() as unit:
        return await unit.local_weights.history()


async def accept(settings: Settings, found: Study, phrases: Sequence[str]) -> list[str]:
    """Add proposed phrases to the lexicon, as chat adds them; returns those that are new there.

    Raises:
        UsageError: one that is not proposed; nothing is added then.
        StorageError: the database can't be used.
    """
    proposed = [proposal.phrase for proposal in found.proposed]
    if strangers := [phrase for phrase in phrases if phrase not in proposed]:
        raise UsageError(
            f"--accept: {shown(strangers[0])} is not proposed",
            f"proposed now: {'、'.join(proposed) or 'nothing'}; others are added in chat with /词库 放行",
        )
    now = SystemClock().now()

    async def add(unit: UnitOfWork) -> list[str]:
        added = []
        for phrase in phrases:
            if await unit.words.add(Word(phrase, COMPANY, True, PROPOSED, OPERATOR, now)):
                await unit.audit.add(AuditEntry(now, OPERATOR, "word allowed", phrase, PROPOSED))
                added.append(phrase)
        if added:
            await _tell(unit, now, "learning.allowed", phrases=added)
        return added

    async with _opened(settings) as storage:
        return await storage.run(add)


async def weights_in_force(settings: Settings) -> str:
    """What is in force, as storage keeps it; empty for nothing.

    Raises:
        StorageError: the database can't be used.
    """
    async with _opened(settings) as storage, storage.view() as unit:
        return await unit.local_weights.weights(await unit.local_weights.in_force())


async def _tell(unit: UnitOfWork, now: datetime, key: str, **facts: object) -> None:
    """The supervisors hear of what changes how cases are found."""
    text = Texts.load().render(key, **facts)
    await unit.outbox.add([Outgoing(SUPERVISION, text, now, now, kind="alert")])


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Storage]:
    key = settings.ledger.key.get_secret_value().encode() if settings.ledger.key else b""
    storage = await Storage.open(settings.storage.address, migrate="never", ledger_key=key)
    try:
        yield storage
    finally:
        await storage.close()
