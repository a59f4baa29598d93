"""Settlement in workbooks: a payment's reference, the state of an opening balance and the cheque behind it.

Payments get their column in place: rebuilding the table would lose the triggers of its search.

Revision ID: 0021
Revises: 0020
Create Date: 2026-11-23 21:10:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

OPENING, PAYMENT = "finance_opening_balance", "finance_payment"
REFERENCE = f"uq_{OPENING}_reference"
CHEQUE = f"fk_{OPENING}_cheque_id"
STATE = sa.Enum("booked", "undone", name="openingstate", native_enum=False, length=40)
UNDONE = (
    f"UPDATE {OPENING} SET state = 'undone' WHERE id IN"
    " (SELECT opening_id FROM finance_open_item WHERE undoes_id IS NOT NULL AND opening_id IS NOT NULL)"
)


def upgrade() -> None:
    op.execute(f"ALTER TABLE {PAYMENT} ADD COLUMN reference VARCHAR(60)")
    taken = sa.text("state <> 'reversed'")
    op.create_index(
        f"uq_{PAYMENT}_reference", PAYMENT, ["reference"], unique=True, sqlite_where=taken, postgresql_where=taken
    )
    with op.batch_alter_table(OPENING) as table:
        table.add_column(sa.Column("state", STATE, server_default="booked", nullable=False))
        table.add_column(sa.Column("cheque_id", sa.Integer(), nullable=True))
        table.create_foreign_key(CHEQUE, "finance_cheque", ["cheque_id"], ["id"])
        table.drop_constraint(REFERENCE, type_="unique")
    with op.batch_alter_table(OPENING) as table:
        table.alter_column("state", server_default=None)
    op.execute(UNDONE)
    booked = sa.text("state = 'booked'")
    op.create_index(REFERENCE, OPENING, ["reference"], unique=True, sqlite_where=booked, postgresql_where=booked)
    op.create_index(f"ix_{OPENING}_state", OPENING, ["state", "booked_on", "id"])
    known = sa.text("cheque_id IS NOT NULL")
    op.create_index(f"ix_{OPENING}_cheque", OPENING, ["cheque_id"], sqlite_where=known, postgresql_where=known)


def downgrade() -> None:
    op.drop_index(f"ix_{OPENING}_cheque", table_name=OPENING)
    op.drop_index(f"ix_{OPENING}_state", table_name=OPENING)
    op.drop_index(REFERENCE, table_name=OPENING)
    op.execute(f"UPDATE {OPENING} SET reference = NULL WHERE state = 'undone'")
    with op.batch_alter_table(OPENING) as table:
        table.create_unique_constraint(REFERENCE, ["reference"])
        table.drop_constraint(CHEQUE, type_="foreignkey")
        table.drop_column("cheque_id")
        table.drop_column("state")
    op.drop_index(f"uq_{PAYMENT}_reference", table_name=PAYMENT)
    op.execute(f"ALTER TABLE {PAYMENT} DROP COLUMN reference")
