"""Who took which rows out has rows of its own.

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-23 13:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "org_export",
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("sheet", sa.String(length=80), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["ab_user.id"], name=op.f("fk_org_export_employee_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_export")),
    )
    op.create_index(op.f("ix_org_export_exported_at"), "org_export", ["exported_at"])
    op.create_index(op.f("ix_org_export_sheet"), "org_export", ["sheet"])
    op.create_index("ix_org_export_employee", "org_export", ["employee_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_org_export_employee", table_name="org_export")
    op.drop_index(op.f("ix_org_export_sheet"), table_name="org_export")
    op.drop_index(op.f("ix_org_export_exported_at"), table_name="org_export")
    op.drop_table("org_export")
