#!/usr/bin/env python3
"""House rules of STYLE.md that no general linter knows, checked on the syntax tree.

    bin/house_rules.py [FILE…]    all of app, imports, reports, config.py and run.py by default; exits 1 on a breach

A breach is printed as `file:line: rule: sentence`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TREES = ("app", "imports", "reports", "config.py", "run.py")
MAX_MODULE = 400
MAX_FUNCTION = 40
# Letters and digits; signs such as the Persian comma and percent are no words.
PERSIAN = re.compile("[\u0620-\u065f\u0660-\u0669\u066e-\u06d3\u06f0-\u06fc\ufb50-\ufdff\ufe70-\ufefc]")

# Tables of the Persian language itself, header names of people's workbooks, names of demo data.
PERSIAN_ALLOWED = (
    "config.py",
    "app/core/text.py",
    "app/core/digits.py",
    "app/core/calendar.py",
    "app/core/cells.py",
    "app/core/dates.py",
    "app/core/money.py",
    "app/core/months.py",
    "app/core/number_words.py",
    "app/core/formats.py",
    "app/core/identity.py",
    "app/core/parse*.py",
    "app/core/sheets.py",
    "app/**/demo*.py",
    "app/demo/**",
    "app/**/seed.py",
    "app/**/sheet.py",
    "imports/specs/**",
    "imports/layout.py",
    "imports/**/aliases.py",
    "imports/**/words.py",
    "reports/documents/labels.py",
    "reports/documents/**/labels.py",
)
RAW_SQL_ALLOWED = ("app/core/**", "app/migrations/**", "app/demo/**", "imports/**", "reports/**")
LONG_ALLOWED = ("app/migrations/**",)
STATE_ALLOWED = ("app/core/workflow*.py", "app/core/workflow/**")

Breach = tuple[int, str, str]
Rule = Callable[[Path, ast.Module, list[str]], Iterator[Breach]]


def allowed(path: Path, patterns: tuple[str, ...]) -> bool:
    """Whether a path, relative to the project, is one of the patterns; `**` is any depth."""
    return any(re.fullmatch(_expression(pattern), path.as_posix()) for pattern in patterns)


def _expression(pattern: str) -> str:
    parts = re.split(r"(\*\*/|\*\*|\*)", pattern)
    meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    return "".join(meaning.get(part, re.escape(part)) for part in parts)


def module_length(path: Path, _tree: ast.Module, lines: list[str]) -> Iterator[Breach]:
    if len(lines) > MAX_MODULE and not allowed(path, LONG_ALLOWED):
        yield len(lines), "module-length", f"{len(lines)} lines, at most {MAX_MODULE}: split by meaning"


def function_length(path: Path, tree: ast.Module, _lines: list[str]) -> Iterator[Breach]:
    if allowed(path, LONG_ALLOWED):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        # The docstring tells more the longer it is; only code is counted.
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        length = (node.end_lineno or node.lineno) - body[0].lineno + 1 if body else 0
        if length > MAX_FUNCTION:
            yield node.lineno, "function-length", f"{node.name}() has {length} lines, at most {MAX_FUNCTION}"


def persian_literals(path: Path, tree: ast.Module, _lines: list[str]) -> Iterator[Breach]:
    if allowed(path, PERSIAN_ALLOWED):
        return
    documentation = set(_docstrings(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node in documentation:
            continue
        if PERSIAN.search(node.value):
            yield node.lineno, "persian-literal", f"{node.value[:30]!r}: write English through _() and translate it"


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    """Every string that stands alone as a statement: documentation of a module, class, function or attribute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def raw_sql(path: Path, tree: ast.Module, _lines: list[str]) -> Iterator[Breach]:
    """Statements that the row scope does not see. In models, text() is a condition of an index."""
    if allowed(path, RAW_SQL_ALLOWED):
        return
    imported = _imported_from(tree, "sqlalchemy")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "__table__" and isinstance(node.ctx, ast.Load):
            yield node.lineno, "raw-sql", "__table__ goes past the row scope"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in imported:
            name = imported[node.func.id]
            if (name == "text" and path.name != "models.py") or (
                name in {"insert", "update", "delete"} and _is_table(node)
            ):
                yield node.lineno, "raw-sql", f"{name}() goes past the row scope"


def _imported_from(tree: ast.Module, package: str) -> dict[str, str]:
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == package
        for alias in node.names
    }


def _is_table(call: ast.Call) -> bool:
    """Whether insert(x) or update(x) is given a table: models are Capitalised, and their statements are scoped."""
    target = call.args[0] if call.args else None
    name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
    return not name[:1].isupper()


def state_assignment(path: Path, tree: ast.Module, _lines: list[str]) -> Iterator[Breach]:
    if allowed(path, STATE_ALLOWED):
        return
    for node in ast.walk(tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign) or (isinstance(node, ast.AnnAssign) and node.value is not None):
            targets = [node.target]
        for target in targets:
            if isinstance(target, ast.Attribute) and target.attr == "state" and not _is_self(target.value):
                yield node.lineno, "state-assignment", "state changes only in Workflow.apply"


def _is_self(node: ast.expr) -> bool:
    # A parser's or an engine's own `self.state` is no document's.
    return isinstance(node, ast.Name) and node.id == "self"


def unscoped_reason(path: Path, tree: ast.Module, _lines: list[str]) -> Iterator[Breach]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name != "unscoped":
            continue
        reason = node.args[0] if node.args else None
        if not (isinstance(reason, ast.Constant) and isinstance(reason.value, str) and len(reason.value.split()) > 1):
            yield node.lineno, "unscoped", "say the reason for lifting the row scope, as a literal sentence"


SCREEN_WORDS = frozenset({"request", "session", "g", "flash", "redirect", "url_for", "render_template"})


def layers_of_a_feature(path: Path, tree: ast.Module, _lines: list[str]) -> Iterator[Breach]:
    """Models import nothing of services or views; services and queries know no request."""
    if path.parts[0] != "app" or path.parts[1:2] == ("core",):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        module = node.module or ""
        if path.name == "models.py" and module.rsplit(".", 1)[-1] in {"services", "views", "jobs"}:
            yield node.lineno, "feature-layers", f"models import {module}"
        if path.name in {"services.py", "queries.py", "models.py"} and module in {"flask", "flask_login"}:
            for alias in node.names:
                if alias.name in SCREEN_WORDS:
                    yield node.lineno, "feature-layers", f"{path.name} knows flask.{alias.name}"


RULES: tuple[Rule, ...] = (
    module_length,
    function_length,
    persian_literals,
    raw_sql,
    state_assignment,
    unscoped_reason,
    layers_of_a_feature,
)


def breaches(path: Path, source: str) -> list[Breach]:
    """What a file breaks, by line. `path` is relative to the project and decides on the exceptions."""
    tree = ast.parse(source, filename=str(path))
    lines = source.splitlines()
    return sorted(breach for rule in RULES for breach in rule(path, tree, lines))


def files(names: list[str]) -> Iterator[Path]:
    """The modules to check: those named, else all of ours."""
    for name in names or TREES:
        path = (ROOT / name).resolve()
        if path.is_dir():
            yield from sorted(path.rglob("*.py"))
        elif path.suffix == ".py" and path.exists():
            yield path


def main(names: list[str]) -> int:
    found = 0
    for path in files(names):
        relative = path.relative_to(ROOT)
        for line, rule, sentence in breaches(relative, path.read_text(encoding="utf-8")):
            print(f"{relative}:{line}: {rule}: {sentence}")
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
