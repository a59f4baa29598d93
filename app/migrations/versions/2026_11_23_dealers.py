"""baskets of dealers' people

Revision ID: 0023
Revises: 0022
Create Date: 2026-11-24 00:20:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sales_basket",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_sales_basket_user_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_basket_customer_id")),
        sa.ForeignKeyConstraint(["department_id"], ["org_department.id"], name=op.f("fk_sales_basket_department_id")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_sales_basket_order_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_sales_basket_created_by_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_sales_basket_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_basket")),
        sa.UniqueConstraint("key", name=op.f("uq_sales_basket_key")),
        sa.UniqueConstraint("order_id", name=op.f("uq_sales_basket_order_id")),
    )
    is_open = sa.text("order_id IS NULL")
    op.create_index(
        "uq_sales_basket_open",
        "sales_basket",
        ["user_id", "customer_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index(op.f("ix_sales_basket_customer_id"), "sales_basket", ["customer_id"])
    op.create_table(
        "sales_basket_line",
        sa.Column("basket_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("typed", sa.String(length=40), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["basket_id"], ["sales_basket.id"], name=op.f("fk_sales_basket_line_basket_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["sales_product.id"], name=op.f("fk_sales_basket_line_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_basket_line")),
    )
    op.create_index(op.f("ix_sales_basket_line_basket_id"), "sales_basket_line", ["basket_id"])
    op.create_index(op.f("ix_sales_basket_line_product_id"), "sales_basket_line", ["product_id"])


def downgrade() -> None:
    op.drop_table("sales_basket_line")
    op.drop_table("sales_basket")
