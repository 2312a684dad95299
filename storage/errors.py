"""What can go wrong in storage, with the remedy; ``bot`` translates these at its edge.

No message here ever holds a password, a key or the text of a message.
"""

from __future__ import annotations


class StorageError(Exception):
    """Storage could not do what was asked.

    Attributes:
        message: what went wrong, in one sentence.
        remedy: what a person can do about it; empty if nothing but trying again.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class Busy(StorageError):
    """Another process or unit stood in the way; the same unit may succeed if it is run again."""


class Unavailable(StorageError):
    """The database can't be reached or has stopped answering; it may come back."""


class ReadOnly(Unavailable):
    """The database can be read, but not written just now: its disk, its file or its server has become read-only."""


class NotFound(StorageError):
    """There is no such thing."""


class Conflict(StorageError):
    """What was to be changed is no longer, or already, what the caller believed.

    Attributes:
        present: the state as it is now, in the words of the table concerned.
    """

    def __init__(self, message: str, present: str = "", remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.present = present


class ClaimRefused(Conflict):
    """A one-time code that can't be used; ``present`` says why: ``expired``, ``used`` or ``burnt``."""


class Behind(StorageError):
    """The database is older than this program."""


class Ahead(StorageError):
    """The database was made by a newer program."""


class Foreign(StorageError):
    """The database belongs to something else."""


class NoBackup(StorageError):
    """The file is no backup of ours."""


class Damaged(StorageError):
    """The backup is not whole, or not what was written."""


class Occupied(StorageError):
    """Another process has the database open."""
