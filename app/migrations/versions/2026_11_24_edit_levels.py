"""edit levels

Revision ID: 0026
Revises: 0025
Create Date: 2026-11-24 03:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "office_level_table",
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("mark", sa.String(32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_office_level_table_created_by_id_ab_user")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["ab_user.id"], name=op.f("fk_office_level_table_updated_by_id_ab_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_level_table")),
        sa.UniqueConstraint("kind", name=op.f("uq_office_level_table_kind")),
    )
    op.create_table(
        "office_edit_level",
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), server_default="", nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("max_amount_rials", sa.BigInteger(), nullable=True),
        sa.Column("max_discount_percent", sa.BigInteger(), nullable=True),
        sa.Column("max_age_days", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(role_id IS NOT NULL AND post_id IS NULL AND rank IS NULL)"
            " OR (role_id IS NULL AND post_id IS NOT NULL AND rank IS NULL)"
            " OR (role_id IS NULL AND post_id IS NULL AND rank IS NOT NULL)",
            name=op.f("ck_office_edit_level_who"),
        ),
        sa.CheckConstraint("rank IS NULL OR rank >= 1", name=op.f("ck_office_edit_level_rank")),
        sa.ForeignKeyConstraint(
            ["table_id"],
            ["office_level_table.id"],
            name=op.f("fk_office_edit_level_table_id_office_level_table"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], name=op.f("fk_office_edit_level_role_id_ab_role")),
        sa.ForeignKeyConstraint(["post_id"], ["org_post.id"], name=op.f("fk_office_edit_level_post_id_org_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_edit_level")),
    )
    op.create_index("ix_office_edit_level_table", "office_edit_level", ["table_id"])
    op.create_index("ix_office_edit_level_role_id", "office_edit_level", ["role_id"])
    op.create_index("ix_office_edit_level_post_id", "office_edit_level", ["post_id"])


def downgrade() -> None:
    op.drop_table("office_edit_level")
    op.drop_table("office_level_table")
