"""The small company that the probes look into: people of every role, and rows in six places.

Every row has a `key` to search it by and a `secret` that nothing but the row itself can show. Both
are letters only, so that no page changes them.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from flask import Flask
from flask_jwt_extended import create_access_token
from openpyxl import Workbook

from app.core import clock, jobs
from app.core.actor import Actor, ActorKind, acting_as
from app.core.db import db
from app.core.feature import Role
from app.core.sheets import sheet_named
from app.finance.cheques.entry import ChequeEntry
from app.finance.cheques.services import register
from app.finance.cheques.states import Direction
from app.finance.invoices.kinds import InvoiceKind
from app.finance.invoices.returns import save_return
from app.finance.print_settings.models import PrintSettings
from app.finance.settlement.models import OpeningBalance, OpenItem, SettlementRules
from app.finance.settlement.openings import book_opening
from app.finance.settlement.states import Side
from app.finance.years.models import FiscalYear
from app.office.attachments.services import attach
from app.office.signatures.models import SignatureSlot
from app.org.api_keys.services import make_key
from app.org.branches.models import Branch
from app.org.company.models import Company
from app.org.posts.models import PostHolder
from app.org.sign_ins.models import SecondFactorDemand, SignIn
from app.org.webhooks.models import Delivery, DeliveryState, Webhook
from app.sales.catalog.models import ProductUnit
from app.sales.documents.models import AdditionKind
from app.sales.orders.kinds import OrderKind
from app.sales.production.models import Material
from app.sales.production.models import Stage as WorkStage
from app.sales.production.services import begin_stage
from app.sales.production.stages import StagePlan
from app.sales.proformas.kinds import ProformaKind
from app.sales.proformas.models import ProformaRules
from imports.apply import run_import
from imports.batches import file_of, new_batch, order_of, rows_of
from imports.models import Stage
from imports.rows import RowWriter
from reports.tabular.jobs import export_list
from reports.tabular.jobs import folder as exports
from tests import factories as make
from tests.app_fixtures import Visitor, sign_in
from tests.factories import moadian, signatures
from tests.factories.finance import draft_invoice, issued_invoice, line
from tests.factories.orders import draft_order
from tests.factories.production import planned_production
from tests.factories.proformas import draft_proforma
from tests.factories.settlement import cash, draft_payment
from tests.modules import probed_modules

ANONYMOUS, NO_ROLE, ADMIN = "anonymous", "no role", "admin"
OF_DEALER = "manager who works for a dealer"
OUTSIDE = (OF_DEALER, Role.DEALER.value)
"""Who works for a dealer; the second with the shipped role, which opens the dealer panel alone."""
PEOPLE = (ANONYMOUS, NO_ROLE, *(role.value for role in Role), OF_DEALER, ADMIN)


def _book() -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in (("code", "name"), ("probe", "Probe")):
        book.active.append(row)
    book.save(out)
    return out.getvalue()


BOOK = _book()


class Place(StrEnum):
    """Where a row lies, as the person who probes sees it."""

    MINE = "mine"  # in their department and theirs
    OURS = "ours"  # in their department, a colleague's
    BELOW = "below"  # in a department below theirs
    ABOVE = "above"  # in the department above
    DEALER = "another dealer's"  # in their department, about another dealer
    THEIRS = "theirs"  # in another one


@dataclass(frozen=True, slots=True)
class Row:
    """One row to probe; `place` of MINE has an `owner`."""

    kind: str
    place: Place
    owner: str
    id: int
    secret: str = ""
    key: str = ""
    version: int = 1


@dataclass(slots=True)
class World:
    """What was made: people with their browsers, and rows."""

    app: Flask
    browsers: dict[str, Visitor] = field(default_factory=dict)
    programs: dict[str, Visitor] = field(default_factory=dict)
    user_ids: dict[str, int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    words: Any = field(default_factory=lambda: _letters())
    checked: bytes | None = None  # the kept rows of the probed workbook

    def row(self, kind: str, person: str, place: Place) -> Row:
        """The row of a kind in a place, as `person` sees it; kinds without places have one row."""
        owner = NO_ROLE if person == ANONYMOUS else person
        for row in self.rows:
            if row.kind == kind and ((row.place is place and row.owner in ("", owner)) or row.owner == "everybody"):
                return row
        raise KeyError((kind, person, place))

    def has_places(self, kind: str) -> bool:
        """Whether rows of a kind belong to departments or people."""
        return any(row.kind == kind and row.owner != "everybody" for row in self.rows)


def _letters() -> Any:
    alphabet = "bcdfghjkmnpqrstvwxz"
    for pair in itertools.product(alphabet, repeat=4):
        yield "Q" + "".join(pair) + "xq"


def build(app: Flask) -> World:
    """Make the people and the rows, committed inside the never committed transaction."""
    world = World(app)
    with acting_as(Actor.system("test")):
        above = make.DepartmentFactory(name="above")
        ours = make.DepartmentFactory(name="ours", parent=above)
        below = make.DepartmentFactory(name="below", parent=ours)
        theirs = make.DepartmentFactory(name="theirs")
        departments = dict.fromkeys(Place, ours) | {Place.BELOW: below, Place.ABOVE: above, Place.THEIRS: theirs}
        colleague = make.EmployeeFactory(home_department=ours)
        stranger = make.EmployeeFactory(home_department=theirs)
        world.ids |= {f"department:{place}": department.id for place, department in departments.items()}
        world.ids |= {"colleague": colleague.id, "stranger": stranger.id}
        _make_people(world, ours)
        _make_shared(world, colleague)
        for person in PEOPLE[1:]:
            _make_scoped(world, person, Place.MINE, ours, db.session.get(type(colleague), world.user_ids[person]))
        owners = {Place.ABOVE: stranger, Place.THEIRS: stranger}
        for place in tuple(Place)[1:]:
            _make_scoped(world, "", place, departments[place], owners.get(place, colleague))
        db.session.commit()
    return world


def _make_people(world: World, department: Any) -> None:
    for person in PEOPLE:
        if person == ANONYMOUS:
            world.browsers[person] = world.programs[person] = world.app.test_client()  # type: ignore[assignment]
            continue
        roles = {NO_ROLE: (), ADMIN: ("Admin",), OF_DEALER: (Role.MANAGER,)}.get(person, (person,))
        user = make.EmployeeFactory(role=roles, home_department=department)
        world.user_ids[person] = user.id
        world.browsers[person] = sign_in(world.app, user)
        program: Any = world.app.test_client()
        program.bearer = create_access_token(identity=str(user.id), fresh=True)
        world.programs[person] = program


def _make_scoped(world: World, person: str, place: Place, department: Any, owner: Any) -> None:
    def keep(kind: str, record: Any, secret: str, key: str = "") -> None:
        version = getattr(record, "version", 1)
        world.rows.append(Row(kind, place, person, record.id, secret, key, version))

    def words() -> tuple[str, str]:
        return next(world.words), next(world.words)

    key, secret = words()
    is_dealer = place is Place.DEALER or person in OUTSIDE
    customer = make.CustomerFactory(
        name=f"{key} {secret}", department=department, owner=owner, is_dealer=is_dealer, is_supplier=True
    )
    if person in OUTSIDE:
        owner.customer_id = customer.id
    keep("customer", customer, secret, key)
    for kind, factory, name in (
        ("contact", make.ContactFactory, "name"),
        ("phone", make.PhoneFactory, "label"),
        ("address", make.AddressFactory, "label"),
    ):
        key, secret = words()
        keep(kind, factory(customer=customer, **{name: f"{key} {secret}"}), secret, key)
    key, secret = words()
    keep("file", attach(customer, f"{key} {secret}.txt", secret.encode()), secret)
    key, secret = words()
    invoice = draft_invoice(customer, [line(description=secret)], reference=f"{key}-{secret}")
    invoice.owner = owner
    db.session.flush()
    keep("invoice", invoice, secret, key)
    key, secret = words()
    keep("tax document", moadian.told_document(invoice, error=f"{key} {secret}"), secret, key)
    for kind, paper in (*_papers(customer), *_orders(customer), *_proformas(customer)):
        key, secret = words()
        paper.reference, paper.owner = f"{key}-{secret}", owner
        db.session.flush()
        keep(kind, paper, secret, key)
    key, secret = words()
    today = clock.today()
    delegate = make.EmployeeFactory(home_department=department)
    delegation = make.DelegationFactory(
        principal=owner, delegate=delegate, department=department, reason=f"{key} {secret}",
        from_on=today, until_on=today + timedelta(days=3),
    )  # fmt: skip
    keep("delegation", delegation, secret, key)
    _make_settlement(keep, words, customer, owner)
    _make_production(keep, words, department, owner)
    for module in probed_modules():
        key, secret = words()
        keep(module.kind, module.make(words=f"{key} {secret}", department=department, owner=owner), secret, key)
    api_key = make_key(owner.id, name="probe", days=30, networks="")[0]
    keep("api key", api_key, "")
    _, secret = words()
    job = jobs.enqueue("finance.issue_invoices", actor=Actor.system(secret), invoice_ids=[])
    job.actor_id, job.message = owner.id, secret
    db.session.flush()
    keep("job", job, secret)
    _, secret = words()
    keep("export file", _exported(owner.id, secret), secret)
    _, secret = words()
    with acting_as(Actor(ActorKind.USER, "test", user_id=owner.id, is_admin=True)):
        batch = new_batch(sheet_named("customers"), name=f"{secret}.xlsx", content=io.BytesIO(BOOK))
        _keep_rows(world, batch)
    check = jobs.enqueue("finance.issue_invoices", actor=Actor.system("checked"), invoice_ids=[])
    check.actor_id, check.state = owner.id, jobs.JobState.DONE
    db.session.flush()
    batch.stage, batch.job_id = Stage.CHECKED, check.id
    db.session.flush()
    keep("batch", batch, "")  # its cells are the owner's alone
    keep("import", batch, secret)  # its name is also for whoever may import and see all


def _exported(owner_id: int, secret: str) -> Any:
    """A finished export of customers, with its file."""
    job = jobs.enqueue(export_list, actor=Actor.system("exported"), subject="crm.customers", values={})
    job.actor_id, job.state, job.finished_at = owner_id, jobs.JobState.DONE, clock.now()
    job.result = {"subject": "crm.customers", "file_name": "probe.csv"}
    db.session.flush()
    (exports() / f"{job.id}.csv").write_text(secret, encoding="utf-8")
    return job


def _proformas(customer: Any) -> Iterator[tuple[str, Any]]:
    """A draft of each kind of proforma."""
    yield "proforma", draft_proforma(customer)
    yield "purchase proforma", draft_proforma(customer, kind=ProformaKind.PURCHASE)


def _papers(customer: Any) -> Iterator[tuple[str, Any]]:
    """A draft of each further kind of invoice; the returns hang on issued ones."""
    yield "purchase", draft_invoice(customer, kind=InvoiceKind.PURCHASE)
    for kind, of in (("sales return", InvoiceKind.SALES), ("purchase return", InvoiceKind.PURCHASE)):
        original = issued_invoice(customer, kind=of)
        rows = [{"original_line_id": original.lines[0].id, "quantity": "1"}]
        yield kind, save_return({"original_id": original.id, "reason": "probe", "lines": rows})


def _orders(customer: Any) -> Iterator[tuple[str, Any]]:
    """A draft of each kind of order."""
    for name, kind in (
        ("order", OrderKind.SALES), ("purchase order", OrderKind.PURCHASE), ("production order", OrderKind.PRODUCTION),
    ):  # fmt: skip
        yield name, draft_order(customer, kind=kind)


def _make_settlement(keep: Any, words: Any, customer: Any, owner: Any) -> None:
    """A draft receipt, a cheque in hand, two opening balances (one as its open item), of a customer."""
    key, secret = words()
    payment = draft_payment(customer, [cash(5)], note=f"{key} {secret}")
    payment.owner, payment.customer_name = owner, f"{key} {secret}"
    db.session.flush()
    keep("payment", payment, secret, key)
    key, secret = words()
    entry = ChequeEntry(5, clock.today(), number=key, bank=secret)
    cheque = register(
        entry, direction=Direction.RECEIVED, customer=customer, department_id=customer.department_id, owner_id=owner.id
    )
    keep("cheque", cheque, secret, key)
    for kind in ("opening", "open item"):
        key, secret = words()
        opening = OpeningBalance(
            customer=customer, side=Side.DEBIT, amount_rials=5, booked_on=clock.today(), reference=f"{key} {secret}",
            department=customer.department, owner=owner,
        )  # fmt: skip
        book_opening(opening)
        item = db.session.query(OpenItem).filter_by(opening_id=opening.id).one()
        keep(kind, opening if kind == "opening" else item, secret, key)


def _make_production(keep: Any, words: Any, department: Any, owner: Any) -> None:
    """A process that nobody has begun with a line, and a line of another at its first stage."""
    for kind in ("production line", "line at work"):
        key, secret = words()
        production = planned_production(lines=[line(description=secret)])
        production.title, production.department, production.owner = f"{key} {secret}", department, owner
        made = production.lines[0]
        db.session.flush()
        if kind == "line at work":
            begin_stage(made.id, StagePlan.read().by_family[None][0].id, people=secret)
        else:
            keep("production", production, secret, key)
        keep(kind, made, secret)


def _keep_rows(world: World, batch: Any) -> None:
    """The rows of the batch's check; all batches have the same file, so it is checked once."""
    if world.checked is None:
        with RowWriter(rows_of(batch)) as rows:
            run_import(file_of(batch), order_of(batch), name="probe.xlsx", dry_run=True, rows=rows)
        world.checked = rows_of(batch).read_bytes()
    rows_of(batch).write_bytes(world.checked)


def _make_shared(world: World, colleague: Any) -> None:
    """Rows that belong to nobody: whoever has the right sees them all."""
    product = make.ProductFactory()
    prices = make.PriceListFactory(name=next(world.words))
    post, unit = make.PostFactory(), make.UnitFactory()
    holder = PostHolder(post_id=post.id, employee_id=colleague.id, from_on=clock.today())
    further = ProductUnit(product_id=product.id, unit_id=unit.id, factor=12)
    db.session.add_all([holder, further])
    db.session.flush()
    made = {
        "branch": db.session.query(Branch).first(),
        "addition": AdditionKind(name="probe", title="Probe"),
        "fiscal year": FiscalYear(year=1399, starts_on=date(2020, 3, 20), ends_on=date(2021, 3, 20)),
        "category": make.ProductCategoryFactory(),
        "company": db.session.query(Company).one(),
        "print settings": db.session.query(PrintSettings).one(),
        "proforma rules": db.session.query(ProformaRules).one(),
        "settlement rules": db.session.query(SettlementRules).one(),
        "department": make.DepartmentFactory(),
        "employee": make.EmployeeFactory(email=next(world.words) + "@example.com"),
        "post": make.PostFactory(),
        "holder": holder,
        "price list": prices,
        "price": make.PriceListItemFactory(price_list=prices, product=product),
        "product unit": further,
        "product": product,
        "tax rate": make.TaxRateFactory(code="probe", name=next(world.words)),
        "unit": make.UnitFactory(),
        "tax memory": moadian.memory_in_use(memory_id="PROBE1", from_on=date(2041, 1, 1)),
        "send window": moadian.window(),
        "role": make_role(),
        "sign-in": _sign_in(colleague),
        "signature scan": signatures.given(make.EmployeeFactory(role=Role.SALES)),
        "signature slot": SignatureSlot(
            subject="sales.proformas", label_fa="probe", label_en="probe", position=9, role_id=make_role().id
        ),
        "demand": SecondFactorDemand(role_id=_role("Probed")),
    }
    made["production stage"] = WorkStage(name="Probe", position=9, category=made["category"])
    made["component"] = make.ProductFactory()
    made["material"] = Material(product_id=product.id, component=made["component"], quantity=1)
    db.session.add_all(
        [made[name] for name in ("signature slot", "demand", "addition", "fiscal year", "production stage", "material")]
    )
    db.session.flush()
    world.ids["free role"] = _role("Probed too")
    hook = Webhook(name="probe", url="https://example.com/", secret="x", is_active=False)
    message = Delivery(webhook=hook, event_id="1", subject="s", event="e", body="{}", made_at=clock.now())
    message.state = DeliveryState.FAILED
    made |= {"webhook": hook, "webhook message": message}
    db.session.add(message)
    db.session.flush()
    for kind, record in made.items():
        secret = {"price list": prices.name, "employee": getattr(record, "email", "").partition("@")[0]}.get(kind, "")
        world.rows.append(Row(kind, Place.MINE, "everybody", record.id, secret, version=getattr(record, "version", 1)))
    world.ids |= {kind: record.id for kind, record in made.items()}
    world.ids["unit of the product"] = product.unit_id
    world.ids["first stage"] = StagePlan.read().by_family[None][0].id


def _sign_in(person: Any) -> SignIn:
    now = clock.now()
    made = SignIn(employee_id=person.id, token_hash="probe", begun_at=now, last_seen_at=now, completed_at=now)
    db.session.add(made)
    db.session.flush()
    return made


def _role(name: str) -> int:
    from flask import current_app

    return int(current_app.extensions["appbuilder"].sm.add_role(name).id)


def make_role() -> Any:
    """A role of FAB's own kind, for FAB's own screens."""
    from flask import current_app

    return current_app.extensions["appbuilder"].sm.find_role(Role.DEALER.value)
