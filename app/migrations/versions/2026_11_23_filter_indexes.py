"""An index for every filter of every list.

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-23 13:35:00
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KNOWN = ("province", "city", "registered_on", "credit_limit_rials")
PLAIN = (
    ("sales_product", "unit_id"),
    ("sales_product", "price_rials"),
    ("sales_price_list_item", "price_rials"),
    ("sales_price_list_item", "from_on"),
    ("finance_invoice", "fiscal_year"),
    ("finance_invoice", "payable_rials"),
)
RARE = (
    ("crm_customer", "is_customer", False),
    ("crm_customer", "is_active", False),
    ("crm_customer", "is_supplier", True),
    ("crm_customer", "is_dealer", True),
    ("sales_product", "is_active", False),
)
NAMES = {"registered_on": "registered", "credit_limit_rials": "credit"}


def _where(sqlite: str, postgresql: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(sqlite), "postgresql_where": sa.text(postgresql)}


def upgrade() -> None:
    for name in KNOWN:
        pattern = {name: "text_pattern_ops"} if name in ("province", "city") else {}
        known = _where(f"{name} IS NOT NULL", f"{name} IS NOT NULL")
        op.create_index(
            f"ix_crm_customer_{NAMES.get(name, name)}", "crm_customer", [name], postgresql_ops=pattern, **known
        )
    for table, name, value in RARE:
        rare = _where(f"{name} IS {int(value)}", f"{name} IS {str(value).lower()}")
        op.create_index(f"ix_{table}_{name}", table, ["id"], **rare)
    for table, name in PLAIN:
        op.create_index(f"ix_{table}_{name}", table, [name])


def downgrade() -> None:
    for table, name in reversed(PLAIN):
        op.drop_index(f"ix_{table}_{name}", table)
    for table, name, _value in reversed(RARE):
        op.drop_index(f"ix_{table}_{name}", table)
    for name in reversed(KNOWN):
        op.drop_index(f"ix_crm_customer_{NAMES.get(name, name)}", "crm_customer")
