"""What each label says of a text: by which rules it should be found, or by which it is fine; and what each set is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a label says.

    Attributes:
        found_by: the rules one of which should find the text; none if it is no positive.
        fine: it is ordinary: what a rule finds in it is a false alarm, except for the rules in ``but``.
        only: it is ordinary by these rules alone; of the others nothing is known.
    """

    found_by: tuple[str, ...] = ()
    fine: bool = False
    but: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()

    def fine_by(self, rule: str) -> bool:
        """Whether a finding of this rule is a false alarm."""
        return rule in self.only or (self.fine and rule not in self.but)


def found(*rules: str) -> Meaning:
    """One of these rules should find it."""
    return Meaning(found_by=rules)


def fine(but: tuple[str, ...] = ()) -> Meaning:
    """No rule should find it; of those named nothing is known."""
    return Meaning(fine=True, but=frozenset(but))


def fine_by(*rules: str) -> Meaning:
    """These rules should not find it; of all others nothing is known."""
    return Meaning(only=frozenset(rules))


BY_LABEL: Mapping[str, Meaning] = {
    # the sets'
    "spam": found("advertising", "banned_words"),
    "offensive": found("incivility"),
    "sexist": found("incivility"),
    "toxic": found("incivility"),
    "safe": fine_by("incivility"),
    "non_rumour": fine_by("rumour"),
    "normal_assumed": fine(but=("off_topic",)),
    # the corpus's, and some of the sets'; what stands behind a slash is a kind of it
    "normal": fine(),
    "advertising": found("advertising"),
    "banned": found("banned_words", "advertising"),
    "confidential": found("confidential"),
    "announcement": found("unapproved_announcement"),
    "incivility": found("incivility"),
    "off_topic": found("off_topic"),
    "rumour": found("rumour"),
}
BY_SET: Mapping[tuple[str, str], Meaning] = {
    # Private chats and text messages: no work talk, and what is ordinary there may be uncivil or idle.
    ("tg_spam", "normal"): fine_by("advertising", "banned_words"),
    ("sms_mudou", "normal"): fine_by("advertising", "banned_words"),
}
"""Where a label says something else in one set."""


def meaning(source: str, label: str) -> Meaning | None:
    """What a label says in a set; ``None`` if nobody has declared it."""
    kind = label.split("/", 1)[0]
    return BY_SET.get((source, label)) or BY_LABEL.get(label) or BY_LABEL.get(kind)


BASES: Mapping[str, str] = {"cntp": "base"}
"""Of a set that holds disguised texts the group that is none."""

HELD_OUT, TRAINED = "corpus/held_out", "corpus/train"
SECRETS, FLOODING, EVASIONS = "secrets", "flooding", "evasions"
LISTED = "evasions of listed words"
"""The evasions once more, where nothing but words that the lexicon lists is rewritten."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a set comes from, under which licence, and what training makes of it."""

    origin: str
    licence: str
    use: str


ALL, HALF, NEVER = "trained on", "half trained on", "measured only"
SOURCES: Mapping[str, Source] = {
    TRAINED: Source("written for this project", "Apache-2.0", ALL),
    HELD_OUT: Source("written for this project by others", "Apache-2.0", NEVER),
    "cold": Source("COLDataset, semi-automatic labels", "Apache-2.0", ALL),
    "swsr": Source("SWSR", "MIT", ALL),
    "vcsum_meeting": Source("VCSum, real meetings", "MIT", HALF),
    "meeting_minutes": Source("minutes of open-source communities", "Apache-2.0, MulanPSL-2.0", HALF),
    "commit_msgs": Source("Chinese commit messages", "MIT, Apache-2.0, MulanPSL-2.0", HALF),
    "crosswoz": Source("CrossWOZ, service dialogue", "Apache-2.0", HALF),
    "lccc_toy": Source("LCCC, small talk", "MIT", HALF),
    "cold_human": Source("COLDataset, labelled by people", "Apache-2.0", NEVER),
    "cntp": Source("CNTP, eight written evasions", "MIT", NEVER),
    "sms80w_spam": Source("text messages, six kinds of spam", "none given", NEVER),
    "sms_mudou": Source("text messages, noisy labels", "none given", NEVER),
    "tg_spam": Source("short chat, noisy labels, much natural evasion", "unclear", NEVER),
    "rumour_ced": Source("CED_Dataset", "for research", NEVER),
}


def source(name: str) -> Source:
    """What is known of a set; of one that is not declared, that it is none of those trained on."""
    return SOURCES.get(name) or Source("not declared", "not declared", NEVER)
