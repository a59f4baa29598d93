"""Settlement and cheques: open items, matches, payments, opening balances, the register of cheques.

Invoices that are issued get their open items here, all open; voided ones and their counter documents
undo each other. Columns of invoices are added in place, as in the revision before.

Revision ID: 0016
Revises: 0015
Create Date: 2026-11-23 17:30:00
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.core.clock import today
from app.core.search import create_search_index, drop_search_index

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
SEARCHED = ("finance_cheque", "finance_payment")
TABLES = (
    "finance_match", "finance_open_item", "finance_payment_line", "finance_payment", "finance_opening_balance",
    "finance_cheque", "finance_settlement_rules",
)  # fmt: skip
INVOICE = {"payment_state": "VARCHAR(40)", "open_due_on": "DATE"}
INDEXES: tuple[tuple[str, str, list[str], bool, str], ...] = (
    ("ix_finance_cheque_amount_rials", "finance_cheque", ["amount_rials"], False, ""),
    ("ix_finance_cheque_bank", "finance_cheque", ["bank"], False, ""),
    ("ix_finance_cheque_customer", "finance_cheque", ["customer_id", "due_on"], False, ""),
    ("ix_finance_cheque_department", "finance_cheque", ["department_id", "due_on"], False, ""),
    ("ix_finance_cheque_direction", "finance_cheque", ["direction", "due_on", "id"], False, ""),
    ("ix_finance_cheque_due", "finance_cheque", ["due_on", "id"], False, ""),
    ("ix_finance_cheque_endorsed_to_id", "finance_cheque", ["endorsed_to_id"], False, ""),
    ("ix_finance_cheque_number", "finance_cheque", ["number"], False, ""),
    ("ix_finance_cheque_owner_id", "finance_cheque", ["owner_id"], False, ""),
    ("ix_finance_cheque_state", "finance_cheque", ["state", "due_on", "id"], False, ""),
    (
        "uq_finance_cheque_sayad",
        "finance_cheque",
        ["direction", "sayad_id"],
        True,
        "sayad_id IS NOT NULL AND state <> 'returned'",
    ),
    ("ix_finance_opening_balance_amount_rials", "finance_opening_balance", ["amount_rials"], False, ""),
    ("ix_finance_opening_balance_customer", "finance_opening_balance", ["customer_id", "booked_on"], False, ""),
    ("ix_finance_opening_balance_department", "finance_opening_balance", ["department_id", "booked_on"], False, ""),
    ("ix_finance_opening_balance_list", "finance_opening_balance", ["booked_on", "id"], False, ""),
    ("ix_finance_opening_balance_owner_id", "finance_opening_balance", ["owner_id"], False, ""),
    ("ix_finance_opening_balance_side", "finance_opening_balance", ["side"], False, ""),
    ("ix_finance_payment_amount_rials", "finance_payment", ["amount_rials"], False, ""),
    ("ix_finance_payment_customer", "finance_payment", ["customer_id", "paid_on"], False, ""),
    ("ix_finance_payment_department", "finance_payment", ["department_id", "paid_on"], False, ""),
    ("ix_finance_payment_fiscal_year", "finance_payment", ["fiscal_year"], False, ""),
    ("ix_finance_payment_kind", "finance_payment", ["kind", "paid_on", "id"], False, ""),
    ("ix_finance_payment_list", "finance_payment", ["paid_on", "id"], False, ""),
    ("ix_finance_payment_number", "finance_payment", ["number", "id"], False, ""),
    ("ix_finance_payment_owner_id", "finance_payment", ["owner_id"], False, ""),
    ("ix_finance_payment_state", "finance_payment", ["state", "paid_on", "id"], False, ""),
    ("ix_finance_payment_line_cheque_id", "finance_payment_line", ["cheque_id"], False, ""),
    ("ix_finance_open_item_department", "finance_open_item", ["department_id", "booked_on"], False, ""),
    ("ix_finance_open_item_invoice", "finance_open_item", ["invoice_id"], False, "invoice_id IS NOT NULL"),
    ("ix_finance_open_item_line", "finance_open_item", ["line_id"], False, "line_id IS NOT NULL"),
    ("ix_finance_open_item_list", "finance_open_item", ["due_on", "id"], False, ""),
    (
        "ix_finance_open_item_open",
        "finance_open_item",
        ["customer_id", "side", "due_on", "id"],
        False,
        "settled_rials + covered_rials < amount_rials",
    ),
    ("ix_finance_open_item_opening", "finance_open_item", ["opening_id"], False, "opening_id IS NOT NULL"),
    ("ix_finance_open_item_owner_id", "finance_open_item", ["owner_id"], False, ""),
    ("ix_finance_open_item_payment", "finance_open_item", ["payment_id"], False, "payment_id IS NOT NULL"),
    ("ix_finance_open_item_statement", "finance_open_item", ["customer_id", "booked_on", "id"], False, ""),
    ("uq_finance_open_item_undoes", "finance_open_item", ["undoes_id"], True, "undoes_id IS NOT NULL"),
    ("ix_finance_match_credit", "finance_match", ["credit_id"], False, ""),
    ("ix_finance_match_debit", "finance_match", ["debit_id"], False, ""),
    ("ix_finance_match_payment", "finance_match", ["payment_id"], False, "payment_id IS NOT NULL"),
    ("ix_finance_invoice_open_due", "finance_invoice", ["open_due_on"], False, "open_due_on IS NOT NULL"),
    ("ix_finance_invoice_payment_state", "finance_invoice", ["payment_state", "invoice_on", "id"], False, ""),
)

HEAD = "customer_id, side, amount_rials, settled_rials, covered_rials, is_pending, booked_on, due_on, position"
COUNTED = (
    "i.number IS NOT NULL AND i.payable_rials > 0 AND (i.state <> 'void' OR EXISTS"
    " (SELECT 1 FROM finance_invoice c WHERE c.voids_id = i.id AND c.number IS NOT NULL))"
)
SIDE = "CASE WHEN i.sign > 0 THEN 'debit' ELSE 'credit' END"
UNDONE = "CASE WHEN i.state = 'void' OR i.voids_id IS NOT NULL THEN {amount} ELSE 0 END"
DUE = "COALESCE(i.due_on, i.invoice_on)"
BACKFILL = (
    f"INSERT INTO finance_open_item ({HEAD}, invoice_id, department_id, owner_id)"
    f" SELECT i.customer_id, {SIDE}, i.payable_rials, {UNDONE.format(amount='i.payable_rials')}, 0, false,"
    f" i.invoice_on, {DUE}, 0, i.id, i.department_id, i.owner_id FROM finance_invoice i WHERE {COUNTED}"
    " AND NOT EXISTS (SELECT 1 FROM finance_invoice_instalment p WHERE p.invoice_id = i.id) ORDER BY i.id",
    f"INSERT INTO finance_open_item ({HEAD}, invoice_id, department_id, owner_id)"
    f" SELECT i.customer_id, {SIDE}, p.amount_rials, {UNDONE.format(amount='p.amount_rials')}, 0, false,"
    " i.invoice_on, p.due_on, p.position, i.id, i.department_id, i.owner_id FROM finance_invoice i"
    f" JOIN finance_invoice_instalment p ON p.invoice_id = i.id WHERE {COUNTED} ORDER BY i.id, p.position",
    "INSERT INTO finance_match (debit_id, credit_id, amount_rials, kind, made_at, reason)"
    " SELECT CASE WHEN o.side = 'debit' THEN o.id ELSE n.id END, CASE WHEN o.side = 'debit' THEN n.id ELSE o.id END,"
    " o.amount_rials, 'undone', COALESCE(c.issued_at, c.created_at, i.issued_at), '' FROM finance_invoice c"
    " JOIN finance_invoice i ON i.id = c.voids_id JOIN finance_open_item o ON o.invoice_id = i.id"
    " JOIN finance_open_item n ON n.invoice_id = c.id",
    "UPDATE finance_invoice SET payment_state = 'paid'"
    " WHERE state = 'issued' AND voids_id IS NULL AND payable_rials = 0",
    "UPDATE finance_invoice SET open_due_on = (SELECT MIN(o.due_on) FROM finance_open_item o"
    " WHERE o.invoice_id = finance_invoice.id)"
    " WHERE state = 'issued' AND voids_id IS NULL AND payable_rials > 0",
    "UPDATE finance_invoice SET payment_state = CASE WHEN open_due_on < :today THEN 'overdue' ELSE 'unpaid' END"
    " WHERE open_due_on IS NOT NULL",
)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)} if condition else {}


def _key(table: str, column: str, target: str, **options: Any) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), **options)


def _stamps(table: str) -> tuple[Any, ...]:
    return (
        sa.Column("created_at", INSTANT),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("updated_at", INSTANT),
        sa.Column("updated_by_id", sa.Integer()),
        _key(table, "created_by_id", "ab_user"),
        _key(table, "updated_by_id", "ab_user"),
    )


def upgrade() -> None:
    _create_settlement_rules()
    _create_cheque()
    _create_opening_balance()
    _create_payment()
    _create_payment_line()
    _create_open_item()
    _create_match()
    for name, definition in INVOICE.items():
        op.execute(f"ALTER TABLE finance_invoice ADD COLUMN {name} {definition}")
    _open_what_is_issued()
    for name, table, columns, unique, condition in INDEXES:
        op.create_index(name, table, columns, unique=unique, **_where(condition))
    for table in SEARCHED:
        create_search_index(op, table)


def _open_what_is_issued() -> None:
    """An item for every issued invoice, and for a voided one that has a counter document."""
    for statement in BACKFILL:
        op.get_bind().execute(sa.text(statement), {"today": today()} if ":today" in statement else {})


def _create_settlement_rules() -> None:
    table = "finance_settlement_rules"
    op.create_table(
        table,
        sa.Column("write_off_limit_rials", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_finance_settlement_rules_only_one")),
        sa.CheckConstraint(
            "write_off_limit_rials >= 0", name=op.f("ck_finance_settlement_rules_write_off_limit_rials")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_settlement_rules")),
        *_stamps(table),
    )


def _create_cheque() -> None:
    table = "finance_cheque"
    op.create_table(
        table,
        sa.Column(
            "direction", sa.Enum("received", "issued", name="direction", native_enum=False, length=40), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "in_hand",
                "deposited",
                "endorsed",
                "given",
                "cleared",
                "bounced",
                "returned",
                name="chequestate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("state_on", sa.Date(), nullable=False),
        sa.Column("sayad_id", sa.String(length=16)),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("bank", sa.String(length=60), nullable=False),
        sa.Column("bank_branch", sa.String(length=60), nullable=False),
        sa.Column("account", sa.String(length=30), nullable=False),
        sa.Column("sheba", sa.String(length=26)),
        sa.Column("owner_name", sa.String(length=200), nullable=False),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("endorsed_to_id", sa.Integer()),
        sa.Column("bounce_reason", sa.String(length=300), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer()),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("amount_rials > 0", name=op.f("ck_finance_cheque_amount_rials")),
        _key(table, "customer_id", "crm_customer"),
        _key(table, "department_id", "org_department"),
        _key(table, "endorsed_to_id", "crm_customer"),
        _key(table, "owner_id", "ab_user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_cheque")),
        *_stamps(table),
    )


def _create_opening_balance() -> None:
    table = "finance_opening_balance"
    op.create_table(
        table,
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.Enum("debit", "credit", name="side", native_enum=False, length=40), nullable=False),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("reference", sa.String(length=60)),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer()),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("amount_rials > 0", name=op.f("ck_finance_opening_balance_amount_rials")),
        _key(table, "customer_id", "crm_customer"),
        _key(table, "department_id", "org_department"),
        _key(table, "owner_id", "ab_user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_opening_balance")),
        sa.UniqueConstraint("reference", name=op.f("uq_finance_opening_balance_reference")),
        *_stamps(table),
    )


def _create_payment() -> None:
    table = "finance_payment"
    op.create_table(
        table,
        sa.Column(
            "kind", sa.Enum("receipt", "payment", name="paymentkind", native_enum=False, length=40), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum("draft", "posted", "reversed", name="paymentstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("fiscal_year", sa.Integer()),
        sa.Column("number", sa.Integer()),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("customer_name", sa.String(length=200), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        sa.Column("chosen", sa.JSON()),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer()),
        sa.Column("posted_at", INSTANT),
        sa.Column("posted_by_id", sa.Integer()),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(state = 'draft') = (number IS NULL)", name=op.f("ck_finance_payment_numbered_when_posted")
        ),
        sa.CheckConstraint("amount_rials >= 0", name=op.f("ck_finance_payment_amount_rials")),
        _key(table, "branch_id", "finance_branch"),
        _key(table, "customer_id", "crm_customer"),
        _key(table, "department_id", "org_department"),
        _key(table, "owner_id", "ab_user"),
        _key(table, "posted_by_id", "ab_user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_payment")),
        sa.UniqueConstraint(
            "kind",
            "branch_id",
            "fiscal_year",
            "number",
            name=op.f("uq_finance_payment_kind_branch_id_fiscal_year_number"),
        ),
        *_stamps(table),
    )


def _create_payment_line() -> None:
    table = "finance_payment_line"
    op.create_table(
        table,
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "cash",
                "transfer",
                "card",
                "cheque",
                "barter",
                "offset",
                "write_off",
                name="method",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("tracking", sa.String(length=60), nullable=False),
        sa.Column("cheque_id", sa.Integer()),
        sa.Column("cheque_entry", sa.JSON()),
        sa.Column("item_id", sa.Integer()),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_rials > 0", name=op.f("ck_finance_payment_line_amount_rials")),
        _key(table, "cheque_id", "finance_cheque"),
        _key(table, "payment_id", "finance_payment", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_payment_line")),
        sa.UniqueConstraint("payment_id", "position", name=op.f("uq_finance_payment_line_payment_id_position")),
    )


def _create_open_item() -> None:
    table = "finance_open_item"
    op.create_table(
        table,
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.Enum("debit", "credit", name="side", native_enum=False, length=40), nullable=False),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        sa.Column("settled_rials", sa.BigInteger(), nullable=False),
        sa.Column("covered_rials", sa.BigInteger(), nullable=False),
        sa.Column("is_pending", sa.Boolean(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer()),
        sa.Column("payment_id", sa.Integer()),
        sa.Column("line_id", sa.Integer()),
        sa.Column("opening_id", sa.Integer()),
        sa.Column("undoes_id", sa.Integer()),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer()),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_rials > 0", name=op.f("ck_finance_open_item_amount_rials")),
        sa.CheckConstraint(
            "settled_rials >= 0 AND covered_rials >= 0 AND settled_rials + covered_rials <= amount_rials",
            name=op.f("ck_finance_open_item_never_over"),
        ),
        _key(table, "customer_id", "crm_customer"),
        _key(table, "department_id", "org_department"),
        _key(table, "invoice_id", "finance_invoice"),
        _key(table, "line_id", "finance_payment_line"),
        _key(table, "opening_id", "finance_opening_balance"),
        _key(table, "owner_id", "ab_user"),
        _key(table, "payment_id", "finance_payment"),
        _key(table, "undoes_id", table),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_open_item")),
    )


def _create_match() -> None:
    table = "finance_match"
    op.create_table(
        table,
        sa.Column("debit_id", sa.Integer(), nullable=False),
        sa.Column("credit_id", sa.Integer(), nullable=False),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("settled", "covered", "undone", name="matchkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("payment_id", sa.Integer()),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by_id", sa.Integer()),
        sa.Column("reversed_at", INSTANT),
        sa.Column("reversed_by_id", sa.Integer()),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_rials > 0", name=op.f("ck_finance_match_amount_rials")),
        sa.CheckConstraint("debit_id <> credit_id", name=op.f("ck_finance_match_two_items")),
        _key(table, "credit_id", "finance_open_item"),
        _key(table, "debit_id", "finance_open_item"),
        _key(table, "made_by_id", "ab_user"),
        _key(table, "payment_id", "finance_payment"),
        _key(table, "reversed_by_id", "ab_user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finance_match")),
    )


def downgrade() -> None:
    for table in SEARCHED:
        drop_search_index(op, table)
    for name, table, *_rest in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    for table in TABLES:
        op.drop_table(table)
    for name in reversed(INVOICE):
        op.execute(f"ALTER TABLE finance_invoice DROP COLUMN {name}")
