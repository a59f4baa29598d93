"""Batches of import: one uploaded file each.

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-23 11:56:05.018529
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports_batch",
        sa.Column("spec", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("mode", sa.Enum("add", "update", "both", name="mode", native_enum=False, length=40), nullable=False),
        sa.Column("good_rows", sa.Boolean(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum("uploaded", "checked", "rejected", "done", name="stage", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("message", sa.String(length=1000), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["ab_user.id"], name=op.f("fk_imports_batch_actor_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_imports_batch_created_by_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_imports_batch_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports_batch")),
    )
    with op.batch_alter_table("imports_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_imports_batch_actor_id"), ["actor_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("imports_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_imports_batch_actor_id"))

    op.drop_table("imports_batch")
