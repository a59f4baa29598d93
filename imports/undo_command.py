"""`flask kartabl undo-import`: the command-line twin of the undo button."""

from __future__ import annotations

import json

import click
from flask_babel import gettext as _

from app.core.db import db, writing
from app.core.errors import DomainError
from imports.commands import acting
from imports.past import open_batch
from imports.undo import CannotUndo, undo_batch


@click.command("undo-import")
@click.argument("batch", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print what was done, or what prevents it, as JSON.")
@click.option("--user", help="Act as this user: only with the user's rights and rows.")
def undo_import_command(batch: int, *, as_json: bool, user: str | None) -> None:
    """Take an import back: BATCH is its number; exits 2 when something was built on it."""
    try:
        with acting(user), writing():
            counts = undo_batch(open_batch(batch))
            db.session.commit()
    except CannotUndo as refused:
        found = [one.as_json() for one in refused.found]
        db.session.rollback()
        lines = [str(refused), *(f"{one['kind']} {one['name']}: {one['message']}" for one in found)]
        answer = {"undone": False, "message": str(refused), "hindrances": found}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2) if as_json else "\n".join(lines))
        raise SystemExit(2) from refused
    except DomainError as refused:
        db.session.rollback()
        raise click.ClickException(str(refused)) from refused
    if as_json:
        click.echo(json.dumps({"undone": True, **counts, "hindrances": []}, ensure_ascii=False, indent=2))
    else:
        click.echo(_("%(deleted)d deleted, %(restored)d as they were.", **counts))
