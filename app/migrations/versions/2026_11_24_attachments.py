"""Files and notes of records.

Revision ID: 0027
Revises: 0026
Create Date: 2026-11-24 03:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None
INSTANT = sa.DateTime(timezone=True)
TABLES = ("office_attachment", "office_note")


def upgrade() -> None:
    own = {
        "office_attachment": (
            sa.Column("name", sa.String(length=160), nullable=False),
            sa.Column("kind", sa.String(length=40), nullable=False),
            sa.Column("media_type", sa.String(length=100), nullable=False),
            sa.Column("byte_count", sa.Integer(), nullable=False),
            sa.Column("sha256", sa.String(length=64), nullable=False),
            sa.Column("has_thumbnail", sa.Boolean(), nullable=False),
            sa.Column("note", sa.String(length=300), nullable=True),
        ),
        "office_note": (sa.Column("text", sa.String(length=4000), nullable=False),),
    }
    for table, columns in own.items():
        op.create_table(
            table,
            *columns,
            sa.Column("table_name", sa.String(length=60), nullable=False),
            sa.Column("record_id", sa.Integer(), nullable=False),
            sa.Column("via", sa.String(length=40), nullable=False),
            sa.Column("removed_at", INSTANT, nullable=True),
            sa.Column("removed_by_id", sa.Integer(), nullable=True),
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("created_at", INSTANT, nullable=True),
            sa.Column("created_by_id", sa.Integer(), nullable=True),
            sa.Column("updated_at", INSTANT, nullable=True),
            sa.Column("updated_by_id", sa.Integer(), nullable=True),
            *(
                sa.ForeignKeyConstraint([f"{act}_by_id"], ["ab_user.id"], name=op.f(f"fk_{table}_{act}_by_id"))
                for act in ("removed", "created", "updated")
            ),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
        op.create_index(f"ix_{table}_record", table, ["table_name", "record_id", "id"])
    op.create_index("ix_office_attachment_sha256", "office_attachment", ["sha256"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
