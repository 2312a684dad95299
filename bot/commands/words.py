"""`/词库`: the company's own words. HR leads and operators keep them, supervisors may look and try.

A word to be forbidden is shown first with what it would hit, and so is what has to be looked at twice; it is done only
once it is confirmed, and the supervisors are told. Such words are for people to look at: none decides by itself.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from bot.commands.effects import Effect, effect_of
from bot.commands.entries import told_supervisors
from bot.commands.explained import bounded, category_title, masked_views, match_row, rule_row, visible
from bot.commands.table import SUPERVISION, Action, Answer, Call, Command, Counter, Refused
from bot.pipeline.foresight import DAYS
from bot.pipeline.notice import local, shown
from bot.pipeline.places import Place
from rules.core.candidate import LONGEST_WORD, Flaw, Known, Source, flaw, known_words
from rules.core.explain import explain
from rules.core.load import load_shipped
from rules.core.model import Context, Message
from rules.core.options import COMPANY, LEXICON_RULE
from storage.records import AuditEntry, Role, Word
from storage.session import UnitOfWork

KEEPERS = frozenset({Role.HR_LEAD, Role.OPERATOR})
READERS = SUPERVISION | {Role.OPERATOR}
PAGE = 20
REASON_LENGTH = 60
MATCHES_SHOWN = 10


async def add(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Forbid a word."""
    return await _keep(desk, unit, call, _to_forbid(desk, call))


async def allow(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Make a phrase an allow-phrase: the forbidden words inside it are left alone."""
    return await _keep(desk, unit, call, _to_allow(desk, call))


async def add_ahead(desk: Counter, unit: UnitOfWork, call: Call) -> Effect:
    """What a word to be forbidden would do."""
    return await _effect(desk, unit, call, _to_forbid(desk, call))


async def allow_ahead(desk: Counter, unit: UnitOfWork, call: Call) -> Effect:
    """What an allow-phrase would do."""
    return await _effect(desk, unit, call, _to_allow(desk, call))


def _to_forbid(desk: Counter, call: Call) -> Word:
    if not call.words:
        raise Refused(desk.texts.render("words.usage"))
    category, behind = COMPANY, call.words[1:]
    if behind and (named := categories(desk).get(_plain(behind[0]))) is not None:
        category, behind = named, behind[1:]
    reason = shown(" ".join(behind), REASON_LENGTH)
    return Word(call.words[0].strip(), category, False, reason, call.sender.key, call.now)


def _to_allow(desk: Counter, call: Call) -> Word:
    if not call.words:
        raise Refused(desk.texts.render("words.usage"))
    reason = shown(" ".join(call.words[1:]), REASON_LENGTH)
    return Word(call.words[0].strip(), COMPANY, True, reason, call.sender.key, call.now)


async def _effect(desk: Counter, unit: UnitOfWork, call: Call, word: Word) -> Effect:
    """Try a word that may be added.

    Raises:
        Refused: it can't be.
    """
    known, key = await _known(desk, unit), desk.book().reader.key
    if wrong := flaw(word.word, known, key, allow=word.allow):
        raise Refused(_refusal(desk, wrong, word.word, known))
    return await effect_of(unit, desk.policy, word, call.now)


async def _keep(desk: Counter, unit: UnitOfWork, call: Call, word: Word) -> Answer:
    """Add a word, and tell the supervisors; what it would do is shown first, an allow-phrase's where it is doubtful.

    Raises:
        Refused: it can't be added.
    """
    effect = call.seen if isinstance(call.seen, Effect) else await _effect(desk, unit, call, word)
    if (effect.doubtful or not word.allow) and not call.sure:
        return Answer(_preview(desk, word, effect), private=True)
    if not await unit.words.add(word):
        raise Refused(_refusal(desk, Flaw.ALLOWED if word.allow else Flaw.DENIED, word.word, None))
    action = "word allowed" if word.allow else "word forbidden"
    await unit.audit.add(AuditEntry(call.now, call.sender.key, action, word.word, word.reason))
    text = desk.texts.render(
        "words.kept",
        word=shown(word.word, LONGEST_WORD),
        allow=word.allow,
        category=category_title(desk, LEXICON_RULE, word.category),
        clause=charge(desk, word.category)[0],
        points=charge(desk, word.category)[1],
        hits=effect.hits,
        days=DAYS,
        spared=effect.spared,
    )
    return Answer(text, private=True, also=told_supervisors(desk, call, text), changes_policy=True)


def _preview(desk: Counter, word: Word, effect: Effect) -> str:
    name = f"“{word.word}”" if re.search(r"[\s,，、;；]", word.word) else word.word
    parts = ["/词库", "放行" if word.allow else "添加", name]
    parts += [] if word.allow else [category_title(desk, LEXICON_RULE, word.category)]
    line = " ".join(filter(None, (*parts, word.reason, "确认")))
    return bounded(
        desk.texts.render(
            "words.preview",
            word=shown(word.word, LONGEST_WORD),
            allow=word.allow,
            category=category_title(desk, LEXICON_RULE, word.category),
            clause=charge(desk, word.category)[0],
            points=charge(desk, word.category)[1],
            frequency=effect.frequency or 0,
            single=len(desk.book().reader.key(word.word)) == 1,
            harmed=effect.harmed,
            spared=effect.spared,
            hits=effect.hits,
            changed=effect.changed,
            read=effect.read,
            days=DAYS,
            excerpts=effect.excerpts,
            line=shown(line, 200),
        )
    )


async def remove(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """Take a word away that was added in chat; what others keep is not taken away here.

    Raises:
        Refused: it was not added in chat.
    """
    if not call.words:
        raise Refused(desk.texts.render("words.usage"))
    word, key = call.words[0].strip(), desk.book().reader.key
    folded = key(word)
    held = [one for one in await unit.words.all() if folded and key(one.word) == folded]
    if not held:
        known = await _known(desk, unit)
        source = known.denied.get(folded) or known.allowed.get(folded)
        where = source.value if source else ""
        raise Refused(desk.texts.render("words.not_ours", word=shown(word, LONGEST_WORD), where=where))
    for one in held:
        await unit.words.remove(one.word)
        await unit.audit.add(AuditEntry(call.now, call.sender.key, "word removed", one.word))
    text = desk.texts.render("words.removed", word=shown(word, LONGEST_WORD), allow=held[0].allow)
    return Answer(text, private=True, changes_policy=True)


async def tried(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """What the lexicon finds in a text."""
    if not call.rest:
        raise Refused(desk.texts.render("words.usage"))
    room = await unit.rooms.by_gateway(call.room_id) if call.place is Place.GUARDED else None
    book = desk.policy.of(room)
    book = replace(book, entries=(book.entry(LEXICON_RULE),))
    found = explain(book, Message(call.rest), Context(book.reader.read(call.rest), book.calendar))
    matches = [match for match in found.text.matches if match.term.rule == LEXICON_RULE]
    text = desk.texts.render(
        "words.tried",
        plain=visible(masked_views(found.text)[1]),
        matches=[match_row(desk, match) for match in matches[:MATCHES_SHOWN]],
        more=max(len(matches) - MATCHES_SHOWN, 0),
        view=rule_row(desk, found.rules[0]),
    )
    return Answer(bounded(text), private=True)


async def listed(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:
    """The company's words, page by page: those from chat with who added them, those of the configuration."""
    zone, lexicon = desk.book().calendar.zone, desk.policy.options.lexicon
    page = int(call.words[0]) if call.words and re.fullmatch(r"[0-9]{1,4}", call.words[0]) else 1
    known = await _known(desk, unit)
    key = desk.book().reader.key
    rows = [
        {
            "word": shown(word.word, LONGEST_WORD),
            "category": "" if word.allow else category_title(desk, LEXICON_RULE, word.category),
            "reason": shown(word.reason, REASON_LENGTH),
            "at": local(word.at, zone),
            "idle": (known.allowed if word.allow else known.denied).get(key(word.word)) is not Source.CHAT,
        }
        for word in await unit.words.all()
    ]
    rows += [
        {
            "word": shown(word.word, LONGEST_WORD),
            "category": category_title(desk, LEXICON_RULE, word.category),
            "reason": shown(word.reason, REASON_LENGTH),
            "at": "",
            "idle": False,
        }
        for word in lexicon.add
    ]
    rows += [
        {"word": shown(phrase, LONGEST_WORD), "category": "", "reason": "", "at": "", "idle": False}
        for phrase in lexicon.allow
    ]
    first = (max(page, 1) - 1) * PAGE
    text = desk.texts.render(
        "words.list",
        words=rows[first : first + PAGE],
        page=max(page, 1),
        more=len(rows) > first + PAGE,
        built_in=sum(source is Source.BUILT_IN for source in known.denied.values()),
    )
    return Answer(bounded(text), private=True)


def categories(desk: Counter) -> dict[str, str]:
    """The categories that a word may have, by every name that people may call them."""
    known = desk.book().entry(LEXICON_RULE).charges
    return {_plain(name): one for one in known for name in (one, category_title(desk, LEXICON_RULE, one))}


def charge(desk: Counter, category: str) -> tuple[str, int]:
    """Clause and points of a category here."""
    penalty = desk.book().entry(LEXICON_RULE).charges[category].penalty
    return penalty.clause, penalty.points


async def _known(desk: Counter, unit: UnitOfWork) -> Known:
    """Every word that is in force, as storage has it now."""
    chat = [(word.word, word.allow) for word in await unit.words.all()]
    counted = desk.book().entry(LEXICON_RULE).charges
    return known_words(load_shipped(), counted, desk.policy.options.lexicon, chat, desk.book().reader.key)


def _refusal(desk: Counter, wrong: Flaw, word: str, known: Known | None) -> str:
    folded = desk.book().reader.key(word)
    source = known and (known.denied.get(folded) or known.allowed.get(folded))
    return desk.texts.render(
        f"words_refused.{wrong.value}",
        word=shown(word, LONGEST_WORD),
        most=LONGEST_WORD,
        where=source.value if source else Source.CHAT.value,
    )


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold()


COMMANDS = (
    Command(
        name="词库",
        english="words",
        aliases=("詞庫", "lexicon"),
        summary="公司自己的禁用词和放行短语：查看、测试、添加、删除",
        actions=(
            Action(
                name="列表",
                english="list",
                roles=READERS,
                arguments="[页]",
                summary="公司自己的禁用词和放行短语",
                examples=(("/词库 列表", "第一页"),),
                run=listed,
            ),
            Action(
                name="测试",
                english="test",
                roles=READERS,
                arguments="文本",
                summary="看词库在一段文字里找到什么，不记录",
                examples=(("/词库 测试 请到路口交通岗集合", "看哪些词命中、哪些不算"),),
                run=tried,
            ),
            Action(
                name="添加",
                english="add",
                roles=KEEPERS,
                arguments="词 [类别] [理由]",
                summary=f"禁用一个词：先列出对近 {DAYS} 天消息的影响，确认后生效并告知监督群；命中的消息交人工审核，"
                "须直接提醒的词请写入配置 lexicon.add",
                examples=(("/词库 添加 青鸾项目 公司自定 尚未公开", "禁用一个词并写明理由"),),
                run=add,
                asks=True,
                ahead=add_ahead,
            ),
            Action(
                name="放行",
                english="allow",
                roles=KEEPERS,
                arguments="短语 [理由]",
                summary="短语内的禁用词不算，即时生效",
                examples=(("/词库 放行 禁毒宣传 公益活动", "这个短语里的词不算"),),
                run=allow,
                asks=True,
                ahead=allow_ahead,
            ),
            Action(
                name="删除",
                english="remove",
                aliases=("移除",),
                roles=KEEPERS,
                arguments="词",
                summary="删除在聊天里添加的禁用词或放行短语",
                examples=(("/词库 删除 青鸾项目", "不再禁用这个词"),),
                run=remove,
            ),
        ),
    ),
)
