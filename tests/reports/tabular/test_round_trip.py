"""What goes out comes in again as the same, also when LibreOffice saved it in between."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.core import clock
from tests.factories import CustomerFactory, EmployeeFactory, ProductFactory
from tests.factories.finance import draft_invoice, issued_invoice, line


def arranged() -> None:
    owner = EmployeeFactory()
    CustomerFactory(
        owner=owner, department=owner.home_department, national_id="0012345679", note="=1+1", latitude=35.732595,
        longitude=51.4, credit_limit_rials=10**15, registered_on=clock.today(), email="a@b.ir", is_dealer=True,
    )  # fmt: skip
    ProductFactory(barcode="6260000000248", price_rials=745_000)
    discounts = [{"percent": "5"}, {"amount": "100"}]
    issued_invoice(lines=[line("2.125", "1000", discounts=discounts), line("3", "700")])
    draft_invoice(lines=[line("1", "250")], reference="R-1")


def verdict_of(app: Flask, spec: str, file: Path) -> dict[str, Any]:
    done = app.test_cli_runner().invoke(args=["kartabl", "import", spec, str(file), "--dry-run", "--json"])
    found: dict[str, Any] = json.loads(done.output)
    return found


@pytest.mark.office
@pytest.mark.parametrize("spec", ["customers", "products", "sales_invoices"])
def test_what_was_exported_imports_as_the_same(
    committed_app: Flask, office: Callable[..., Path], tmp_path: Path, spec: str
) -> None:
    from app.core.db import db

    arranged()
    db.session.commit()
    file = tmp_path / "out.xlsx"
    done = committed_app.test_cli_runner().invoke(args=["kartabl", "export", spec, str(file)])
    assert done.exit_code == 0, done.output
    folder = tmp_path / "saved"
    folder.mkdir()

    for one in (file, office(file, to="xlsx", folder=folder)):
        found = verdict_of(committed_app, spec, one)
        assert (found["verdict"], found["errors"], found["new"], found["updated"]) == ("accept", [], 0, 0)
        assert found["same"] == found.get("documents", found["rows"])
        assert found["same"] > 0
