"""`qungui export`: statements, cases, appeals, demands, ledger, audit and archive as CSV or XLSX."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from bot.cli.files import require_free, write
from bot.cli.ground import Config, errors, finish, loaded
from bot.errors import UsageError


def export(
    kind: Annotated[
        Literal["statements", "cases", "appeals", "demands", "ledger", "audit", "archive"],
        typer.Argument(help="What to export; demands are explanations and rectification."),
    ],
    month: Annotated[
        str, typer.Option("--month", help="YYYY-MM; else the last month that is over. No matter for archive.")
    ] = "",
    form: Annotated[Literal["csv", "xlsx"], typer.Option("--format", "-f", help="Kind of file.")] = "xlsx",
    output: Annotated[
        str, typer.Option("--output", "-o", help="File to write; else qungui-KIND-MONTH.FORMAT; - is stdout.")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a file of that name.")] = False,
    config: Config = None,
) -> None:
    """Write a table for a spreadsheet, readable for its owner only. That it was exported is noted in the audit.

    Statements hold confirmed cases alone: the published one, with what became of it since, or, before it is
    published, a draft that says so. Appeals and demands are those about cases of what happened in the month.
    Evidence is masked. Texts that a spreadsheet would run as a formula are written with a quote before them.
    Exit status 2 if the file exists already.
    """
    from bot.clock import SystemClock
    from bot.disclosing import export_tables
    from bot.reports.export import encoded
    from bot.reports.statement import month_before
    from rules.procedure.statement import month_bounds

    found, book = loaded(config)
    zone = book.calendar.zone
    wanted = month or month_before(SystemClock().now(), zone)
    try:
        month_bounds(wanted, zone)
    except ValueError:
        raise UsageError(f"--month {wanted} is no month", "write it as 2026-10") from None
    file = output or f"qungui-{kind}{'' if kind == 'archive' else f'-{wanted}'}.{form}"
    require_free(file, force=force, option="-o")
    tables = finish(export_tables(found.settings, book, kind, wanted))
    write(encoded(tables, form), file, force=force)
    if file != "-":
        errors.print(f"{file}: {len(tables[0].rows)} rows")
    if form == "csv" and len(tables) > 1:
        others = ", ".join(table.title for table in tables[1:])
        errors.print(f"CSV has one sheet; only --format xlsx holds: {others}")
