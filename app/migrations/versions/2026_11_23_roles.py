"""Roles have names of their own and close fields; a dealer's people belong to a party.

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-23 14:10:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PARTY = "fk_ab_user_customer_id"


def upgrade() -> None:
    op.add_column("ab_role", sa.Column("title", sa.String(length=60), nullable=True))
    op.add_column("ab_role", sa.Column("purpose", sa.String(length=300), nullable=True))
    with op.batch_alter_table("ab_user") as table:
        table.add_column(sa.Column("customer_id", sa.Integer(), nullable=True))
        table.create_foreign_key(PARTY, "crm_customer", ["customer_id"], ["id"])
    op.create_index(op.f("ix_ab_user_customer_id"), "ab_user", ["customer_id"])
    op.create_table(
        "org_field_right",
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column(
            "level", sa.Enum("full", "read", "hidden", name="fieldlevel", native_enum=False, length=40), nullable=False
        ),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"], ["ab_role.id"], name=op.f("fk_org_field_right_role_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_field_right")),
        sa.UniqueConstraint("role_id", "model", "field", name=op.f("uq_org_field_right_role_id_model_field")),
    )


def downgrade() -> None:
    op.drop_table("org_field_right")
    op.drop_index(op.f("ix_ab_user_customer_id"), table_name="ab_user")
    with op.batch_alter_table("ab_user") as table:
        table.drop_constraint(PARTY, type_="foreignkey")
        table.drop_column("customer_id")
    op.drop_column("ab_role", "purpose")
    op.drop_column("ab_role", "title")
