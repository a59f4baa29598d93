"""orders that wait, by their delivery

Revision ID: 0025
Revises: 0024
Create Date: 2026-11-24 01:00:00
"""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = ["kind", "state", "deliver_on", "id", "department_id", "owner_id"]
    op.create_index("ix_sales_order_waiting", "sales_order", columns)


def downgrade() -> None:
    op.drop_index("ix_sales_order_waiting", table_name="sales_order")
