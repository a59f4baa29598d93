"""The first schema: organisation, customers, catalogue, invoices, kernel.

Revision ID: 0001
Revises:
Create Date: 2026-11-23 10:53:25.799795
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.search import create_search_index, drop_search_index

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ab_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("label", sa.String(length=150), nullable=True),
        sa.Column("description", sa.String(length=512), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_group")),
        sa.UniqueConstraint("name", name=op.f("uq_ab_group_name")),
    )
    op.create_table(
        "ab_permission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_permission")),
        sa.UniqueConstraint("name", name=op.f("uq_ab_permission_name")),
    )
    op.create_table(
        "ab_register_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=64), nullable=False),
        sa.Column("last_name", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("registration_date", sa.DateTime(), nullable=True),
        sa.Column("registration_hash", sa.String(length=256), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_register_user")),
        sa.UniqueConstraint("email", name=op.f("uq_ab_register_user_email")),
        sa.UniqueConstraint("username", name=op.f("uq_ab_register_user_username")),
    )
    op.create_table(
        "ab_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_role")),
        sa.UniqueConstraint("name", name=op.f("uq_ab_role_name")),
    )
    op.create_table(
        "ab_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=64), nullable=False),
        sa.Column("last_name", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("last_login", sa.DateTime(), nullable=True),
        sa.Column("login_count", sa.Integer(), nullable=True),
        sa.Column("fail_login_count", sa.Integer(), nullable=True),
        sa.Column("created_on", sa.DateTime(), nullable=True),
        sa.Column("changed_on", sa.DateTime(), nullable=True),
        sa.Column("created_by_fk", sa.Integer(), nullable=True),
        sa.Column("changed_by_fk", sa.Integer(), nullable=True),
        sa.Column("home_department_id", sa.Integer(), nullable=True),
        sa.Column("mobile", sa.String(length=20), nullable=True),
        sa.Column("locale", sa.String(length=5), server_default="fa", nullable=False),
        sa.Column(
            "full_name_sort",
            sa.String(520).with_variant(sa.String(520, collation="C"), "postgresql"),
            server_default="",
            nullable=False,
        ),
        sa.Column("must_change_password", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["changed_by_fk"], ["ab_user.id"], name=op.f("fk_ab_user_changed_by_fk")),
        sa.ForeignKeyConstraint(["created_by_fk"], ["ab_user.id"], name=op.f("fk_ab_user_created_by_fk")),
        sa.ForeignKeyConstraint(
            ["home_department_id"], ["org_department.id"], name="fk_ab_user_home_department_id", use_alter=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_user")),
        sa.UniqueConstraint("email", name=op.f("uq_ab_user_email")),
        sa.UniqueConstraint("username", name=op.f("uq_ab_user_username")),
    )
    with op.batch_alter_table("ab_user", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ab_user_full_name_sort"), ["full_name_sort"], unique=False)

    op.create_table(
        "ab_view_menu",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_view_menu")),
        sa.UniqueConstraint("name", name=op.f("uq_ab_view_menu_name")),
    )
    op.create_table(
        "core_counter",
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("last_value", sa.Integer(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_counter")),
        sa.UniqueConstraint(
            "kind", "branch_id", "fiscal_year", name=op.f("uq_core_counter_kind_branch_id_fiscal_year")
        ),
    )
    op.create_table(
        "core_heartbeat",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_core_heartbeat")),
    )
    op.create_table(
        "core_history",
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.String(length=80), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(length=16), nullable=True),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("pk_core_history")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("core_history", schema=None) as batch_op:
        batch_op.create_index("ix_core_history_record", ["model", "record_id"], unique=False)
        batch_op.create_index(
            "ix_core_history_sealed",
            ["model", "record_id"],
            unique=False,
            sqlite_where=sa.text("content IS NOT NULL"),
            postgresql_where=sa.text("content IS NOT NULL"),
        )

    op.create_table(
        "core_history_batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("via", sa.String(length=20), nullable=False),
        sa.Column("remote_address", sa.String(length=45), nullable=True),
        sa.Column("ref", sa.String(length=80), nullable=True),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=8), nullable=False),
        sa.Column("rows_digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("prev_hash", sa.LargeBinary(length=16), nullable=True),
        sa.Column("hash", sa.LargeBinary(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_history_batch")),
        sa.UniqueConstraint("seq", name=op.f("uq_core_history_batch_seq")),
    )
    with op.batch_alter_table("core_history_batch", schema=None) as batch_op:
        batch_op.create_index(
            "ix_core_history_batch_open",
            ["id"],
            unique=False,
            sqlite_where=sa.text("seq IS NULL"),
            postgresql_where=sa.text("seq IS NULL"),
        )
        batch_op.create_index(
            "ix_core_history_batch_ref",
            ["ref"],
            unique=False,
            sqlite_where=sa.text("ref IS NOT NULL"),
            postgresql_where=sa.text("ref IS NOT NULL"),
        )

    op.create_table(
        "core_schedule",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("last_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_core_schedule")),
    )
    op.create_table(
        "core_transition_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("transition", sa.String(length=40), nullable=False),
        sa.Column("from_state", sa.String(length=40), nullable=False),
        sa.Column("to_state", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_transition_log")),
    )
    with op.batch_alter_table("core_transition_log", schema=None) as batch_op:
        batch_op.create_index("ix_core_transition_log_record", ["model", "record_id"], unique=False)

    op.create_table(
        "org_shipped_grant",
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.String(length=250), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_shipped_grant")),
        sa.UniqueConstraint("role", "action", "subject", name=op.f("uq_org_shipped_grant_role_action_subject")),
    )
    op.create_table(
        "ab_api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("key_hash", sa.String(length=256), nullable=False),
        sa.Column("lookup_hash", sa.String(length=256), nullable=True),
        sa.Column("key_prefix", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_on", sa.DateTime(), nullable=True),
        sa.Column("expires_on", sa.DateTime(), nullable=True),
        sa.Column("revoked_on", sa.DateTime(), nullable=True),
        sa.Column("last_used_on", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_ab_api_key_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_api_key")),
        sa.UniqueConstraint("lookup_hash", name=op.f("uq_ab_api_key_lookup_hash")),
        sa.UniqueConstraint("uuid", name=op.f("uq_ab_api_key_uuid")),
    )
    with op.batch_alter_table("ab_api_key", schema=None) as batch_op:
        batch_op.create_index("idx_api_key_lookup_hash", ["lookup_hash"], unique=True)
        batch_op.create_index("idx_api_key_prefix", ["key_prefix"], unique=False)
        batch_op.create_index("idx_api_key_user_id", ["user_id"], unique=False)

    op.create_table(
        "ab_group_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["ab_group.id"], name=op.f("fk_ab_group_role_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], name=op.f("fk_ab_group_role_role_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_group_role")),
        sa.UniqueConstraint("group_id", "role_id", name=op.f("uq_ab_group_role_group_id_role_id")),
    )
    with op.batch_alter_table("ab_group_role", schema=None) as batch_op:
        batch_op.create_index("idx_group_id", ["group_id"], unique=False)
        batch_op.create_index("idx_group_role_id", ["role_id"], unique=False)

    op.create_table(
        "ab_permission_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permission_id", sa.Integer(), nullable=False),
        sa.Column("view_menu_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["permission_id"], ["ab_permission.id"], name=op.f("fk_ab_permission_view_permission_id")
        ),
        sa.ForeignKeyConstraint(["view_menu_id"], ["ab_view_menu.id"], name=op.f("fk_ab_permission_view_view_menu_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_permission_view")),
        sa.UniqueConstraint(
            "permission_id", "view_menu_id", name=op.f("uq_ab_permission_view_permission_id_view_menu_id")
        ),
    )
    with op.batch_alter_table("ab_permission_view", schema=None) as batch_op:
        batch_op.create_index("idx_permission_id", ["permission_id"], unique=False)
        batch_op.create_index("idx_view_menu_id", ["view_menu_id"], unique=False)

    op.create_table(
        "ab_user_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["ab_group.id"], name=op.f("fk_ab_user_group_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_ab_user_group_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_user_group")),
        sa.UniqueConstraint("user_id", "group_id", name=op.f("uq_ab_user_group_user_id_group_id")),
    )
    with op.batch_alter_table("ab_user_group", schema=None) as batch_op:
        batch_op.create_index("idx_user_group_id", ["group_id"], unique=False)
        batch_op.create_index("idx_user_id", ["user_id"], unique=False)

    op.create_table(
        "ab_user_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], name=op.f("fk_ab_user_role_role_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_ab_user_role_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_user_role")),
        sa.UniqueConstraint("user_id", "role_id", name=op.f("uq_ab_user_role_user_id_role_id")),
    )
    op.create_table(
        "core_job",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("queued", "running", "done", "failed", "cancelled", name="jobstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("message", sa.String(length=500), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error_code", sa.String(length=80), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("claimed_by", sa.String(length=120), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["ab_user.id"], name=op.f("fk_core_job_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_job")),
    )
    with op.batch_alter_table("core_job", schema=None) as batch_op:
        batch_op.create_index("ix_core_job_actor", ["actor_id", "id"], unique=False)
        batch_op.create_index(
            "ix_core_job_open",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state IN ('queued', 'running')"),
            postgresql_where=sa.text("state IN ('queued', 'running')"),
        )

    op.create_table(
        "finance_branch",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column(
            "name_sort", sa.String(240).with_variant(sa.String(240, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_finance_branch_created_by_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_finance_branch_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_branch")),
        sa.UniqueConstraint("code", name=op.f("uq_finance_branch_code")),
    )
    op.create_table(
        "org_company",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("economic_code", sa.String(length=20), nullable=False),
        sa.Column("national_id", sa.String(length=20), nullable=False),
        sa.Column("registration_no", sa.String(length=20), nullable=False),
        sa.Column("province", sa.String(60), nullable=False),
        sa.Column("city", sa.String(60), nullable=False),
        sa.Column("postal_code", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(500), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("print_note", sa.String(500), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_org_company_only_one")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_org_company_created_by_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_org_company_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_company")),
    )
    op.create_table(
        "org_department",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column(
            "name_sort", sa.String(480).with_variant(sa.String(480, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("depth", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tree_order", sa.Integer(), server_default="0", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_org_department_created_by_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["org_department.id"], name=op.f("fk_org_department_parent_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_org_department_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_department")),
        sa.UniqueConstraint("code", name=op.f("uq_org_department_code")),
    )
    with op.batch_alter_table("org_department", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_org_department_name_sort"), ["name_sort"], unique=False)
        batch_op.create_index(batch_op.f("ix_org_department_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_org_department_tree_order"), ["tree_order"], unique=False)

    op.create_table(
        "sales_price_list",
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column(
            "name_sort", sa.String(480).with_variant(sa.String(480, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("is_base", sa.Boolean(), nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_sales_price_list_created_by_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_sales_price_list_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_price_list")),
        sa.UniqueConstraint("code", name=op.f("uq_sales_price_list_code")),
    )
    with op.batch_alter_table("sales_price_list", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_price_list_name_sort"), ["name_sort"], unique=False)

    op.create_table(
        "sales_product_category",
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column(
            "name_sort", sa.String(480).with_variant(sa.String(480, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("depth", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tree_order", sa.Integer(), server_default="0", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_sales_product_category_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["sales_product_category.id"], name=op.f("fk_sales_product_category_parent_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["ab_user.id"], name=op.f("fk_sales_product_category_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_product_category")),
        sa.UniqueConstraint("code", name=op.f("uq_sales_product_category_code")),
    )
    with op.batch_alter_table("sales_product_category", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_product_category_name_sort"), ["name_sort"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_product_category_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_product_category_tree_order"), ["tree_order"], unique=False)

    op.create_table(
        "sales_tax_rate",
        sa.Column(
            "kind", sa.Enum("vat", "duty", "other", name="taxkind", native_enum=False, length=40), nullable=False
        ),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("percent >= 0", name=op.f("ck_sales_tax_rate_percent")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_sales_tax_rate_created_by_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_sales_tax_rate_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_tax_rate")),
        sa.UniqueConstraint("code", "from_on", name=op.f("uq_sales_tax_rate_code_from_on")),
    )
    op.create_table(
        "sales_unit",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column(
            "name_sort", sa.String(240).with_variant(sa.String(240, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("moadian_code", sa.String(length=10), nullable=True),
        sa.Column("decimals", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("decimals BETWEEN 0 AND 3", name=op.f("ck_sales_unit_decimals")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_sales_unit_created_by_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_sales_unit_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_sales_unit_code")),
    )
    with op.batch_alter_table("sales_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_unit_name_sort"), ["name_sort"], unique=False)

    op.create_table(
        "ab_permission_view_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permission_view_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["permission_view_id"],
            ["ab_permission_view.id"],
            name=op.f("fk_ab_permission_view_role_permission_view_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["ab_role.id"], name=op.f("fk_ab_permission_view_role_role_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_permission_view_role")),
        sa.UniqueConstraint(
            "permission_view_id", "role_id", name=op.f("uq_ab_permission_view_role_permission_view_id_role_id")
        ),
    )
    with op.batch_alter_table("ab_permission_view_role", schema=None) as batch_op:
        batch_op.create_index("idx_permission_view_id", ["permission_view_id"], unique=False)
        batch_op.create_index("idx_role_id", ["role_id"], unique=False)

    op.create_table(
        "crm_customer",
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column(
            "kind", sa.Enum("person", "company", name="customerkind", native_enum=False, length=40), nullable=False
        ),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column(
            "name_sort", sa.String(800).with_variant(sa.String(800, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("first_name", sa.String(80), nullable=True),
        sa.Column("last_name", sa.String(120), nullable=True),
        sa.Column("company_name", sa.String(200), nullable=True),
        sa.Column("is_customer", sa.Boolean(), nullable=False),
        sa.Column("is_supplier", sa.Boolean(), nullable=False),
        sa.Column("is_dealer", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("national_id", sa.String(length=10), nullable=True),
        sa.Column("legal_id", sa.String(length=11), nullable=True),
        sa.Column("economic_code", sa.String(length=20), nullable=True),
        sa.Column("registration_no", sa.String(length=20), nullable=True),
        sa.Column("mobile", sa.String(length=20), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("province", sa.String(60), nullable=True),
        sa.Column("city", sa.String(60), nullable=True),
        sa.Column("postal_code", sa.String(length=10), nullable=True),
        sa.Column("address", sa.String(500), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("credit_limit_rials", sa.BigInteger(), nullable=True),
        sa.Column("price_list_id", sa.Integer(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(1000), nullable=True),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("credit_limit_rials >= 0", name=op.f("ck_crm_customer_credit_limit")),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_crm_customer_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_crm_customer_longitude")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_crm_customer_created_by_id")),
        sa.ForeignKeyConstraint(["department_id"], ["org_department.id"], name=op.f("fk_crm_customer_department_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["ab_user.id"], name=op.f("fk_crm_customer_owner_id")),
        sa.ForeignKeyConstraint(["price_list_id"], ["sales_price_list.id"], name=op.f("fk_crm_customer_price_list_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_crm_customer_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_customer")),
        sa.UniqueConstraint("code", name=op.f("uq_crm_customer_code")),
    )
    with op.batch_alter_table("crm_customer", schema=None) as batch_op:
        batch_op.create_index("ix_crm_customer_department", ["department_id", "name_sort", "id"], unique=False)
        batch_op.create_index(
            "ix_crm_customer_legal_id",
            ["legal_id"],
            unique=False,
            sqlite_where=sa.text("legal_id IS NOT NULL"),
            postgresql_where=sa.text("legal_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_crm_customer_mobile",
            ["mobile"],
            unique=False,
            sqlite_where=sa.text("mobile IS NOT NULL"),
            postgresql_where=sa.text("mobile IS NOT NULL"),
        )
        batch_op.create_index("ix_crm_customer_name", ["name_sort", "id"], unique=False)
        batch_op.create_index("ix_crm_customer_name_key", ["name_key"], unique=False)
        batch_op.create_index(
            "ix_crm_customer_national_id",
            ["national_id"],
            unique=False,
            sqlite_where=sa.text("national_id IS NOT NULL"),
            postgresql_where=sa.text("national_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_crm_customer_owner",
            ["owner_id", "name_sort", "id"],
            unique=False,
            sqlite_where=sa.text("owner_id IS NOT NULL"),
            postgresql_where=sa.text("owner_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_crm_customer_phone",
            ["phone"],
            unique=False,
            sqlite_where=sa.text("phone IS NOT NULL"),
            postgresql_where=sa.text("phone IS NOT NULL"),
        )

    op.create_table(
        "org_delegation",
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("delegate_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("delegate_id <> principal_id", name=op.f("ck_org_delegation_not_self")),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_org_delegation_term")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_org_delegation_created_by_id")),
        sa.ForeignKeyConstraint(["delegate_id"], ["ab_user.id"], name=op.f("fk_org_delegation_delegate_id")),
        sa.ForeignKeyConstraint(["department_id"], ["org_department.id"], name=op.f("fk_org_delegation_department_id")),
        sa.ForeignKeyConstraint(["principal_id"], ["ab_user.id"], name=op.f("fk_org_delegation_principal_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_org_delegation_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_delegation")),
    )
    with op.batch_alter_table("org_delegation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_org_delegation_delegate_id"), ["delegate_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_org_delegation_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_org_delegation_principal_id"), ["principal_id"], unique=False)

    op.create_table(
        "org_membership",
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["org_department.id"], name=op.f("fk_org_membership_department_id")),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["ab_user.id"], name=op.f("fk_org_membership_employee_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_membership")),
        sa.UniqueConstraint("employee_id", "department_id", name=op.f("uq_org_membership_employee_id_department_id")),
    )
    with op.batch_alter_table("org_membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_org_membership_department_id"), ["department_id"], unique=False)

    op.create_table(
        "org_post",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column(
            "name_sort", sa.String(480).with_variant(sa.String(480, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("seats", sa.Integer(), server_default="1", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("depth", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tree_order", sa.Integer(), server_default="0", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("seats >= 1", name=op.f("ck_org_post_seats")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_org_post_created_by_id")),
        sa.ForeignKeyConstraint(["department_id"], ["org_department.id"], name=op.f("fk_org_post_department_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["org_post.id"], name=op.f("fk_org_post_parent_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_org_post_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_post")),
        sa.UniqueConstraint("code", name=op.f("uq_org_post_code")),
    )
    with op.batch_alter_table("org_post", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_org_post_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_org_post_name_sort"), ["name_sort"], unique=False)
        batch_op.create_index(batch_op.f("ix_org_post_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_org_post_tree_order"), ["tree_order"], unique=False)

    op.create_table(
        "sales_product",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column(
            "kind", sa.Enum("goods", "service", name="productkind", native_enum=False, length=40), nullable=False
        ),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column(
            "name_sort", sa.String(1200).with_variant(sa.String(1200, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("barcode", sa.String(length=60), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("tax_code", sa.String(length=13), nullable=True),
        sa.Column(
            "tax_class",
            sa.Enum("taxable", "exempt", "zero", name="taxclass", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("duty_code", sa.String(length=30), nullable=True),
        sa.Column("charge_code", sa.String(length=30), nullable=True),
        sa.Column("price_rials", sa.BigInteger(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(1000), nullable=True),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("price_rials >= 0", name=op.f("ck_sales_product_price")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["sales_product_category.id"], name=op.f("fk_sales_product_category_id")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_sales_product_created_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["sales_unit.id"], name=op.f("fk_sales_product_unit_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_sales_product_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_product")),
        sa.UniqueConstraint("code", name=op.f("uq_sales_product_code")),
    )
    with op.batch_alter_table("sales_product", schema=None) as batch_op:
        batch_op.create_index(
            "ix_sales_product_barcode",
            ["barcode"],
            unique=False,
            sqlite_where=sa.text("barcode IS NOT NULL"),
            postgresql_where=sa.text("barcode IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_sales_product_category_id"), ["category_id"], unique=False)
        batch_op.create_index("ix_sales_product_name", ["name_sort", "id"], unique=False)

    op.create_table(
        "crm_customer_address",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("province", sa.String(60), nullable=True),
        sa.Column("city", sa.String(60), nullable=True),
        sa.Column("postal_code", sa.String(length=10), nullable=True),
        sa.Column("address", sa.String(500), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_crm_customer_address_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_crm_customer_address_longitude")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_crm_customer_address_created_by_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_customer_address_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_crm_customer_address_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_customer_address")),
    )
    with op.batch_alter_table("crm_customer_address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_customer_address_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "crm_customer_contact",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("post", sa.String(120), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("mobile", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_crm_customer_contact_created_by_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_customer_contact_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_crm_customer_contact_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_customer_contact")),
    )
    with op.batch_alter_table("crm_customer_contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_customer_contact_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_customer_contact_mobile"), ["mobile"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_customer_contact_phone"), ["phone"], unique=False)

    op.create_table(
        "crm_customer_phone",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("do_not_call", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_crm_customer_phone_created_by_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["crm_customer.id"], name=op.f("fk_crm_customer_phone_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_crm_customer_phone_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_customer_phone")),
    )
    with op.batch_alter_table("crm_customer_phone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_customer_phone_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_crm_customer_phone_number"), ["number"], unique=False)

    op.create_table(
        "finance_invoice",
        sa.Column(
            "kind",
            sa.Enum(
                "sales", "sales_return", "purchase", "purchase_return", name="invoicekind", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "state", sa.Enum("draft", "issued", name="invoicestate", native_enum=False, length=40), nullable=False
        ),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(60), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("customer_name", sa.String(200), nullable=False),
        sa.Column("buyer", sa.JSON(), nullable=True),
        sa.Column("invoice_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "terms",
            sa.Enum("cash", "credit", "instalments", name="terms", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "policy",
            sa.Enum("line_floor", "line_half_up", "document_half_up", name="policy", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("gross_rials", sa.BigInteger(), nullable=False),
        sa.Column("discount_rials", sa.BigInteger(), nullable=False),
        sa.Column("net_rials", sa.BigInteger(), nullable=False),
        sa.Column("tax_rials", sa.BigInteger(), nullable=False),
        sa.Column("additions_rials", sa.BigInteger(), nullable=False),
        sa.Column("payable_rials", sa.BigInteger(), nullable=False),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(state = 'draft') = (number IS NULL)", name=op.f("ck_finance_invoice_numbered_when_issued")
        ),
        sa.CheckConstraint("net_rials = gross_rials - discount_rials", name=op.f("ck_finance_invoice_net")),
        sa.CheckConstraint(
            "payable_rials = net_rials + tax_rials + additions_rials", name=op.f("ck_finance_invoice_payable")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["finance_branch.id"], name=op.f("fk_finance_invoice_branch_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_finance_invoice_created_by_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["crm_customer.id"], name=op.f("fk_finance_invoice_customer_id")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["org_department.id"], name=op.f("fk_finance_invoice_department_id")
        ),
        sa.ForeignKeyConstraint(["issued_by_id"], ["ab_user.id"], name=op.f("fk_finance_invoice_issued_by_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["ab_user.id"], name=op.f("fk_finance_invoice_owner_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_finance_invoice_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_invoice")),
        sa.UniqueConstraint(
            "kind",
            "branch_id",
            "fiscal_year",
            "number",
            name=op.f("uq_finance_invoice_kind_branch_id_fiscal_year_number"),
        ),
        sa.UniqueConstraint("kind", "reference", name=op.f("uq_finance_invoice_kind_reference")),
    )
    with op.batch_alter_table("finance_invoice", schema=None) as batch_op:
        batch_op.create_index("ix_finance_invoice_customer", ["customer_id", "invoice_on"], unique=False)
        batch_op.create_index("ix_finance_invoice_department", ["department_id", "kind", "invoice_on"], unique=False)
        batch_op.create_index(
            "ix_finance_invoice_drafts",
            ["kind", "invoice_on", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'draft'"),
            postgresql_where=sa.text("state = 'draft'"),
        )
        batch_op.create_index(batch_op.f("ix_finance_invoice_invoice_on"), ["invoice_on"], unique=False)
        batch_op.create_index("ix_finance_invoice_list", ["kind", "invoice_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_finance_invoice_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "org_post_holder",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name=op.f("ck_org_post_holder_term")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_org_post_holder_created_by_id")),
        sa.ForeignKeyConstraint(["employee_id"], ["ab_user.id"], name=op.f("fk_org_post_holder_employee_id")),
        sa.ForeignKeyConstraint(["post_id"], ["org_post.id"], name=op.f("fk_org_post_holder_post_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_org_post_holder_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_post_holder")),
    )
    with op.batch_alter_table("org_post_holder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_org_post_holder_employee_id"), ["employee_id"], unique=False)
        batch_op.create_index("ix_org_post_holder_term", ["post_id", "from_on"], unique=False)

    op.create_table(
        "sales_price_list_item",
        sa.Column("price_list_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("price_rials", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("price_rials >= 0", name=op.f("ck_sales_price_list_item_price")),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name=op.f("ck_sales_price_list_item_term")),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_sales_price_list_item_created_by_id")),
        sa.ForeignKeyConstraint(
            ["price_list_id"],
            ["sales_price_list.id"],
            name=op.f("fk_sales_price_list_item_price_list_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["product_id"], ["sales_product.id"], name=op.f("fk_sales_price_list_item_product_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["sales_unit.id"], name=op.f("fk_sales_price_list_item_unit_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_sales_price_list_item_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_price_list_item")),
        sa.UniqueConstraint(
            "price_list_id",
            "product_id",
            "unit_id",
            "from_on",
            name=op.f("uq_sales_price_list_item_price_list_id_product_id_unit_id_from_on"),
        ),
    )
    with op.batch_alter_table("sales_price_list_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_price_list_item_product_id"), ["product_id"], unique=False)

    op.create_table(
        "sales_product_picture",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_sales_product_picture_created_by_id")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["sales_product.id"], name=op.f("fk_sales_product_picture_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["updated_by_id"], ["ab_user.id"], name=op.f("fk_sales_product_picture_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_product_picture")),
        sa.UniqueConstraint("product_id", name=op.f("uq_sales_product_picture_product_id")),
    )
    op.create_table(
        "sales_product_unit",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("factor", sa.BigInteger(), nullable=False),
        sa.Column("barcode", sa.String(length=60), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("factor > 0", name=op.f("ck_sales_product_unit_factor")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["sales_product.id"], name=op.f("fk_sales_product_unit_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["sales_unit.id"], name=op.f("fk_sales_product_unit_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_product_unit")),
        sa.UniqueConstraint("product_id", "unit_id", name=op.f("uq_sales_product_unit_product_id_unit_id")),
    )
    op.create_table(
        "finance_invoice_adjustment",
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_discount", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=True),
        sa.Column("amount_rials", sa.BigInteger(), nullable=True),
        sa.Column("of", sa.Enum("net", "payable", name="discountof", native_enum=False, length=40), nullable=False),
        sa.Column("sign", sa.Integer(), nullable=False),
        sa.Column("taxed", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["finance_invoice.id"],
            name=op.f("fk_finance_invoice_adjustment_invoice_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_invoice_adjustment")),
    )
    with op.batch_alter_table("finance_invoice_adjustment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finance_invoice_adjustment_invoice_id"), ["invoice_id"], unique=False)

    op.create_table(
        "finance_invoice_line",
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("product_code", sa.String(60), nullable=False),
        sa.Column("description", sa.String(300), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("discounts", sa.JSON(), nullable=False),
        sa.Column("gross_rials", sa.BigInteger(), nullable=False),
        sa.Column("discount_rials", sa.BigInteger(), nullable=False),
        sa.Column("document_discount_rials", sa.BigInteger(), nullable=False),
        sa.Column("net_rials", sa.BigInteger(), nullable=False),
        sa.Column("tax_rials", sa.BigInteger(), nullable=False),
        sa.Column("payable_rials", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("net_rials = gross_rials - discount_rials", name=op.f("ck_finance_invoice_line_net")),
        sa.CheckConstraint("payable_rials = net_rials + tax_rials", name=op.f("ck_finance_invoice_line_payable")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["finance_invoice.id"], name=op.f("fk_finance_invoice_line_invoice_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["sales_product.id"], name=op.f("fk_finance_invoice_line_product_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["sales_unit.id"], name=op.f("fk_finance_invoice_line_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_invoice_line")),
        sa.UniqueConstraint("invoice_id", "position", name=op.f("uq_finance_invoice_line_invoice_id_position")),
    )
    with op.batch_alter_table("finance_invoice_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finance_invoice_line_product_id"), ["product_id"], unique=False)

    op.create_table(
        "finance_invoice_line_tax",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.Column("included", sa.Boolean(), nullable=False),
        sa.Column(
            "base",
            sa.Enum("net", "gross", "net_plus_previous", name="taxbase", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("base_rials", sa.BigInteger(), nullable=False),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["finance_invoice_line.id"],
            name=op.f("fk_finance_invoice_line_tax_line_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_invoice_line_tax")),
    )
    with op.batch_alter_table("finance_invoice_line_tax", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finance_invoice_line_tax_line_id"), ["line_id"], unique=False)

    create_search_index(op, "crm_customer")
    create_search_index(op, "finance_invoice")
    create_search_index(op, "sales_product")


def downgrade() -> None:
    drop_search_index(op, "crm_customer")
    drop_search_index(op, "finance_invoice")
    drop_search_index(op, "sales_product")
    with op.batch_alter_table("finance_invoice_line_tax", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finance_invoice_line_tax_line_id"))

    op.drop_table("finance_invoice_line_tax")
    with op.batch_alter_table("finance_invoice_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finance_invoice_line_product_id"))

    op.drop_table("finance_invoice_line")
    with op.batch_alter_table("finance_invoice_adjustment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finance_invoice_adjustment_invoice_id"))

    op.drop_table("finance_invoice_adjustment")
    op.drop_table("sales_product_unit")
    op.drop_table("sales_product_picture")
    with op.batch_alter_table("sales_price_list_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_price_list_item_product_id"))

    op.drop_table("sales_price_list_item")
    with op.batch_alter_table("org_post_holder", schema=None) as batch_op:
        batch_op.drop_index("ix_org_post_holder_term")
        batch_op.drop_index(batch_op.f("ix_org_post_holder_employee_id"))

    op.drop_table("org_post_holder")
    with op.batch_alter_table("finance_invoice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finance_invoice_owner_id"))
        batch_op.drop_index("ix_finance_invoice_list")
        batch_op.drop_index(batch_op.f("ix_finance_invoice_invoice_on"))
        batch_op.drop_index(
            "ix_finance_invoice_drafts",
            sqlite_where=sa.text("state = 'draft'"),
            postgresql_where=sa.text("state = 'draft'"),
        )
        batch_op.drop_index("ix_finance_invoice_department")
        batch_op.drop_index("ix_finance_invoice_customer")

    op.drop_table("finance_invoice")
    with op.batch_alter_table("crm_customer_phone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_customer_phone_number"))
        batch_op.drop_index(batch_op.f("ix_crm_customer_phone_customer_id"))

    op.drop_table("crm_customer_phone")
    with op.batch_alter_table("crm_customer_contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_customer_contact_phone"))
        batch_op.drop_index(batch_op.f("ix_crm_customer_contact_mobile"))
        batch_op.drop_index(batch_op.f("ix_crm_customer_contact_customer_id"))

    op.drop_table("crm_customer_contact")
    with op.batch_alter_table("crm_customer_address", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_customer_address_customer_id"))

    op.drop_table("crm_customer_address")
    with op.batch_alter_table("sales_product", schema=None) as batch_op:
        batch_op.drop_index("ix_sales_product_name")
        batch_op.drop_index(batch_op.f("ix_sales_product_category_id"))
        batch_op.drop_index(
            "ix_sales_product_barcode",
            sqlite_where=sa.text("barcode IS NOT NULL"),
            postgresql_where=sa.text("barcode IS NOT NULL"),
        )

    op.drop_table("sales_product")
    with op.batch_alter_table("org_post", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_org_post_tree_order"))
        batch_op.drop_index(batch_op.f("ix_org_post_parent_id"))
        batch_op.drop_index(batch_op.f("ix_org_post_name_sort"))
        batch_op.drop_index(batch_op.f("ix_org_post_department_id"))

    op.drop_table("org_post")
    with op.batch_alter_table("org_membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_org_membership_department_id"))

    op.drop_table("org_membership")
    with op.batch_alter_table("org_delegation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_org_delegation_principal_id"))
        batch_op.drop_index(batch_op.f("ix_org_delegation_department_id"))
        batch_op.drop_index(batch_op.f("ix_org_delegation_delegate_id"))

    op.drop_table("org_delegation")
    with op.batch_alter_table("crm_customer", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_crm_customer_phone",
            sqlite_where=sa.text("phone IS NOT NULL"),
            postgresql_where=sa.text("phone IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_crm_customer_owner",
            sqlite_where=sa.text("owner_id IS NOT NULL"),
            postgresql_where=sa.text("owner_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_crm_customer_national_id",
            sqlite_where=sa.text("national_id IS NOT NULL"),
            postgresql_where=sa.text("national_id IS NOT NULL"),
        )
        batch_op.drop_index("ix_crm_customer_name_key")
        batch_op.drop_index("ix_crm_customer_name")
        batch_op.drop_index(
            "ix_crm_customer_mobile",
            sqlite_where=sa.text("mobile IS NOT NULL"),
            postgresql_where=sa.text("mobile IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_crm_customer_legal_id",
            sqlite_where=sa.text("legal_id IS NOT NULL"),
            postgresql_where=sa.text("legal_id IS NOT NULL"),
        )
        batch_op.drop_index("ix_crm_customer_department")

    op.drop_table("crm_customer")
    with op.batch_alter_table("ab_permission_view_role", schema=None) as batch_op:
        batch_op.drop_index("idx_role_id")
        batch_op.drop_index("idx_permission_view_id")

    op.drop_table("ab_permission_view_role")
    with op.batch_alter_table("sales_unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_unit_name_sort"))

    op.drop_table("sales_unit")
    op.drop_table("sales_tax_rate")
    with op.batch_alter_table("sales_product_category", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_product_category_tree_order"))
        batch_op.drop_index(batch_op.f("ix_sales_product_category_parent_id"))
        batch_op.drop_index(batch_op.f("ix_sales_product_category_name_sort"))

    op.drop_table("sales_product_category")
    with op.batch_alter_table("sales_price_list", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_price_list_name_sort"))

    op.drop_table("sales_price_list")
    with op.batch_alter_table("org_department", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_org_department_tree_order"))
        batch_op.drop_index(batch_op.f("ix_org_department_parent_id"))
        batch_op.drop_index(batch_op.f("ix_org_department_name_sort"))

    op.drop_table("org_department")
    op.drop_table("org_company")
    op.drop_table("finance_branch")
    with op.batch_alter_table("core_job", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_core_job_open",
            sqlite_where=sa.text("state IN ('queued', 'running')"),
            postgresql_where=sa.text("state IN ('queued', 'running')"),
        )
        batch_op.drop_index("ix_core_job_actor")

    op.drop_table("core_job")
    op.drop_table("ab_user_role")
    with op.batch_alter_table("ab_user_group", schema=None) as batch_op:
        batch_op.drop_index("idx_user_id")
        batch_op.drop_index("idx_user_group_id")

    op.drop_table("ab_user_group")
    with op.batch_alter_table("ab_permission_view", schema=None) as batch_op:
        batch_op.drop_index("idx_view_menu_id")
        batch_op.drop_index("idx_permission_id")

    op.drop_table("ab_permission_view")
    with op.batch_alter_table("ab_group_role", schema=None) as batch_op:
        batch_op.drop_index("idx_group_role_id")
        batch_op.drop_index("idx_group_id")

    op.drop_table("ab_group_role")
    with op.batch_alter_table("ab_api_key", schema=None) as batch_op:
        batch_op.drop_index("idx_api_key_user_id")
        batch_op.drop_index("idx_api_key_prefix")
        batch_op.drop_index("idx_api_key_lookup_hash")

    op.drop_table("ab_api_key")
    op.drop_table("org_shipped_grant")
    with op.batch_alter_table("core_transition_log", schema=None) as batch_op:
        batch_op.drop_index("ix_core_transition_log_record")

    op.drop_table("core_transition_log")
    op.drop_table("core_schedule")
    with op.batch_alter_table("core_history_batch", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_core_history_batch_ref",
            sqlite_where=sa.text("ref IS NOT NULL"),
            postgresql_where=sa.text("ref IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_core_history_batch_open", sqlite_where=sa.text("seq IS NULL"), postgresql_where=sa.text("seq IS NULL")
        )

    op.drop_table("core_history_batch")
    with op.batch_alter_table("core_history", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_core_history_sealed",
            sqlite_where=sa.text("content IS NOT NULL"),
            postgresql_where=sa.text("content IS NOT NULL"),
        )
        batch_op.drop_index("ix_core_history_record")

    op.drop_table("core_history")
    op.drop_table("core_heartbeat")
    op.drop_table("core_counter")
    op.drop_table("ab_view_menu")
    with op.batch_alter_table("ab_user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ab_user_full_name_sort"))

    op.drop_table("ab_user")
    op.drop_table("ab_role")
    op.drop_table("ab_register_user")
    op.drop_table("ab_permission")
    op.drop_table("ab_group")
