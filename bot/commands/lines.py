"""What of a typed line belongs to its command, and what is said beside it."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.parse import Typed
from bot.commands.table import Action, Call
from storage.records import Person, Role


def behind(action: Action, line: Typed, call: Call) -> Call:
    """The call of an action, with what stands behind the action's name."""
    sure, line = line.sure() if action.asks else (False, line)
    return replace(call, words=line.words, rest=line.rest.strip(), sure=sure)


def left_of(action: Action, line: Typed, sender: Person, typed: str) -> str:
    """What of a command is judged like anything else, so that no command hides what is said beside it.

    Words that a role's own command works with (a word to be forbidden, news to be published) are no message to
    the group. What anybody may type is one, and so is what stands behind a command that takes nothing.
    """
    trusted = bool(sender.roles) or Role.MEMBER not in action.roles
    if not trusted or (line.words and not action.arguments):
        return typed
    return "" if action.free_text else line.body
