"""orders that wait, by their delivery

Revision ID: 0024
Revises: 0023
Create Date: 2026-11-24 01:00:00
"""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_sales_order_waiting", "sales_order", ["kind", "state", "deliver_on", "id"])


def downgrade() -> None:
    op.drop_index("ix_sales_order_waiting", table_name="sales_order")
