"""Files and notes of every registered kind of record: for whoever opens its page, and for nobody else."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select

from app.core.db import db
from app.office.attachments.records import tables
from tests.access.world import ADMIN, ANONYMOUS, NO_ROLE, OUTSIDE, World

WITHOUT_ROWS = {"finance_moadian_memory", "finance_moadian_window", "org_post_holder"}
"""Tables of which the probed world has no row."""


@pytest.mark.usefixtures("prober")
def test_every_record_with_a_page_has_files_for_its_readers_alone(world: World, probed_app: Flask) -> None:
    seen = set()
    for table, models in tables().items():
        whole = inspect(models[0]).base_mapper.class_
        record_id = db.session.scalar(select(func.max(whole.id)))
        if record_id is None:
            continue
        seen.add(table)
        address = f"/files/of/{table}/{record_id}"
        assert "data-kept" in world.browsers[ADMIN].get(address).text, table
        assert {person: world.browsers[person].get(address).status_code for person in (NO_ROLE, OUTSIDE[1])} == {
            NO_ROLE: 404, OUTSIDE[1]: 404,
        }, table  # fmt: skip
        assert world.browsers[ANONYMOUS].get(address).status_code == 302, table
    assert set(tables()) - seen <= WITHOUT_ROWS
    assert {
        "crm_customer",
        "sales_order",
        "sales_proforma",
        "finance_invoice",
        "finance_payment",
        "finance_cheque",
    } < seen
