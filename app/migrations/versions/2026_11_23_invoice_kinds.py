"""Four kinds of invoice: returns, counter documents, suppliers' numbers, instalments; fiscal years.

Columns are added in place: rebuilding a table of a million invoices would lose its triggers too.

Revision ID: 0013
Revises: 0012
Create Date: 2026-11-23 16:40:00
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
INVOICE = {
    "sign": "INTEGER NOT NULL DEFAULT 1 CONSTRAINT ck_finance_invoice_sign CHECK (sign IN (-1, 1))",
    "original_id": "INTEGER CONSTRAINT fk_finance_invoice_original_id REFERENCES finance_invoice (id)",
    "voids_id": "INTEGER CONSTRAINT fk_finance_invoice_voids_id REFERENCES finance_invoice (id)",
    "reason": "VARCHAR(300) NOT NULL DEFAULT ''",
    "supplier_number": "VARCHAR(60)",
    "supplier_number_key": "VARCHAR(60)",
}
LINE = {
    "original_line_id": "INTEGER CONSTRAINT fk_finance_invoice_line_original_line_id"
    " REFERENCES finance_invoice_line (id)",
    "is_free": "BOOLEAN NOT NULL DEFAULT false",
    "condition": "VARCHAR(40)",
}
INDEXES: tuple[tuple[str, str, list[str], bool, str], ...] = (
    ("ix_finance_invoice_original", "finance_invoice", ["original_id"], False, "original_id IS NOT NULL"),
    ("uq_finance_invoice_voids", "finance_invoice", ["voids_id"], True, "voids_id IS NOT NULL"),
    (
        "uq_finance_invoice_supplier_number",
        "finance_invoice",
        ["customer_id", "supplier_number_key"],
        True,
        "supplier_number_key IS NOT NULL AND state <> 'void'",
    ),
    (
        "ix_finance_invoice_line_original",
        "finance_invoice_line",
        ["original_line_id"],
        False,
        "original_line_id IS NOT NULL",
    ),
)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _stamps(table: str) -> tuple[Any, ...]:
    return (
        sa.Column("created_at", INSTANT, nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", INSTANT, nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f(f"fk_{table}_created_by_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f(f"fk_{table}_updated_by_id")),
    )


def upgrade() -> None:
    for table, columns in (("finance_invoice", INVOICE), ("finance_invoice_line", LINE)):
        for name, definition in columns.items():
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {definition}")
    for name, table, columns_of, unique, condition in INDEXES:
        op.create_index(name, table, columns_of, unique=unique, **_where(condition))
    op.create_table(
        "finance_invoice_instalment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_rials > 0", name=op.f("ck_finance_invoice_instalment_amount")),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["finance_invoice.id"],
            name=op.f("fk_finance_invoice_instalment_invoice_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_invoice_instalment")),
        sa.UniqueConstraint("invoice_id", "position", name=op.f("uq_finance_invoice_instalment_invoice_id_position")),
    )
    _reference_tables()


def _reference_tables() -> None:
    table = "finance_addition_kind"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column(
            "title_sort",
            sa.String(320).with_variant(sa.String(320, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("sign", sa.Integer(), nullable=False),
        sa.Column("is_taxed", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        *_stamps(table),
        sa.CheckConstraint("sign IN (-1, 1)", name=op.f(f"ck_{table}_sign")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("name", name=op.f(f"uq_{table}_name")),
    )
    for name in ("position", "title_sort"):
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name])
    table = "finance_fiscal_year"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Enum("open", "closed", name="yearstate", native_enum=False, length=40), nullable=False),
        sa.Column("locked_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        *_stamps(table),
        sa.CheckConstraint("ends_on > starts_on", name=op.f(f"ck_{table}_order")),
        sa.CheckConstraint("locked_until BETWEEN starts_on AND ends_on", name=op.f(f"ck_{table}_locked_until")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("year", name=op.f(f"uq_{table}_year")),
    )


def downgrade() -> None:
    op.drop_table("finance_fiscal_year")
    for name in ("position", "title_sort"):
        op.drop_index(op.f(f"ix_finance_addition_kind_{name}"), table_name="finance_addition_kind")
    op.drop_table("finance_addition_kind")
    op.drop_table("finance_invoice_instalment")
    for name, table, *_rest in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    for table, columns in (("finance_invoice_line", LINE), ("finance_invoice", INVOICE)):
        for name in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
