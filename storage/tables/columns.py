"""What every table is declared with: one metadata, and the shapes that come again."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, MetaData, Table, text

from storage.types import Words

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def texts(*names: str) -> list[Column[str]]:
    """Columns of text that is always there, though it may be empty."""
    return [Column(name, Words, nullable=False) for name in names]


def partial(table: Table, name: str, where: str, *columns: str, unique: bool = True) -> None:
    """An index over the rows that satisfy ``where``."""
    condition = text(where)
    parts = [table.c[column] for column in columns]
    Index(name, *parts, unique=unique, sqlite_where=condition, postgresql_where=condition)


def whose() -> Column[str]:
    """The person to whom a row belongs, and with whom it goes."""
    return Column("person_key", ForeignKey("people.key", ondelete="CASCADE"), nullable=False, index=True)
