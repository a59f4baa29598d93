"""`flask kartabl export`: the command-line twin of the export button."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path

import click
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
from reports.tabular.export import export_now, open_export, view_of
from reports.tabular.jobs import whole_file

PLAIN_ARGUMENTS = frozenset({"q", "sort"})


@click.command("export")
@click.argument("spec")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--filter", "filters", multiple=True, metavar="NAME=VALUE", help="A filter of the list; may be repeated.")
@click.option("--user", help="Act as this user: only the rows that the user sees.")
def export_command(spec: str, file: Path, filters: tuple[str, ...], user: str | None) -> None:
    """Write a list to a workbook, or to comma-separated text when FILE ends in .csv.

    SPEC is customers, products, sales_invoices, or the subject of any other list. Filters are
    those of the list's address without f_ (city=…, registered_on_from=1404/01/01), q and sort.
    """
    try:
        with _acting(user), via(Via.COMMAND), writing(intent=False):
            subject = _subject(spec)
            export = open_export(subject, _values(subject, filters))
            with whole_file(file.resolve()) as out:
                rows = export_now(export, out, as_csv=file.suffix.lower() == ".csv")
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(_("%(file)s cannot be written.", file=str(file))) from error
    click.echo(_("%(rows)d rows written to %(file)s.", rows=rows, file=str(file)))


def _acting(user: str | None) -> AbstractContextManager[Actor]:
    if user is None:
        return acting_as(Actor.system("command"))
    with acting_as(Actor.system("command")), writing(intent=False):
        found = db.session.scalars(select(Employee).where(Employee.username == user)).one_or_none()
        if found is None or not found.is_active:
            raise click.ClickException(_("There is no active user %(name)s.", name=user))
        return acting_as(actor_of(found))


def _subject(spec: str) -> str:
    try:
        return sheet_named(spec).subject
    except UnknownSheet as unknown:
        try:
            view_of(spec)
        except DomainError:
            raise unknown from None
        return spec


def _values(subject: str, filters: Iterable[str]) -> dict[str, list[str]]:
    """NAME=VALUE pairs as the list's address holds them."""
    known = {argument for one in view_of(subject).spec.filters.values() for argument in one.arguments}
    values: dict[str, list[str]] = {}
    for pair in filters:
        name, sign, value = pair.partition("=")
        argument = name if name in PLAIN_ARGUMENTS else PREFIX + name.removeprefix(PREFIX)
        if not sign or (argument not in known and name not in PLAIN_ARGUMENTS):
            names = ", ".join(sorted([*(one.removeprefix(PREFIX) for one in known), *PLAIN_ARGUMENTS]))
            raise click.UsageError(_("%(pair)s is no filter here. Known are: %(names)s.", pair=pair, names=names))
        values.setdefault(argument, []).append(value)
    return values
