"""A person's own customers in order of their codes.

Revision ID: 0015
Revises: 0014
Create Date: 2026-11-23 17:40:00
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NAME = "ix_crm_customer_owner_code"


def upgrade() -> None:
    known = text("owner_id IS NOT NULL")
    op.create_index(NAME, "crm_customer", ["owner_id", "code"], sqlite_where=known, postgresql_where=known)


def downgrade() -> None:
    op.drop_index(NAME, "crm_customer")
