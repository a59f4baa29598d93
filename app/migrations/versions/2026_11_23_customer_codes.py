"""A department's customers in order of their codes.

Revision ID: 0014
Revises: 0013
Create Date: 2026-11-23 17:00:00
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NAME = "ix_crm_customer_department_code"


def upgrade() -> None:
    op.create_index(NAME, "crm_customer", ["department_id", "code"])


def downgrade() -> None:
    op.drop_index(NAME, "crm_customer")
