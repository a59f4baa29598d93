"""the row of the workbook that a line of a basket came from

Revision ID: 0029
Revises: 0028
Create Date: 2026-11-24 04:00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sales_basket_line", sa.Column("sheet_row", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("sales_basket_line", "sheet_row")
