"""The command line: `flask kartabl …`. Documented in docs/cli.md; people automate with it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from app.core.errors import DomainError

kartabl = AppGroup("kartabl", help="Run and look after this Kartabl installation.")


@kartabl.command("init")
@click.option("--admin", default="admin", show_default=True, help="User name of the first administrator.")
@click.option("--password-stdin", is_flag=True, help="Read the administrator's password from standard input.")
def init_command(admin: str, password_stdin: bool) -> None:
    """Make the schema, the roles and the first administrator. Safe to repeat."""
    from app.org.setup import prepare

    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    try:
        made = prepare(admin=admin, password=password)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    if made is None:
        click.echo("Ready: schema and roles are current.")
        return
    click.echo(f"Ready: first administrator {made.username!r}.")
    if made.password is not None:
        click.echo(f"Password (shown once): {made.password}")


@kartabl.command("sync-roles")
def sync_roles_command() -> None:
    """Write the shipped roles and their new grants."""
    from app.org.roles import sync_roles

    click.echo(f"{sync_roles()} new grants.")


@kartabl.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor_command(as_json: bool) -> None:
    """Say what is present, missing or misconfigured; exits 1 when something does not work."""
    import json

    from app.core import doctor

    findings = doctor.examine_current()
    if as_json:
        click.echo(json.dumps(doctor.as_json(findings), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(doctor.report(findings)))
    if any(finding.is_ill for finding in findings):
        raise SystemExit(1)


@kartabl.command("totals")
@click.argument("file", type=click.File("r", encoding="utf-8"))
def totals_command(file: IO[str]) -> None:
    """Compute the totals of a document in JSON; exits 2 when it is not valid."""
    import json

    from app.core import totals
    from app.core.errors import Invalid

    try:
        try:
            document = json.load(file)
        except ValueError as error:
            raise click.ClickException(f"not JSON: {error}") from error
        result = totals.to_json(totals.compute(totals.parse(document)))
    except Invalid as error:
        click.echo(json.dumps({"errors": [e.as_json() for e in error.errors]}, ensure_ascii=False, indent=2))
        raise SystemExit(2) from error
    click.echo(json.dumps(result, ensure_ascii=False, indent=2))


@kartabl.command("verify-chain")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--head", "only_head", is_flag=True, help="Print the head of the chain, to be kept elsewhere.")
@click.option("--against", multiple=True, metavar="HEAD", help="A head that was kept elsewhere. Repeatable.")
def verify_chain_command(*, as_json: bool, only_head: bool, against: tuple[str, ...]) -> None:
    """Check the history, every record and every issued document; exits 2 when something was changed."""
    import json

    from app.core.audit import head_text, seal_pending, verify_chain
    from app.core.chain_check import parse_head

    seal_pending()
    if only_head:
        click.echo(head_text())
        return
    try:
        kept = [parse_head(text) for text in against]
    except ValueError as error:
        raise click.BadParameter(f"{error}: not a head as --head prints it", param_hint="--against") from error
    verdict = verify_chain(against=kept)
    if as_json:
        click.echo(json.dumps(verdict.as_json(), ensure_ascii=False, indent=2))
    else:
        for finding in verdict.findings:
            where = ", ".join(f"{k} {v}" for k, v in finding.as_json().items() if k not in {"code", "message"})
            click.echo(f"{finding.code}: {finding.message} ({where})")
        counts = (
            f"{verdict.batches} batches, {verdict.rows} rows, {verdict.documents} documents, {verdict.records} records"
        )
        click.echo(f"{'In order' if verdict.ok else 'CHANGED'}: {counts}; head {verdict.head}")
    if not verdict.ok:
        raise SystemExit(2)


@kartabl.command("protect-history")
@click.option("--role", required=True, help="The database role that the application will sign in with.")
def protect_history_command(*, role: str) -> None:
    """PostgreSQL: let a role use everything, but only add to the history. Run as the owner of the tables."""
    from app.core.history_guard import protect

    try:
        protect(role)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"The history can only be added to. Let the application sign in as {role!r}.")


@kartabl.command("backup")
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), help="Folder; `backups` of the data folder.")
def backup_command(*, to: Path | None) -> None:
    """Write the database and the data folder's files into one file, named with the day and the history's head."""
    from app.core.backup import make_backup

    try:
        file, head = make_backup(to)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(file)
    click.echo(f"head {head}")


@kartabl.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore_command(*, file: Path) -> None:
    """Make this new, empty installation what a backup holds. Refuses over anything that is there."""
    from app.core.backup import restore_backup

    try:
        manifest = restore_backup(file)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Restored from {manifest['made_at']}. Next: flask kartabl init")
    click.echo(f"Then compare: flask kartabl verify-chain --against {manifest['head']}")


def register(app: Flask) -> None:
    """Put the commands on the application; after the features, whose models the demo needs."""
    from app.demo.commands import demo_command
    from app.scaffold.commands import new_feature_command

    kartabl.add_command(demo_command)
    kartabl.add_command(new_feature_command)
    if "kartabl" not in app.cli.commands:
        app.cli.add_command(kartabl)


__all__ = ["kartabl", "register", "with_appcontext"]
