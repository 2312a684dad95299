"""The database as the rest of the program holds it: opened once, then one unit of work after another."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage import engine as engines
from storage import schema, urls
from storage.announcements import Announcements
from storage.appeals import Appeals
from storage.archive import Archive
from storage.audit import Audit
from storage.blind import BlindPeriods
from storage.bonuses import Bonuses
from storage.cases import Cases
from storage.claims import Claims
from storage.demands import Demands
from storage.departures import Departures
from storage.enquiries import Enquiries
from storage.errors import Busy, ReadOnly, StorageError
from storage.exemptions import Exemptions
from storage.failures import translate, translated
from storage.inbox import Inbox
from storage.invariants import Invariants
from storage.jobs import Jobs
from storage.labels import Labels
from storage.ledger import Ledger
from storage.local_weights import LocalWeights
from storage.mergers import Mergers
from storage.messages import Messages
from storage.meta import Meta
from storage.nicknames import Nicknames
from storage.opinions import Opinions
from storage.outbox import Outbox
from storage.people import People
from storage.privacy import Privacy
from storage.requests import Requests
from storage.rooms import Rooms
from storage.shifts import Shifts
from storage.silences import Silences
from storage.statements import Statements
from storage.switches import Switches
from storage.welcomes import Welcomes
from storage.words import Words

T = TypeVar("T")


class Storage:
    """One database. Open it with :meth:`open`, close it with :meth:`close`."""

    def __init__(self, engine: AsyncEngine, ledger_key: bytes, *, withholding: bool = False) -> None:
        self._engine = engine
        self._ledger_key = ledger_key
        self._withholding = withholding
        # SQLite has one writer; our own tasks queue here, in order, instead of polling for its lock.
        self._writing = asyncio.Lock() if engines.is_sqlite(engine.url) else None

    @classmethod
    async def open(
        cls, url: str, *, migrate: schema.Migrate = "new", ledger_key: bytes = b"", withholding: bool = False
    ) -> Storage:
        """Open the database at ``url`` (plain ``sqlite:///…`` and ``postgresql://…`` are fine).

        Args:
            url: where it is; parent folders of a SQLite file are created, the file is for its owner only.
            migrate: ``new`` sets up a new or empty database and refuses one that is behind; ``all`` upgrades
                that too; ``never`` does neither.
            ledger_key: key of the ledger's chains; empty for chains without a key.
            withholding: what is put into the outbox is kept to be looked at, and never leaves (a dry run).

        Raises:
            Behind, Ahead, Foreign: its tables are not those of this program.
            Unavailable: it can't be reached.
            StorageError: anything else; all of them name the remedy.
        """
        parsed = urls.parse(url)
        if migrate == "never" and not engines.exists(parsed):
            raise StorageError(f"{urls.shown(parsed)} does not exist", "run `qungui db upgrade`")
        with translated(parsed):
            engines.make_private(parsed)
        engine = engines.create(parsed)
        try:
            await _again_if_busy(lambda: _set_up(engine, migrate))
        except BaseException:
            await engine.dispose()
            raise
        return cls(engine, ledger_key, withholding=withholding)

    @classmethod
    def as_it_stands(cls, url: str) -> Storage:
        """The database at ``url`` without a look at it: nothing is set up, tightened or checked. For views only.

        Raises:
            StorageError: the URL can't be used.
        """
        return cls(engines.create(urls.parse(url)), b"")

    @property
    def withholding(self) -> bool:
        """Whether nothing that is put into its outbox ever leaves."""
        return self._withholding

    @property
    def name(self) -> str:
        """The database's URL without user, password and options."""
        return urls.shown(self._engine.url)

    def unit(self) -> UnitOfWork:
        """A transaction: kept as a whole on a clean exit, and not at all after an error."""
        return UnitOfWork(self._engine, self._ledger_key, self._writing, withholding=self._withholding)

    def view(self) -> UnitOfWork:
        """A unit that only reads, from one snapshot, and never waits for writers; writing in it fails."""
        return UnitOfWork(self._engine, self._ledger_key, None, read_only=True)

    async def run(self, work: Callable[[UnitOfWork], Awaitable[T]], *, attempts: int = 5) -> T:
        """``work`` in a unit, again from the start when another process stood in the way.

        Raises:
            Busy: it still does after ``attempts``.
        """

        async def once() -> T:
            async with self.unit() as unit:
                return await work(unit)

        return await _again_if_busy(once, attempts)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


class UnitOfWork:
    """One transaction over every repository; an async context manager, used once.

    Raises (on entry or exit):
        Busy: another process stood in the way; run the unit again (:meth:`Storage.run` does).
        Unavailable: the database has gone away.
    """

    rooms: Rooms
    people: People
    inbox: Inbox
    invariants: Invariants
    mergers: Mergers
    messages: Messages
    cases: Cases
    ledger: Ledger
    outbox: Outbox
    audit: Audit
    blind: BlindPeriods
    jobs: Jobs
    claims: Claims
    meta: Meta
    switches: Switches
    words: Words
    exemptions: Exemptions
    silences: Silences
    shifts: Shifts
    nicknames: Nicknames
    announcements: Announcements
    appeals: Appeals
    archive: Archive
    bonuses: Bonuses
    demands: Demands
    departures: Departures
    enquiries: Enquiries
    labels: Labels
    local_weights: LocalWeights
    opinions: Opinions
    privacy: Privacy
    requests: Requests
    statements: Statements
    welcomes: Welcomes

    def __init__(
        self,
        engine: AsyncEngine,
        ledger_key: bytes,
        writing: asyncio.Lock | None,
        *,
        read_only: bool = False,
        withholding: bool = False,
    ) -> None:
        self._engine = engine
        self._ledger_key = ledger_key
        self._writing = writing
        self._read_only = read_only
        self._withholding = withholding
        self._stack: contextlib.AsyncExitStack | None = None
        self._connection: AsyncConnection | None = None

    async def __aenter__(self) -> Self:
        if self._stack is not None:
            raise RuntimeError("a unit of work is used once")
        self._stack = contextlib.AsyncExitStack()
        try:
            if self._writing is not None:
                await self._stack.enter_async_context(self._writing)
            with translated(self._engine.url):
                self._connection = await self._begin(self._stack)
        except BaseException:
            await self._stack.aclose()
            raise
        self._open_repositories(self._connection)
        return self

    async def _begin(self, stack: contextlib.AsyncExitStack) -> AsyncConnection:
        connection = await stack.enter_async_context(self._engine.connect())
        if self._read_only:
            connection = await engines.reading(connection)
        await connection.begin()
        return connection

    def _open_repositories(self, connection: AsyncConnection) -> None:
        self.meta = Meta(connection)
        self.rooms = Rooms(connection)
        self.people = People(connection)
        self.inbox = Inbox(connection)
        self.invariants = Invariants(connection)
        self.mergers = Mergers(connection)
        self.messages = Messages(connection)
        self.cases = Cases(connection)
        self.ledger = Ledger(connection, self._ledger_key)
        self.outbox = Outbox(connection, withholding=self._withholding)
        self.audit = Audit(connection)
        self.blind = BlindPeriods(connection)
        self.jobs = Jobs(connection)
        self.claims = Claims(connection)
        self.words = Words(connection)
        self.switches = Switches(connection)
        self.silences = Silences(connection)
        self.shifts = Shifts(connection)
        self.nicknames = Nicknames(connection, read_only=self._read_only)
        self.exemptions = Exemptions(connection)
        self.announcements = Announcements(connection)
        self.appeals = Appeals(connection)
        self.archive = Archive(connection)
        self.bonuses = Bonuses(connection, self._ledger_key)
        self.demands = Demands(connection)
        self.departures = Departures(connection)
        self.enquiries = Enquiries(connection)
        self.labels = Labels(connection)
        self.local_weights = LocalWeights(connection)
        self.opinions = Opinions(connection)
        self.privacy = Privacy(connection)
        self.requests = Requests(connection)
        self.statements = Statements(connection)
        self.welcomes = Welcomes(connection)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A cancelled task must still end its transaction, and know that it did.
        await _to_the_end(self._finish(error))
        if isinstance(error, SQLAlchemyError):
            ours = translate(error, self._engine.url)
            if self._read_only and isinstance(ours, ReadOnly):
                raise StorageError(
                    "a view was written in", "nothing was changed; please report this"
                ) from error
            if ours is not None:
                raise ours from error

    async def _finish(self, error: BaseException | None) -> None:
        stack, connection = self._stack, self._connection
        if stack is None or connection is None:
            raise RuntimeError("the unit of work was never entered")
        async with stack:
            if error is None and not self._read_only:
                with translated(self._engine.url):
                    await connection.commit()


async def _set_up(engine: AsyncEngine, migrate: schema.Migrate) -> None:
    """Check and migrate, then switch a SQLite file to its write-ahead log, which it stays in."""
    with translated(engine.url):
        await schema.prepare(engine, migrate)
        if engines.is_sqlite(engine.url):
            async with engine.connect() as connection:
                await _write_ahead(connection)


async def _write_ahead(connection: AsyncConnection) -> None:
    """SQLite changes its journal outside of any transaction only, so past SQLAlchemy's BEGIN."""
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    async with driver.execute("PRAGMA journal_mode=WAL"):
        return


async def _again_if_busy(work: Callable[[], Awaitable[T]], attempts: int = 7) -> T:
    """``work``, up to ``attempts`` times while another process stands in the way, a little later each time.

    SQLite's own busy timeout does not cover everything: a file that is just being switched to its
    write-ahead log is refused at once.
    """
    for attempt in range(1, attempts):
        try:
            return await work()
        except Busy:
            await asyncio.sleep(0.02 * 2**attempt * (0.5 + secrets.randbelow(1000) / 1000))
    return await work()


async def _to_the_end(work: Awaitable[None]) -> None:
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.done():
            await asyncio.wait([task])
            if not task.cancelled() and (failure := task.exception()) is not None:
                raise failure from None
        raise
