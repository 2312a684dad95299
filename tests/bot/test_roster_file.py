"""A roster file is read as a whole, or every mistake is told with its line."""

from __future__ import annotations

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.roster import (
    LARGEST_FILE,
    LONGEST,
    MOST_MISTAKES,
    RosterFile,
    UnreadableRoster,
    read_roster,
)
from storage.records import RosterRow

HEADER = "employee_no,name,department,is_head,status\n"
CHINESE = "工号,姓名,部门,负责人,状态\n"
PEOPLE = "1001,张三,人力资源部,否,在职\n1002,李四,人力资源部,是,在职\n1003,王伟,技术部,否,离职\n"
ROWS = (
    RosterRow("1001", "张三", "人力资源部", False, True),
    RosterRow("1002", "李四", "人力资源部", True, True),
    RosterRow("1003", "王伟", "技术部", False, False),
)


def read(data: str | bytes) -> RosterFile:
    return read_roster(io.BytesIO(data.encode() if isinstance(data, str) else data))


def mistakes(text: str) -> list[str]:
    found = read(text)
    assert found.rows == ()
    return list(found.complaints())


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ((HEADER + PEOPLE).encode(), "UTF-8"),
        ((CHINESE + PEOPLE).encode(), "UTF-8"),
        ((CHINESE + PEOPLE).encode("utf-8-sig"), "UTF-8"),
        ((CHINESE + PEOPLE).encode("gb18030"), "GB18030"),
        ((CHINESE + PEOPLE).replace("\n", "\r\n").encode("gb18030"), "GB18030"),
        ((CHINESE + PEOPLE).replace("\n", "\r").encode(), "UTF-8"),
        ((CHINESE + PEOPLE).replace(",", "\t").encode(), "UTF-8"),
        ((CHINESE + PEOPLE).replace(",", ";").encode(), "UTF-8"),
        (("sep=;\r\n" + (CHINESE + PEOPLE).replace(",", ";")).encode(), "UTF-8"),
        (("\n\n" + CHINESE + "\n" + PEOPLE + ",,,,\n\n").encode(), "UTF-8"),
        ((CHINESE + PEOPLE).rstrip("\n").encode(), "UTF-8"),
        ((' 工号 ,"姓名",部　门,負責人,狀態\n' + PEOPLE).encode(), "UTF-8"),
        (("Employee_No,NAME,Department,Is_Head,Status\n" + PEOPLE).encode(), "UTF-8"),
    ],
)
def test_every_form_of_a_roster_reads_the_same(data: bytes, encoding: str) -> None:
    found = read(data)
    assert found.bad == ()
    assert found.rows == ROWS
    assert found.encoding == encoding
    assert found.ignored == ()


def test_columns_come_in_any_order_and_others_are_told() -> None:
    found = read("状态,手机,姓名,部门,备注,负责人,工号\n在职,138,张三,人力资源部,,否,1001\n")
    assert found.rows == ROWS[:1]
    assert found.ignored == ("手机", "备注")


@pytest.mark.parametrize("word", ["是", "1", "true", "TRUE", "y", "Yes", "１"])
def test_heads_are_told_in_many_words(word: str) -> None:
    assert read(f"{CHINESE}1,张三,技术部,{word},在职\n").rows[0].is_head


@pytest.mark.parametrize(
    ("head", "status", "is_head", "active"),
    [
        ("", "", False, True),
        ("n", "left", False, False),
        ("0", "Active", False, True),
        ("FALSE", "離職", False, False),
    ],
)
def test_what_is_empty_means_employed_and_no_head(
    head: str, status: str, is_head: bool, active: bool
) -> None:
    (row,) = read(f"{CHINESE}1,张三,技术部,{head},{status}\n").rows
    assert (row.is_head, row.active) == (is_head, active)


def test_quoted_cells_hold_separators() -> None:
    (row,) = read(f'{CHINESE}1,"Smith, John","研发,一部",否,在职\n').rows
    assert (row.name, row.department) == ("Smith, John", "研发,一部")


def test_every_mistake_is_told_at_once_with_its_line() -> None:
    said = mistakes(
        CHINESE
        + "1001,张三,人力资源部,否,在职\n"  # 2: right, and yet not taken
        + "1002,,人力资源部,否,在职\n"  # 3
        + "1003,王伟,,大概,在职\n"  # 4: two mistakes
        + "1004,王芳,财务部,否,休假\n"  # 5
        + "1005,李雷,财务部\n"  # 6
        + "\n"
        + "1001,张三,技术部,否,在职\n"  # 8
        + "1006,韩梅,财务部,否,在职,多余\n"  # 9
        + f"1007,{'长' * (LONGEST['name'] + 1)},财务部,否,在职\n"  # 10
        + "1008,张\u202e三,财务部,否,在职\n"  # 11
        + "1.0E+05,张三,财务部,否,在职\n"  # 12
        + "=1+1,张三,财务部,否,在职\n"  # 13
        + '1009,"张\n三",财务部,否,在职\n'  # 14, of two lines
        + ",——,财务部,否,在职\n"  # 16
    )
    lines = [int(line.split(":")[0].removeprefix("line ")) for line in said]
    assert lines == [3, 4, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 16, 16]
    assert all(line.endswith(")") for line in said), "each has a remedy"
    assert "line 2 too" in said[5]
    assert "U+202E" in said[8]
    assert "\u202e" not in "".join(said)


def test_numbers_that_differ_in_case_alone_are_the_same() -> None:
    assert "line 2 too" in mistakes(f"{CHINESE}e1,张三,技术部,,\nＥ1,李四,技术部,,\n")[0]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("工号,姓名,部门\n", "no column is_head (负责人), status (状态)"),
        ("张三,李四,王五,赵六,钱七\n", "no column employee_no"),
        ("工号,姓名,姓名,部门,负责人,状态\n", "the column name stands there twice"),
        (CHINESE, "nobody is in it"),
    ],
)
def test_headings_that_do_not_fit_are_one_mistake(header: str, said: str) -> None:
    found = mistakes(header)
    assert len(found) == 1
    assert said in found[0]


def test_a_quotation_mark_that_never_ends_is_told_where_it_begins() -> None:
    said = mistakes(CHINESE + '1,张三,技术部,否,在职\n2,"李四,技术部,否,在职\n3,王五,技术部,否,在职\n')
    assert len(said) == 1
    assert said[0].startswith("line 3:")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"PK\x03\x04\x14\x00", "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel workbook"),
        (b"%PDF-1.7", "PDF"),
        ((CHINESE + PEOPLE).encode("utf-16"), "UTF-16"),
        ((CHINESE + PEOPLE).encode("utf-16-le"), "UTF-16"),
        (b"\xff" * 10, "neither"),
        (b"a" * (LARGEST_FILE + 1), "MiB"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_with_a_remedy(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableRoster, match=said) as refused:
        read(data)
    assert refused.value.exit_code == 2
    assert refused.value.remedy


def test_endless_mistakes_stay_bounded() -> None:
    found = read(CHINESE + "x\n" * (MOST_MISTAKES + 500))
    assert len(found.bad) == MOST_MISTAKES
    assert list(found.complaints())[-1] == "and 500 more mistakes"


def test_what_a_cell_shows_moves_no_cursor() -> None:
    (said,) = mistakes(f"{CHINESE}1,张三,技术部,否,\x1b[31m红\x07\n")
    assert said.isprintable()


@given(st.binary(max_size=400))
@example(b'\xef\xbb\xbf"')
@example(b'sep=;\n"')
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    try:
        found = read(data)
    except UnreadableRoster:
        return
    assert not (found.bad and found.rows)
    assert found.bad or found.rows


CELL = st.text(max_size=12)


@given(st.lists(st.lists(CELL, max_size=7), max_size=6), st.sampled_from(",;\t"))
def test_no_cells_crash_the_reader_and_what_is_read_is_fit_to_keep(
    rows: list[list[str]], separator: str
) -> None:
    text = CHINESE.replace(",", separator) + "\n".join(separator.join(row) for row in rows)
    try:
        found = read(text.encode("utf-8", "surrogatepass"))
    except UnreadableRoster:
        return
    for line in found.complaints():
        assert line.isprintable()
    for row in found.rows:
        assert row.name.strip() == row.name != ""
        assert row.department
        assert row.employee_no


NAMES = st.text(st.sampled_from("张三李四王伟abc·（）"), min_size=1, max_size=8).filter(
    lambda name: any(sign.isalnum() for sign in name)
)


@given(st.lists(st.tuples(NAMES, NAMES, st.booleans(), st.booleans()), min_size=1, max_size=20))
def test_what_was_written_is_read_in_both_encodings(people: list[tuple[str, str, bool, bool]]) -> None:
    rows = tuple(RosterRow(str(number), *person) for number, person in enumerate(people))
    text = CHINESE + "".join(
        f"{row.employee_no},{row.name},{row.department},{'是' if row.is_head else '否'},"
        f"{'在职' if row.active else '离职'}\n"
        for row in rows
    )
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        assert read(text.encode(encoding)).rows == rows
