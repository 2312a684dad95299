"""Who is in which room: rooms, people, the contact ids bound to them, records that were merged, and roles."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, PrimaryKeyConstraint, Table, UniqueConstraint, false

from storage.tables.columns import metadata, partial, texts
from storage.types import Serial, UtcTime, Words

rooms = Table(
    "rooms",
    metadata,
    Column("key", Serial, primary_key=True),
    Column("topic", Words, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)

room_bindings = Table(
    "room_bindings",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("gateway_id", Words, nullable=False, index=True),
    Column("room_key", ForeignKey("rooms.key"), nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime),
)
partial(room_bindings, "uq_room_bindings_open_id", "until IS NULL", "gateway_id")
partial(room_bindings, "uq_room_bindings_open_room", "until IS NULL", "room_key")

people = Table(
    "people",
    metadata,
    Column("key", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("name_key", Words, nullable=False, index=True),
    Column("kind", Words, nullable=False),
    # Whether somebody said so, and it is not only the default.
    Column("kind_told", Boolean, nullable=False, server_default=false()),
    Column("employee_no", Words),
    Column("department", Words, nullable=False),
    Column("roster_key", Words, nullable=False, index=True),
    Column("is_head", Boolean, nullable=False),
    Column("status", Words, nullable=False),
    Column("left_on", Date),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("employee_no"),
)

bindings = Table(
    "bindings",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("contact_id", Words, nullable=False, index=True),
    Column("person_key", ForeignKey("people.key", ondelete="CASCADE"), nullable=False, index=True),
    *texts("level", "bound_by", "guessed_nickname", "guessed_name"),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime),
)
partial(bindings, "uq_bindings_open_contact", "until IS NULL", "contact_id")

mergers = Table(
    "mergers",
    metadata,
    Column("number", Words, primary_key=True),
    Column("merged_key", ForeignKey("people.key", ondelete="CASCADE"), nullable=False, index=True),
    Column("kept_key", ForeignKey("people.key", ondelete="CASCADE"), nullable=False, index=True),
    *texts("merged_by", "reason"),
    Column("merged_at", UtcTime, nullable=False),
    *texts("split_by", "split_reason"),
    Column("split_at", UtcTime),
)
partial(mergers, "uq_mergers_standing", "split_at IS NULL", "merged_key")

merger_moves = Table(
    "merger_moves",
    metadata,
    Column("number", ForeignKey("mergers.number", ondelete="CASCADE"), nullable=False),
    # What went to the record that was kept, and the key of its row: exactly that goes back.
    *texts("what", "ref"),
    PrimaryKeyConstraint("number", "what", "ref"),
)

members = Table(
    "members",
    metadata,
    Column("room_key", ForeignKey("rooms.key"), nullable=False),
    Column("contact_id", Words, nullable=False, index=True),
    Column("name", Words, nullable=False),
    Column("name_key", Words, nullable=False, index=True),
    Column("alias", Words, nullable=False),
    Column("alias_key", Words, nullable=False, index=True),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("left_at", UtcTime),
    PrimaryKeyConstraint("room_key", "contact_id"),
)

roles = Table(
    "roles",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("person_key", ForeignKey("people.key", ondelete="CASCADE"), nullable=False, index=True),
    *texts("role", "granted_by"),
    Column("granted_at", UtcTime, nullable=False),
    Column("revoked_by", Words),
    Column("revoked_at", UtcTime),
)
partial(roles, "uq_roles_open", "revoked_at IS NULL", "person_key", "role")

claims = Table(
    "claims",
    metadata,
    Column("code_hash", Words, primary_key=True),
    *texts("role", "issued_by", "employee_no"),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
    Column("used_by", Words, nullable=False),
    Column("burnt_at", UtcTime),
)
