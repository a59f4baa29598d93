"""Sign-ins know browser, address and last use; second factors, invitations, failed tries.

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-23 14:30:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("DELETE FROM org_sign_in")  # everybody signs in once more; a row without its last use would not end
    with op.batch_alter_table("org_sign_in") as table:
        table.add_column(sa.Column("last_seen_at", INSTANT, nullable=False))
        table.add_column(sa.Column("completed_at", INSTANT))
        table.add_column(sa.Column("fresh_at", INSTANT))
        table.add_column(sa.Column("address", sa.String(length=45), server_default="", nullable=False))
        table.add_column(sa.Column("device", sa.String(length=80), server_default="", nullable=False))
    op.create_index("ix_org_sign_in_last_seen_at", "org_sign_in", ["last_seen_at", "id"])
    op.create_table(
        "org_failed_tries",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_org_failed_tries")),
    )
    op.create_index(op.f("ix_org_failed_tries_last_at"), "org_failed_tries", ["last_at"])
    _second_factors()
    op.create_table(
        "org_invitation",
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["ab_user.id"], name=op.f("fk_org_invitation_employee_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_invitation")),
    )
    op.create_index(op.f("ix_org_invitation_employee_id"), "org_invitation", ["employee_id"])


def _second_factors() -> None:
    op.create_table(
        "org_second_factor",
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("confirmed_at", INSTANT),
        sa.Column("last_step", sa.Integer()),
        sa.Column("recovery_left", sa.Integer(), server_default="0", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["ab_user.id"], name=op.f("fk_org_second_factor_employee_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_second_factor")),
        sa.UniqueConstraint("employee_id", name=op.f("uq_org_second_factor_employee_id")),
    )
    op.create_table(
        "org_recovery_code",
        sa.Column("factor_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", INSTANT),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["factor_id"], ["org_second_factor.id"], name=op.f("fk_org_recovery_code_factor_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_recovery_code")),
    )
    op.create_index(op.f("ix_org_recovery_code_factor_id"), "org_recovery_code", ["factor_id"])
    op.create_table(
        "org_second_factor_demand",
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"], ["ab_role.id"], name=op.f("fk_org_second_factor_demand_role_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_second_factor_demand")),
        sa.UniqueConstraint("role_id", name=op.f("uq_org_second_factor_demand_role_id")),
    )


def downgrade() -> None:
    for table in ("org_invitation", "org_second_factor_demand", "org_recovery_code", "org_second_factor"):
        op.drop_table(table)
    op.drop_table("org_failed_tries")
    op.drop_index("ix_org_sign_in_last_seen_at", table_name="org_sign_in")
    with op.batch_alter_table("org_sign_in") as table:
        for column in ("device", "address", "fresh_at", "completed_at", "last_seen_at"):
            table.drop_column(column)
