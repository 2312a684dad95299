"""How a rule declares itself: ``@rule(...)`` over one function, with examples that are its first tests.

A half-declared rule does not import: what is missing is named at once, in words for the person writing it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from rules.core.alarms import Alert
from rules.core.model import Context, Finding, Kind, Message, MessageType, Tier
from rules.reading.reading import Reading

PLACEHOLDER = re.compile(r"\{(\w+)\}")
NEEDS = frozenset({"sender", "sent_at", "room", "alias", "roster"})


class RuleSettings(BaseModel):
    """Base of every rule's settings: frozen, no unknown keys, every field described."""

    model_config = ConfigDict(extra="forbid", frozen=True)


S = TypeVar("S", bound=RuleSettings)


@dataclass(frozen=True, slots=True)
class Penalty:
    """What policy says of a category: its clause (numbered as in docs/policy.md) and its points."""

    clause: str
    points: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Confidence from which the bot acts, and from which people decide (``review <= violation``)."""

    violation: float
    review: float

    def tier(self, confidence: float) -> Tier | None:
        """The tier of a confidence; ``None`` below both bars."""
        if confidence >= self.violation:
            return Tier.VIOLATION
        return Tier.REVIEW if confidence >= self.review else None


@dataclass(frozen=True, slots=True)
class Said:
    """One earlier message of an example's history.

    ``ago`` is in seconds before the judged message; ``by`` is empty for the same sender.
    """

    text: str = ""
    ago: float = 5.0
    by: str = ""
    type: MessageType = MessageType.TEXT
    room: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A message that the rule must flag (``bad``) or leave alone, with all the history and time it needs.

    ``duty`` holds the spans of time (local, both ends inside) in which its sender is on duty. ``sender`` is the
    sender's own name, ``employee_no`` the roster line they are confirmed as, ``roster`` which of
    :data:`rules.core.example_roster.ROSTERS` the company has. With ``unknown`` a good example is one of which
    the rule must say that it can't tell; a ``doubtful`` good one is one at which people may be asked to look, no more.
    """

    bad: bool
    text: str
    type: MessageType = MessageType.TEXT
    alias: str | None = None
    kind: Kind = Kind.EMPLOYEE
    at: str = ""
    before: tuple[Said, ...] = ()
    duty: tuple[tuple[str, str], ...] = ()
    sender: str = "张三"
    employee_no: str = ""
    kind_known: bool = True
    roster: str = "staff"
    unknown: bool = False
    tier: Tier | None = None
    category: str = ""
    doubtful: bool = False
    why: str = ""


def _example(bad: bool, text: str, **known: Any) -> Example:
    before = known.pop("before", ())
    history = tuple(
        item if isinstance(item, Said) else Said(text=item, ago=5.0 * (len(before) - index))
        for index, item in enumerate(before)
    )
    return Example(bad=bad, text=text, before=history, **known)


def bad(text: str, **known: Any) -> Example:
    """An example that the rule flags; keywords are the fields of :class:`Example`.

    ``before`` takes plain strings too: the same sender's messages, five seconds apart.
    """
    return _example(True, text, **known)


def good(text: str, **known: Any) -> Example:
    """An example that the rule leaves alone at both tiers; say in ``why`` what makes it look bad."""
    return _example(False, text, **known)


Check = Callable[[Message, Context, Any], Iterator[Finding]]
Alarm = Callable[[Message, Reading, Any], Alert | None]


@dataclass(frozen=True)
class Rule(Generic[S]):
    """A declared rule: what it is called, what policy says of it, and the function that decides.

    Attributes:
        needs: what must be known of a message; without it the outcome is ``unknown``.
        episodic: one finding stands for a whole episode (a burst); the judge keeps it silent after that. Its
            setting ``quiet_seconds`` ends the episode, and is no shorter than any time the rule looks back:
            so nothing that was counted once is counted again.
        urgent: its notices do not wait for working time.
        deferred: nothing is said when the message arrives; its sender is reminded once, when work next begins.
        standing: it judges how its sender stands in the room (the nickname), and no single message: reminders and
            a time of grace come before a case.
        signs: template of what reviewers see beside the reason, which is public and alleges nothing.
        alarm: how a message, given its settings, speaks of an emergency, if it does; the windows remember when one
            last did, for every rule (:attr:`~rules.core.model.Context.calls`). Linear in the text, and never fails.
        label: the label whose trained score it uses (:mod:`rules.reading.classify`): what people decide about its
            cases teaches that label. Empty: none.
        weigh: what people have to weigh before they confirm, where the policy asks for more than can be seen in a
            message (malice, for instance); Chinese, shown with everything that is put before them. Empty: nothing.
    """

    id: str
    title: str
    categories: Mapping[str, Penalty]
    bars: Bars
    reason: str
    settings: type[S]
    examples: tuple[Example, ...]
    check: Check
    why: str
    needs: frozenset[str] = field(default_factory=frozenset)
    episodic: bool = False
    urgent: bool = False
    signs: str = ""
    deferred: bool = False
    standing: bool = False
    alarm: Alarm | None = None
    label: str = ""
    weigh: str = ""

    def __call__(self, message: Message, context: Context, settings: S) -> Iterator[Finding]:
        """Run the rule's own function."""
        return self.check(message, context, settings)


class Unknown(Exception):
    """Raised by a rule for what cannot be told apart: its outcome is ``unknown``, never a finding.

    The message says what is not known; it never repeats the text that is judged.
    """


class HalfDeclared(TypeError):
    """A rule whose declaration lacks something; raised at import."""


def rule(
    *,
    id: str,  # noqa: A002 - the name that a rule's file reads best with
    title: str,
    categories: Mapping[str, Penalty],
    bars: Bars,
    reason: str,
    settings: type[S],
    examples: Sequence[Example],
    needs: Sequence[str] = (),
    episodic: bool = False,
    urgent: bool = False,
    signs: str = "",
    deferred: bool = False,
    standing: bool = False,
    alarm: Alarm | None = None,
    label: str = "",
    weigh: str = "",
) -> Callable[[Check], Rule[S]]:
    """Declare a rule over the one function of its file, which bears the file's name.

    Args:
        id: the file's name.
        title: Chinese, as it stands in notices and reports.
        categories: each with the policy clause it rests on and its points.
        bars: default confidence bars.
        reason: template of the public reason; ``{names}`` are facts of the finding, category or title.
        settings: the settings model; every field described.
        examples: at least two bad and two good ones.
        needs: what must be known of a message (see :data:`NEEDS`).
        episodic: see :class:`Rule`.
        urgent: see :class:`Rule`.
        signs: see :class:`Rule`; Chinese, the same ``{names}`` as in the reason.
        deferred: see :class:`Rule`.
        standing: see :class:`Rule`.
        alarm: see :class:`Rule`.
        label: see :class:`Rule`.
        weigh: see :class:`Rule`.

    Raises:
        HalfDeclared: something is missing or does not fit; the message lists all of it.
    """

    def declare(check: Check) -> Rule[S]:
        module = inspect.getmodule(check)
        why = inspect.getdoc(module) or ""
        wrong = list(_mistakes(id, title, categories, bars, settings, examples, needs, check, why))
        if not reason:
            wrong.append("it has no reason: the words that its sender will read")
        if episodic and "quiet_seconds" not in settings.model_fields:
            wrong.append("its settings need quiet_seconds: how long an episode lasts after its last message")
        if standing and not {"grace_days", "remind_every_days"} <= settings.model_fields.keys():
            wrong.append(
                "its settings need grace_days and remind_every_days: how patient it is before a case"
            )
        if wrong:
            raise HalfDeclared(f"rule {id!r} is half declared: " + "; ".join(wrong))
        return Rule(
            id=id,
            title=title,
            categories=dict(categories),
            bars=bars,
            reason=reason,
            settings=settings,
            examples=tuple(examples),
            check=check,
            why=why,
            needs=frozenset(needs),
            episodic=episodic,
            urgent=urgent,
            signs=signs,
            deferred=deferred,
            standing=standing,
            alarm=alarm,
            label=label,
            weigh=weigh,
        )

    return declare


def _mistakes(
    id: str,  # noqa: A002 - the name that a rule's file reads best with
    title: str,
    categories: Mapping[str, Penalty],
    bars: Bars,
    settings: type[RuleSettings],
    examples: Sequence[Example],
    needs: Sequence[str],
    check: Check,
    why: str,
) -> Iterator[str]:
    if getattr(check, "__name__", "") != id:
        yield f"its function must be named {id}"
    if not title:
        yield "it has no title"
    if len(why) < 40:
        yield "the module's docstring must say why the rule exists (it becomes the docs page)"
    if not categories:
        yield "it has no categories"
    for name, penalty in categories.items():
        if not penalty.clause or penalty.points < 0:
            yield f"category {name} needs a clause and points of 0 or more"
    if not 0 < bars.review <= bars.violation <= 1:
        yield "bars must satisfy 0 < review <= violation <= 1"
    for name, info in settings.model_fields.items():
        if not info.description:
            yield f"setting {name} has no description"
    for side in (True, False):
        if sum(example.bad is side for example in examples) < 2:
            yield f"it needs at least two {'bad' if side else 'good'} examples"
    for example in examples:
        if example.category and example.category not in categories:
            yield f"example {example.text[:20]!r} names an unknown category {example.category!r}"
    if unknown := set(needs) - NEEDS:
        yield f"unknown needs: {', '.join(sorted(unknown))}"
    if not inspect.isgeneratorfunction(check):
        yield "its function must be a generator that yields findings"
