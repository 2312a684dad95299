"""The tables that a database has at whatever revision it is: their columns, their rows, and what counts them up.

The words of the archive are the one thing that both databases keep differently (:mod:`storage.searching`); here they
are a table with an id and its words, divided by spaces.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Executable, column, func, insert, inspect, select, table, text
from sqlalchemy.engine import Connection

from storage.backup_form import TYPES, Shape, kind_of
from storage.tables import metadata

WORDS = Shape("archive_words", (("id", "integer"), ("words", "text")), ("id",))
FORMER: frozenset[str] = frozenset()
"""Tables of earlier revisions that the present one has no more."""
OURS = frozenset(metadata.tables) | FORMER | {WORDS.name}
"""Every table of ours: a database may hold others beside them, which are left alone."""

_PAGE = 1000


def shapes(connection: Connection) -> list[Shape]:
    """The tables of ours that are there, each behind those it refers to."""
    inspector = inspect(connection)
    names = [name for name, _ in inspector.get_sorted_table_and_fkc_names() if name in OURS - {WORDS.name}]
    columns = inspector.get_multi_columns(filter_names=names)
    keys = inspector.get_multi_pk_constraint(filter_names=names)
    found = [
        Shape(
            name,
            tuple((one["name"], kind_of(one["type"])) for one in columns[None, name]),
            tuple(keys[None, name]["constrained_columns"]),
        )
        for name in names
    ]
    return [*found, WORDS] if inspector.has_table(WORDS.name) else found


def count(connection: Connection, shape: Shape) -> int:
    """How many rows a table has."""
    return int(connection.scalar(select(func.count()).select_from(table(shape.name))) or 0)


def rows(connection: Connection, shape: Shape) -> Iterator[Sequence[Any]]:
    """Every row of a table, in the order of its key, without holding all of them."""
    if shape == WORDS:
        query: Executable = text(_words_query(connection))
    else:
        columns = [column(name, TYPES[kind]) for name, kind in shape.columns]
        order: list[ColumnElement[Any]] = [column(name) for name in shape.key]
        query = select(*columns).select_from(table(shape.name)).order_by(*order)
    for row in connection.execute(query.execution_options(yield_per=_PAGE)):
        yield (row[0], " ".join(sorted(set(row[1].split())))) if shape == WORDS else row


def _words_query(connection: Connection) -> str:
    if connection.dialect.name == "sqlite":
        return "SELECT rowid, words FROM archive_words ORDER BY rowid"
    return "SELECT id, array_to_string(tsvector_to_array(words), ' ') FROM archive_words ORDER BY id"


def put(connection: Connection, shape: Shape, many: Sequence[Sequence[Any]]) -> None:
    """Add rows to a table that is there with these columns."""
    if not many:
        return
    if shape == WORDS:
        into = (
            "INSERT INTO archive_words (rowid, words) VALUES (:id, :words)"
            if connection.dialect.name == "sqlite"
            else "INSERT INTO archive_words (id, words) "
            "VALUES (:id, array_to_tsvector(string_to_array(CAST(:words AS text), ' ')))"
        )
        connection.execute(text(into), [{"id": one, "words": words} for one, words in many])
        return
    names = [name for name, _ in shape.columns]
    target = table(shape.name, *(column(name, TYPES[kind]) for name, kind in shape.columns))
    connection.execute(insert(target), [dict(zip(names, row, strict=True)) for row in many])


def drop(connection: Connection) -> None:
    """Take every table of ours away, those that refer to others first."""
    there = set(inspect(connection).get_table_names())
    order = [name for name, _ in inspect(connection).get_sorted_table_and_fkc_names() if name in OURS][::-1]
    words = [WORDS.name] if inspect(connection).has_table(WORDS.name) else []
    last = ["alembic_version"] if "alembic_version" in there else []
    quote = connection.dialect.identifier_preparer.quote
    for name in dict.fromkeys([*words, *order, *last]):
        connection.execute(text(f"DROP TABLE {quote(name)}"))


def counters(connection: Connection, known: Sequence[Shape]) -> dict[str, int]:
    """The last number that each table counted up to by itself, rows that are gone included (absent: none)."""
    if connection.dialect.name == "sqlite":
        if not inspect(connection).has_table("sqlite_sequence"):
            return {}
        names = {shape.name for shape in known}
        found = connection.execute(text("SELECT name, seq FROM sqlite_sequence ORDER BY name"))
        return {name: seq for name, seq in found if name in names and seq}
    counted = {}
    for name, _, sequence in _sequences(connection, known):
        last, called = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608 - the server's own name
        if called:
            counted[name] = int(last)
    return dict(sorted(counted.items()))


def count_on(connection: Connection, known: Sequence[Shape], last: dict[str, int]) -> None:
    """Let each table count on behind ``last``, and behind the rows that it has."""
    if connection.dialect.name == "sqlite":
        for shape in known:
            _count_on_sqlite(connection, shape.name, last.get(shape.name, 0))
        return
    for name, key, sequence in _sequences(connection, known):
        highest = connection.scalar(select(func.max(column(key))).select_from(table(name))) or 0
        if (reached := max(highest, last.get(name, 0))) > 0:
            connection.execute(
                text("SELECT setval(CAST(:of AS regclass), :last)"), {"of": sequence, "last": reached}
            )


def _count_on_sqlite(connection: Connection, name: str, last: int) -> None:
    counts = connection.scalar(
        text(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :of AND sql LIKE '%AUTOINCREMENT%'"
        ),
        {"of": name},
    )
    if not counts or last <= 0:
        return
    given = {"of": name, "last": last}
    update = text("UPDATE sqlite_sequence SET seq = max(seq, :last) WHERE name = :of")
    if not connection.execute(update, given).rowcount:
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:of, :last)"), given)


def _sequences(connection: Connection, known: Sequence[Shape]) -> Iterator[tuple[str, str, str]]:
    """Tables on PostgreSQL whose key counts up by itself: name, key, and its sequence, quoted by the server."""
    for shape in known:
        for key in shape.key if len(shape.key) == 1 else ():
            sequence: ColumnElement[Any] = func.pg_get_serial_sequence(f'"{shape.name}"', key)
            if (found := connection.scalar(select(sequence))) is not None:
                yield shape.name, key, str(found)
