"""Print settings: texts, logo and defaults of papers.

Revision ID: 0017
Revises: 0016
Create Date: 2026-11-23 17:26:07.020034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "finance_print_settings",
        sa.Column(
            "style", sa.Enum("official", "company", name="printstyle", native_enum=False, length=40), nullable=False
        ),
        sa.Column("paper", sa.Enum("a4", "a5", name="papersize", native_enum=False, length=40), nullable=False),
        sa.Column(
            "orientation",
            sa.Enum("landscape", "portrait", name="orientation", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "copies",
            sa.Enum("plain", "buyer", "seller", "both", name="copies", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("head_text", sa.String(300), server_default="", nullable=False),
        sa.Column("foot_text", sa.String(600), server_default="", nullable=False),
        sa.Column("bank_accounts", sa.String(600), server_default="", nullable=False),
        sa.Column("has_qr", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_finance_print_settings_only_one")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_finance_print_settings_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["ab_user.id"], name=op.f("fk_finance_print_settings_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_print_settings")),
    )


def downgrade() -> None:
    op.drop_table("finance_print_settings")
