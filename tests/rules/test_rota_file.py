"""The rota out of a CSV: both headers, encodings, times, and every bad line told with its number (policy 3.2a)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from rules.core.load import load_book
from rules.core.load_rota import parse_rota
from rules.core.options import BookOptions, Mistake, OptionsError
from rules.core.rota import Rota, Shift, ShiftKind

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def mistakes(text: str) -> list[str]:
    with pytest.raises(OptionsError) as caught:
        parse_rota(text, SHANGHAI)
    assert {mistake.path for mistake in caught.value.mistakes} == {("work", "rota")}
    return [mistake.problem for mistake in caught.value.mistakes]


def loaded(path: Path | str, **more: str) -> tuple[Mistake, ...] | Rota:
    try:
        return load_book(BookOptions.model_validate({"work": {"rota": str(path)}, **more})).rota
    except OptionsError as error:
        return error.mistakes


@pytest.mark.parametrize(
    "text",
    [
        "person,from,to,kind\nE-007,2026-10-01 18:00,2026-10-02 08:00,duty\n",
        "人员,开始,结束,类型\r\ne-007,2026/10/1 18:00,2026/10/2 8:00:00,值班\r\n",
        "结束,人员,开始\n2026-10-02T08:00,E-007,2026-10-01T18:00\n",
        '# the night shift\n\nPerson,From,To\n"E-007", 2026-10-01 18:00 ,2026.10.02 08:00\n,,\n',
    ],
)
def test_headers_orders_and_spellings_mean_the_same(text: str) -> None:
    (shift,) = parse_rota(text, SHANGHAI)
    assert shift == Shift("e-007", at("2026-10-01 18:00"), at("2026-10-02 08:00"))
    assert shift.start.tzinfo is UTC


def test_a_date_alone_is_the_whole_day_and_24_00_its_end() -> None:
    whole, evening = parse_rota(
        "人员,开始,结束,类型\n张三,2026-10-01,2026-10-01,请假\n李四,2026-10-01 20:00,2026-10-01 24:00,\n",
        SHANGHAI,
    )
    assert (whole.start, whole.end) == (at("2026-10-01 00:00"), at("2026-10-01 23:59:59"))
    assert (whole.kind, evening.kind) == (ShiftKind.LEAVE, ShiftKind.DUTY)
    assert evening.end == at("2026-10-02 00:00")


def test_times_are_those_of_the_company() -> None:
    (shift,) = parse_rota("person,from,to\na,2026-07-01 09:00,2026-07-01 10:00", ZoneInfo("Europe/Berlin"))
    assert shift.start == datetime(2026, 7, 1, 7, tzinfo=UTC)


def test_every_bad_line_is_told_at_once_with_its_number_and_without_names() -> None:
    found = mistakes(
        "person,from,to,kind\n"
        "张三,2026-10-01 18:00,2026-10-01 08:00,duty\n"
        "李四,2026-10-01 18:00,2026-10-02 08:00,duty\n"
        "王五,2026-02-30 18:00,2026-10-02 08:00,duty\n"
        "赵六,2026-10-01 18:00,明天,duty\n"
        ",2026-10-01 18:00,2026-10-02 08:00,duty\n"
        "钱七,2026-10-01 18:00,2026-10-02 08:00,出差\n"
        "孙八,2026-10-01 18:00,2026-10-02 08:00,duty,x\n"
        "周九,2026-10-01 25:00,2026-10-02 08:00\n"
    )
    assert [line.split(":")[0] for line in found] == [f"line {n}" for n in (2, 4, 5, 6, 7, 8, 9)]
    assert "ends before it starts" in found[0]
    assert "can't read from" in found[1]
    assert "can't read to" in found[2]
    assert "person is missing" in found[3]
    assert "duty" in found[4]
    assert not any(
        name in line for line in found for name in ("张三", "王五", "赵六", "钱七", "孙八", "周九")
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "holds no line"),
        ("# nothing\n", "holds no line"),
        ("person,from\n", "missing: to"),
        ("person,from,to,until\n", "cell 4 names no column"),
        ("person,from,to,人员\n", "twice"),
        ('person,from,to\n"张三,2026-10-01,2026-10-02\n', "not CSV"),
        ("person,from,to\n张三,２０２６-10-01,2026-10-02\n", "can't read from"),
        ("person,from,to\n张三,9999-12-31,9999-12-31 24:00\n", "can't read to"),
    ],
)
def test_what_is_no_rota_is_refused(text: str, problem: str) -> None:
    assert any(problem in line for line in mistakes(text))


def test_a_header_alone_is_an_empty_rota() -> None:
    assert parse_rota("person,from,to,kind\n", SHANGHAI) == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_book_takes_the_file_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "rota.csv"
    path.write_bytes("人员,开始,结束\n张三,2026-10-01 18:00,2026-10-02 08:00\n".encode(encoding))
    rota = loaded(path)
    assert isinstance(rota, Rota)
    assert rota.on_duty(("someone", "张三"), at("2026-10-01 23:00"))
    assert not rota.on_duty(("张三",), at("2026-10-02 08:00:01"))


def test_a_file_that_is_not_there_or_no_text_is_a_mistake_of_its_key(tmp_path: Path) -> None:
    binary = tmp_path / "rota.csv"
    binary.write_bytes(b"\xff\xfe\x00person")
    for path, problem in ((tmp_path / "nowhere.csv", "can't be read"), (binary, "neither UTF-8 nor GB18030")):
        found = loaded(path)
        assert isinstance(found, tuple)
        assert [mistake.path for mistake in found] == [("work", "rota")]
        assert problem in found[0].problem
    assert isinstance(loaded("a\0b"), tuple)
    both = loaded(tmp_path / "nowhere.csv", timezone="Asia/Shanghia")
    assert isinstance(both, tuple)
    assert [mistake.path for mistake in both] == [("timezone",)]


def test_a_relative_path_starts_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rota.csv").write_text("person,from,to\nE1,2026-10-01,2026-10-01\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    rota = loaded("rota.csv")
    assert isinstance(rota, Rota)
    assert rota.on_duty(("E1",), at("2026-10-01 12:00"))
