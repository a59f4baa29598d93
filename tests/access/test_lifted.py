"""Who acts as the system, and so sees every row. `unscoped` itself is listed in tests/contract."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AS_SYSTEM = {
    ("app/core/jobs.py", "a job that the system queued"),
    ("app/core/job_runner.py", "jobs"),
    ("app/core/outside.py", "outside link"),
    ("app/core/outside.py", "outside link"),
    ("app/core/schedule.py", "a sweep by its name"),
    ("app/demo/build.py", "demo"),
    ("app/finance/cheques/services.py", "cheques"),
    ("app/finance/settlement/cheque_postings.py", "settlement"),
    ("app/office/edit_levels/effects.py", "edit levels"),
    ("app/office/edit_levels/people.py", "edit levels"),
    ("app/office/signatures/checks.py", "paper check"),
    ("app/org/security.py", "command line"),
    ("app/org/security.py", "sign-in"),
    ("app/org/setup.py", "init"),
    ("app/sales/orders/workflow.py", "orders"),
    ("app/sales/proformas/links.py", "proforma link"),
    ("app/sales/proformas/workflow.py", "proformas"),
    ("imports/commands.py", "command"),
    ("reports/tabular/commands.py", "command"),
}
"""Who acts as the system, which sees every row; a name that is worked out is told in words."""
WORKED_OUT = {"app/core/jobs.py": "a job that the system queued", "app/core/schedule.py": "a sweep by its name"}


def calls(name: str) -> set[tuple[str, str]]:
    """(file, first argument) of every call of a function of that name."""
    found = set()
    for folder in ("app", "imports", "reports"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.name == "actor.py":
                continue
            where = path.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == name and node.args:
                    first = node.args[0]
                    literal = first.value if isinstance(first, ast.Constant) else WORKED_OUT.get(where, "worked out")
                    found.add((where, str(literal)))
    return found


def test_nobody_else_acts_as_the_system() -> None:
    assert {place for place in calls("system") if place[0] != "app/core/scope.py"} == AS_SYSTEM


def test_no_model_is_read_below_the_orm_outside_the_engines() -> None:
    """Core statements over a model's table go around the scope: only core, imports and reports may."""
    around = [
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
        for path in sorted((ROOT / "app").rglob("*.py"))
        if "core" not in path.parts and "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "__table__"
    ]
    assert around == []
