"""The tax system: memories, days for sending, the queue of documents.

Revision ID: 0018
Revises: 0017
Create Date: 2026-11-23 17:00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "finance_moadian_window",
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("warn_days", sa.Integer(), nullable=False),
        sa.Column("refuse_days", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=True),
        sa.Column("updated_at", INSTANT, nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("warn_days >= 0 AND refuse_days >= warn_days", name=op.f("ck_finance_moadian_window_days")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_finance_moadian_window_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["ab_user.id"], name=op.f("fk_finance_moadian_window_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_moadian_window")),
        sa.UniqueConstraint("from_on", name=op.f("uq_finance_moadian_window_from_on")),
    )
    op.create_table(
        "finance_moadian_memory",
        sa.Column("memory_id", sa.String(length=6), nullable=False),
        sa.Column("economic_code", sa.String(length=14), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("branch_code", sa.String(length=10), nullable=False),
        sa.Column("invoice_type", sa.String(length=40), nullable=False),
        sa.Column("has_consumers", sa.Boolean(), nullable=False),
        sa.Column(
            "pattern",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("serial_from", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=True),
        sa.Column("updated_at", INSTANT, nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "serial_from BETWEEN 1 AND 999999999999", name=op.f("ck_finance_moadian_memory_serial_from")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["finance_branch.id"], name=op.f("fk_finance_moadian_memory_branch_id")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_finance_moadian_memory_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["ab_user.id"], name=op.f("fk_finance_moadian_memory_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_moadian_memory")),
        sa.UniqueConstraint("branch_id", "from_on", name=op.f("uq_finance_moadian_memory_branch_id_from_on")),
    )
    op.create_index("ix_finance_moadian_memory_from", "finance_moadian_memory", ["from_on", "id"])

    op.create_table(
        "finance_moadian_document",
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("sale_id", sa.Integer(), nullable=False),
        sa.Column("earlier_id", sa.Integer(), nullable=True),
        sa.Column("tax_id", sa.String(length=22), nullable=False),
        sa.Column("memory_id", sa.String(length=6), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column(
            "state",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("total_rials", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(1000), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=True),
        sa.Column("updated_at", INSTANT, nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("(subject = '1') = (earlier_id IS NULL)", name=op.f("ck_finance_moadian_document_earlier")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_finance_moadian_document_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["earlier_id"], ["finance_moadian_document.id"], name=op.f("fk_finance_moadian_document_earlier_id")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["finance_invoice.id"], name=op.f("fk_finance_moadian_document_invoice_id")
        ),
        sa.ForeignKeyConstraint(["sale_id"], ["finance_invoice.id"], name=op.f("fk_finance_moadian_document_sale_id")),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["ab_user.id"], name=op.f("fk_finance_moadian_document_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_moadian_document")),
        sa.UniqueConstraint("memory_id", "serial", name=op.f("uq_finance_moadian_document_memory_id_serial")),
        sa.UniqueConstraint("tax_id", name=op.f("uq_finance_moadian_document_tax_id")),
    )
    op.create_index("ix_finance_moadian_document_earlier_id", "finance_moadian_document", ["earlier_id"])
    op.create_index("ix_finance_moadian_document_invoice_id", "finance_moadian_document", ["invoice_id"])
    op.create_index("ix_finance_moadian_document_list", "finance_moadian_document", ["issued_on", "id"])
    op.create_index("ix_finance_moadian_document_sale_id", "finance_moadian_document", ["sale_id"])
    op.create_index("ix_finance_moadian_document_state", "finance_moadian_document", ["state", "id"])
    op.create_index("ix_finance_moadian_document_subject", "finance_moadian_document", ["subject", "id"])


def downgrade() -> None:
    op.drop_table("finance_moadian_document")
    op.drop_table("finance_moadian_memory")
    op.drop_table("finance_moadian_window")
