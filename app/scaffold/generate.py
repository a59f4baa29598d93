"""A new feature written out: manifest, model, workflow, screens, sheet, factory, tests and Persian words."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.pofile import write_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.core.feature import Role
from app.scaffold.parts import BadPart, Field, Label, State, StepPart

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Plan:
    """A feature as it was asked for. `reaches` says how far further roles see: role → own, department or all."""

    context: str
    slug: str
    singular: Label
    plural: Label
    fields: tuple[Field, ...]
    states: tuple[State, ...] = ()
    steps: tuple[StepPart, ...] = ()
    due: str = ""
    reaches: dict[Role, str] = field(default_factory=dict)
    icon: str = "box-seam"

    @property
    def subject(self) -> str:
        return f"{self.context}.{self.slug}"

    @property
    def module(self) -> str:
        return f"{self.context}_{self.slug}"

    @property
    def key(self) -> Field:
        """The field that tells records apart: the first code that must be given. Raises BadPart."""
        found = next((one for one in self.fields if one.kind == "code" and one.is_needed), None)
        if found is None:
            raise BadPart("one field must be a code that tells records apart, e.g. code:code!:Number:(Persian)")
        return found

    def check(self) -> None:
        """Raises BadPart for what does not fit together."""
        names = [one.name for one in self.fields]
        reserved = {"id", "state", "owner", "department", "version"} & set(names)
        if len(set(names)) != len(names) or reserved:
            raise BadPart(f"field names are doubled or taken: {', '.join(sorted(reserved)) or ', '.join(names)}")
        if bool(self.states) != bool(self.steps):
            raise BadPart("states and steps go together")
        if self.due and not (self.states and any(one.name == self.due and one.type.is_date for one in self.fields)):
            raise BadPart(f"{self.due!r} must be a date field of a feature with states")
        assert self.key

    def words(self) -> Iterator[tuple[str, str]]:
        """Every English word of the feature with its Persian."""
        yield from ((one.en, one.fa) for one in (self.singular, self.plural))
        yield from ((state.en, state.fa) for state in self.states)
        yield from ((step.en, step.fa) for step in self.steps)
        yield from ((one.label.en, one.label.fa) for one in self.fields)

    def context_of_templates(self) -> dict[str, Any]:
        """What the templates speak of."""
        name = re.sub(r"[^A-Za-z0-9]", "", self.singular.en.title())
        names = [one.name for one in self.fields]
        texts = [one.name for one in self.fields if one.type.is_text]
        references = [one for one in self.fields if one.target]
        filtered = [one.name for one in self.fields if one.target or one.type.is_date]
        return {
            "plan": self, "name": name, "subject": self.subject, "context": self.context, "module": self.module,
            "singular": self.singular, "plural": self.plural, "article": "an" if name[0] in "AEIOU" else "a",
            "fields": [_Shown(one, is_key=one is self.key) for one in self.fields], "states": self.states,
            "steps": self.steps, "due": self.due, "icon": self.icon, "references": references,
            "table": f"{self.context}_{self.singular.en.lower().replace(' ', '_')}",
            "plural_slug": self.slug.replace("_", "-"), "constant": name.upper(),
            "constant_plural": self.slug.upper(), "key": self.key.name, "title": self.key.name,
            "searched": texts, "has_dates": any(one.type.is_date for one in self.fields),
            "kinds": {one.kind for one in self.fields}, "imports": self._imports(),
            "listed": [*names[:5], *(["state"] if self.states else [])],
            "filtered": [*(["state"] if self.states else []), *filtered, "owner", "department"],
            "detail": f"str(row.{references[0].name})" if references else '""',
            "grants": [{"role": role.name, "reach": reach} for role, reach in self.reaches.items()],
        }  # fmt: skip

    def _imports(self) -> list[str]:
        needed = {"Mapped", "Model", "Record", "_l", "mapped_column"}
        for one in self.fields:
            needed |= set(re.findall(r"[A-Z]\w+", one.type.column + one.type.annotation)) - {"None"}
        needed |= {"relationship"} if any(one.target for one in self.fields) else set()
        needed |= {"enum_type"} if self.states else set()
        return sorted(needed)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A field with its line of the model."""

    field: Field
    is_key: bool

    def __getattr__(self, name: str) -> Any:
        return getattr(self.field, name)

    @property
    def column(self) -> str:
        return self.field.column(is_key=self.is_key)


def write_feature(root: Path, plan: Plan) -> list[Path]:
    """Write the files below `root`; returns them. Raises BadPart, FileExistsError; then nothing is written."""
    plan.check()
    context = plan.context_of_templates()
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - it writes Python; labels hold no quotes
    )  # fmt: skip
    files = {root / path: environment.get_template(name).render(context) for path, name in _files(plan)}
    taken = [str(path.relative_to(root)) for path in files if path.exists()]
    if taken:
        raise FileExistsError(", ".join(taken))
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        for package in (path.parent, path.parent.parent):
            if package != root and not (package / "__init__.py").exists():
                (package / "__init__.py").touch()
        path.write_text(content, encoding="utf-8")
    _list_feature(root / "config.py", plan.subject)
    _list_sheet(root / "imports" / "specs" / "__init__.py", plan)
    return list(files)


def _files(plan: Plan) -> Iterator[tuple[str, str]]:
    home = f"app/{plan.context}/{plan.slug}"
    yield f"{home}/models.py", "models.py.j2"
    if plan.states:
        yield f"{home}/workflow.py", "workflow.py.j2"
    yield f"{home}/views.py", "views.py.j2"
    yield f"{home}/feature.py", "feature.py.j2"
    yield f"imports/specs/{plan.module}.py", "sheet.py.j2"
    yield f"tests/factories/{plan.module}.py", "factory.py.j2"
    yield f"tests/{plan.context}/test_{plan.slug}.py", "tests.py.j2"
    yield f"tests/modules/{plan.module}.py", "probes.py.j2"


def _list_feature(config: Path, subject: str) -> None:
    """Before the organisation, which closes the menu."""
    text = config.read_text(encoding="utf-8")
    place = text.index('    "org.', text.index("FEATURES = ("))
    config.write_text(f'{text[:place]}    "{subject}",\n{text[place:]}', encoding="utf-8")


def _list_sheet(specs: Path, plan: Plan) -> None:
    constant = plan.slug.upper()
    text = specs.read_text(encoding="utf-8")
    text = text.replace("\nSPECS:", f"from imports.specs.{plan.module} import {constant}\n\nSPECS:", 1)
    specs.write_text(re.sub(r"(SPECS: [^\n]* = \([^)]*?),?\s*\)", rf"\1, {constant})", text, count=1), encoding="utf-8")


def write_words(root: Path, plan: Plan) -> None:
    """Put the feature's words into the Persian catalogue; those that it has stay as they are."""
    catalogue = Catalog(locale="fa")
    for english, persian in plan.words():
        catalogue.add(english, persian)
    file = root / "babel" / f"{plan.module}.po"
    with file.open("wb") as out:
        write_po(out, catalogue)
    try:
        run(root, sys.executable, "bin/catalogue.py", "add", str(file))
    finally:
        file.unlink()


def tidy(root: Path, files: list[Path]) -> None:
    """Format what was written as the project formats it, where the developers' tools are installed."""
    ruff = Path(sys.executable).with_name("ruff")
    if ruff.exists():
        run(root, str(ruff), "check", "-q", "--fix-only", "--select", "I,F401,C416,COM", *map(str, files))
        run(root, str(ruff), "format", "-q", *map(str, files), "imports/specs/__init__.py")
        run(root, str(ruff), "check", "-q", "--fix-only", "--select", "I", "imports/specs/__init__.py")


def run(root: Path, *command: str) -> None:
    """Raises CalledProcessError."""
    subprocess.run(command, cwd=root, check=True)
