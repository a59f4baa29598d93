"""The house rules find what they are for, and leave the allowed places alone."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def rules() -> ModuleType:
    spec = importlib.util.spec_from_file_location("house_rules", ROOT / "bin" / "house_rules.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BROKEN = {
    "persian-literal": 'label = "مشتری"',
    "raw-sql": "from sqlalchemy import text\nquery = text('select 1')",
    "state-assignment": "invoice.state = 'issued'",
    "unscoped": "with unscoped(reason):\n    pass",
    "function-length": "def long():\n" + "    x = 1\n" * 41,
    "module-length": "x = 1\n" * 401,
    "feature-layers": "from flask import request",
}


@pytest.mark.parametrize("rule", BROKEN)
def test_each_rule_finds_its_breach(rules: ModuleType, rule: str) -> None:
    found = rules.breaches(Path("app/crm/customers/services.py"), BROKEN[rule])
    assert [name for _line, name, _sentence in found] == [rule]


ALLOWED = {
    "a table of the language in its module": ("app/core/months.py", 'MONTHS = ("مهر",)'),
    "documentation in Persian": ("app/crm/customers/models.py", '"""The customer (مشتری)."""'),
    "the condition of a partial index": (
        "app/crm/customers/models.py",
        "from sqlalchemy import Index, text\nIndex('x', 'y', sqlite_where=text('y is null'))",
    ),
    "an ORM-enabled update": (
        "app/crm/customers/services.py",
        "from sqlalchemy import update\nupdate(Customer).values(x=1)",
    ),
    "the engine sets the state": ("app/core/workflow.py", "document.state = target"),
    "a parser's own state": ("app/crm/customers/services.py", "self.state = 1"),
    "a literal reason": ("app/crm/customers/services.py", "with unscoped('numbers of all branches'):\n    pass"),
    "a long docstring": (
        "app/core/clock.py",
        'def f():\n    """One.\n' + "\n    more\n" * 50 + '    """\n    return 1',
    ),
}


@pytest.mark.parametrize("case", ALLOWED)
def test_what_is_allowed_is_left_alone(rules: ModuleType, case: str) -> None:
    path, source = ALLOWED[case]
    assert rules.breaches(Path(path), source) == []


def test_an_insert_into_a_table_is_found_and_one_into_a_model_is_not(rules: ModuleType) -> None:
    source = "from sqlalchemy import insert\ninsert(lines)\ninsert(Line)"
    assert [line for line, *_ in rules.breaches(Path("app/sales/orders/services.py"), source)] == [2]
