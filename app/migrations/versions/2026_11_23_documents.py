"""Branches belong to the organisation, additions to all documents: two tables get new names.

Revision ID: 0019
Revises: 0018
Create Date: 2026-11-23 20:45:00
"""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

RENAMED = (
    ("finance_branch", "org_branch", "code", ()),
    ("finance_addition_kind", "sales_addition_kind", "name", ("position", "title_sort")),
)
"""Old name, new name, the unique column, the indexed columns."""


def upgrade() -> None:
    for old, new, unique, indexed in RENAMED:
        _rename(old, new, unique, indexed)


def downgrade() -> None:
    for old, new, unique, indexed in RENAMED:
        _rename(new, old, unique, indexed)


def _rename(old: str, new: str, unique: str, indexed: tuple[str, ...]) -> None:
    for column in indexed:
        op.drop_index(f"ix_{old}_{column}", table_name=old)
    op.rename_table(old, new)
    with op.batch_alter_table(new) as batch:
        batch.drop_constraint(f"uq_{old}_{unique}", type_="unique")
        batch.create_unique_constraint(f"uq_{new}_{unique}", [unique])
    for column in indexed:
        op.create_index(f"ix_{new}_{column}", new, [column])
