"""`/条款`: what a clause that a notice refers to says, for everybody (policy 1.2)."""

from __future__ import annotations

import re
import unicodedata

from bot.commands.table import EVERYONE, Action, Answer, Call, Command, Counter
from bot.pipeline.notice import shown
from bot.texts.clauses import clauses
from storage.session import UnitOfWork

NUMBER = re.compile(r"第?([1-9](?:\.[1-9][a-z]?)?)条?")
NUMBER_LENGTH = 12


async def show(desk: Counter, unit: UnitOfWork, call: Call) -> Answer:  # noqa: ARG001 - one signature for every command
    """The clause of a number, every clause of a section, or the list of them if there is no such number."""
    typed = "".join(call.words)
    match = NUMBER.fullmatch(unicodedata.normalize("NFKC", typed).lower())
    found = [
        {"number": number, "text": text}
        for held in clauses().values()
        for number, text in held.items()
        if match is not None and _within(match[1], number)
    ]
    if found:
        return Answer(desk.texts.render("clauses.show", clauses=found))
    chapters = [{"title": title, "numbers": list(held)} for title, held in clauses().items()]
    return Answer(desk.texts.render("clauses.list", typed=shown(typed, NUMBER_LENGTH), chapters=chapters))


def _within(asked: str, number: str) -> bool:
    """Whether a clause is the one that was asked for, or a part of it: ``2.3b`` of ``2.3``, and that of ``2``."""
    return number == asked or (number.startswith(asked) and not asked[-1].isalpha())


COMMANDS = (
    Command(
        name="条款",
        english="clause",
        aliases=("條款",),
        summary="查看群规条文，例如通知里引用的“第 2.3b 条”",
        actions=(
            Action(
                name="",
                english="",
                roles=EVERYONE,
                arguments="[编号]",
                summary="显示该条的内容；不写编号，列出全部编号",
                examples=(("/条款 2.3b", "显示第 2.3b 条"), ("/条款", "列出全部条款编号")),
                run=show,
            ),
        ),
    ),
)
