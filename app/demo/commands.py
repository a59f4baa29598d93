"""`flask kartabl demo`: fills an installation with a demo company."""

from __future__ import annotations

from collections.abc import Sequence

import click
from flask_babel import gettext as _

from app.core.feature import Role
from app.demo.build import build
from app.demo.company import Login
from app.org.roles import ROLE_LABELS
from app.org.setup import prepare

MOST = 5_000_000


@click.command("demo")
@click.option(
    "--customers", default=300, show_default=True, type=click.IntRange(0, 5_000_000), help="Customers in all."
)
@click.option("--invoices", default=600, show_default=True, type=click.IntRange(0, MOST), help="Invoices in all.")
@click.option("--seed", default=1403, show_default=True, help="The same seed makes the same company.")
def demo_command(customers: int, invoices: int, seed: int) -> None:
    """Add a demo company: departments, posts, a user per role, customers, products, documents."""
    first = prepare()
    built = build(customers=customers, invoices=invoices, seed=seed, report=click.echo)
    if first is not None and first.password is not None:
        click.echo(f"First administrator {first.username!r}, password (shown once): {first.password}")
    for line in login_table(built.logins):
        click.echo(line)


def login_table(logins: Sequence[Login]) -> list[str]:
    """The users of the demo as lines of a table; passwords of users made just now."""
    fresh = [login for login in logins if login.password is not None]
    if not fresh:
        return [_("The demo users were made before; their passwords are not shown again.")]
    width = max(len(login.username) for login in fresh)
    return [
        _("Users of the demo company (passwords are shown once):"),
        *(f"  {login.username:<{width}}  {login.password}  {ROLE_LABELS[Role(login.role)]}" for login in fresh),
    ]
