"""Production on the screen: the list, a process with its stages, the board, stages and bills of materials."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.actor import require_current
from app.core.choices import options
from app.core.clock import today
from app.core.db import db
from app.core.errors import NotFound
from app.core.fab import ModelApi, ModelView, SQLAInterface
from app.sales.catalog.models import Product
from app.sales.documents.editor import did
from app.sales.documents.filling import plain
from app.sales.documents.making import quantity_of
from app.sales.documents.tree import tree_of
from app.sales.production import queries, services
from app.sales.production.models import SUBJECT, Material, Production, ProductionLine, Stage
from app.sales.production.queries import OPEN
from app.sales.production.stages import StagePlan, coming_to

STAGES = "sales.production_stages"


class ProductionView(ModelView):
    """Processes of production; a new one is made from a production order."""

    model = Production
    class_permission_name = SUBJECT
    route_base = "/production"
    list_title = _l("Productions")
    item_title = _l("Production")
    icon = "gear-wide-connected"
    list_columns: Any = ("number_text", "title", "state", "planned_on", "due_on")
    sort_columns = ("planned_on", "due_on")
    default_sort = "-planned_on"
    filter_columns = ("state", "planned_on", "due_on", "department", "owner")
    show_template = "production/show.html"
    show_sections = (("", ("state", "title", "planned_on", "due_on", "started_at", "finished_at", "owner", "note")),)
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show"]
    labels: ClassVar[dict[str, Any]] = {
        "title": _l("For"),
        "planned_on": _l("Planned on"),
        "due_on": _l("Due date"),
        "started_at": _l("Begun"),
        "finished_at": _l("Ended"),
    }

    def show_context(self, record: Production) -> dict[str, Any]:
        return {
            **super().show_context(record),
            **_asked(),
            "lines": queries.lines_of(record.id),
            "is_open": record.state in OPEN,
            "family": tree_of(record),
        }


class StageView(ModelView):
    """The stages of production of each product family."""

    model = Stage
    class_permission_name = STAGES
    route_base = "/production-stages"
    list_title = _l("Stages of production")
    item_title = _l("Stage of production")
    icon = "signpost-split"
    list_columns = ("name", "category", "position", "is_active")
    form_columns = ("name", "category", "position", "is_active")
    default_sort = "position"
    labels: ClassVar[dict[str, Any]] = {"category": _l("Product family"), "position": _l("Order of the stage")}
    description_columns: ClassVar[dict[str, Any]] = {
        "category": _l("Without a family the stage is for all families that have none of their own."),
    }


class MaterialView(ModelView):
    """Bills of materials."""

    model = Material
    class_permission_name = STAGES
    route_base = "/bills-of-materials"
    list_title = _l("Bills of materials")
    item_title = _l("Row of a bill of materials")
    icon = "boxes"
    list_columns = ("product", "component", "quantity", "waste_percent")
    form_columns = ("product", "component", "quantity", "waste_percent")
    filter_columns = ("product", "component")
    labels: ClassVar[dict[str, Any]] = {
        "component": _l("Component"),
        "quantity": _l("Quantity for one"),
        "waste_percent": _l("Usual waste (percent)"),
    }


class ProductionWork(BaseView):
    """The board by stage, and what the works report: a stage begun, a stage ended, a material used."""

    route_base = "/production-work"
    class_permission_name = SUBJECT
    default_view = "board"

    @expose("/")
    @has_access
    @permission_name("list")
    def board(self) -> str:
        return render_template(
            "production/board.html", title=_("Production board"), columns=queries.board(), **_asked()
        )

    @expose("/components")
    @has_access
    @permission_name("work")
    def components(self) -> Response:
        """The products that may be used as a material, by words."""
        return jsonify(options(Product, request.args.get("q", ""), request.args.get("page", 1, type=int)))

    @expose("/<int:line_id>/begin", methods=["POST"])
    @has_access
    @permission_name("work")
    def begin(self, line_id: int) -> Any:
        stage_id = request.form.get("stage_id", type=_key) or 0
        return self._done(line_id, lambda: services.begin_stage(line_id, stage_id, people=_words("people")))

    @expose("/<int:line_id>/end", methods=["POST"])
    @has_access
    @permission_name("work")
    def end(self, line_id: int) -> Any:
        return self._done(
            line_id,
            lambda: services.end_stage(line_id, good=_quantity("good"), waste=_quantity("waste"), note=_words("note")),
        )

    @expose("/<int:line_id>/material", methods=["POST"])
    @has_access
    @permission_name("work")
    def material(self, line_id: int) -> Any:
        component_id = request.form.get("component_id", type=_key) or 0
        return self._done(
            line_id, lambda: services.note_material(line_id, component_id, quantity=_quantity("quantity"))
        )

    def _done(self, line_id: int, work: Callable[[], Any]) -> Any:
        line = db.session.scalar(select(ProductionLine).where(ProductionLine.id == line_id))
        if line is None:
            raise NotFound(line_id=line_id)
        production_id = line.production_id
        did(work)
        if request.form.get("to") == "board":
            return redirect(url_for("ProductionWork.board"))
        return redirect(url_for("ProductionView.show", pk=production_id))


def _asked() -> dict[str, Any]:
    """What the templates ask about a line, and whether the actor works here."""
    return {
        "plan": StagePlan.read(),
        "coming_to": coming_to,
        "plain": plain,
        "today": today(),
        "may_work": require_current().can("work", SUBJECT),
    }


def _key(typed: str) -> int:
    """The key of a row, which fits into its column."""
    key = int(typed)
    if not 0 < key < 2**31:
        raise ValueError(typed)
    return key


def _quantity(name: str) -> Decimal:
    """A quantity of the form. Raises NoQuantity."""
    return quantity_of(request.form.get(name, ""))


def _words(name: str) -> str:
    return request.form.get(name, "").replace("\0", "")[:300]


class ProductionApi(ModelApi):
    """Processes of production for programs, read only; they are made from orders."""

    resource_name = "production"
    datamodel = SQLAInterface(Production)
    class_permission_name = SUBJECT
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show"]
    list_columns: ClassVar[list[str]] = [
        *("id", "state", "fiscal_year", "number", "title", "planned_on", "due_on", "started_at", "finished_at"),
    ]
    show_columns = list_columns
    order_columns: ClassVar[list[str]] = ["id", "planned_on"]
