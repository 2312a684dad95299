"""How much of a case is to count, read out of what a reviewer typed: 从轻, 从重, 仅提醒.

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
