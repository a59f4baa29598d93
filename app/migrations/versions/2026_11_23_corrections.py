"""Corrections of a batch of import.

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-23 13:25:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports_correction",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["imports_batch.id"], name=op.f("fk_imports_correction_batch_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_imports_correction_created_by_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_imports_correction_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports_correction")),
    )
    with op.batch_alter_table("imports_correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_imports_correction_batch_id"), ["batch_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("imports_correction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_imports_correction_batch_id"))

    op.drop_table("imports_correction")
