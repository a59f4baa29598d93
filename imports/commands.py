"""`flask kartabl import` and `flask kartabl inspect`: the command-line twins of the wizard."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import click
from flask_babel import gettext as _
from sqlalchemy import select

from app.core.actor import Actor, acting_as
from app.core.db import db, writing
from app.core.errors import DomainError
from app.core.sheets import SheetSpec, sheet_named
from app.org.employees.models import Employee
from app.org.security import actor_of
from imports.apply import Order, Report, carry_out, read_file
from imports.choice import Choice
from imports.inspection import Inspection, inspect_file
from imports.map_file import read_map, read_map_data
from imports.plans import Mode, Verdict

SHOWN_ERRORS = 50


@click.command("import")
@click.argument("spec")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), default="both", show_default=True)
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
@click.option("--good-rows", is_flag=True, help="With errors, write the rows that have none.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--user", help="Act as this user: only with the user's rights and rows.")
@click.option(
    "--map", "map_file", type=click.Path(dir_okay=False, path_type=Path), help="What the columns page asks, as JSON."
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="COLUMN=HEADER",
    help="Read COLUMN from under HEADER, or from a letter.",
)
@click.option(
    "--set",
    "constants",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="VALUE in every row, for what the sheet does not have.",
)
@click.option(
    "--match", "keys", multiple=True, metavar="KEY", help="Find stored rows by KEY only: code, name+mobile, …"
)
@click.option(
    "--create",
    "created",
    multiple=True,
    metavar="COLUMN[=KIND]",
    help="Make the records that COLUMN names and that do not exist.",
)
@click.option(
    "--clear-blank",
    "cleared",
    multiple=True,
    metavar="COLUMN",
    help="A blank cell of COLUMN clears what is stored; else it leaves it.",
)
def import_command(
    spec: str, file: Path, *, mode: str, dry_run: bool, good_rows: bool, as_json: bool, user: str | None,
    map_file: Path | None, **choices: tuple[str, ...],
) -> None:  # fmt: skip
    """Bring a workbook in. SPEC is customers, products or sales_invoices; exits 2 when FILE is rejected."""
    try:
        found = sheet_named(spec)
        order = Order(found, Mode(mode), good_rows=good_rows, choice=_choice(found, map_file, **choices))
        with acting(user):
            with writing(intent=False):
                read = read_file(file, order)
                db.session.rollback()
            with writing(intent=not dry_run):
                carry_out(read, order, dry_run=dry_run)
                (db.session.commit if read.report.stored else db.session.rollback)()
        report = read.report
    except DomainError as error:
        db.session.rollback()
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_lines(report)))
    if report.verdict == "reject":
        raise SystemExit(2)


@click.command("inspect")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def inspect_command(file: Path, *, as_json: bool) -> None:
    """Say what is in a workbook, without bringing it in; exits 2 when it is rejected."""
    found = inspect_file(file)
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_facts(found)))
    if found.verdict == "reject":
        raise SystemExit(2)


def _choice(
    spec: SheetSpec, map_file: Path | None, *, columns: Sequence[str], constants: Sequence[str], keys: Sequence[str],
    created: Sequence[str], cleared: Sequence[str],
) -> Choice:  # fmt: skip
    """The mapping of a file, with what the options say over it. Raises BadMap."""
    given = read_map_data(map_file) if map_file else {}
    for name, pairs in (("columns", columns), ("constants", constants), ("create", created)):
        if pairs:
            told = {one.partition("=")[0]: one.partition("=")[2] for one in pairs}
            kept = given.get(name) or {}
            given[name] = {**(dict.fromkeys(kept, "") if isinstance(kept, list) else kept), **told}
    if cleared:
        given["clear"] = list(cleared)
    return read_map({**given, "keys": list(keys)} if keys else given, spec)


def acting(user: str | None) -> AbstractContextManager[Actor]:
    """Act as a user, with that person's rights and rows, or as the system."""
    if user is None:
        return acting_as(Actor.system("command"))
    with acting_as(Actor.system("command")), writing(intent=False):
        found = db.session.scalars(select(Employee).where(Employee.username == user)).one_or_none()
        if found is None or not found.is_active:
            raise click.ClickException(_("There is no active user %(name)s.", name=user))
        actor = actor_of(found)
        db.session.rollback()
    return acting_as(actor)


def _lines(report: Report) -> list[str]:
    if report.verdict == "reject":
        return [_("Rejected: %(reason)s", reason=report.message)]
    counts = {one.value: report.counts.get(one, 0) for one in Verdict}
    found = [
        _("%(rows)d rows: %(new)d new, %(updated)d updated, %(same)d same.", rows=report.rows, **_three(counts)),
    ]
    if report.earlier is not None:
        found.append(_("The same file was imported before, by %(by)s (batch %(batch)d).", **report.earlier))
    found += [
        f"{error.sheet} {error.column}{error.row} {error.header}: {error.message}"
        for error in report.errors[:SHOWN_ERRORS]
    ]
    if len(report.errors) > SHOWN_ERRORS:
        found.append(_("… and %(count)d more errors.", count=len(report.errors) - SHOWN_ERRORS))
    found += [f"{one.sheet} {one.column}{one.row} {one.header}: {one.message}" for one in report.warnings]
    if report.errors and not report.stored:
        found.append(_("Nothing was stored, because of the errors."))
    return found


def _three(counts: dict[str, int]) -> dict[str, int]:
    return {name: counts[name] for name in ("new", "updated", "same")}


def _facts(found: Inspection) -> list[str]:
    if found.verdict == "reject":
        return [_("Rejected: %(reason)s", reason=found.message)]
    lines = [
        _(
            "%(sheet)s: %(rows)d rows, %(columns)d columns, header in row %(header)s.",
            sheet=sheet.name,
            rows=sheet.rows,
            columns=sheet.columns,
            header=str(sheet.header_row or "-"),
        )
        for sheet in found.sheets
    ]
    return lines + [f"{one['sheet']}: {one['message']}" for one in found.warnings]
