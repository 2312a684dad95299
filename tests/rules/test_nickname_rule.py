"""What holds for every nickname and every roster, beyond the rows of the case table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.core.book import Rulebook
from rules.core.declare import Example
from rules.core.example_roster import STAFF
from rules.core.load import load_table
from rules.core.model import Kind, Outcome, Verdict
from rules.core.nicknames import of_employee
from rules.core.rehearse import outcome, rehearse
from rules.core.roster import Employee, Roster
from rules.reading.spelling import LONGEST, name_form, spell

TABLE = load_table()
SEPARATORS = [
    "",
    "-",
    "－",
    "_",
    "＿",
    " ",
    "\u3000",
    "·",
    "・",
    "•",
    "‧",
    "∙",
    "—",
    "——",
    "\u200b",
    "-\u200b",
]
WORKING = [person for person in STAFF.employees if person.active]


def judged(book: Rulebook, alias: str, **known: object) -> Outcome:
    example = Example(bad=False, text="收到", alias=alias, **known)  # type: ignore[arg-type]  # by keyword, as rows do
    return outcome(rehearse(book, example).final, "nickname")


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
def test_everybody_on_the_roster_is_right_with_any_one_separator(separator: str, book: Rulebook) -> None:
    for person in WORKING:
        alias = person.department + separator + person.name
        assert judged(book, alias).verdict is Verdict.CLEAN, alias
        assert judged(book, alias, employee_no=person.employee_no).verdict is Verdict.CLEAN, alias
        assert judged(book, alias, kind_known=False).verdict is Verdict.CLEAN, alias
        assert judged(book, alias.upper()).verdict is Verdict.CLEAN, alias


@pytest.mark.parametrize(
    "added", ["😀", "经理", "13800000000", "（出差）", "-", "🇨🇳", "[呲牙]", "老师", "\ue001"], ids=ascii
)
def test_whatever_is_added_is_found_and_its_span_holds_it(added: str, book: Rulebook) -> None:
    for person in WORKING:
        alias = person.department + person.name + added
        found = judged(book, alias)
        assert found.verdict is Verdict.VIOLATION, alias
        (ruling,) = found.rulings
        assert ruling.spans[-1][1] == len(alias)
        assert ruling.points == 0
        assert ruling.standing
        assert person.name not in ruling.reason


def test_nobody_wears_a_colleagues_nickname() -> None:
    directory = STAFF.directory(TABLE)
    for person in WORKING:
        for other in WORKING:
            alike = (other.department, other.name) == (person.department, person.name)
            plain = directory.spell(other.department + other.name).plain
            assert (of_employee(plain, directory, person, True) is None) is alike


def test_the_reason_is_public_and_names_nobody(book: Rulebook) -> None:
    for alias in ("财务部张三", "财务部孙离", "人力资源部李总", "阳光"):
        (ruling,) = judged(book, alias).rulings
        assert ruling.reason == "群昵称与规定格式（部门+姓名）不符"
    (ruling,) = judged(book, "华为王总", kind=Kind.EXTERNAL).rulings
    assert ruling.reason == "群昵称与规定格式（公司+姓名）不符"


def test_outsiders_can_be_left_alone(book: Rulebook) -> None:
    entry = book.entry("nickname")
    lenient = replace(entry, settings=entry.settings.model_copy(update={"externals": False}))
    alone = replace(book, entries=(lenient,))
    assert judged(book, "小王", kind=Kind.EXTERNAL).verdict is Verdict.VIOLATION
    assert judged(alone, "小王", kind=Kind.EXTERNAL).verdict is Verdict.CLEAN
    assert judged(book, "小王", kind=Kind.BOT).verdict is Verdict.EXEMPT


TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from("技术部测试组支持张三李四王伟总-_ ·.　😀🇨经理123")),
    max_size=24,
)


@given(TEXTS, st.sampled_from([*Kind]), st.booleans(), st.sampled_from(["staff", "departments", "nobody"]))
def test_any_nickname_gets_an_outcome_with_spans_inside(
    book: Rulebook, alias: str, kind: Kind, kind_known: bool, roster: str
) -> None:
    found = judged(book, alias, kind=kind, kind_known=kind_known, roster=roster, sender=alias)
    assert found.verdict is not Verdict.CRASHED
    for ruling in found.rulings:
        for start, end in ruling.spans:
            assert 0 <= start <= end <= len(alias)
            assert start < end or alias == ""
        assert ruling.reason.isprintable()
        assert ruling.signs.isprintable()


PLACES = st.text(st.sampled_from("技术部测试组·-A"), min_size=1, max_size=4)
NAMES = st.text(st.sampled_from("技术部测试组张三李四王"), min_size=1, max_size=4)


@given(st.lists(st.tuples(PLACES, NAMES), min_size=1, max_size=6))
def test_whatever_the_departments_are_called_their_people_are_right(people: list[tuple[str, str]]) -> None:
    lines = [Employee(str(number), name, place) for number, (place, name) in enumerate(people)]
    directory = Roster.of(lines).directory(TABLE)
    for line in lines:
        plain = directory.spell(line.department + line.name).plain
        assert of_employee(plain, directory, line, True) is None


@given(TEXTS)
@example("\u3300")  # one sign that is a whole word, with a dash in it
def test_spelling_maps_every_sign_back(text: str) -> None:
    spelt = spell(text, TABLE)
    assert len(spelt.origin) == len(spelt.plain)
    assert list(spelt.origin) == sorted(spelt.origin)
    assert all(0 <= index < len(text) for index in spelt.origin)
    assert spell(spelt.plain, TABLE).plain == spelt.plain
    assert name_form(name_form(spelt.plain)) == name_form(spelt.plain)


def test_what_lies_beyond_the_longest_nickname_still_counts(book: Rulebook) -> None:
    assert judged(book, "人力资源部张三" + "\u200b" * LONGEST + "😀").verdict is Verdict.VIOLATION


def test_a_roster_is_indexed_once(book: Rulebook) -> None:
    roster = Roster.of([Employee("1", "张三", "技术部")])
    assert roster.directory(TABLE) is roster.directory(TABLE)
    assert roster == Roster.of([Employee("1", "张三", "技术部")])
    assert hash(roster) == hash(Roster.of([Employee("1", "张三", "技术部")]))
