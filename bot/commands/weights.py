"""What a reviewer typed of a decision: how much of a case is to count (从轻, 从重, 仅提醒), under which rule (改为).

A word that stands alone is meant. Words in a reason that sound like one (初犯，从轻处理) are not guessed at, and not
passed over either: the case would cost its subject what the reviewer did not want.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rules.procedure.review import Move, Weight

ALONE = {
    Weight.GRAVER: frozenset({"从重", "從重", "graver"}),
    Weight.LESSER: frozenset({"从轻", "從輕", "lesser"}),
    Weight.REMINDER: frozenset({"仅提醒", "僅提醒", "只提醒", "reminder"}),
}
UNDER = frozenset({"改为", "改為", "reclassify"})
_UNDER = re.compile(r"改[为為](?P<rule>.+)")
# 从重庆来 and 从轻轨站 weigh nothing.
_SOUNDS = re.compile(
    r"从轻(?!轨)|從輕(?!軌)|从重(?!庆|点)|從重(?!慶|點)|从宽|從寬|减轻|減輕"
    r"|(?:不|免|只|仅|僅|改|少)扣|(?:仅|僅|只)(?:作|做|予以?)?(?:提醒|提示|警告)"
)


def weighed(words: Sequence[str], move: Move) -> tuple[Weight, list[str]]:
    """What a reviewer said of how much counts, and the words that are left as a reason."""
    said = {weight for weight, spellings in ALONE.items() for word in words if word.casefold() in spellings}
    reason = [word for word in words if not any(word.casefold() in spellings for spellings in ALONE.values())]
    if said == {Weight.REMINDER, Weight.LESSER}:
        said = {Weight.REMINDER}  # both ask for less, and one says how much
    if len(said) > 1:
        return Weight.UNCLEAR, reason
    if said:
        return said.pop(), reason
    unclear = move is Move.CONFIRM and any(_SOUNDS.search(word) for word in words)
    return Weight.UNCLEAR if unclear else Weight.PLAIN, reason


def renamed(words: Sequence[str], move: Move) -> tuple[str | None, list[str]]:
    """The rule behind 改为, and the words that are left.

    Returns ``None`` for the rule if nothing of the kind was said, and an empty one if none follows. Written together
    (改为刷屏) it is meant where a case is confirmed, and part of a reason anywhere else.
    """
    for index, word in enumerate(words):
        before, after = list(words[:index]), list(words[index + 1 :])
        if word.casefold() in UNDER:
            return (after[0], [*before, *after[1:]]) if after else ("", before)
        if move is Move.CONFIRM and (joined := _UNDER.fullmatch(word)):
            return joined["rule"], [*before, *after]
    return None, list(words)
