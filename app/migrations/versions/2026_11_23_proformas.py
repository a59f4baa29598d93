"""proformas

Revision ID: 0022
Revises: 0021
Create Date: 2026-11-23 21:51:13.221096
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.search import create_search_index, drop_search_index

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sales_proforma_rules",
        sa.Column("approve_percent", sa.BigInteger(), nullable=True),
        sa.Column("approve_rials", sa.BigInteger(), nullable=True),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.Column("soon_days", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "approve_percent IS NULL OR approve_percent >= 0", name=op.f("ck_sales_proforma_rules_approve_percent")
        ),
        sa.CheckConstraint(
            "approve_rials IS NULL OR approve_rials >= 0", name=op.f("ck_sales_proforma_rules_approve_rials")
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_sales_proforma_rules_only_one")),
        sa.CheckConstraint("soon_days BETWEEN 0 AND 365", name=op.f("ck_sales_proforma_rules_soon_days")),
        sa.CheckConstraint("valid_days BETWEEN 0 AND 3650", name=op.f("ck_sales_proforma_rules_valid_days")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_sales_proforma_rules_created_by_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_sales_proforma_rules_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_proforma_rules")),
    )
    op.create_table(
        "sales_proforma",
        sa.Column(
            "kind", sa.Enum("sales", "purchase", name="proformakind", native_enum=False, length=40), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "approved",
                "sent",
                "accepted",
                "rejected",
                "expired",
                "partly_invoiced",
                "invoiced",
                "cancelled",
                "superseded",
                name="proformastate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("previous_id", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(60), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("customer_name", sa.String(200), nullable=False),
        sa.Column("proforma_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
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
        sa.CheckConstraint(
            "state IN ('draft', 'cancelled') OR number IS NOT NULL", name=op.f("ck_sales_proforma_has_number")
        ),
        sa.CheckConstraint("net_rials = gross_rials - discount_rials", name=op.f("ck_sales_proforma_net")),
        sa.CheckConstraint(
            "payable_rials = net_rials + tax_rials + additions_rials", name=op.f("ck_sales_proforma_payable")
        ),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_sales_proforma_revision")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["ab_user.id"], name=op.f("fk_sales_proforma_approved_by_id")),
        sa.ForeignKeyConstraint(["branch_id"], ["org_branch.id"], name=op.f("fk_sales_proforma_branch_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_sales_proforma_created_by_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["crm_customer.id"], name=op.f("fk_sales_proforma_customer_id")),
        sa.ForeignKeyConstraint(["department_id"], ["org_department.id"], name=op.f("fk_sales_proforma_department_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["ab_user.id"], name=op.f("fk_sales_proforma_owner_id")),
        sa.ForeignKeyConstraint(["previous_id"], ["sales_proforma.id"], name=op.f("fk_sales_proforma_previous_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_sales_proforma_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_proforma")),
        sa.UniqueConstraint(
            "kind",
            "branch_id",
            "fiscal_year",
            "number",
            "revision",
            name=op.f("uq_sales_proforma_kind_branch_id_fiscal_year_number_revision"),
        ),
    )
    with op.batch_alter_table("sales_proforma", schema=None) as batch_op:
        batch_op.create_index("ix_sales_proforma_customer", ["customer_id", "proforma_on"], unique=False)
        batch_op.create_index("ix_sales_proforma_department", ["department_id", "kind", "proforma_on"], unique=False)
        batch_op.create_index("ix_sales_proforma_list", ["kind", "proforma_on", "id"], unique=False)
        batch_op.create_index("ix_sales_proforma_number", ["number", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_proforma_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_proforma_payable_rials"), ["payable_rials"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_proforma_previous_id"), ["previous_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_proforma_proforma_on"), ["proforma_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_proforma_reference"), ["reference"], unique=False)
        batch_op.create_index("ix_sales_proforma_state", ["kind", "state", "proforma_on", "id"], unique=False)
        batch_op.create_index("ix_sales_proforma_valid_until", ["valid_until", "id"], unique=False)
        batch_op.create_index(
            "ix_sales_proforma_waits",
            ["kind", "valid_until", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('approved', 'sent')"),
            postgresql_where=sa.text("state IN ('approved', 'sent')"),
        )

    op.create_table(
        "sales_proforma_adjustment",
        sa.Column("proforma_id", sa.Integer(), nullable=False),
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
            ["proforma_id"],
            ["sales_proforma.id"],
            name=op.f("fk_sales_proforma_adjustment_proforma_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_proforma_adjustment")),
    )
    with op.batch_alter_table("sales_proforma_adjustment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_proforma_adjustment_proforma_id"), ["proforma_id"], unique=False)

    op.create_table(
        "sales_proforma_line",
        sa.Column("proforma_id", sa.Integer(), nullable=False),
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
        sa.CheckConstraint("net_rials = gross_rials - discount_rials", name=op.f("ck_sales_proforma_line_net")),
        sa.CheckConstraint("payable_rials = net_rials + tax_rials", name=op.f("ck_sales_proforma_line_payable")),
        sa.ForeignKeyConstraint(["product_id"], ["sales_product.id"], name=op.f("fk_sales_proforma_line_product_id")),
        sa.ForeignKeyConstraint(
            ["proforma_id"], ["sales_proforma.id"], name=op.f("fk_sales_proforma_line_proforma_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["sales_unit.id"], name=op.f("fk_sales_proforma_line_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_proforma_line")),
    )
    with op.batch_alter_table("sales_proforma_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_proforma_line_product_id"), ["product_id"], unique=False)
        batch_op.create_index("ix_sales_proforma_line_proforma", ["proforma_id", "position"], unique=False)

    op.create_table(
        "sales_proforma_link",
        sa.Column("proforma_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("recipient", sa.String(120), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["ab_user.id"], name=op.f("fk_sales_proforma_link_made_by_id")),
        sa.ForeignKeyConstraint(
            ["proforma_id"], ["sales_proforma.id"], name=op.f("fk_sales_proforma_link_proforma_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_proforma_link")),
        sa.UniqueConstraint("digest", name=op.f("uq_sales_proforma_link_digest")),
    )
    with op.batch_alter_table("sales_proforma_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_proforma_link_proforma_id"), ["proforma_id"], unique=False)

    op.create_table(
        "sales_proforma_answer",
        sa.Column("proforma_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("is_accepted", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("has_signature", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["sales_proforma_link.id"], name=op.f("fk_sales_proforma_answer_link_id")),
        sa.ForeignKeyConstraint(
            ["proforma_id"],
            ["sales_proforma.id"],
            name=op.f("fk_sales_proforma_answer_proforma_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_proforma_answer")),
        sa.UniqueConstraint("proforma_id", name=op.f("uq_sales_proforma_answer_proforma_id")),
    )
    with op.batch_alter_table("sales_proforma_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_proforma_answer_link_id"), ["link_id"], unique=False)

    op.create_table(
        "sales_proforma_line_tax",
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
            ["line_id"], ["sales_proforma_line.id"], name=op.f("fk_sales_proforma_line_tax_line_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_proforma_line_tax")),
    )
    with op.batch_alter_table("sales_proforma_line_tax", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_proforma_line_tax_line_id"), ["line_id"], unique=False)
    create_search_index(op, "sales_proforma")


def downgrade() -> None:
    drop_search_index(op, "sales_proforma")
    with op.batch_alter_table("sales_proforma_line_tax", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_proforma_line_tax_line_id"))

    op.drop_table("sales_proforma_line_tax")
    with op.batch_alter_table("sales_proforma_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_proforma_answer_link_id"))

    op.drop_table("sales_proforma_answer")
    with op.batch_alter_table("sales_proforma_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_proforma_link_proforma_id"))

    op.drop_table("sales_proforma_link")
    with op.batch_alter_table("sales_proforma_line", schema=None) as batch_op:
        batch_op.drop_index("ix_sales_proforma_line_proforma")
        batch_op.drop_index(batch_op.f("ix_sales_proforma_line_product_id"))

    op.drop_table("sales_proforma_line")
    with op.batch_alter_table("sales_proforma_adjustment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_proforma_adjustment_proforma_id"))

    op.drop_table("sales_proforma_adjustment")
    with op.batch_alter_table("sales_proforma", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_sales_proforma_waits",
            sqlite_where=sa.text("state IN ('approved', 'sent')"),
            postgresql_where=sa.text("state IN ('approved', 'sent')"),
        )
        batch_op.drop_index("ix_sales_proforma_valid_until")
        batch_op.drop_index("ix_sales_proforma_state")
        batch_op.drop_index(batch_op.f("ix_sales_proforma_reference"))
        batch_op.drop_index(batch_op.f("ix_sales_proforma_proforma_on"))
        batch_op.drop_index(batch_op.f("ix_sales_proforma_previous_id"))
        batch_op.drop_index(batch_op.f("ix_sales_proforma_payable_rials"))
        batch_op.drop_index(batch_op.f("ix_sales_proforma_owner_id"))
        batch_op.drop_index("ix_sales_proforma_number")
        batch_op.drop_index("ix_sales_proforma_list")
        batch_op.drop_index("ix_sales_proforma_department")
        batch_op.drop_index("ix_sales_proforma_customer")

    op.drop_table("sales_proforma")
    op.drop_table("sales_proforma_rules")
