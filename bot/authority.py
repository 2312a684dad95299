"""What the operator does to the database from the command line: issue codes, set up, upgrade."""

from __future__ import annotations

from bot import compose
from bot.clock import SystemClock
from bot.commands.claims import issue
from bot.errors import QunguiError, UsageError
from bot.settings import Settings
from storage.errors import StorageError
from storage.records import OPERATOR, Role
from storage.session import Storage


async def issue_code(settings: Settings, role: str, employee_no: str) -> str:
    """Issue a one-time code for a role and return it.

    Raises:
        UsageError: there is no such employee number on the roster.
        QunguiError: the database can't be used.
    """
    async with compose.opened_storage(settings) as storage, storage.unit() as unit:
        if employee_no and await unit.people.by_employee_no(employee_no) is None:
            raise UsageError(
                f"no employee {employee_no} on the roster", "import the roster, or leave --employee out"
            )
        return await issue(unit, Role(role), employee_no, OPERATOR, SystemClock().now())


async def upgrade_database(settings: Settings) -> str:
    """Set up or upgrade the database; returns a line for the operator.

    Raises:
        QunguiError: it can't be used; with the remedy.
    """
    try:
        storage = await Storage.open(settings.storage.address, migrate="all")
    except StorageError as failure:
        raise QunguiError(failure.message, failure.remedy) from failure
    await storage.close()
    return f"{storage.name}: up to date"
