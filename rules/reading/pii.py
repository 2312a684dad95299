"""Numbers that stand for a person: resident ids, bank cards, telephones, passports and permits (policy 5.3).

Each is read by its own exact rules: GB 11643 with the check digit of ISO 7064 for ids, ISO/IEC 7812 with Luhn's for
cards. Groups with spaces or dashes are joined; a part of a longer number or of a Latin identifier is never one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from rules.reading.span import Span
from rules.reading.verbatim import Verbatim


class NumberKind(StrEnum):
    """What a number is."""

    RESIDENT = "resident"  # 18 digits, with a valid check digit
    OLD_RESIDENT = "old_resident"  # 15 digits: nothing in them can be checked but region and date
    CARD = "card"
    MOBILE = "mobile"
    LANDLINE = "landline"
    PERMIT = "permit"  # passports and travel permits


@dataclass(frozen=True, slots=True)
class Number:
    """A number found: its digits without separators, and its span in :attr:`Verbatim.text`.

    Attributes:
        linked: it stands inside an address of the web.
    """

    kind: NumberKind
    digits: str
    start: int
    end: int
    linked: bool = False


_PROVINCES: Final = frozenset(
    (
        *range(11, 16),
        *range(21, 24),
        *range(31, 38),
        *range(41, 47),
        *range(50, 55),
        *range(61, 66),
        71,
        81,
        82,
        83,
    )
)
_OLDEST, _YOUNGEST = 1900, 2049
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS: Final = "10X98765432"
_MOST_CHUNKS = 6
_LONGEST = 19

_RUN = re.compile(r"[0-9](?:(?: ?[-.·] ?| {1,2})?[0-9])*")
_CHUNK = re.compile(r"[0-9]+")
_CROSSED = re.compile(r"[ -]?[xX](?![0-9A-Za-z_])")
_URL = re.compile(r"(?:https?://|www\.)[!-~]+", re.IGNORECASE)
_MOBILE = re.compile(r"(?:(?:00)?86)?(1[3-9][0-9]{9})")
_MOBILE_GROUPS = frozenset({(11,), (3, 4, 4), (3, 8), (7, 4), (4, 4, 3), (4, 3, 4), (3, 3, 5), (3, 4, 2, 2)})
_COUNTRY = frozenset({"86", "086", "0086"})
_LANDLINE = re.compile(
    r"(?<![0-9A-Za-z_.\-])[(（]?(0(?:10|2[0-9]|[3-9][0-9]{2}))[)）]?[ -]?([2-9][0-9]{6,7})"
    r"(?![0-9A-Za-z_])(?!-?[0-9]{5})"
)
_LABEL = re.compile(r"(?:tel|phone|mobile|mob|cell|id|no|card|idcard|sfz|m|t)$", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]+$")
_OLD_CONTEXT = re.compile(r"身份证|证件号|身份证号")
_PERMITS = (
    (
        re.compile(r"护照|passport", re.IGNORECASE),
        re.compile(r"(?<![A-Za-z0-9])(?:[A-Z]{1,2}[0-9]{7,8}|[0-9]{9})(?![A-Za-z0-9])", re.IGNORECASE),
    ),
    (
        re.compile(r"通行证|回乡证|台胞证|港澳证|来往内地|往来港澳|往来台湾|居住证|永久居留|永居"),
        re.compile(
            r"(?<![A-Za-z0-9])(?:[CHMTLW][A-Z]?[0-9]{7,10}|[0-9]{8}(?:[0-9]{2})?|9[0-9]{17})(?![A-Za-z0-9])",
            re.IGNORECASE,
        ),
    ),
)
_PERMIT_WITHIN = 24


_ENOUGH_DIGITS = re.compile("[0-9]{7}")


def holds_numbers(plain: str) -> bool:
    """Whether a folded text has digits enough for anything that :func:`numbers` finds; quick."""
    return _ENOUGH_DIGITS.search(plain) is not None


def numbers(text: Verbatim) -> tuple[Number, ...]:
    """Every number of a person in a text, in order of appearance, none overlapping; linear in the text."""
    urls = [found.span() for found in _URL.finditer(text.text)]
    found = [number for run in _RUN.finditer(text.text) for number in _in_run(text.text, run, urls)]
    found += _permits(text.text)
    found += (
        Number(NumberKind.LANDLINE, one[1] + one[2], one.start(1), one.end(), _inside(one.start(1), urls))
        for one in _LANDLINE.finditer(text.text)
    )
    return _apart(found)


def _apart(found: Sequence[Number]) -> tuple[Number, ...]:
    kept: list[Number] = []
    for number in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or number.start >= kept[-1].end:
            kept.append(number)
    return tuple(kept)


def _inside(place: int, spans: Sequence[Span]) -> bool:
    last = bisect_right(spans, place, key=lambda span: span[0]) - 1
    return last >= 0 and spans[last][0] <= place < spans[last][1]


def _in_run(text: str, run: re.Match[str], urls: Sequence[Span]) -> Iterator[Number]:
    """The numbers in one run of digits and separators: from each group on the longest that is valid."""
    if run.end() - run.start() < 11:
        return
    chunks = [chunk.span() for chunk in _CHUNK.finditer(text, *run.span())]
    index = 0
    while index < len(chunks):
        found, after = _longest_at(text, chunks, index)
        if found is not None:
            yield Number(found.kind, found.digits, found.start, found.end, _inside(found.start, urls))
        index = after


def _longest_at(text: str, chunks: Sequence[Span], index: int) -> tuple[Number | None, int]:
    best: tuple[Number | None, int] = (None, index + 1)
    digits, separator = "", ""
    for last in range(index, min(index + _MOST_CHUNKS, len(chunks))):
        start, end = chunks[last]
        if end - start > _LONGEST or len(digits) + end - start > _LONGEST:
            break
        if last > index:
            between = text[chunks[last - 1][1] : start].strip() or " "
            separator = separator or between
            if between != separator:
                break
        digits += text[start:end]
        if len(digits) < 11:
            continue
        found = _number(text, chunks, index, last, digits)
        if found is not None:
            best = found, last + 1
    return best


def _number(text: str, chunks: Sequence[Span], first: int, last: int, digits: str) -> Number | None:
    start, end = chunks[first][0], chunks[last][1]
    # The check digit X stands at the end of the last group, or in one of its own.
    crossed = _CROSSED.match(text, end) if len(digits) == 17 else None
    if crossed is not None:
        digits, end = digits + "X", crossed.end()
    if not _bounded(text, start, end):
        return None
    lengths = tuple(chunks[one][1] - chunks[one][0] for one in range(first, last + 1))
    kind = _kind(digits, lengths)
    if kind is None or not _alone(text, chunks, first, last, kind):
        return None
    if kind is NumberKind.OLD_RESIDENT and not _OLD_CONTEXT.search(text, max(0, start - 16), start):
        return None
    return Number(kind, digits, start, end)


def _kind(digits: str, lengths: tuple[int, ...]) -> NumberKind | None:
    if resident_id(digits):
        return NumberKind.RESIDENT
    if bank_card(digits) and (len(lengths) == 1 or min(lengths[:-1]) >= 3):
        return NumberKind.CARD
    if _MOBILE.fullmatch(digits):
        groups = lengths[1:] if sum(lengths[1:]) == 11 else lengths
        if len(lengths) == 1 or groups in _MOBILE_GROUPS:
            return NumberKind.MOBILE
    return NumberKind.OLD_RESIDENT if len(lengths) == 1 and old_resident_id(digits) else None


def _bounded(text: str, start: int, end: int) -> bool:
    """Whether a number ends where it ends: it is no part of an identifier, nor the name of a mail account."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if after and (after.isascii() and (after.isalnum() or after in "_@")):
        return False
    if after == "-" and text[end + 1 : end + 2].isascii() and text[end + 1 : end + 2].isalpha():
        return False
    if before and before in "%#$":
        return False
    if (
        before
        and before in "-_"
        and text[start - 2 : start - 1].isascii()
        and text[start - 2 : start - 1].isalnum()
    ):
        return False
    word = _WORD.search(text, max(0, start - 12), start)
    return word is None or _LABEL.fullmatch(word[0]) is not None


def _alone(text: str, chunks: Sequence[Span], first: int, last: int, kind: NumberKind) -> bool:
    """Whether what is joined to a number with a dash or a dot leaves it a number of its own."""
    for here, other, at in (
        (chunks[first][0], first - 1, -1),
        (chunks[last][1], last + 1, 1),
    ):
        if not 0 <= other < len(chunks):
            continue
        gap = text[chunks[other][1] : here] if at < 0 else text[here : chunks[other][0]]
        beside = text[slice(*chunks[other])]
        if gap.isspace():
            # Four more digits in the same rhythm belong to the same, longer number.
            if kind is NumberKind.CARD and last > first and len(beside) in (3, 4):
                return False
            continue
        if gap.strip() == "-" and len(beside) in (11, 15, 16, 17, 18, 19):
            continue
        if gap.strip() == "-" and at < 0 and kind is NumberKind.MOBILE and beside in _COUNTRY:
            continue
        if not (gap.strip() == "-" and kind is NumberKind.RESIDENT and last == first):
            return False
    return True


def _permits(text: str) -> Iterator[Number]:
    for context, shape in _PERMITS:
        for word in context.finditer(text):
            found = shape.search(text, word.end(), word.end() + _PERMIT_WITHIN)
            if found is not None and "\n\n" not in text[word.end() : found.start()]:
                yield Number(NumberKind.PERMIT, found[0].upper(), *found.span())


def resident_id(digits: str) -> bool:
    """Whether 18 characters are a resident id: region, date of birth, check digit of ISO 7064 MOD 11-2."""
    if len(digits) != 18 or not _region(digits) or not _born(digits[6:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    return _CHECK_DIGITS[total % 11] == digits[17].upper()


def old_resident_id(digits: str) -> bool:
    """Whether 15 digits may be a resident id of the kind issued before 1999, which has no check digit."""
    return len(digits) == 15 and digits.isdigit() and _region(digits) and _born("19" + digits[6:12])


def _region(digits: str) -> bool:
    return int(digits[:2]) in _PROVINCES and (digits[2:4] <= "70" or digits[2:4] == "90")


def _born(day: str) -> bool:
    if not _OLDEST <= int(day[:4]) <= _YOUNGEST:
        return False
    try:
        date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return False
    return True


def born(digits: str) -> date:
    """The date of birth in a valid resident id.

    Raises:
        ValueError: it is none.
    """
    return date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of Luhn's formula."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (doubled + sum(int(digit) for digit in digits[-1::-2])) % 10 == 0


def bank_card(digits: str) -> bool:
    """Whether digits are a bank card's: known leading digits, the length that goes with them, and Luhn's."""
    length, head = len(digits), digits[:4]
    if not digits.isdigit() or not 15 <= length <= _LONGEST:
        return False
    issued = (
        (head[:2] == "62" and length >= 16)
        or (head[:1] == "4" and length == 16)
        or (("51" <= head[:2] <= "55" or "2221" <= head <= "2720") and length == 16)
        or (head[:2] in ("34", "37") and length == 15)
        or (head[:2] == "35" and length == 16)
        or (head == "9558" and length == 19)
    )
    return issued and len(set(digits)) > 1 and luhn(digits)
