"""`flask kartabl new-feature`: a module out of one command. See docs/new-module.md."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.core.feature import Role
from app.scaffold.generate import Plan, run, tidy, write_feature, write_words
from app.scaffold.parts import CONTEXTS, SUBJECT, BadPart, Field, State, StepPart, read_label

ROOT = Path(__file__).resolve().parents[2]


@click.command("new-feature")
@click.argument("name")
@click.option("--singular", required=True, metavar="EN:FA", help="What one record is called.")
@click.option("--plural", required=True, metavar="EN:FA", help="What many of them are called.")
@click.option("--field", "fields", multiple=True, required=True, metavar="NAME:TYPE[!]:EN:FA", help="! is required.")
@click.option("--state", "states", multiple=True, metavar="NAME:EN:FA", help="A state; the first is the initial one.")
@click.option("--step", "steps", multiple=True, metavar="NAME:FROM,FROM>TO:EN:FA", help="A step from state to state.")
@click.option("--due", default="", metavar="FIELD", help="The date on which an open record falls due.")
@click.option("--grant", "grants", multiple=True, metavar="ROLE=own|department|all", help="A role that works with it.")
@click.option("--icon", default="box-seam", show_default=True)
@click.option("--root", type=click.Path(path_type=Path, file_okay=False, exists=True), default=ROOT, hidden=True)
def new_feature_command(
    name: str, singular: str, plural: str, fields: tuple[str, ...], states: tuple[str, ...], steps: tuple[str, ...],
    due: str, grants: tuple[str, ...], icon: str, root: Path,
) -> None:  # fmt: skip
    """Write a module CONTEXT.NAME: manifest, model, workflow, screens, sheet, factory, tests, Persian words."""
    found = SUBJECT.fullmatch(name)
    if found is None or found[1] not in CONTEXTS:
        raise click.BadParameter(f"{name!r} should be CONTEXT.NAME with one of {', '.join(CONTEXTS)}")
    try:
        known = tuple(State.read(one) for one in states)
        plan = Plan(
            context=found[1],
            slug=found[2],
            singular=read_label(singular),
            plural=read_label(plural),
            fields=tuple(Field.read(one) for one in fields),
            states=known,
            steps=tuple(StepPart.read(one, known) for one in steps),
            due=due,
            reaches=dict(_read_grant(one) for one in grants),
            icon=icon,
        )
        files = write_feature(root, plan)
    except BadPart as bad:
        raise click.ClickException(str(bad)) from bad
    except FileExistsError as taken:
        raise click.ClickException(f"already there: {taken}") from taken
    tidy(root, files)
    write_words(root, plan)
    run(root, sys.executable, "bin/migration", plan.slug)
    for path in files:
        click.echo(path.relative_to(root))


def _read_grant(text: str) -> tuple[Role, str]:
    name, _equals, reach = text.partition("=")
    known = {role.value.lower(): role for role in Role} | {role.name.lower(): role for role in Role}
    if name.lower() not in known or reach not in ("own", "department", "all"):
        raise BadPart(f"{text!r}: ROLE=own|department|all with one of {', '.join(role.value for role in Role)}")
    return known[name.lower()], reach
