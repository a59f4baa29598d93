"""`flask kartabl export`: the command-line twin of the export button."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app.core.actor import Actor, acting_as
from app.core.audit import Via, via
from app.core.db import db, writing
from app.core.errors import DomainError
from app.core.filters import PREFIX
from app.core.sheets import UnknownSheet, sheet_named
from app.org.employees.models import Employee
from app.org.security import actor_of
from reports.tabular.export import ListExport, export_now, open_export, view_of
from reports.tabular.jobs import whole_file
from reports.tabular.options import DateForm, FileFormat, Options, Span
from reports.tabular.template import template_of

PLAIN_ARGUMENTS = frozenset({"q", "sort"})


@click.command("export")
@click.argument("spec")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--filter", "filters", multiple=True, metavar="NAME=VALUE", help="A filter of the list; may be repeated.")
@click.option("--columns", metavar="all|seen|NAME,NAME", default="all", show_default=True,
              help="All columns, those of the list, or these in this order.")  # fmt: skip
@click.option("--dates", type=click.Choice([one.value for one in DateForm]), default="jalali", show_default=True,
              help="Jalali text, or real dates with Jalali text beside them.")  # fmt: skip
@click.option("--related", is_flag=True, help="A further sheet for each related table; lines on a sheet of their own.")
@click.option("--template", is_flag=True, help="Only the headings, with drop-downs and help: a form to fill in.")
@click.option("--language", type=click.Choice(["fa", "en"]), default="fa", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@click.option("--user", help="Act as this user: only the rows that the user sees.")
def export_command(
    spec: str, file: Path, filters: tuple[str, ...], *, columns: str, dates: str, related: bool, template: bool,
    language: str, as_json: bool, user: str | None,
) -> None:  # fmt: skip
    """Write a list to a workbook, or to comma-separated text when FILE ends in .csv.

    SPEC is customers, products, sales_invoices or another sheet, or the subject of any other list.
    Filters are those of the list's address without f_ (city=…, registered_on_from=1404/01/01), q and sort.
    """
    try:
        with force_locale(language), _acting(user), via(Via.COMMAND):
            if template:
                written = _write_template(spec, file)
            else:
                subject, table = _subject(spec)
                options = _options(file, columns, dates, related=related)
                written = _write(open_export(subject, _values(subject, table, filters), table, options=options), file)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(_("%(file)s cannot be written.", file=str(file))) from error
    if as_json:
        click.echo(json.dumps({"file": str(file), **written}, ensure_ascii=False))
    elif not template:
        click.echo(_("%(rows)d rows written to %(file)s.", rows=written["rows"], file=str(file)))


def _write(export: ListExport, file: Path) -> dict[str, Any]:
    with writing(intent=False), whole_file(file.resolve()) as out:
        rows = export_now(export, out)
    return {"rows": rows, "sheets": [table.name for table in export.tables], "format": export.options.format.value}


def _write_template(spec: str, file: Path) -> dict[str, Any]:
    found = sheet_named(spec)
    with writing(intent=False), whole_file(file.resolve()) as out:
        out.write(template_of(found))
    return {"rows": 0, "sheets": [found.name], "format": "xlsx"}


def _options(file: Path, columns: str, dates: str, *, related: bool) -> Options:
    names = () if columns in set(Span) else tuple(filter(None, columns.split(",")))
    return Options(
        FileFormat.CSV if file.suffix.lower() == ".csv" else FileFormat.XLSX,
        Span.SEEN if names else Span(columns),
        DateForm(dates),
        related,
        names,
    )


def _acting(user: str | None) -> AbstractContextManager[Actor]:
    if user is None:
        return acting_as(Actor.system("command"))
    with acting_as(Actor.system("command")), writing(intent=False):
        found = db.session.scalars(select(Employee).where(Employee.username == user)).one_or_none()
        if found is None or not found.is_active:
            raise click.ClickException(_("There is no active user %(name)s.", name=user))
        return acting_as(actor_of(found))


def _subject(spec: str) -> tuple[str, str]:
    """The subject and the table of a list."""
    try:
        sheet = sheet_named(spec)
    except UnknownSheet as unknown:
        try:
            return spec, view_of(spec).model.__tablename__
        except DomainError:
            raise unknown from None
    return sheet.subject, sheet.model.__tablename__


def _values(subject: str, table: str, filters: Iterable[str]) -> dict[str, list[str]]:
    """NAME=VALUE pairs as the list's address holds them."""
    known = {argument for one in view_of(subject, table).spec.filters.values() for argument in one.arguments}
    values: dict[str, list[str]] = {}
    for pair in filters:
        name, sign, value = pair.partition("=")
        argument = name if name in PLAIN_ARGUMENTS else PREFIX + name.removeprefix(PREFIX)
        if not sign or (argument not in known and name not in PLAIN_ARGUMENTS):
            names = ", ".join(sorted([*(one.removeprefix(PREFIX) for one in known), *PLAIN_ARGUMENTS]))
            raise click.UsageError(_("%(pair)s is no filter here. Known are: %(names)s.", pair=pair, names=names))
        values.setdefault(argument, []).append(value)
    return values
