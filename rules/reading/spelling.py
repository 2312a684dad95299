"""How a nickname or a name on the roster is spelt: every visible sign counts, only its form is folded.

Reading a message drops emoji and punctuation, because they hide words. In a nickname they are what was added,
so here they stay, and spaces, dashes and dots come down to one form each.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from rules.reading.normalize import NormalisationTable
from rules.reading.span import Span

DOT: Final = "·"
SEPARATORS: Final = frozenset(f"-_ {DOT}")
"""What may stand between department and name, each in every form it is typed in."""

LONGEST: Final = 160
"""Code points that are spelt out: no department and name of a roster are longer. For the rest stands one sign."""

CUT: Final = "…"
"""What stands for the rest of a text that is longer than :data:`LONGEST`."""

_ONE_FORM: Final = {
    **dict.fromkeys("·・•‧∙⋅᛫ꞏ⸱", DOT),
    **dict.fromkeys("-‐‑‒–—―−─ー", "-"),
    **dict.fromkeys("'’‘ʼ`", "'"),
    "\u2800": " ",
    "锺": "钟",  # 鍾 was simplified to either
}
_FLAGS: Final = range(0x1F1E6, 0x1F200)  # letters in a lexicon, pictures in a nickname
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u3164\uffa0\u17b4\u17b5")
_UNSEEN: Final = frozenset({"Cf", "Mn", "Me", "Cc"})


@dataclass(frozen=True, slots=True)
class Spelling:
    """A text as it is spelt; ``plain`` has no blanks at its ends, ``origin`` maps it back.

    Attributes:
        plain: the text, one code point for each sign that can be seen.
        origin: for each code point of ``plain`` its index in the original.
        end: length of the original.
    """

    plain: str
    origin: tuple[int, ...]
    end: int

    def span(self, start: int, end: int) -> Span:
        """A span of ``plain`` as a span of the original; what is empty becomes the whole."""
        if start >= end:
            return 0, self.end
        return self.origin[start], self.end if end >= len(self.origin) else self.origin[end - 1] + 1


def spell(text: str, table: NormalisationTable) -> Spelling:
    """Spell a text out, its first :data:`LONGEST` code points; never fails."""
    signs: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(text[:LONGEST]):
        if character in "—─" and signs[-1:] == ["-"] and text[index - 1] == character:
            continue  # —— is one dash
        for sign in _signs(character, table):
            if sign != " " or signs:
                signs.append(sign)
                origin.append(index)
    while signs and signs[-1] == " ":
        signs.pop()
        origin.pop()
    if len(text) > LONGEST:
        signs.append(CUT)
        origin.append(LONGEST)
    return Spelling("".join(signs), tuple(origin), len(text))


def _signs(character: str, table: NormalisationTable) -> str:
    if (one := _ONE_FORM.get(character)) is not None:
        return one
    if character in _BLANK_LETTERS:
        return " "
    if ord(character) in _FLAGS:
        return character
    if folded := table.fold(character):
        return "".join(_ONE_FORM.get(sign, sign) for sign in folded)
    forms = unicodedata.normalize("NFKC", character)
    return "".join(_seen(_ONE_FORM.get(form, form)) for form in forms)


def _seen(sign: str) -> str:
    if sign.isspace():
        return " "
    return "" if unicodedata.category(sign) in _UNSEEN else sign


def is_han(character: str) -> bool:
    """Whether it is a Chinese character, or 〇, which stands in names too."""
    return (
        "\u4e00" <= character <= "\u9fff"
        or "\u3400" <= character <= "\u4dbf"
        or character in "〇々"
        or ("\U00020000" <= character <= "\U000323af")
    )


def is_latin(character: str) -> bool:
    """Whether it is a letter of the alphabet, as spelling leaves them."""
    return "a" <= character <= "z"


def name_form(plain: str) -> str:
    """The form in which two spellings of one person's name are the same.

    A dot is a dot whatever its form; blanks inside a name written in Chinese characters only align columns.
    """
    form = plain.replace(".", DOT)
    return form.replace(" ", "") if any(map(is_han, form)) else " ".join(form.split())


def bare_letters(plain: str) -> str:
    """Only what is said aloud: no blanks, dots, dashes or apostrophes."""
    return "".join(sign for sign in plain if sign not in " .-_·'")
