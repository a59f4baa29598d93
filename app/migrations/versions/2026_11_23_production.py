"""production

Revision ID: 0024
Revises: 0023
Create Date: 2026-11-23 21:35:50.924502
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.search import create_search_index, drop_search_index

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sales_production",
        sa.Column(
            "state",
            sa.Enum(
                "planned", "running", "finished", "cancelled", name="productionstate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["org_branch.id"], name=op.f("fk_sales_production_branch_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_sales_production_created_by_id")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["org_department.id"], name=op.f("fk_sales_production_department_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["ab_user.id"], name=op.f("fk_sales_production_owner_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_sales_production_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_production")),
        sa.UniqueConstraint(
            "branch_id", "fiscal_year", "number", name=op.f("uq_sales_production_branch_id_fiscal_year_number")
        ),
    )
    with op.batch_alter_table("sales_production", schema=None) as batch_op:
        batch_op.create_index("ix_sales_production_department", ["department_id", "planned_on", "id"], unique=False)
        batch_op.create_index(
            "ix_sales_production_due",
            ["due_on", "id"],
            unique=False,
            sqlite_where=sa.text("due_on IS NOT NULL"),
            postgresql_where=sa.text("due_on IS NOT NULL"),
        )
        batch_op.create_index("ix_sales_production_list", ["planned_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_production_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_sales_production_state", ["state", "planned_on", "id"], unique=False)

    op.create_table(
        "sales_production_stage",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column(
            "name_sort", sa.String(320).with_variant(sa.String(320, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["category_id"], ["sales_product_category.id"], name=op.f("fk_sales_production_stage_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_sales_production_stage_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["ab_user.id"], name=op.f("fk_sales_production_stage_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_production_stage")),
        sa.UniqueConstraint("category_id", "name", name=op.f("uq_sales_production_stage_category_id_name")),
    )
    with op.batch_alter_table("sales_production_stage", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_production_stage_name_sort"), ["name_sort"], unique=False)
        batch_op.create_index("ix_sales_production_stage_order", ["position", "id"], unique=False)

    op.create_table(
        "sales_material",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("component_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("waste_percent", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("product_id <> component_id", name=op.f("ck_sales_material_not_itself")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_sales_material_quantity")),
        sa.ForeignKeyConstraint(["component_id"], ["sales_product.id"], name=op.f("fk_sales_material_component_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_sales_material_created_by_id")),
        sa.ForeignKeyConstraint(["product_id"], ["sales_product.id"], name=op.f("fk_sales_material_product_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_sales_material_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_material")),
        sa.UniqueConstraint("product_id", "component_id", name=op.f("uq_sales_material_product_id_component_id")),
    )
    with op.batch_alter_table("sales_material", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_material_component_id"), ["component_id"], unique=False)

    op.create_table(
        "sales_production_line",
        sa.Column("production_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("description", sa.String(300), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=True),
        sa.Column("good_quantity", sa.BigInteger(), nullable=False),
        sa.Column("waste_quantity", sa.BigInteger(), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "good_quantity >= 0 AND waste_quantity >= 0", name=op.f("ck_sales_production_line_quantities")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["sales_product.id"], name=op.f("fk_sales_production_line_product_id")),
        sa.ForeignKeyConstraint(
            ["production_id"],
            ["sales_production.id"],
            name=op.f("fk_sales_production_line_production_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["sales_production_stage.id"], name=op.f("fk_sales_production_line_stage_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["sales_unit.id"], name=op.f("fk_sales_production_line_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_production_line")),
    )
    with op.batch_alter_table("sales_production_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_production_line_product_id"), ["product_id"], unique=False)
        batch_op.create_index("ix_sales_production_line_production", ["production_id", "position"], unique=False)
        batch_op.create_index(
            "ix_sales_production_line_open",
            ["stage_id", "production_id"],
            unique=False,
            sqlite_where=sa.text("NOT is_done"),
            postgresql_where=sa.text("NOT is_done"),
        )
        batch_op.create_index(batch_op.f("ix_sales_production_line_stage_id"), ["stage_id"], unique=False)

    op.create_table(
        "sales_material_use",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("component_id", sa.Integer(), nullable=False),
        sa.Column("planned_quantity", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 0 AND planned_quantity >= 0", name=op.f("ck_sales_material_use_quantities")),
        sa.ForeignKeyConstraint(
            ["component_id"], ["sales_product.id"], name=op.f("fk_sales_material_use_component_id")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["sales_production_line.id"], name=op.f("fk_sales_material_use_line_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_material_use")),
        sa.UniqueConstraint("line_id", "component_id", name=op.f("uq_sales_material_use_line_id_component_id")),
    )
    with op.batch_alter_table("sales_material_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_material_use_component_id"), ["component_id"], unique=False)

    op.create_table(
        "sales_production_run",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("people", sa.String(300), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("good_quantity", sa.BigInteger(), nullable=False),
        sa.Column("waste_quantity", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "good_quantity >= 0 AND waste_quantity >= 0", name=op.f("ck_sales_production_run_quantities")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["sales_production_line.id"], name=op.f("fk_sales_production_run_line_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["sales_production_stage.id"], name=op.f("fk_sales_production_run_stage_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_production_run")),
        sa.UniqueConstraint("line_id", "stage_id", name=op.f("uq_sales_production_run_line_id_stage_id")),
    )
    with op.batch_alter_table("sales_production_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_production_run_stage_id"), ["stage_id"], unique=False)
    create_search_index(op, "sales_production")


def downgrade() -> None:
    drop_search_index(op, "sales_production")
    with op.batch_alter_table("sales_production_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_production_run_stage_id"))

    op.drop_table("sales_production_run")
    with op.batch_alter_table("sales_material_use", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_material_use_component_id"))

    op.drop_table("sales_material_use")
    with op.batch_alter_table("sales_production_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_production_line_stage_id"))
        batch_op.drop_index(
            "ix_sales_production_line_open",
            sqlite_where=sa.text("NOT is_done"),
            postgresql_where=sa.text("NOT is_done"),
        )
        batch_op.drop_index("ix_sales_production_line_production")
        batch_op.drop_index(batch_op.f("ix_sales_production_line_product_id"))

    op.drop_table("sales_production_line")
    with op.batch_alter_table("sales_material", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_material_component_id"))

    op.drop_table("sales_material")
    with op.batch_alter_table("sales_production_stage", schema=None) as batch_op:
        batch_op.drop_index("ix_sales_production_stage_order")
        batch_op.drop_index(batch_op.f("ix_sales_production_stage_name_sort"))

    op.drop_table("sales_production_stage")
    with op.batch_alter_table("sales_production", schema=None) as batch_op:
        batch_op.drop_index("ix_sales_production_state")
        batch_op.drop_index(batch_op.f("ix_sales_production_owner_id"))
        batch_op.drop_index("ix_sales_production_list")
        batch_op.drop_index(
            "ix_sales_production_due",
            sqlite_where=sa.text("due_on IS NOT NULL"),
            postgresql_where=sa.text("due_on IS NOT NULL"),
        )
        batch_op.drop_index("ix_sales_production_department")

    op.drop_table("sales_production")
