"""orders

Revision ID: 0020
Revises: 0019
Create Date: 2026-11-23 20:55:48.044996
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.search import create_search_index, drop_search_index

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sales_conversion",
        sa.Column("route", sa.String(length=60), nullable=False),
        sa.Column("lane", sa.String(length=20), nullable=False),
        sa.Column("source_subject", sa.String(length=60), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("target_subject", sa.String(length=60), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["ab_user.id"], name=op.f("fk_sales_conversion_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_conversion")),
        sa.UniqueConstraint(
            "source_subject", "source_id", "key", name=op.f("uq_sales_conversion_source_subject_source_id_key")
        ),
    )
    with op.batch_alter_table("sales_conversion", schema=None) as batch_op:
        batch_op.create_index("ix_sales_conversion_target", ["target_subject", "target_id"], unique=False)

    op.create_table(
        "sales_conversion_line",
        sa.Column("conversion_id", sa.Integer(), nullable=False),
        sa.Column("source_line_id", sa.Integer(), nullable=False),
        sa.Column("target_line_id", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_sales_conversion_line_quantity")),
        sa.ForeignKeyConstraint(
            ["conversion_id"],
            ["sales_conversion.id"],
            name=op.f("fk_sales_conversion_line_conversion_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_conversion_line")),
    )
    with op.batch_alter_table("sales_conversion_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_conversion_line_conversion_id"), ["conversion_id"], unique=False)
        batch_op.create_index("ix_sales_conversion_line_source", ["source_line_id"], unique=False)

    op.create_table(
        "sales_order",
        sa.Column(
            "kind",
            sa.Enum("sales", "purchase", "production", name="orderkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "approved",
                "in_progress",
                "done",
                "on_hold",
                "cancelled",
                "closed_short",
                name="orderstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum("office", "dealer", "rep", "excel", "automation", name="ordersource", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(60), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("customer_name", sa.String(200), nullable=False),
        sa.Column("order_on", sa.Date(), nullable=False),
        sa.Column("deliver_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "policy",
            sa.Enum("line_floor", "line_half_up", "document_half_up", name="policy", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column("gross_rials", sa.BigInteger(), nullable=False),
        sa.Column("discount_rials", sa.BigInteger(), nullable=False),
        sa.Column("net_rials", sa.BigInteger(), nullable=False),
        sa.Column("tax_rials", sa.BigInteger(), nullable=False),
        sa.Column("additions_rials", sa.BigInteger(), nullable=False),
        sa.Column("payable_rials", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind = 'production' OR customer_id IS NOT NULL", name=op.f("ck_sales_order_party")),
        sa.CheckConstraint("state <> 'draft' OR number IS NULL", name=op.f("ck_sales_order_draft_has_no_number")),
        sa.CheckConstraint("net_rials = gross_rials - discount_rials", name=op.f("ck_sales_order_net")),
        sa.CheckConstraint(
            "payable_rials = net_rials + tax_rials + additions_rials", name=op.f("ck_sales_order_payable")
        ),
        sa.ForeignKeyConstraint(["approved_by_id"], ["ab_user.id"], name=op.f("fk_sales_order_approved_by_id")),
        sa.ForeignKeyConstraint(["branch_id"], ["org_branch.id"], name=op.f("fk_sales_order_branch_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_sales_order_created_by_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_order_customer_id")),
        sa.ForeignKeyConstraint(["department_id"], ["org_department.id"], name=op.f("fk_sales_order_department_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["ab_user.id"], name=op.f("fk_sales_order_owner_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_sales_order_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order")),
        sa.UniqueConstraint(
            "kind", "branch_id", "fiscal_year", "number", name=op.f("uq_sales_order_kind_branch_id_fiscal_year_number")
        ),
        sa.UniqueConstraint("kind", "reference", name=op.f("uq_sales_order_kind_reference")),
    )
    with op.batch_alter_table("sales_order", schema=None) as batch_op:
        batch_op.create_index("ix_sales_order_customer", ["customer_id", "order_on"], unique=False)
        batch_op.create_index(
            "ix_sales_order_delivery",
            ["kind", "deliver_on", "id"],
            unique=False,
            sqlite_where=sa.text("deliver_on IS NOT NULL"),
            postgresql_where=sa.text("deliver_on IS NOT NULL"),
        )
        batch_op.create_index("ix_sales_order_department", ["department_id", "kind", "order_on"], unique=False)
        batch_op.create_index("ix_sales_order_list", ["kind", "order_on", "id"], unique=False)
        batch_op.create_index("ix_sales_order_number", ["number", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_order_order_on"), ["order_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_order_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_order_payable_rials"), ["payable_rials"], unique=False)
        batch_op.create_index("ix_sales_order_source", ["kind", "source", "order_on", "id"], unique=False)
        batch_op.create_index("ix_sales_order_state", ["kind", "state", "order_on", "id"], unique=False)

    op.create_table(
        "sales_order_adjustment",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_discount", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=True),
        sa.Column("amount_rials", sa.BigInteger(), nullable=True),
        sa.Column("of", sa.Enum("net", "payable", name="discountof", native_enum=False, length=40), nullable=False),
        sa.Column("sign", sa.Integer(), nullable=False),
        sa.Column("taxed", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_sales_order_adjustment_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order_adjustment")),
    )
    with op.batch_alter_table("sales_order_adjustment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_order_adjustment_order_id"), ["order_id"], unique=False)

    op.create_table(
        "sales_order_amendment",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["ab_user.id"], name=op.f("fk_sales_order_amendment_by_id")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_sales_order_amendment_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order_amendment")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_sales_order_amendment_order_id_position")),
    )
    op.create_table(
        "sales_order_line",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_code", sa.String(60), nullable=False),
        sa.Column("description", sa.String(300), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("discounts", sa.JSON(), nullable=False),
        sa.Column("is_free", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("gross_rials", sa.BigInteger(), nullable=False),
        sa.Column("discount_rials", sa.BigInteger(), nullable=False),
        sa.Column("document_discount_rials", sa.BigInteger(), nullable=False),
        sa.Column("net_rials", sa.BigInteger(), nullable=False),
        sa.Column("tax_rials", sa.BigInteger(), nullable=False),
        sa.Column("payable_rials", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("net_rials = gross_rials - discount_rials", name=op.f("ck_sales_order_line_net")),
        sa.CheckConstraint("payable_rials = net_rials + tax_rials", name=op.f("ck_sales_order_line_payable")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_sales_order_line_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["sales_product.id"], name=op.f("fk_sales_order_line_product_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["sales_unit.id"], name=op.f("fk_sales_order_line_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order_line")),
    )
    with op.batch_alter_table("sales_order_line", schema=None) as batch_op:
        batch_op.create_index("ix_sales_order_line_order", ["order_id", "position"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_order_line_product_id"), ["product_id"], unique=False)

    op.create_table(
        "sales_order_line_tax",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.Column("included", sa.Boolean(), nullable=False),
        sa.Column(
            "base",
            sa.Enum("net", "gross", "net_plus_previous", name="taxbase", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("base_rials", sa.BigInteger(), nullable=False),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["sales_order_line.id"], name=op.f("fk_sales_order_line_tax_line_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order_line_tax")),
    )
    with op.batch_alter_table("sales_order_line_tax", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_order_line_tax_line_id"), ["line_id"], unique=False)
    create_search_index(op, "sales_order")


def downgrade() -> None:
    drop_search_index(op, "sales_order")
    with op.batch_alter_table("sales_order_line_tax", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_order_line_tax_line_id"))

    op.drop_table("sales_order_line_tax")
    with op.batch_alter_table("sales_order_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_order_line_product_id"))
        batch_op.drop_index("ix_sales_order_line_order")

    op.drop_table("sales_order_line")
    op.drop_table("sales_order_amendment")
    with op.batch_alter_table("sales_order_adjustment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_order_adjustment_order_id"))

    op.drop_table("sales_order_adjustment")
    with op.batch_alter_table("sales_order", schema=None) as batch_op:
        batch_op.drop_index("ix_sales_order_state")
        batch_op.drop_index("ix_sales_order_source")
        batch_op.drop_index(batch_op.f("ix_sales_order_payable_rials"))
        batch_op.drop_index(batch_op.f("ix_sales_order_owner_id"))
        batch_op.drop_index(batch_op.f("ix_sales_order_order_on"))
        batch_op.drop_index("ix_sales_order_number")
        batch_op.drop_index("ix_sales_order_list")
        batch_op.drop_index("ix_sales_order_department")
        batch_op.drop_index(
            "ix_sales_order_delivery",
            sqlite_where=sa.text("deliver_on IS NOT NULL"),
            postgresql_where=sa.text("deliver_on IS NOT NULL"),
        )
        batch_op.drop_index("ix_sales_order_customer")

    op.drop_table("sales_order")
    with op.batch_alter_table("sales_conversion_line", schema=None) as batch_op:
        batch_op.drop_index("ix_sales_conversion_line_source")
        batch_op.drop_index(batch_op.f("ix_sales_conversion_line_conversion_id"))

    op.drop_table("sales_conversion_line")
    with op.batch_alter_table("sales_conversion", schema=None) as batch_op:
        batch_op.drop_index("ix_sales_conversion_target")

    op.drop_table("sales_conversion")
