"""Sign-ins of browsers have rows; invoices sort by number; home departments are a key on PostgreSQL too.

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-23 11:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


HOME = "fk_ab_user_home_department_id"


def upgrade() -> None:
    # The first schema could not name a table that came later; SQLite took the key all the same.
    if op.get_bind().dialect.name == "postgresql":
        op.create_foreign_key(HOME, "ab_user", "org_department", ["home_department_id"], ["id"])
    op.create_table(
        "org_sign_in",
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["ab_user.id"], name=op.f("fk_org_sign_in_employee_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_org_sign_in_token_hash")),
    )
    op.create_index(op.f("ix_org_sign_in_employee_id"), "org_sign_in", ["employee_id"])
    op.create_index("ix_finance_invoice_number", "finance_invoice", ["number", "id"])


def downgrade() -> None:
    op.drop_index("ix_finance_invoice_number", table_name="finance_invoice")
    op.drop_index(op.f("ix_org_sign_in_employee_id"), table_name="org_sign_in")
    op.drop_table("org_sign_in")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(HOME, "ab_user", type_="foreignkey")
