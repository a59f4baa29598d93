"""Imports can be undone: drafts as they were before, and finding the same file again.

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-23 14:05:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports_before",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("entry", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["imports_batch.id"], name=op.f("fk_imports_before_batch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports_before")),
    )
    op.create_index(op.f("ix_imports_before_batch_id"), "imports_before", ["batch_id"])
    op.create_index(op.f("ix_imports_batch_sha256"), "imports_batch", ["sha256"])


def downgrade() -> None:
    op.drop_index(op.f("ix_imports_batch_sha256"), table_name="imports_batch")
    op.drop_index(op.f("ix_imports_before_batch_id"), table_name="imports_before")
    op.drop_table("imports_before")
