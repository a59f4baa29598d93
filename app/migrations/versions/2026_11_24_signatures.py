"""Electronic signatures: scans, their ink, the log of looks; places to sign and what was signed.

Revision ID: 0028
Revises: 0027
Create Date: 2026-11-24 03:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None
INSTANT = sa.DateTime(timezone=True)
SCAN, INK, VIEW = "office_signature_scan", "office_signature_ink", "office_signature_view"
SLOT, SIGNING, SIGNATURE = "office_signature_slot", "office_signing", "office_signature"


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["ab_user.id"], name=op.f(f"fk_{table}_{column}"))


def _stamps() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("created_at", INSTANT, nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", INSTANT, nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
    )


def upgrade() -> None:
    _scans()
    _views()
    _slots()
    _signings()
    _signatures()


def _scans() -> None:
    op.create_table(
        SCAN,
        sa.Column("owner_key", sa.String(length=40), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("is_by_owner", sa.Boolean(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        *_stamps(),
        *(
            _person(SCAN, column)
            for column in ("employee_id", "asked_by_id", "decided_by_id", "created_by_id", "updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{SCAN}")),
    )
    for column in ("owner_key", "employee_id", "asked_at"):
        op.create_index(op.f(f"ix_{SCAN}_{column}"), SCAN, [column])
    for state in ("active", "waiting"):
        where = sa.text(f"state = '{state}'")
        op.create_index(
            f"uq_{SCAN}_{state}", SCAN, ["owner_key"], unique=True, sqlite_where=where, postgresql_where=where
        )
    op.create_table(
        INK,
        sa.Column("scan_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scan_id"], [f"{SCAN}.id"], name=op.f(f"fk_{INK}_scan_id")),
        sa.PrimaryKeyConstraint("scan_id", name=op.f(f"pk_{INK}")),
    )


def _views() -> None:
    op.create_table(
        VIEW,
        sa.Column("scan_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("viewer_id", sa.Integer(), nullable=True),
        sa.Column("viewer_name", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("document", sa.String(length=200), server_default="", nullable=False),
        sa.Column("address", sa.String(length=45), server_default="", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["scan_id"], [f"{SCAN}.id"], name=op.f(f"fk_{VIEW}_scan_id")),
        _person(VIEW, "viewer_id"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{VIEW}")),
    )
    for column in ("at", "viewer_id"):
        op.create_index(op.f(f"ix_{VIEW}_{column}"), VIEW, [column])
    op.create_index(f"ix_{VIEW}_scan", VIEW, ["scan_id", "at"])


def _slots() -> None:
    op.create_table(
        SLOT,
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("label_fa", sa.String(length=60), nullable=False),
        sa.Column("label_en", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("is_required", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("uses_stamp", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        *_stamps(),
        sa.CheckConstraint("role_id IS NOT NULL OR post_id IS NOT NULL", name=op.f(f"ck_{SLOT}_somebody")),
        sa.CheckConstraint("needed >= 1", name=op.f(f"ck_{SLOT}_needed")),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], name=op.f(f"fk_{SLOT}_role_id")),
        sa.ForeignKeyConstraint(["post_id"], ["org_post.id"], name=op.f(f"fk_{SLOT}_post_id")),
        _person(SLOT, "created_by_id"),
        _person(SLOT, "updated_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{SLOT}")),
    )
    for column in ("role_id", "post_id"):
        op.create_index(op.f(f"ix_{SLOT}_{column}"), SLOT, [column])
    op.create_index(f"ix_{SLOT}_subject", SLOT, ["subject", "position", "id"])


def _signings() -> None:
    op.create_table(
        SIGNING,
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=True),
        sa.Column("next_position", sa.Integer(), nullable=True),
        sa.Column("is_refused", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        _person(SIGNING, "opened_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{SIGNING}")),
        sa.UniqueConstraint("code", name=op.f(f"uq_{SIGNING}_code")),
    )
    op.create_index(f"uq_{SIGNING}_record", SIGNING, ["model", "record_id"], unique=True)
    op.create_index(
        f"ix_{SIGNING}_open", SIGNING, ["subject", "next_position", "opened_at"],
        sqlite_where=sa.text("next_position IS NOT NULL AND is_refused IS 0"),
        postgresql_where=sa.text("next_position IS NOT NULL AND is_refused IS FALSE"),
    )  # fmt: skip


def _signatures() -> None:
    op.create_table(
        SIGNATURE,
        sa.Column("signing_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("signer_id", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.Integer(), nullable=False),
        sa.Column("scan_id", sa.Integer(), nullable=True),
        sa.Column("post_name", sa.String(length=120), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("signed_at", INSTANT, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("left_open", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("is_standing", sa.Boolean(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.String(length=200), nullable=False),
        sa.Column("changed", sa.String(length=500), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["signing_id"], [f"{SIGNING}.id"], name=op.f(f"fk_{SIGNATURE}_signing_id")),
        sa.ForeignKeyConstraint(["slot_id"], [f"{SLOT}.id"], name=op.f(f"fk_{SIGNATURE}_slot_id")),
        sa.ForeignKeyConstraint(["scan_id"], [f"{SCAN}.id"], name=op.f(f"fk_{SIGNATURE}_scan_id")),
        _person(SIGNATURE, "signer_id"),
        _person(SIGNATURE, "holder_id"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{SIGNATURE}")),
    )
    for column in ("signing_id", "slot_id", "signer_id", "holder_id", "scan_id"):
        op.create_index(op.f(f"ix_{SIGNATURE}_{column}"), SIGNATURE, [column])
    op.create_index(
        f"uq_{SIGNATURE}_standing", SIGNATURE, ["signing_id", "slot_id", "holder_id"], unique=True,
        sqlite_where=sa.text("is_standing IS 1"), postgresql_where=sa.text("is_standing IS TRUE"),
    )  # fmt: skip


def downgrade() -> None:
    for table in (SIGNATURE, SIGNING, SLOT, VIEW, INK, SCAN):
        op.drop_table(table)
