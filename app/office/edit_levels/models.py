"""Edit levels (سطوح ویرایش) as data: for each kind of document a table of who may do what in which state."""

from __future__ import annotations

from decimal import Decimal

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import Identified, Rate, Rials, Stamped
from app.org.posts.models import Post


class LevelTable(Audited, Identified, Stamped, Model):
    """The edit levels of one kind of document; `mark` is another one after every change."""

    __tablename__ = "office_level_table"
    __audit_skip__ = ("mark",)
    __labels__ = {"kind": _l("Document")}

    kind: Mapped[str] = mapped_column(String(60), unique=True)
    mark: Mapped[str] = mapped_column(String(32))

    rows: Mapped[list[EditLevel]] = relationship(
        back_populates="table", cascade="all, delete-orphan", order_by="EditLevel.id"
    )

    def __str__(self) -> str:
        return self.kind


class EditLevel(Audited, Identified, Model):
    """One row of a cell: a role, a post or a level of the organisation chart, and how far it goes.

    `state` is empty for any state. `rank` is how far below the top of the tree of posts, 1 being the
    top; it names the holders of posts at that level and above.
    """

    __tablename__ = "office_edit_level"
    __audit_parent__ = "table_id"
    __audit_skip__ = ("table_id",)
    __table_args__ = (
        CheckConstraint(
            "(role_id IS NOT NULL AND post_id IS NULL AND rank IS NULL)"
            " OR (role_id IS NULL AND post_id IS NOT NULL AND rank IS NULL)"
            " OR (role_id IS NULL AND post_id IS NULL AND rank IS NOT NULL)",
            name="who",
        ),
        CheckConstraint("rank IS NULL OR rank >= 1", name="rank"),
        Index("ix_office_edit_level_table", "table_id"),
    )
    __labels__ = {
        "state": _l("State"), "action": _l("Action"), "role_id": _l("Role"), "post_id": _l("Post"),
        "rank": _l("Level of the chart"), "max_amount_rials": _l("Amount at most"),
        "max_discount_percent": _l("Discount at most (percent)"), "max_age_days": _l("Age at most (days)"),
    }  # fmt: skip

    table_id: Mapped[int] = mapped_column(ForeignKey("office_level_table.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(40), default="", server_default="")
    action: Mapped[str] = mapped_column(String(40))
    # No cascade: a cell that lost its last row with a role or a post would be open to everybody.
    role_id: Mapped[int | None] = mapped_column(ForeignKey("ab_role.id"), index=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("org_post.id"), index=True)
    rank: Mapped[int | None] = mapped_column(Integer)
    max_amount_rials: Mapped[Rials | None]
    max_discount_percent: Mapped[Rate | None]
    max_age_days: Mapped[int | None] = mapped_column(Integer)

    table: Mapped[LevelTable] = relationship(back_populates="rows")
    role: Mapped[Role | None] = relationship()
    post: Mapped[Post | None] = relationship()


def percent_text(value: Decimal | None) -> str:
    """A percent without trailing zeros; empty for none."""
    return "" if value is None else f"{value.normalize():f}"
