"""own orders, the newest first

Revision ID: 0030
Revises: 0029
Create Date: 2026-11-24 04:45:00
"""

from __future__ import annotations

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_sales_order_owner", "sales_order", ["owner_id", "kind", "order_on", "id"])
    op.drop_index("ix_sales_order_owner_id", table_name="sales_order")


def downgrade() -> None:
    op.create_index("ix_sales_order_owner_id", "sales_order", ["owner_id"])
    op.drop_index("ix_sales_order_owner", table_name="sales_order")
