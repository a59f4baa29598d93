"""Every route of the application: who may use it, on which row, and what a valid request sends.

A new route fails `test_every_route_is_entered` until somebody writes here who may use it. A key is
an endpoint, or an endpoint and a `#word` where one address serves several subjects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.access import bodies
from tests.access.world import Row, World
from tests.modules import probed_modules

Values = Callable[[World, str, Row | None], dict[str, Any]]


class Door(StrEnum):
    """Who gets in."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    RIGHT = "right"
    OWNER = "owner"  # of the row, and the administrator
    NOBODY = "nobody"  # the base class brings the route; this view has nothing behind it


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. `kind` is the row of its address; `send` the body of an unsafe request.

    `proven`: the administrator's request must change something, which shows that the body is
    valid. `raw`: FAB's own screen, which refuses by leading away.
    """

    door: Door
    action: str = ""
    subject: str = ""
    kind: str = ""
    key: str = "pk"
    values: Mapping[str, Any] = field(default_factory=dict)
    send: Values | None = None
    as_json: bool = False
    proven: bool = False
    raw: bool = False
    program: bool = False
    query: str = ""
    listing: str = ""  # a list whose rows of this kind must be found by their key
    writes_down: bool = False  # even its GET leaves a line in the history
    not_allowed: int = 0  # what answers a request that passes the rights, when the row is in no state for it


def right(action: str, subject: str, **more: Any) -> Route:
    """A route that needs a right, and sight of the row where it has one."""
    return Route(Door.RIGHT, action, subject, **more)


NOBODY = Route(Door.NOBODY)
USUAL = ("list", "show", "add", "edit", "delete", "choices", "action", "action_post", "step")


def shapes_of(subject: str, kind: str, save: Values | None, *, saves: str = "edit") -> dict[str, Route]:
    """The sheet, the board and the calendar of a screen; the last two open where the view says how."""
    return {**sheet_of(subject, kind, save, saves=saves), "board": NOBODY, "calendar": NOBODY}


def sheet_of(subject: str, kind: str, save: Values | None, *, saves: str = "edit") -> dict[str, Route]:
    """The sheet of a screen; of one whose model has no spec nothing opens, of one that only reads nothing is saved."""
    if save is None:
        shut = Route(Door.NOBODY, send=bodies.nothing, as_json=True)
        return {"sheet": shut, "sheet_rows": shut, "sheet_check": shut, "sheet_save": shut}
    row = kind if saves == "edit" else ""
    to_save = right(saves, subject, kind=row, key="", send=save, as_json=True, proven=True)
    if not saves:
        to_save = Route(Door.NOBODY, kind=kind, key="", send=save, as_json=True, not_allowed=422)
    return {
        "sheet": right("list", subject, listing=kind),
        "sheet_rows": right("list", subject, listing=kind),
        "sheet_check": right("list", subject, listing=kind, send=save, as_json=True),
        "sheet_save": to_save,
    }


def screen(
    name: str,
    subject: str,
    kind: str,
    body: Values,
    *,
    field_of_choice: str = "",
    without: str = "",
    sheet: Values | None = None,
    sheet_saves: str = "edit",
    **special: Route,
) -> dict[str, Route]:
    """The routes of a ModelView; those in `without` exist and open for nobody."""
    choices = {"field": field_of_choice or "none"}
    routes = {
        "list": right("list", subject, listing=kind),
        "show": right("show", subject, kind=kind),
        "add": right("add", subject, send=body, proven=True),
        "edit": right("edit", subject, kind=kind, send=bodies.edit(body), proven=True),
        "delete": right("delete", subject, kind=kind, send=bodies.nothing, proven=True),
        "choices": right("list", subject, values=choices) if field_of_choice else Route(Door.NOBODY, values=choices),
        "action": Route(Door.NOBODY, kind=kind, values={"name": "none"}, send=bodies.nothing),
        "action_post": Route(Door.NOBODY, send=bodies.nothing),
        "step": Route(Door.NOBODY, kind=kind, values={"name": "none"}, send=bodies.nothing),
    }
    routes |= shapes_of(subject, kind, sheet, saves=sheet_saves)
    for closed in without.split():
        routes[closed] = Route(Door.NOBODY, kind=routes[closed].kind, send=routes[closed].send)
    routes |= special
    return {f"{name}.{ending}": route for ending, route in routes.items()}


def actions(subject: str, needs: str, kind: str, name: str, *, proven: bool = True) -> dict[str, Route]:
    """One bulk action of a screen, alone and over a list."""
    return {
        "action": right(needs, subject, kind=kind, values={"name": name}, send=bodies.nothing, proven=proven),
        "action_post": right(needs, subject, kind=kind, key="", send=bodies.chosen(name), proven=proven),
    }


def api(name: str, subject: str, kind: str, body: Values | None, *, without: str = "delete") -> dict[str, Route]:
    """The routes of a ModelApi, by the rights of its screen; without a body it only reads."""
    read: dict[str, Any] = {"subject": subject, "program": True}
    write = {**read, "as_json": True, "proven": True}
    routes = {
        "get": Route(Door.RIGHT, "show", kind=kind, **read),
        "get_list": Route(Door.RIGHT, "list", listing=kind, **read),
    }
    if body is not None:
        routes |= {
            "post": Route(Door.RIGHT, "add", send=body, **write),
            "put": Route(Door.RIGHT, "edit", kind=kind, send=body, **write),
            "delete": Route(Door.RIGHT, "delete", kind=kind, **{**write, "send": bodies.nothing}),
        }
    for shut in without.split():
        routes.pop(shut, None)
    return {f"{name}.{ending}": route for ending, route in routes.items()}


def fab(name: str, *, action: str = "none") -> dict[str, Route]:
    """FAB's own screens of rights: the administrator's alone, guarded by FAB."""
    more: dict[str, Any] = {"raw": True, "send": bodies.nothing}
    routes = {ending: right(ending, name, **more) for ending in ("list", "add")}
    routes |= {ending: right(ending, name, kind="role", **more) for ending in ("show", "edit", "delete")}
    # FAB's one action fails for a single record, so its single form is asked for what is not there.
    routes["action"] = Route(Door.NOBODY, kind="role", values={"name": "none"}, **more)
    routes["action_post"] = right(action, name, **{**more, "send": bodies.chosen(action)})
    return {f"{name}.{ending}": route for ending, route in routes.items()}


def document_screen(
    name: str, subject: str, kind: str, *, sheet: Values | None = None, **special: Route
) -> dict[str, Route]:
    """The list of one kind of invoice."""
    issue: dict[str, Any] = {"values": {"name": "issue"}, "send": bodies.nothing, "proven": True}
    options: dict[str, Any] = {
        "add": right("add", subject),
        "edit": right("edit", subject, kind=kind),
        "step": right("issue", subject, kind=kind, **issue),
        "action": right("issue", subject, kind=kind, **issue),
        "action_post": right("issue", subject, kind=kind, key="", send=bodies.chosen("issue"), proven=True),
        "delete": Route(Door.NOBODY, kind=kind, send=bodies.nothing),
        **special,
    }
    return screen(name, subject, kind, bodies.nothing, field_of_choice="customer", sheet=sheet, **options)


def editor(name: str, subject: str, kind: str, body: Values, **special: Route) -> dict[str, Route]:
    """What the editor of any kind of invoice answers."""
    row: dict[str, Any] = {"kind": kind, "key": "invoice_id"}
    routes = {
        "show": right("show", subject, **row),
        "save_new": right("add", subject, as_json=True, send=body, proven=True),
        "save": right("edit", subject, **row, as_json=True, send=bodies.edit(body), proven=True),
        "issue": right("issue", subject, **row, send=bodies.nothing, proven=True),
        "discard": right("delete", subject, **row, send=bodies.nothing, proven=True),
    }
    return {f"{name}.{ending}": route for ending, route in (routes | special).items()}


def line_editor(name: str, subject: str, kind: str, body: Values) -> dict[str, Route]:
    """The editor of sales and purchases."""
    asked: dict[str, Any] = {"as_json": True}
    return editor(
        name, subject, kind, body,
        new=right("add", subject),
        preview=right("show", subject, **asked, send=bodies.preview),
        schedule=right("show", subject, **asked, send=bodies.schedule),
        products=right("show", subject),
        customers=right("show", subject, listing="customer"),
        resolve=right("show", subject, **asked, send=bodies.texts),
    )  # fmt: skip


def return_editor(name: str, subject: str, kind: str) -> dict[str, Route]:
    """The editor of returns; a new one needs an invoice to be of."""
    body = bodies.coming_back(kind)
    return editor(
        name, subject, kind, body,
        new=right("add", subject, not_allowed=404),
        preview=right("add", subject, as_json=True, send=body),
    )  # fmt: skip


def order_screen(name: str, subject: str, kind: str, *, sheet: Values | None = None) -> dict[str, Route]:
    """The list of one kind of order."""
    step: dict[str, Any] = {"values": {"name": "submit"}, "send": bodies.nothing, "proven": True}
    return screen(
        name, subject, kind, bodies.nothing, field_of_choice="customer", sheet=sheet,
        add=right("add", subject),
        board=right("list", subject, listing=kind),
        calendar=right("list", subject, listing=kind),
        edit=right("edit", subject, kind=kind),
        step=right("submit", subject, kind=kind, **step),
        action=right("approve", subject, kind=kind, **{**step, "values": {"name": "approve"}}),
        action_post=right("approve", subject, kind=kind, key="", send=bodies.chosen("approve"), proven=True),
        delete=Route(Door.NOBODY, kind=kind, send=bodies.nothing),
    )  # fmt: skip


def order_editor(name: str, subject: str, kind: str, body: Values) -> dict[str, Route]:
    """What the editor of any kind of order answers."""
    row: dict[str, Any] = {"kind": kind, "key": "order_id"}
    routes = {
        "new": right("add", subject),
        "show": right("show", subject, **row),
        "save_new": right("add", subject, as_json=True, send=body, proven=True),
        "save": right("edit", subject, **row, as_json=True, send=bodies.edit(body), proven=True),
        "amendment": right("amend", subject, **row),
        # The probed order is a draft, which is saved and not amended.
        "amend": right("amend", subject, **row, as_json=True, send=bodies.edit(body), not_allowed=409),
        "discard": right("delete", subject, **row, send=bodies.nothing, proven=True),
        # Nor is anything made from a draft; which targets there are is asked in tests/sales/orders.
        "make": right(
            "convert",
            subject,
            kind=kind,
            key="record_id",
            values={"route": "none"},
            send=bodies.nothing,
            not_allowed=404,
        ),
        "preview": right("show", subject, as_json=True, send=bodies.preview),
        "products": right("show", subject),
        "customers": right("show", subject, listing="customer"),
        "resolve": right("show", subject, as_json=True, send=bodies.texts),
    }
    return {f"{name}.{ending}": route for ending, route in routes.items()}


def proforma_routes(name: str, subject: str, kind: str) -> dict[str, Route]:
    """The list, the interface and the editor of one kind of proforma."""
    row: dict[str, Any] = {"kind": kind, "key": "proforma_id"}
    asked: dict[str, Any] = {"as_json": True}
    posted: dict[str, Any] = {**row, "send": bodies.nothing}
    pages = {
        "show": right("show", subject, **row),
        "new": right("add", subject),
        "save_new": right("add", subject, as_json=True, send=bodies.proforma, proven=True),
        "save": right("edit", subject, **row, as_json=True, send=bodies.edit(bodies.proforma), proven=True),
        "discard": right("delete", subject, **posted, proven=True),
        "revise": right("revise", subject, **posted),
        "link": right("send", subject, **posted),
        "revoke": right("send", subject, **posted, values={"link_id": 1}),
        "paper": right("print", subject, **row),
        "signature": right("show", subject, **row, not_allowed=404),
        "make": right(
            "convert",
            subject,
            kind=kind,
            key="record_id",
            values={"route": "none"},
            send=bodies.nothing,
            not_allowed=404,
        ),
        "preview": right("show", subject, **asked, send=bodies.preview),
        "products": right("show", subject),
        "customers": right("show", subject, listing="customer"),
        "resolve": right("show", subject, **asked, send=bodies.texts),
    }
    step = right("approve", subject, kind=kind, values={"name": "approve"}, send=bodies.nothing, proven=True)
    return {
        **screen(
            f"{name}View", subject, kind, bodies.nothing, field_of_choice="customer", sheet=bodies.noted,
            add=right("add", subject), edit=right("edit", subject, kind=kind), step=step,
            delete=Route(Door.NOBODY, kind=kind, send=bodies.nothing),
        ),
        **api(f"{name}Api", subject, kind, None),
        **{f"{name}Editor.{ending}": route for ending, route in pages.items()},
    }  # fmt: skip


def dealer_panel() -> dict[str, Route]:
    """The panel of dealers' people. The probed order is a draft, which is shown to nobody outside."""
    order: dict[str, Any] = {"not_allowed": 404, "kind": "order", "key": "order_id"}
    post: dict[str, Any] = {"send": bodies.nothing}
    subject = "sales.dealers"
    routes = {
        "login": Route(Door.PUBLIC),
        "catalogue": right("list", subject),
        "picture": right("list", subject, kind="product", key="product_id", not_allowed=404),
        "basket": right("list", subject),
        "orders": right("list", subject),
        "show_order": right("list", subject, **order),
        "put": right("order", subject, send=bodies.wanted),
        "lines": right("order", subject, **post),
        "template": right("list", subject),
        "upload": right("order", subject, **post),
        "order": right("order", subject, **post),
        "repeat": right("order", subject, **order, **post),
    }
    money = {
        "invoices": right("list", subject),
        "paper": right("list", subject, kind="invoice", key="invoice_id", not_allowed=404),
        "account": right("list", subject),
    }
    return {
        **{f"DealerView.{ending}": route for ending, route in routes.items()},
        **{f"DealerMoneyView.{ending}": route for ending, route in money.items()},
    }


def production_routes() -> dict[str, Route]:
    """Processes, the board and what is reported on it, stages and bills of materials."""
    subject, setup = "sales.production", "sales.production_stages"
    begun: dict[str, Any] = {"values": {"name": "start"}, "send": bodies.nothing, "proven": True}
    waiting: dict[str, Any] = {"kind": "production line", "key": "line_id", "proven": True}
    return {
        **screen(
            "ProductionView", subject, "production", bodies.nothing, field_of_choice="department",
            without="add edit delete",
            step=right("work", subject, kind="production", **begun),
        ),
        **api("ProductionApi", subject, "production", None),
        "ProductionWork.board": right("list", subject),
        "ProductionWork.components": right("work", subject),
        "ProductionWork.begin": right("work", subject, **waiting, send=bodies.begun),
        "ProductionWork.end": right("work", subject, **{**waiting, "kind": "line at work"}, send=bodies.ended),
        "ProductionWork.material": right("work", subject, **waiting, send=bodies.used),
        **screen("StageView", setup, "production stage", bodies.work_stage, field_of_choice="category"),
        **api("StageApi", setup, "production stage", bodies.work_stage, without=""),
        **screen("MaterialView", setup, "material", bodies.material, field_of_choice="product"),
        **api("MaterialApi", setup, "material", bodies.material, without=""),
    }  # fmt: skip


def files_and_notes() -> dict[str, Route]:
    """Files and notes of a customer, as of any record: seen with it, added and removed by who may edit it."""
    subject: str = "crm.customers"
    of: dict[str, Any] = {"kind": "customer", "key": "record_id", "values": {"table": "crm_customer"}}
    one: dict[str, Any] = {"kind": "file", "key": "file_id"}
    added = {**of, "send": bodies.file_of_record, "proven": True}
    noted = {**of, "send": bodies.note_of_record, "proven": True}
    gone = {**one, "send": bodies.nothing, "proven": True}
    program: dict[str, Any] = {"program": True}
    return {
        "AttachmentView.page": right("show", subject, **of),
        "AttachmentView.add": right("edit", subject, **added),
        "AttachmentView.note": right("edit", subject, **noted),
        "AttachmentView.open": right("show", subject, **one),
        "AttachmentView.get": Route(Door.NOBODY, values={"token": "none"}),
        "AttachmentView.remove": right("edit", subject, **gone),
        "AttachmentApi.files": right("show", subject, **of, **program),
        "AttachmentApi.add_file": right("edit", subject, **added, **program),
        "AttachmentApi.file": right("show", subject, **one, **program),
        "AttachmentApi.remove_file": right("edit", subject, **gone, **program),
        "AttachmentApi.notes": right("show", subject, **of, **program),
        "AttachmentApi.add_note": right("edit", subject, **noted, **program, as_json=True),
    }


def signature_routes() -> dict[str, Route]:
    """Scans, the log of looks, places to sign, signing and the public check."""
    scans, signing = "office.signature_scans", "office.signatures"
    word: dict[str, Any] = {
        "kind": "proforma", "key": "record_id", "send": bodies.reason, "values": {"subject": "sales.proformas"},
    }  # fmt: skip
    at_place = {**word, "values": {"subject": "sales.proformas", "slot_id": 1}}
    return {
        **listed("SignatureScanView", scans, "signature scan", "employee"),
        **listed("SignatureViewView", "office.signature_views", "", "viewer"),
        "OwnSignatureView.page": right("give", signing),
        "OwnSignatureView.new": right("give", signing, send=bodies.drawn, proven=True),
        # The probed scan is somebody else's: administrators alone look at it, or decide.
        "OwnSignatureView.preview": right("look", signing, kind="signature scan", key="scan_id", writes_down=True),
        "OwnSignatureView.decide": right("decide", signing, kind="signature scan", key="scan_id",
                                         values={"step": "retire"}, send=bodies.nothing, proven=True),
        **screen("SignatureSlotView", "office.signature_slots", "signature slot", bodies.signature_slot,
                 field_of_choice="role"),
        **api("SignatureSlotApi", "office.signature_slots", "signature slot", bodies.signature_slot, without=""),
        "SigningView.waiting": right("list", signing),
        "SigningView.sign_many": right("sign", signing, send=bodies.nothing),
        "SigningView.send": right("sign", signing, **word),
        "SigningView.sign": right("sign", signing, **at_place),
        "SigningView.refuse": right("sign", signing, **at_place),
        "CheckView.start": Route(Door.PUBLIC),
        "CheckView.page": Route(Door.PUBLIC, values={"code": "AAAAABBBBB"}),
    }  # fmt: skip


def listed(name: str, subject: str, kind: str, choice: str) -> dict[str, Route]:
    """A list that only reads: no page of a row, no form, no step."""
    routes = {
        "list": right("list", subject, listing=kind),
        "choices": right("list", subject, values={"field": choice}),
        **shapes_of(subject, kind, None),
    }
    return {f"{name}.{ending}": route for ending, route in routes.items()}


CUSTOMERS, INVOICES, GOODS = "crm.customers", "finance.invoices", "sales.catalog"
PURCHASES, SALES_RETURNS, PURCHASE_RETURNS = (
    "finance.purchases", "finance.sales_returns", "finance.purchase_returns",
)  # fmt: skip
SHEETS = (
    ("customers", CUSTOMERS), ("products", GOODS), ("sales_invoices", INVOICES), ("purchases", PURCHASES),
    ("sales_returns", SALES_RETURNS), ("purchase_returns", PURCHASE_RETURNS),
    ("payments", "finance.settlement"), ("cheques", "finance.cheques"), ("opening_balances", "finance.settlement"),
)  # fmt: skip
ORDERS, PURCHASE_ORDERS, PRODUCTION_ORDERS = "sales.orders", "sales.purchase_orders", "sales.production_orders"
PRICES, RATES, ROLES, LEVELS = "sales.prices", "sales.rates", "org.access", "office.edit_levels"
PRINTS, BOOKS = "finance.print_settings", "finance.books"
MONEY, CHEQUES, MONEY_RULES = "finance.settlement", "finance.cheques", "finance.settlement_rules"
MOADIAN, TAX_SETTINGS = "finance.moadian", "finance.moadian_settings"
STATIC = {"filename": "css/kartabl.css"}

ROUTES: dict[str, Route] = {
    "static": Route(Door.PUBLIC, values=STATIC),
    "appbuilder.static": Route(Door.PUBLIC, values=STATIC),
    "AuthDBView.login": Route(Door.PUBLIC, send=bodies.nothing),
    "AuthDBView.logout": Route(Door.PUBLIC, send=bodies.nothing),
    "InvitationView.page": Route(Door.PUBLIC, values={"token": "none"}, send=bodies.nothing),
    "CodeView.page": Route(Door.PUBLIC, send=bodies.nothing),
    "AccountView.page": Route(Door.SIGNED_IN),
    "AccountView.confirm": Route(Door.SIGNED_IN, send=bodies.nothing),
    "AccountView.end": Route(Door.SIGNED_IN, values={"sign_in_id": 1}, send=bodies.nothing),
    "AccountView.end_others": Route(Door.SIGNED_IN, send=bodies.nothing),
    "SecondFactorView.page": Route(Door.SIGNED_IN),
    "ApiKeyView.page": Route(Door.SIGNED_IN),
    **screen("WebhookView", "org.webhooks", "webhook", bodies.webhook),
    **screen("DeliveryView", "org.webhooks", "webhook message", bodies.nothing, field_of_choice="webhook",
             without="add edit delete", **actions("org.webhooks", "again", "webhook message", "again")),
    "ApiKeyView.make": right("add", "org.api_keys", send=bodies.api_key, proven=True),
    "ApiKeyView.revoke": Route(Door.OWNER, kind="api key", key="key_id", send=bodies.nothing, proven=True),
    **{f"SecondFactorView.{act}": Route(Door.SIGNED_IN, send=bodies.nothing)
       for act in ("prepare", "turn_on", "codes", "turn_off")},
    "LocaleView.index": Route(Door.PUBLIC, values={"locale": "en"}),
    "UtilView.back": Route(Door.PUBLIC),
    "SecurityApi.login": Route(Door.PUBLIC, program=True, as_json=True, send=bodies.nothing),
    "SecurityApi.refresh": Route(Door.PUBLIC, program=True, as_json=True, send=bodies.nothing),
    "HomeView.index": Route(Door.SIGNED_IN),
    "HelpView.page": Route(Door.SIGNED_IN),
    "HelpView.access": Route(Door.SIGNED_IN),
    "core_pages.bell": Route(Door.SIGNED_IN),
    "core_pages.search_page": Route(Door.SIGNED_IN, listing="*"),
    "MenuApi.get_menu_data": Route(Door.RIGHT, "get", "MenuApi", program=True),
    "OpenApiView.get": right("get", "core.openapi", program=True),
    "DocumentsApi.preview": right("preview", "core.documents", program=True, as_json=True, send=bodies.preview),
    "JobView.show": Route(Door.OWNER, kind="job", key="job_id"),
    "JobView.page": Route(Door.OWNER, kind="job", key="job_id"),
    "JobView.cancel": Route(Door.OWNER, kind="job", key="job_id", send=bodies.nothing, proven=True),
    "JobView.stop": Route(Door.OWNER, kind="job", key="job_id", send=bodies.nothing, proven=True),
    "UserDBModelView.userinfo": right("userinfo", "UserDBModelView"),
    "ResetMyPasswordView.this_form_get": right("this_form_get", "ResetMyPasswordView"),
    "ResetMyPasswordView.this_form_post": right("this_form_post", "ResetMyPasswordView", send=bodies.nothing),
    "UserInfoEditView.this_form_get": right("this_form_get", "UserInfoEditView"),
    "UserInfoEditView.this_form_post": right("this_form_post", "UserInfoEditView", send=bodies.nothing),
    "ResetPasswordView.this_form_get": right("this_form_get", "ResetPasswordView", query="?pk=1"),
    "ResetPasswordView.this_form_post": right(
        "this_form_post", "ResetPasswordView", query="?pk=1", send=bodies.new_password
    ),
    **fab("RoleModelView", action="copyrole"),
    **fab("PermissionModelView"),
    **fab("PermissionViewModelView"),
    **fab("UserGroupModelView"),
    **fab("ViewMenuModelView"),
    # Roles
    **{f"RolesView.{ending}": route for ending, route in {
        "list": right("list", ROLES), "show": right("show", ROLES, kind="role", key="role_id"),
        "people": right("show", ROLES),
        "new": right("edit", ROLES, send=bodies.new_role, proven=True),
        "rename": right("edit", ROLES, kind="role", key="role_id", send=bodies.new_role, proven=True),
        "delete": right("edit", ROLES, kind="role", key="role_id", send=bodies.nothing),
        "restore": right("edit", ROLES, kind="role", key="role_id", send=bodies.nothing),
        "rights": right("edit", ROLES, kind="role", key="role_id", send=bodies.role_rights, proven=True),
        "fields": right("edit", ROLES, kind="role", key="role_id", send=bodies.role_fields, proven=True),
        "give": right("edit", ROLES, kind="role", key="role_id", send=bodies.role_person, proven=True),
        "take": right("edit", ROLES, kind="role", key="role_id", send=bodies.role_person),
    }.items()},
    # Edit levels
    "EditLevelsView.list": right("list", LEVELS),
    "EditLevelsView.show": right("show", LEVELS, values={"kind": "finance.invoices"}),
    "EditLevelsView.cell": right(
        "show", LEVELS, values={"kind": "finance.invoices", "state": "draft", "action": "issue"}
    ),
    "EditLevelsView.preview": right("edit", LEVELS, values={"kind": "finance.invoices"}, send=bodies.edit_level),
    "EditLevelsView.save": right(
        "edit", LEVELS, values={"kind": "finance.invoices"}, send=bodies.edit_level, proven=True
    ),
    "AccessView.show": right("show", "org.access_check"),
    "AccessView.person": right("show", "org.access_check", kind="employee", key="person_id"),
    "AccessView.record": right("show", "org.access_check", kind="customer", key="record_id",
                               values={"table": "crm_customer"}),
    # The organisation
    **screen("DepartmentView", "org.departments", "department", bodies.department, field_of_choice="parent",
             without="delete"),
    **screen("PostView", "org.posts", "post", bodies.post, field_of_choice="department", without="delete"),
    **screen("PostHolderView", "org.posts", "holder", bodies.holder, field_of_choice="employee", without="delete"),
    **screen("EmployeeView", "org.employees", "employee", bodies.employee, field_of_choice="home_department",
             without="delete", **actions("org.employees", "edit", "employee", "dismiss")),
    **screen("SignInView", "org.sign_ins", "sign-in", bodies.nothing, field_of_choice="employee",
             without="show add edit delete", **actions("org.sign_ins", "end", "sign-in", "end")),
    **screen("SecondFactorDemandView", "org.second_factor_demands", "demand", bodies.demand, field_of_choice="role",
             without="show edit"),
    **screen("DelegationView", "org.delegations", "delegation", bodies.delegation, field_of_choice="delegate"),
    **{
        f"CompanyView.{ending}": route
        for ending, route in {
            "list": right("list", "org.company"),
            "show": right("show", "org.company", kind="company"),
            "edit": right("edit", "org.company", kind="company", send=bodies.edit(bodies.company), proven=True),
            "step": Route(Door.NOBODY, kind="company", values={"name": "none"}, send=bodies.nothing),
            **shapes_of("org.company", "company", None),
        }.items()
    },
    **api("DepartmentApi", "org.departments", "department", bodies.department),
    **api("PostApi", "org.posts", "post", bodies.post),
    **api("PostHolderApi", "org.posts", "holder", bodies.holder),
    **api("EmployeeApi", "org.employees", "employee", None),
    **api("DelegationApi", "org.delegations", "delegation", bodies.delegation, without=""),
    **api("CompanyApi", "org.company", "company", bodies.company, without="post delete"),
    # Customers
    **screen("CustomerView", CUSTOMERS, "customer", bodies.customer, field_of_choice="owner", without="delete",
             sheet=bodies.noted, **actions(CUSTOMERS, "edit", "customer", "deactivate")),
    **screen("ContactView", CUSTOMERS, "contact", bodies.contact, field_of_choice="customer",
             sheet=bodies.below_customer("name"), sheet_saves="add"),
    **screen("PhoneView", CUSTOMERS, "phone", bodies.phone, field_of_choice="customer",
             sheet=bodies.below_customer("label", number="02188776655"), sheet_saves="add"),
    **screen("AddressView", CUSTOMERS, "address", bodies.address, field_of_choice="customer",
             sheet=bodies.below_customer("address"), sheet_saves="add"),
    **api("CustomerApi", CUSTOMERS, "customer", bodies.customer_json),
    **api("ContactApi", CUSTOMERS, "contact", bodies.contact, without=""),
    **api("PhoneApi", CUSTOMERS, "phone", bodies.phone, without=""),
    **api("AddressApi", CUSTOMERS, "address", bodies.address, without=""),
    # The catalogue
    **screen("ProductView", GOODS, "product", bodies.product, field_of_choice="unit", without="delete",
             sheet=bodies.noted, **actions(GOODS, "edit", "product", "deactivate"),
             picture=right("show", GOODS, kind="product", not_allowed=404)),
    **screen("ProductUnitView", GOODS, "product unit", bodies.product_unit, field_of_choice="product"),
    **screen("CategoryView", GOODS, "category", bodies.named, field_of_choice="parent", without="delete"),
    **screen("UnitView", GOODS, "unit", bodies.unit, without="delete"),
    **screen("PriceListView", PRICES, "price list", bodies.named, without="delete",
             **actions(PRICES, "edit", "price list", "make_base")),
    **screen("PriceItemView", PRICES, "price", bodies.price, field_of_choice="product"),
    **screen("TaxRateView", RATES, "tax rate", bodies.tax_rate, without="delete"),
    **api("ProductApi", GOODS, "product", bodies.product_json),
    **api("ProductUnitApi", GOODS, "product unit", bodies.product_unit, without=""),
    **api("CategoryApi", GOODS, "category", bodies.category_json),
    **api("UnitApi", GOODS, "unit", bodies.unit),
    **api("PriceListApi", PRICES, "price list", bodies.code_and_name),
    **api("PriceItemApi", PRICES, "price", bodies.price, without=""),
    **api("TaxRateApi", RATES, "tax rate", bodies.tax_rate),
    # Orders
    **order_screen("SalesOrderView", ORDERS, "order", sheet=bodies.noted),
    **order_screen("PurchaseOrderView", PURCHASE_ORDERS, "purchase order", sheet=bodies.noted),
    **order_screen("ProductionOrderView", PRODUCTION_ORDERS, "production order", sheet=bodies.noted),
    **api("SalesOrderApi", ORDERS, "order", None),
    **api("PurchaseOrderApi", PURCHASE_ORDERS, "purchase order", None),
    **api("ProductionOrderApi", PRODUCTION_ORDERS, "production order", None),
    **order_editor("SalesOrderEditor", ORDERS, "order", bodies.order),
    **order_editor("PurchaseOrderEditor", PURCHASE_ORDERS, "purchase order", bodies.order),
    **order_editor("ProductionOrderEditor", PRODUCTION_ORDERS, "production order", bodies.order),
    # Proformas
    **proforma_routes("Proforma", "sales.proformas", "proforma"),
    **proforma_routes("PurchaseProforma", "sales.purchase_proformas", "purchase proforma"),
    "PublicProformaView.page": Route(Door.PUBLIC, values={"token": "none"}, send=bodies.nothing),
    "PublicProformaView.paper": Route(Door.PUBLIC, values={"token": "none"}),
    **screen("ProformaRulesView", "sales.proforma_rules", "proforma rules", bodies.proforma_rules,
             without="add delete"),
    **api("ProformaRulesApi", "sales.proforma_rules", "proforma rules", bodies.proforma_rules, without="post delete"),
    **files_and_notes(),
    **signature_routes(),
    # The dealer panel
    **dealer_panel(),
    **production_routes(),
    # Invoices
    **screen("BranchView", "org.branches", "branch", bodies.named),
    **document_screen("InvoiceView", INVOICES, "invoice", sheet=bodies.noted),
    **document_screen("PurchaseView", PURCHASES, "purchase", sheet=bodies.noted),
    **document_screen("SalesReturnView", SALES_RETURNS, "sales return", sheet=bodies.noted,
                      delete=right("delete", SALES_RETURNS, kind="sales return", send=bodies.nothing, proven=True)),
    **document_screen("PurchaseReturnView", PURCHASE_RETURNS, "purchase return", sheet=bodies.noted,
                      delete=right("delete", PURCHASE_RETURNS, kind="purchase return", send=bodies.nothing, proven=True)),  # noqa: E501
    **api("InvoiceApi", INVOICES, "invoice", None),
    **api("PurchaseApi", PURCHASES, "purchase", None),
    **api("SalesReturnApi", SALES_RETURNS, "sales return", None),
    **api("PurchaseReturnApi", PURCHASE_RETURNS, "purchase return", None),
    **screen("AdditionKindView", "sales.documents", "addition", bodies.addition),
    **api("AdditionKindApi", "sales.documents", "addition", bodies.addition, without=""),
    **screen("FiscalYearView", "finance.years", "fiscal year", bodies.fiscal_year, without="delete",
             step=right("close", "finance.years", kind="fiscal year", values={"name": "close"}, send=bodies.nothing,
                        proven=True)),
    **api("FiscalYearApi", "finance.years", "fiscal year", bodies.fiscal_year),
    **api("BranchApi", "org.branches", "branch", bodies.code_and_name, without=""),
    "BranchApi.delete": right("delete", "org.branches", kind="branch", program=True, as_json=True,
                              send=bodies.nothing, not_allowed=422),
    **line_editor("InvoiceEditor", INVOICES, "invoice", bodies.invoice),
    **line_editor("PurchaseEditor", PURCHASES, "purchase", bodies.purchase),
    **return_editor("SalesReturnEditor", SALES_RETURNS, "sales return"),
    **return_editor("PurchaseReturnEditor", PURCHASE_RETURNS, "purchase return"),
    # Settlement
    **screen(
        "PaymentView", MONEY, "payment", bodies.nothing, field_of_choice="customer", without="edit delete",
        sheet=bodies.noted, sheet_saves="",
        show=right("show", MONEY, kind="payment"), add=right("add", MONEY), **actions(MONEY, "post", "payment", "post"),
        step=right("post", MONEY, kind="payment", values={"name": "post"}, send=bodies.nothing, proven=True),
    ),
    **screen("OpenItemView", MONEY, "open item", bodies.nothing, field_of_choice="customer",
             without="add edit delete", list=right("list", MONEY)),
    **screen("OpeningView", MONEY, "opening", bodies.opening, field_of_choice="customer", without="edit delete",
             list=right("list", MONEY), sheet=bodies.opening_row, sheet_saves="add",
             step=right("reverse", MONEY, kind="opening", values={"name": "undo"}, send=bodies.reason, proven=True)),
    **screen("RulesView", MONEY_RULES, "settlement rules", bodies.write_off_limit, without="add delete"),
    **screen(
        "ChequeView", CHEQUES, "cheque", bodies.nothing, field_of_choice="customer", without="add edit delete",
        sheet=bodies.noted, sheet_saves="",
        step=right("deposit", CHEQUES, kind="cheque", values={"name": "deposit"}, send=bodies.nothing, proven=True),
    ),
    "ChequeCalendarView.page": right("list", CHEQUES),
    "ChequeCalendarView.sheet": right("export", CHEQUES, writes_down=True),
    **{
        f"CashierView.{ending}": route
        for ending, route in {
            "new": right("add", MONEY),
            "show": right("show", MONEY, kind="payment", key="payment_id"),
            "invoice": right("add", MONEY, kind="invoice", key="invoice_id"),
            "cheque": right("show", MONEY, kind="cheque", key="cheque_id"),
            "parties": right("list", MONEY, listing="customer"),
            "open": right("list", MONEY),
            "save_new": right("add", MONEY, as_json=True, send=bodies.receipt, proven=True),
            "save": right("edit", MONEY, kind="payment", key="payment_id", as_json=True, send=bodies.receipt,
                          proven=True),
            "discard": right("delete", MONEY, kind="payment", key="payment_id", send=bodies.nothing, proven=True),
        }.items()
    },
    "StatementView.page": right("list", MONEY, kind="customer", key="customer_id"),
    "StatementView.sheet": right("export", MONEY, kind="customer", key="customer_id", writes_down=True),
    "StatementPrintView.pdf": right("print", MONEY, kind="customer", key="customer_id"),
    "OffsetView.page": right("match", MONEY, kind="customer", key="customer_id"),
    "OffsetView.settle": right("match", MONEY, kind="customer", key="customer_id", send=bodies.nothing),
    "OffsetView.oldest": right("match", MONEY, kind="customer", key="customer_id", send=bodies.nothing),
    "OffsetView.take_back": right("match", MONEY, kind="customer", key="customer_id", values={"match_id": 1},
                                  send=bodies.nothing),
    **api("PaymentApi", MONEY, "payment", None),
    **api("OpenItemApi", MONEY, "open item", None),
    **api("OpeningApi", MONEY, "opening", bodies.opening_json, without="put delete"),
    **api("RulesApi", MONEY_RULES, "settlement rules", bodies.write_off_limit_json, without="post delete"),
    **api("ChequeApi", CHEQUES, "cheque", None),
    # The tax system
    **screen(
        "TaxDocumentView", MOADIAN, "tax document", bodies.nothing, without="add edit delete",
        step=right("send", MOADIAN, kind="tax document", values={"name": "write"}, send=bodies.nothing, proven=True),
        action=right("send", MOADIAN, kind="tax document", values={"name": "mark_sent"}, send=bodies.nothing),
        action_post=right("send", MOADIAN, kind="tax document", key="", send=bodies.chosen("write"), proven=True),
        file=right("show", MOADIAN, kind="tax document"),
    ),
    **screen("TaxMemoryView", TAX_SETTINGS, "tax memory", bodies.tax_memory, field_of_choice="branch",
             without="delete"),
    **screen("SendWindowView", TAX_SETTINGS, "send window", bodies.send_window, without="delete"),
    **api("TaxDocumentApi", MOADIAN, "tax document", None),
    **api("TaxMemoryApi", TAX_SETTINGS, "tax memory", bodies.tax_memory_json),
    **api("SendWindowApi", TAX_SETTINGS, "send window", bodies.send_window_json),
    **{
        f"ExportView.table#{subject}": right(
            "export", subject, values={"subject": subject}, listing=kind, writes_down=True
        )
        for subject, kind in ((CUSTOMERS, "customer"), (INVOICES, "invoice"), (GOODS, ""), (PRICES, ""), (RATES, ""))
    },
    "ExportView.table#unknown": Route(Door.NOBODY, values={"subject": "org.nothing"}),
    **{
        f"ExportView.choose#{subject}": right("export", subject, values={"subject": subject})
        for subject in (CUSTOMERS, INVOICES, GOODS)
    },
    **{
        f"ExportView.template#{sheet}": right("import", subject, values={"spec_name": sheet})
        for sheet, subject in SHEETS
    },
    **screen("ExportRecordView", "org.exports", "employee", bodies.nothing, field_of_choice="employee",
             without="show add edit delete", list=right("list", "org.exports")),
    "ExportView.file": Route(Door.OWNER, kind="export file", key="job_id"),
    **{
        f"ImportView.upload#{sheet}": right("import", subject, values={"spec_name": sheet}, send=bodies.nothing)
        for sheet, subject in SHEETS
    },
    **{
        f"ImportView.{page}": Route(Door.OWNER, kind="batch", key="batch_id", send=bodies.nothing)
        for page in ("mapping", "values", "wait")
    },
    "PastImportView.index": Route(Door.SIGNED_IN),
    "PastImportView.show": Route(Door.OWNER, kind="import", key="batch_id"),
    "PastImportView.undo": Route(Door.OWNER, kind="import", key="batch_id", send=bodies.nothing, not_allowed=409),
    "ImportView.choices": Route(Door.OWNER, kind="batch", key="batch_id", values={"column": "price_list"}),
    **{
        f"PreviewView.{page}": Route(Door.OWNER, kind="batch", key="batch_id", send=bodies.nothing, proven=page == "apply")  # noqa: E501
        for page in ("preview", "apply", "report", "errors", "rows", "mark", "stop")
    },
    **{
        f"PreviewView.{act}": Route(Door.OWNER, kind="batch", key="batch_id", send=send, as_json=True, proven=True)
        for act, send in (("correct", bodies.correction), ("replace", bodies.replacement))
    },
    "PreviewView.undo": Route(Door.OWNER, kind="batch", key="batch_id", send=bodies.nothing, as_json=True),
    "BatchApi.create": Route(Door.RIGHT, "import", CUSTOMERS, send=bodies.workbook, program=True, proven=True),
    **{
        f"BatchApi.{act}": Route(Door.OWNER, kind="batch", key="batch_id", send=send, as_json=True, program=True)
        for act, send in (
            ("show", None), ("mapping", bodies.nothing), ("check", bodies.nothing), ("rows", None), ("errors", None),
            ("corrections", bodies.correction), ("replace", bodies.replacement), ("apply", bodies.nothing),
            ("cancel", bodies.nothing), ("workbook", bodies.nothing),
        )
    },
    **{
        f"PrintView.{page}": right("print", INVOICES, kind="invoice", key="invoice_id")
        for page in ("choose", "invoice", "workbook")
    },
    **{
        f"OrderPrintView.{page}": right("print", ORDERS, kind="order", key="order_id")
        for page in ("choose", "pdf", "workbook")
    },
    "BooksView.start": right("list", BOOKS),
    "BooksView.show": right("list", BOOKS, values={"side": "sales", "by": "month"}),
    "BooksView.sheet": right("export", BOOKS, values={"side": "sales", "by": "month"}, writes_down=True),
    "BatchPrintView.choose": right("print", INVOICES, values={"subject": INVOICES}),
    "BatchPrintView.start": right(
        "print", INVOICES, values={"subject": INVOICES}, send=bodies.batch_print, proven=True
    ),
    "BatchPrintView.file": Route(Door.OWNER, kind="job", key="job_id", not_allowed=404),
    **{
        f"PrintSettingsView.{ending}": route
        for ending, route in {
            "list": right("list", PRINTS),
            "show": right("show", PRINTS, kind="print settings"),
            "edit": right("edit", PRINTS, kind="print settings", send=bodies.edit(bodies.print_settings), proven=True),
            "step": Route(Door.NOBODY, kind="print settings", values={"name": "none"}, send=bodies.nothing),
            "logo": right("show", PRINTS, not_allowed=404),
            "no_logo": right("edit", PRINTS, send=bodies.nothing),
            **shapes_of(PRINTS, "print settings", None),
        }.items()
    },
    "PrintView.give": right("print", INVOICES, kind="invoice", key="invoice_id", send=bodies.nothing, not_allowed=422),
    "OutsideView.file": Route(Door.PUBLIC, values={"token": "none"}),
}  # fmt: skip
for module in probed_modules():
    ROUTES |= module.routes()
