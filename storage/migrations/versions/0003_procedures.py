"""What people ask of each other: appeals, demands, announcements, requests, enquiries, archive, statements.

Types are spelled out here, not taken from ``storage.types``: a revision says what a database was at its time.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def texts(*names: str) -> list[sa.Column[str]]:
    """Columns of text that is always there, though it may be empty."""
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def times(*names: str) -> list[sa.Column[datetime]]:
    """Columns of times that are always there."""
    return [sa.Column(name, TIME, nullable=False) for name in names]


def perhaps(*names: str) -> list[sa.Column[datetime]]:
    """Columns of times that may be missing."""
    return [sa.Column(name, TIME, nullable=True) for name in names]


def integers(*names: str) -> list[sa.Column[int]]:
    """Columns of numbers that are always there."""
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    """The primary key of a table."""
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def of(table: str, column: str, target: str, *, cascade: bool = False) -> sa.ForeignKeyConstraint:
    """The row of another table to which a row belongs, and with which it goes where ``cascade`` says so."""
    return sa.ForeignKeyConstraint(
        [column], [target], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE" if cascade else None
    )


def index(table: str, *columns: str) -> None:
    """An index over columns."""
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def only(name: str, table: str, columns: list[str], condition: str) -> None:
    """A unique index over the rows that satisfy a condition, on either database."""
    op.create_index(
        name,
        table,
        columns,
        unique=True,
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )


def upgrade() -> None:
    """Tables of procedures, the words of the archive, and when the result of a case was published."""
    op.add_column("violations", sa.Column("published_at", TIME, nullable=True))
    _about_cases()
    _announcements_and_requests()
    _enquiries()
    _archive()
    _statements()
    _comings_and_goings()


def _about_cases() -> None:
    op.create_table(
        "appeals",
        *texts("number", "person_key", "reason"),
        *times("filed_at", "due_at"),
        *texts("state", "decided_by"),
        *perhaps("decided_at"),
        *texts("decision"),
        *perhaps("reminded_at"),
        of("appeals", "number", "violations.number"),
        key("appeals", "number"),
    )
    index("appeals", "person_key")
    index("appeals", "state", "due_at")
    op.create_table(
        "demands",
        sa.Column("id", SERIAL, nullable=False),
        *texts("number", "kind", "person_key", "asked_by", "text"),
        *times("asked_at", "due_at"),
        *texts("state", "answer"),
        *perhaps("answered_at"),
        *texts("closed_by"),
        *perhaps("closed_at", "reminded_at", "escalated_at"),
        of("demands", "number", "violations.number"),
        key("demands", "id"),
        sqlite_autoincrement=True,
    )
    index("demands", "number")
    index("demands", "person_key")
    index("demands", "state", "due_at")
    only("uq_demands_standing", "demands", ["number", "kind"], "closed_at IS NULL")
    op.create_table(
        "labels",
        *texts("number", "rule", "text", "verdict", "labelled_by"),
        *times("at"),
        of("labels", "number", "violations.number"),
        key("labels", "number", "rule"),
    )
    index("labels", "at")
    op.create_table(
        "reversals",
        sa.Column("room_key", SERIAL, autoincrement=False, nullable=False),
        sa.Column("seq", SERIAL, autoincrement=False, nullable=False),
        sa.Column("reversed_by", SERIAL, nullable=False),
        key("reversals", "room_key", "seq"),
        sa.UniqueConstraint("room_key", "reversed_by", name=op.f("uq_reversals_room_key_reversed_by")),
    )


def _announcements_and_requests() -> None:
    op.create_table(
        "announcements",
        *texts("number", "author", "text", "rooms"),
        *perhaps("planned_at"),
        *texts("state"),
        *times("created_at"),
        *texts("decided_by"),
        *perhaps("decided_at"),
        *texts("remark"),
        *perhaps("posted_at"),
        sa.Column("tracked", sa.Boolean(), nullable=False),
        key("announcements", "number"),
    )
    index("announcements", "state")
    op.create_table(
        "requests",
        *texts("number", "kind", "name", "department", "company", "contact_id", "person_key"),
        sa.Column("room_key", SERIAL, nullable=False),
        *texts("asked_by", "sponsor", "state"),
        *times("created_at"),
        *texts("remark"),
        *perhaps("done_at"),
        key("requests", "number"),
    )
    index("requests", "contact_id")
    index("requests", "state")
    op.create_table(
        "request_steps",
        sa.Column("id", SERIAL, nullable=False),
        *texts("number", "state", "taken_by"),
        *times("at"),
        *texts("remark"),
        of("request_steps", "number", "requests.number", cascade=True),
        key("request_steps", "id"),
    )
    index("request_steps", "number")


def _enquiries() -> None:
    op.create_table(
        "enquiries",
        *texts("number"),
        sa.Column("room_key", SERIAL, nullable=False),
        *texts("message_id", "asker", "text"),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        *times("asked_at", "due_at"),
        *texts("state"),
        *perhaps("closed_at", "summary_at"),
        key("enquiries", "number"),
        sa.UniqueConstraint("message_id", name=op.f("uq_enquiries_message_id")),
    )
    index("enquiries", "state", "due_at")
    index("enquiries", "room_key", "state")
    op.create_table(
        "addressees",
        *texts("number", "person_key", "contact_id", "state", "expected", "message_id"),
        *perhaps("answered_at", "reminded_at"),
        *integers("reminders"),
        *texts("overdue_case"),
        of("addressees", "number", "enquiries.number", cascade=True),
        of("addressees", "person_key", "people.key", cascade=True),
        key("addressees", "number", "person_key"),
    )
    index("addressees", "contact_id")
    index("addressees", "person_key")


def _archive() -> None:
    op.create_table(
        "archive",
        sa.Column("id", SERIAL, nullable=False),
        *texts("number"),
        sa.Column("room_key", SERIAL, nullable=False),
        *texts("message_id", "sender_key", "sender_name", "text", "tags", "archived_by"),
        *times("at", "sent_at"),
        key("archive", "id"),
        sa.UniqueConstraint("message_id", name=op.f("uq_archive_message_id")),
        sa.UniqueConstraint("number", name=op.f("uq_archive_number")),
        sqlite_autoincrement=True,
    )
    index("archive", "sender_key")
    index("archive", "sent_at")
    if op.get_context().dialect.name == "sqlite":
        # A virtual table takes no foreign key: the trigger is what lets words go with their message.
        op.execute("CREATE VIRTUAL TABLE archive_words USING fts5(words)")
        op.execute(
            "CREATE TRIGGER archive_words_go AFTER DELETE ON archive "
            "BEGIN DELETE FROM archive_words WHERE rowid = old.id; END"
        )
    else:
        op.execute(
            "CREATE TABLE archive_words ("
            "id BIGINT CONSTRAINT pk_archive_words PRIMARY KEY "
            "CONSTRAINT fk_archive_words_id REFERENCES archive (id) ON DELETE CASCADE, "
            "words TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX ix_archive_words_words ON archive_words USING gin (words)")


def _statements() -> None:
    op.create_table(
        "statements",
        *texts("month"),
        *times("published_at"),
        *texts("published_by"),
        key("statements", "month"),
    )
    op.create_table(
        "statement_lines",
        *texts("month", "person_key"),
        *integers("deducted", "bonus", "restored"),
        *texts("cases", "corrected", "department"),
        of("statement_lines", "month", "statements.month", cascade=True),
        key("statement_lines", "month", "person_key"),
    )
    index("statement_lines", "person_key")


def _comings_and_goings() -> None:
    op.create_table(
        "departures",
        sa.Column("id", SERIAL, nullable=False),
        *texts("person_key"),
        sa.Column("room_key", SERIAL, nullable=False),
        *texts("contact_id"),
        *times("noted_at"),
        *perhaps("done_at"),
        *texts("how"),
        of("departures", "person_key", "people.key", cascade=True),
        key("departures", "id"),
    )
    index("departures", "contact_id")
    index("departures", "person_key")
    only("uq_departures_open", "departures", ["person_key", "room_key", "contact_id"], "done_at IS NULL")
    op.create_table(
        "welcomes",
        *texts("person_key"),
        sa.Column("room_key", SERIAL, autoincrement=False, nullable=False),
        *times("at"),
        of("welcomes", "person_key", "people.key", cascade=True),
        key("welcomes", "person_key", "room_key"),
    )
