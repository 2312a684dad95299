"""What a company may configure about judging: the part of config.yaml that turns into a rulebook.

These models hold the shape alone (names, types, ranges). Whether a value *means* anything (an unknown rule, a
word that is not in the lexicon, bars that cross) is decided by :func:`rules.core.load.load_book`, which
knows the rules, and told as :class:`OptionsError`: every mistake at once, each with its path and remedy.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

Path = tuple[str | int, ...]

LEXICON_RULE = "banned_words"
"""The id of the rule whose words a company adds to and takes from."""

COMPANY = "company"
"""Its category for words that are not unlawful in themselves."""

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_MINUTES_A_DAY = 24 * 60


def _clock_time(value: object) -> object:
    """Take ``"18:00"``, and the number 1080 that YAML 1.1 makes of an unquoted 18:00."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MINUTES_A_DAY:
        return time(value // 60, value % 60)
    if isinstance(value, time) and value.tzinfo is None:
        return value
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise ValueError('must be a time of day such as "09:00"')
    return time(int(match[1]), int(match[2]))


ClockTime = Annotated[time, BeforeValidator(_clock_time)]
Bar = Annotated[float, Field(gt=0, le=1)]


class Options(BaseModel):
    """Base of all options: frozen, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleOptions(Options):
    """One rule, as this company wants it run."""

    enabled: bool = Field(default=True, description="Whether the rule runs at all.")
    shadow: bool = Field(
        default=False,
        description="On trial: what the rule would have done is recorded and reviewed, and nothing is done.",
    )
    violation: Bar | None = Field(
        default=None, description="Confidence from which the bot acts; unset: the rule's own default."
    )
    review: Bar | None = Field(
        default=None, description="Confidence from which people decide; unset: the rule's own default."
    )
    settings: dict[str, Any] = Field(
        default_factory=dict, description="The rule's own settings, as docs/rules.md lists them."
    )


class PolicyOptions(Options):
    """What this company's own policy says of a rule, or of one category of it.

    ``late_answer`` (an answer that did not come) and ``bonus`` (points by hand) are named like rules.
    """

    clause: str | None = Field(
        default=None, min_length=1, description="Number of the clause in the company's own policy."
    )
    title: str | None = Field(
        default=None, min_length=1, max_length=30, description="What it is called; for a whole rule only."
    )
    points: int | None = Field(default=None, ge=0, le=100, description="Points that one violation costs.")
    reason: str | None = Field(
        default=None,
        min_length=1,
        description="The reason shown in public; {title}, {category} and the rule's own facts are filled in.",
    )


class WorkOptions(Options):
    """Working time, over the statutory calendar with its make-up days."""

    start: ClockTime = Field(default=time(9), description="When work begins; this minute counts as work.")
    end: ClockTime = Field(default=time(18), description="When work ends; this very second still counts.")
    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] = Field(
        default=(1, 2, 3, 4, 5), description="The usual working days, 1 = Monday to 7 = Sunday."
    )
    holidays: tuple[date, ...] = Field(default=(), description="The company's own days off.")
    workdays: tuple[date, ...] = Field(default=(), description="The company's own extra working days.")
    rota: str = Field(
        default="",
        description="Path of a CSV that says who is on duty or on leave when (person,from,to,kind or "
        "人员,开始,结束,类型); relative to the working directory, read when the configuration is.",
    )


class LexiconWord(Options):
    """One word that the company forbids."""

    word: str = Field(min_length=1, description="The word; spellings that read the same are found too.")
    category: str = Field(default=COMPANY, description=f"A category of the rule {LEXICON_RULE}.")
    reason: str = Field(default="", description="Why it is forbidden; for those who keep the list.")


class LexiconOptions(Options):
    """The company's changes to the word list."""

    add: tuple[LexiconWord, ...] = Field(default=(), description="Words to forbid.")
    allow: tuple[str, ...] = Field(
        default=(), description="Phrases that are fine although a forbidden word lies inside them."
    )
    remove: tuple[str, ...] = Field(default=(), description="Words of the built-in list to drop.")


class RoomOptions(Options):
    """What is different in one room."""

    rules: dict[str, RuleOptions] = Field(
        default_factory=dict, description="How rules run in this room, by rule id; laid over `rules`."
    )


class BookOptions(Options):
    """Everything a rulebook is made from; the defaults are the built-in policy."""

    rules: dict[str, RuleOptions] = Field(default_factory=dict, description="By rule id.")
    policy: dict[str, PolicyOptions] = Field(
        default_factory=dict, description="By rule id, or rule/category for one category of it."
    )
    work: WorkOptions = Field(default_factory=WorkOptions, description="Working time.")
    lexicon: LexiconOptions = Field(default_factory=LexiconOptions, description="Changes to the word list.")
    timezone: str = Field(default="Asia/Shanghai", description="The company's time zone (IANA name).")
    departments: tuple[str, ...] = Field(
        default=(), description="Departments, for judging nicknames without a roster."
    )
    rooms: dict[str, RoomOptions] = Field(
        default_factory=dict, description="What is different in single rooms, by topic or gateway id."
    )


def room_rule(wide: RuleOptions | None, narrow: RuleOptions | None) -> RuleOptions | None:
    """What a room's own options and the company's come to: the narrower one is laid over, key by key."""
    if wide is None or narrow is None:
        return narrow or wide
    over = narrow.model_dump(exclude_unset=True)
    over["settings"] = {**wide.settings, **narrow.settings}
    return wide.model_copy(update=over)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong: where (keys from the top of :class:`BookOptions`), what, and what to do."""

    path: Path
    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        where = ".".join(str(part) for part in self.path)
        return f"{where}: {self.problem}" + (f" ({self.remedy})" if self.remedy else "")


class OptionsError(ValueError):
    """Options that can't be used; ``mistakes`` lists everything that is wrong with them."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes: tuple[Mistake, ...] = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``did you mean 'x'?`` for the nearest known name; otherwise the known names, at most twelve."""
    names = sorted(known)
    if near := difflib.get_close_matches(name, names, n=1, cutoff=0.6):
        return f"did you mean {near[0]!r}?"
    return (
        "known: " + ", ".join(names[:12]) + (" …" if len(names) > 12 else "") if names else "there are none"
    )


def shape_mistakes(error: ValidationError, known: Sequence[str] = (), under: Path = ()) -> Iterator[Mistake]:
    """Turn what pydantic found into mistakes below ``under``; never repeats the refused value.

    ``known`` are the keys of the model's top level, for "did you mean".
    """
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        path = under + tuple(item["loc"])
        if item["type"] == "extra_forbidden":
            remedy = did_you_mean(str(item["loc"][-1]), known) if known and len(item["loc"]) == 1 else ""
            yield Mistake(path, "unknown key", remedy)
        else:
            yield Mistake(path, item["msg"].removeprefix("Value error, "))
