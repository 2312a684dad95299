"""What in a message speaks of an attack: words, turns of phrase, and what is said of a group, each where it stands.

The same expression weighs more where it is clear at whom it is aimed, and nothing where it is aimed at a thing or at
the writer. Weights are log-odds; words carry theirs in rules/data/incivility.yaml, turns of phrase in
rules/reading/attack_words.py. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType

from rules.reading.attack_words import BELITTLING
from rules.reading.evidence import Evidence
from rules.reading.group_words import slights
from rules.reading.reading import Hit
from rules.reading.span import Span
from rules.reading.targets import Aim, Speech, aimed, calls, denied, told, unnamed
from rules.reading.threat_words import HINTING, THREATENING

THREAT = frozenset({"threat", "menace"})
CALM = frozenset({"report", "policy", "fair"})
TELLING = frozenset({"nick", "scorn", "sweeping"})
"""Kinds that decide as well where the whole message reads like an attack beyond doubt."""
AIMED = frozenset({"insult", "belittle", "threat", "defame"})

SCORNED: Mapping[Aim, float] = MappingProxyType(
    {Aim.YOU: 1.5, Aim.THEM: 0.5, Aim.BARE: -0.4, Aim.NOBODY: -1.0}
)
"""What a word that only belittles somebody it is aimed at gains or loses by its aim."""
NAMED: Mapping[Aim, float] = MappingProxyType({Aim.YOU: 1.5, Aim.THEM: 0.5, Aim.BARE: 0.2, Aim.NOBODY: -0.6})
"""The same of a belittling name."""
CALLED: Mapping[str, float] = MappingProxyType({"nick": 3.4, "scorn": 3.4})
"""What such a word weighs where it is said of somebody in so many words: 就是个…, 这帮…, …吧你."""
AT_SOMEBODY = 0.6  # what an insult gains where it is clear at whom it is aimed
UNAIMED = 1.0  # what a turn of phrase loses where it is aimed at nobody that can be told
LOOKED_AT = 8  # so many places of one word or turn of phrase are looked at
TOLD, DENIED = -3.6, -2.6
FAIR = -1.5  # a verdict on a group where the message speaks against such verdicts


@dataclass
class Attack(Evidence):
    """Evidence of an attack, and at whom it was aimed.

    Attributes:
        own: a word of abuse is turned on the writer.
        meant: a belittling word is aimed at somebody, or something is said of a group.
        at_somebody: rough words are aimed at somebody addressed, or somebody is called by them.
        called: somebody is called what nobody is called in jest (你就是个…).
    """

    own: bool = False
    meant: bool = False
    at_somebody: bool = False
    called: bool = False


def weigh_words(attack: Attack, said: Speech, hits: Iterable[Hit]) -> None:
    """Add the words that the lexicon lists; repeating one is flooding, not stronger evidence."""
    strongest: dict[str, tuple[float, str, Span]] = {}
    seen: Counter[str] = Counter()
    for hit in hits:
        kind, weight = hit.term.category, hit.term.weight
        seen[hit.term.word] += 1
        if kind in CALM or seen[hit.term.word] > LOOKED_AT:
            continue
        start, end = said.find(hit.start, hit.end)
        aim = aimed(said, start, end)
        attack.own = attack.own or aim is Aim.SELF
        called = (kind in CALLED or kind == "insult") and calls(said, start, end, noun=kind != "scorn")
        if called and kind in CALLED:
            kind, weight = "belittle", CALLED[kind]
        found = (_weight(said, start, end, kind, weight), kind, (hit.start, hit.end))
        if found[0] > 0:
            attack.at_somebody = attack.at_somebody or called or aim is Aim.YOU
            attack.called = attack.called or (called and kind == "insult")
            if kind in TELLING and not unnamed(said, start, end):
                attack.meant = attack.meant or aim in (Aim.YOU, Aim.THEM)
        strongest[hit.term.word] = max(found, strongest.get(hit.term.word, found))
    for weight, kind, span in strongest.values():
        attack.add(kind, weight, span)


def _weight(said: Speech, start: int, end: int, kind: str, weight: float) -> float:
    """What an expression counts where it stands."""
    aim = aimed(said, start, end)
    if aim is Aim.SELF and kind in THREAT:  # whoever threatens speaks of oneself
        aim = Aim.YOU
    if (aim in (Aim.SELF, Aim.THING) and kind != "wish") or (
        kind == "oath" and aim not in (Aim.YOU, Aim.THEM)
    ):
        return 0.0
    if kind in ("scorn", "oath", "sweeping"):
        weight += SCORNED.get(aim, 0.0)
    elif kind == "nick":
        weight += NAMED.get(aim, 0.0)
    elif aim in (Aim.YOU, Aim.THEM) and kind in AIMED:
        weight += AT_SOMEBODY
    if told(said, start, end):
        weight += TOLD
    elif denied(said, start, end):
        weight += DENIED
    return weight


def weigh_frames(attack: Attack, said: Speech) -> None:
    """Add the turns of phrase that belittle, threaten or hint."""
    for frame in (*BELITTLING, *THREATENING, *HINTING):
        for found in islice(frame.pattern.finditer(said.said), LOOKED_AT):
            start, end = found.span()
            aim = aimed(said, start, end)
            if frame.kind == "hint" and aim is Aim.NOBODY:
                continue
            kind = "hint" if frame.kind == "belittle" and unnamed(said, start, end) else frame.kind
            weight = _weight(said, start, end, kind, frame.weight)
            if frame.aimed and aim in (Aim.NOBODY, Aim.BARE):
                weight -= UNAIMED
            attack.at_somebody = attack.at_somebody or (weight > 0 and aim is Aim.YOU)
            attack.add(kind, weight, said.span(start, end))


def weigh_groups(attack: Attack, said: Speech, fair: bool) -> None:
    """Add what is said of groups; less where the message speaks against it (``fair``)."""
    for slight in slights(said.said):
        weight = slight.weight + (FAIR if fair else 0.0)
        if told(said, slight.start, slight.end) or denied(said, slight.start, slight.end):
            weight += TOLD
        attack.meant = attack.meant or weight > 0
        attack.add("bias" if slight.plain else "sweeping", weight, said.span(slight.start, slight.end))
