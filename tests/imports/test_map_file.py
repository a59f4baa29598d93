"""A mapping as JSON for programs: `import --map` and its short options, and everything that is wrong with one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.core.sheets import sheet_named
from app.crm.customers.models import Customer
from imports.choice import Choice, Part
from imports.layout import Hidden
from imports.map_file import BadMap, read_map
from imports.transforms import fold
from tests.imports.test_apply_customers import book

GIVEN = {
    "sheet": "S", "header_row": 4, "hidden": "leave",
    "columns": {"name": "Buyer", "note": "D"}, "ignore": ["State"],
    "units": {"credit_limit_rials": "toman"},
    "parts": {"first_name": {"of": ["Buyer"], "part": "given"}},
    "constants": {"city": "تهران", "price_list": {"id": 7}, "is_active": "yes"},
    "values": {"kind": {"Ltd.": "company", "?": None}, "price_list": {"VIP": {"create": ""}}},
    "create": {"price_list": ""}, "keys": ["code", "name+mobile", "mobile"],
}  # fmt: skip


def test_everything_that_the_columns_page_asks_can_be_said(app: Any) -> None:
    assert read_map(GIVEN, sheet_named("customers")) == Choice(
        sheet="S",
        header_row=3,
        hidden=Hidden.LEAVE,
        columns={"name": "Buyer", "note": "D"},
        ignore=("State",),
        units={"credit_limit_rials": "toman"},
        parts={"first_name": (("Buyer",), Part.GIVEN)},
        constants={"city": "تهران", "price_list": {"id": 7}, "is_active": "yes"},
        values={"kind": {fold("Ltd."): "company", fold("?"): None}, "price_list": {fold("VIP"): {"create": ""}}},
        create={"price_list": ""},
        keys=(("code",), ("name", "mobile"), ("mobile",)),
    )


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ([], "/"),
        ({"colums": {}}, "colums"),
        ({"header_row": 0}, "header_row"),
        ({"hidden": "perhaps"}, "hidden"),
        ({"header_row": True}, "header_row"),
        ({"sheet": 5}, "sheet"),
        ({"columns": {"colour": "A"}}, "columns"),
        ({"columns": {"name": 1}}, "columns.name"),
        ({"columns": []}, "columns"),
        ({"columns": ["name"]}, "columns"),
        ({"ignore": "State"}, "ignore"),
        ({"units": {"credit_limit_rials": "dollar"}}, "units.credit_limit_rials"),
        ({"parts": {"name": {"of": []}}}, "parts.name.of"),
        ({"parts": {"name": {"of": ["A"], "part": "middle"}}}, "parts.name.part"),
        ({"constants": {"city": {"name": "x"}}}, "constants.city"),
        ({"constants": {"city": True}}, "constants.city"),
        ({"values": {"kind": "company"}}, "values.kind"),
        ({"values": {"kind": {"x": {"id": "7"}}}}, "values.kind.x"),
        ({"create": ["name"]}, "create.name"),
        ({"create": {"price_list": "company"}}, "create.price_list"),
        ({"create": 5}, "create"),
        ({"keys": ["colour"]}, "keys"),
    ],
)
def test_a_wrong_mapping_says_where(app: Any, given: Any, path: str) -> None:
    with pytest.raises(BadMap) as refused:
        read_map(given, sheet_named("customers"))
    assert refused.value.path == path


def run(app: Any, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=["kartabl", "import", *arguments])


def test_the_command_takes_a_mapping_and_options_over_it(committed_app: Any, tmp_path: Path) -> None:
    from app.core.db import db

    path = book(tmp_path, ["Buyer", "Kind of it", "List"], ["Arya Co", "Ltd.", "VIP"], ["Ali Rezaei", "man", "VIP"])
    mapping = tmp_path / "map.json"
    mapping.write_text(
        json.dumps({
            "columns": {"name": "Buyer", "kind": "Kind of it"},
            "values": {"kind": {"Ltd.": "company", "man": "person"}},
            "constants": {"city": "Qom"},
        }),
        encoding="utf-8",
    )  # fmt: skip
    done = run(
        committed_app, "customers", str(path), "--map", str(mapping), "--column", "price_list=C", "--set", "city=تهران",
        "--create", "price_list", "--match", "name+mobile", "--json",
    )  # fmt: skip
    report = json.loads(done.output)
    found = db.session.scalars(select(Customer).where(Customer.name.in_(["Arya Co", "Ali Rezaei"]))).all()

    assert (done.exit_code, report["new"], report["stored"]) == (0, 2, True)
    assert {(one.city, one.price_list.code) for one in found} == {("تهران", "VIP")}
    assert {one.name: one.kind.value for one in found} == {"Arya Co": "company", "Ali Rezaei": "person"}


def test_the_command_names_what_is_wrong_with_a_mapping(app: Any, tmp_path: Path) -> None:
    path = book(tmp_path, ["نام"], ["آریا"])
    broken = tmp_path / "map.json"
    broken.write_text("{", encoding="utf-8")

    assert "map.json" in run(app, "customers", str(path), "--map", str(broken)).output
    assert "colour" in run(app, "customers", str(path), "--set", "colour=red").output
    assert run(app, "customers", str(path), "--map", str(broken)).exit_code == 1


def test_a_header_that_is_not_in_the_sheet_rejects_the_file(app: Any, tmp_path: Path) -> None:
    path = book(tmp_path, ["نام"], ["آریا"])
    done = run(app, "customers", str(path), "--column", "city=Town", "--json")
    report = json.loads(done.output)
    assert (done.exit_code, report["verdict"], report["reason"]) == (2, "reject", "unknown_header")
