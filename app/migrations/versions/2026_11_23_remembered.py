"""What was chosen before for headers and sheets; unknown words of a batch of import.

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-23 13:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COMPANY = sa.text("user_id IS NULL")


def upgrade() -> None:
    _create("imports_remembered_header", "header", _word("header", 200), _word("column", 60))
    _create("imports_remembered_sheet", "fingerprint", _word("fingerprint", 64), _json("choice"))
    with op.batch_alter_table("imports_batch", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unknown", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("imports_batch", schema=None) as batch_op:
        batch_op.drop_column("unknown")
    for table in ("imports_remembered_sheet", "imports_remembered_header"):
        op.drop_index(f"uq_{table}_company", table_name=table)
        op.drop_index(f"uq_{table}", table_name=table)
        op.drop_table(table)


def _word(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _create(table: str, key: str, *columns: sa.Column[object] | sa.Column[str]) -> None:
    """A table of memory: one row for a person, and one for the company, by spec and key."""
    op.create_table(
        table,
        sa.Column("spec", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        *columns,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f(f"fk_{table}_user_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f(f"fk_{table}_created_by_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f(f"fk_{table}_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"uq_{table}", table, ["user_id", "spec", key], unique=True)
    op.create_index(
        f"uq_{table}_company", table, ["spec", key], unique=True, sqlite_where=COMPANY, postgresql_where=COMPANY
    )
