"""Webhooks and their outbox.

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-23 15:12:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "org_webhook",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("secret", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", INSTANT, nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_org_webhook_created_by_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_org_webhook_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_webhook")),
    )
    op.create_index(op.f("ix_org_webhook_is_active"), "org_webhook", ["is_active"])
    op.create_table(
        "org_webhook_delivery",
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["org_webhook.id"], name=op.f("fk_org_webhook_delivery_webhook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_webhook_delivery")),
    )
    op.create_index(op.f("ix_org_webhook_delivery_made_at"), "org_webhook_delivery", ["made_at"])
    op.create_index(op.f("ix_org_webhook_delivery_webhook_id"), "org_webhook_delivery", ["webhook_id"])
    op.create_index("ix_org_webhook_delivery_due", "org_webhook_delivery", ["state", "next_at"])


def downgrade() -> None:
    op.drop_table("org_webhook_delivery")
    op.drop_index(op.f("ix_org_webhook_is_active"), table_name="org_webhook")
    op.drop_table("org_webhook")
