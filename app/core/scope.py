"""Which rows an actor may see and write, enforced on the session for every statement.

Reads, bulk updates and bulk deletes of a `Scoped` model get its rule added by the session, for
every alias, join and lazy load. Writes are checked at flush: the old and the new department, and
every foreign key that points to a scoped row. Outside a request with no actor named (commands,
migrations) nothing is limited; for an anonymous visitor nothing is visible.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, and_, event, false, inspect, or_, select, true
from sqlalchemy.orm import MANYTOONE, Mapper, ORMExecuteState, Session
from sqlalchemy.orm.util import identity_key

from app.core.actor import Actor, ActorKind, Reach, current
from app.core.db import db
from app.core.errors import ScopeViolation
from app.core.kinds import kinds_of, whole_of
from app.core.row_criteria import RowCriteria


class Scoped:
    """A model whose rows belong to departments (and people).

    `__subject__` is the permission subject whose reach counts. A child row (an invoice line)
    names its parent's foreign key in `__scope_parent__` and is seen exactly with its parent.
    `__scope_party__` is the key of the party that a row is about; a dealer sees only rows about
    their own, and nothing of a model without one.
    """

    __subject__: ClassVar[str]
    __scope_parent__: ClassVar[str | None] = None
    __scope_owner__: ClassVar[str | None] = None
    __scope_party__: ClassVar[str | None] = None


Rule = Callable[[Actor, type[Any]], ColumnElement[bool] | None]
_replacements: dict[type[Any], Rule] = {}
_widenings: list[Rule] = []
_narrowings: list[Rule] = []
_keys: list[Callable[[Actor], Hashable]] = []
_home: list[Callable[[Actor | None], int | None]] = []
_lifted: ContextVar[str | None] = ContextVar("kartabl_unscoped", default=None)


def replace_rule(model: type[Any], rule: Rule) -> None:
    """Let `rule` decide alone for a model; it returns None where the usual rule holds."""
    _replacements[model] = rule
    _criteria.cache_clear()


def widen_rule(rule: Rule) -> None:
    """Add rows to what is visible, for every scoped model (open referrals)."""
    if rule not in _widenings:
        _widenings.append(rule)
    _criteria.cache_clear()


def narrow_rule(rule: Rule, *, key: Callable[[Actor], Hashable]) -> None:
    """Take rows away from what is visible, for every scoped model, whichever rule shows them.

    `key` is what the rule's answer depends on besides the actor and the model.
    """
    if rule not in _narrowings:
        _narrowings.append(rule)
        _keys.append(key)
    _criteria.cache_clear()


@contextmanager
def unscoped(reason: str) -> Iterator[None]:
    """Lift the row scope for a block. Rare; a test lists every use with its reason."""
    token = _lifted.set(reason)
    try:
        yield
    finally:
        _lifted.reset(token)


def scoped_models() -> list[type[Any]]:
    """Every mapped model with a row scope, by name."""
    models = {m.class_ for m in db.Model.registry.mappers if issubclass(m.class_, Scoped)}
    return sorted(models, key=lambda model: model.__name__)


def scope_rule(actor: Actor, model: type[Any]) -> ColumnElement[bool]:
    """The condition a row of `model` must meet for `actor` to see it."""
    if actor.kind is ActorKind.ANONYMOUS:
        return false()
    rule = _wide_rule(actor, model)
    parts = [less for narrow in _narrowings if (less := narrow(actor, model)) is not None]
    return and_(rule, *parts) if parts else rule


def _wide_rule(actor: Actor, model: type[Any]) -> ColumnElement[bool]:
    if actor.customer_id is not None and not model.__scope_parent__:
        return _party_rule(actor, model)
    replacement = _replacements.get(model)
    if replacement is not None and (ruled := replacement(actor, model)) is not None:
        return ruled
    parts = [_usual_rule(actor, model)]
    parts += [extra for widen in _widenings if (extra := widen(actor, model)) is not None]
    return or_(*parts)


def _party_rule(actor: Actor, model: type[Any]) -> ColumnElement[bool]:
    """A dealer's rows, however far the roles reach: those about the dealer's own party."""
    if actor.is_unrestricted:
        return true()
    if kinds := kinds_of(model):
        return _any_kind(model, {kind: scope_rule(actor, of) for kind, of in kinds.items()})
    if model.__scope_party__ is None or actor.reach(model.__subject__) is Reach.NONE:
        return false()
    about: ColumnElement[bool] = getattr(whole_of(model), model.__scope_party__) == actor.customer_id
    return about


def _usual_rule(actor: Actor, model: type[Any]) -> ColumnElement[bool]:
    if model.__scope_parent__:
        column, parent = parent_of(model)
        parent_rule = scope_rule(actor, parent)
        if parent_rule is true() or actor.is_unrestricted:
            return true()
        return column.in_(select(parent.id).where(parent_rule))
    if kinds := kinds_of(model):
        return _any_kind(model, {kind: scope_rule(actor, of) for kind, of in kinds.items()})
    reach = actor.reach(model.__subject__)
    if reach is Reach.ALL:
        return true()
    if reach is Reach.NONE:
        return false()
    whole = whole_of(model)
    own = getattr(whole, model.__scope_owner__) == actor.user_id if model.__scope_owner__ else false()
    if reach is Reach.OWN:
        return own
    if reach is Reach.TEAM:
        owners = sorted(_owners(actor))
        return getattr(whole, model.__scope_owner__).in_(owners) if model.__scope_owner__ and owners else false()
    inside = whole.department_id.in_(sorted(actor.department_ids)) if actor.department_ids else false()
    return or_(inside, own)


def _any_kind(model: type[Any], rules: dict[Any, ColumnElement[bool]]) -> ColumnElement[bool]:
    """Rows of every kind, each under the rule of its own subject."""
    if all(rule is true() for rule in rules.values()):
        return true()
    column = getattr(model, inspect(model).get_property_by_column(inspect(model).polymorphic_on).key)  # fits an alias
    whole = [kind for kind, rule in rules.items() if rule is true()]
    parts = [and_(column == kind, rule) for kind, rule in rules.items() if rule is not true() and rule is not false()]
    return or_(false(), *([column.in_(whole)] if whole else []), *parts)


def _owners(actor: Actor) -> frozenset[int]:
    """The people whose rows are one's own: oneself, and with a team's reach those in posts below."""
    return actor.team_ids | ({actor.user_id} if actor.user_id is not None else set())


def branches(model: type[Any], *, departments: Collection[int] | None = None) -> list[ColumnElement[bool]]:
    """The rows that the present actor sees as one condition for each department, and one for own rows.

    Of `departments`, where given, only.

    An ordered list reads each by one index and merges; "in my departments or mine" as one condition
    is served by no index and sorts everything. An own row may meet two of them. Empty where the
    rule has no such form.
    """
    actor = limiting_actor()
    if actor is None or actor.customer_id is not None or not issubclass(model, Scoped):
        return []
    if model.__scope_parent__ or model in _replacements:
        return []
    if actor.reach(model.__subject__) is not Reach.DEPARTMENT or any(
        widen(actor, model) is not None for widen in _widenings
    ):
        return []
    column: Any = model.department_id  # type: ignore[attr-defined]
    seen = actor.department_ids if departments is None else actor.department_ids & frozenset(departments)
    found: list[ColumnElement[bool]] = [column == department for department in sorted(seen)]
    if model.__scope_owner__:
        found.append(getattr(model, model.__scope_owner__) == actor.user_id)
    return found


def parent_of(model: type[Any]) -> tuple[Any, type[Any]]:
    """The key by which a row hangs on another, and the model of that one."""
    column = inspect(model).columns[model.__scope_parent__]
    target = next(iter(column.foreign_keys)).column.table
    return getattr(model, model.__scope_parent__), _model_of_table()[target.name]


@lru_cache(maxsize=1)
def _model_of_table() -> dict[str, type[Any]]:
    return {m.local_table.name: m.class_ for m in db.Model.registry.mappers if m.inherits is None}


@lru_cache(maxsize=512)
def _criteria(actor: Actor, _keys_now: tuple[Hashable, ...]) -> tuple[Any, ...]:
    options = []
    for model in scoped_models():
        rule = scope_rule(actor, model)
        if rule is not true():
            options.append(RowCriteria(model, rule, include_aliases=True))
    return tuple(options)


def limiting_actor() -> Actor | None:
    """The actor whose scope holds now; None when nothing is limited."""
    if _lifted.get() is not None:
        return None
    actor = current()
    if actor is None or actor.is_unrestricted:
        return None
    return actor


def _limit_statement(state: ORMExecuteState) -> None:
    if state.is_column_load or not (state.is_select or state.is_update or state.is_delete):
        return
    actor = limiting_actor()
    if actor is None:
        return
    if state.is_update and state.bind_mapper is not None:
        _check_bulk(state, actor)
    if options := _criteria(actor, tuple(key(actor) for key in _keys)):
        state.statement = state.statement.options(*options)


def _check_bulk(state: ORMExecuteState, actor: Actor) -> None:
    """A bulk update moves nothing: neither to another department or owner, nor to another parent."""
    mapper: Any = state.bind_mapper
    statement: Any = state.statement
    pairs = [*(statement._values or ()), *(key for key, _ in getattr(statement, "_ordered_values", None) or ())]
    parameters: Any = state.parameters or {}
    rows = parameters if isinstance(parameters, list) else [parameters]
    for row in rows:
        pairs.extend(row)
    assigned = {str(getattr(key, "key", key)) for key in pairs}
    closed = {name for _column, _target, name in _scoped_links(mapper)}
    if issubclass(mapper.class_, Scoped):
        by_key = isinstance(parameters, list)  # the rows are named by their keys, which no criteria limit
        if by_key or actor.customer_id is not None or actor.reach(mapper.class_.__subject__) is not Reach.ALL:
            places = {"department_id", mapper.class_.__scope_owner__ or "", mapper.class_.__scope_party__ or ""}
            closed |= places | (assigned if by_key else set())
    if assigned & closed:
        raise ScopeViolation(path=min(assigned & closed))


def install_home(find: Callable[[Actor | None], int | None]) -> None:
    """Say which department new rows of an actor belong to when nobody chose one."""
    _home[:] = [find]


def _place_new(session: Session) -> None:
    acting = current()
    for record in session.new if acting is not None and _home else ():
        columns = inspect(type(record)).columns
        if isinstance(record, Scoped) and "department_id" in columns and not columns["department_id"].nullable:
            place: Any = record
            if place.department_id is None and place.department is None:
                place.department_id = _home[0](acting)


def _check_writes(session: Session, _context: Any, _instances: Any) -> None:
    with session.no_autoflush:
        _place_new(session)
    actor = limiting_actor()
    if actor is None:
        return
    changed = [o for o in session.dirty if session.is_modified(o)]
    seen: set[tuple[type[Any], Any]] = set()
    with session.no_autoflush:
        for record in [*session.new, *changed, *session.deleted]:
            if isinstance(record, Scoped) and not record.__scope_parent__:
                _check_place(record, actor, is_new=record in session.new)
            elif isinstance(record, Scoped) and record not in session.new:
                _check_parent(session, record, seen)
            if record not in session.deleted:
                _check_links(session, record)


def _check_place(record: Any, actor: Actor, *, is_new: bool) -> None:
    """Old and new department (or owner) must both be within reach."""
    if is_new and getattr(record, "department_id", None) is None:
        record.department_id = actor.home_department_id
    owner_name = record.__scope_owner__
    if is_new and owner_name and getattr(record, owner_name) is None:
        setattr(record, owner_name, actor.user_id)
    reach = actor.reach(record.__subject__)
    state = inspect(record)
    if actor.customer_id is not None:
        _check_party(record, state, actor, reach)
        return
    if reach is Reach.ALL:
        return
    departments = _values(state, "department_id")
    owners = _values(state, owner_name) if owner_name else set()
    inside = departments <= actor.department_ids
    if reach is Reach.DEPARTMENT and inside:
        return
    stays = not is_new and len(departments) == 1  # an own row may lie anywhere, but not be sent there
    mine = _owners(actor) if reach is Reach.TEAM else {actor.user_id}
    if owners <= mine and (inside or stays):
        return
    raise ScopeViolation(record=record, path="department_id")


def _check_party(record: Any, state: Any, actor: Actor, reach: Reach) -> None:
    """A dealer writes only rows about their own party, and moves none elsewhere."""
    party = record.__scope_party__
    departments = _values(state, "department_id")
    is_own = party is not None and _values(state, party) == {actor.customer_id}
    if not is_own or len(departments) > 1 or reach is Reach.NONE:
        raise ScopeViolation(record=record, path=party or "department_id")


def _check_parent(session: Session, record: Any, seen: set[tuple[type[Any], Any]]) -> None:
    """A row below another is changed or deleted only where the one that it hung on is seen."""
    name = record.__scope_parent__
    _column, parent = parent_of(type(record))
    history = inspect(record).attrs[name].load_history()
    for value in {*history.deleted, *history.unchanged} - {None}:
        held = session.identity_map.get(identity_key(parent, value))
        if (parent, value) in seen or (held is not None and held in session.deleted):
            continue  # one that is deleted with it is checked itself
        if session.execute(select(parent.id).where(parent.id == value)).first() is None:
            raise ScopeViolation(record=record, path=name)
        seen.add((parent, value))


def _values(state: Any, name: str) -> set[Any]:
    history = state.attrs[name].load_history()
    return {*history.added, *history.deleted, *history.unchanged, *_pending(state, name)} or {None}


def _pending(state: Any, name: str) -> set[Any]:
    """Keys that a related object set on the record will bring at this flush, not copied yet."""
    keys = set()
    for relation in _relations(state.mapper, name):
        for target in state.attrs[relation].history.added or ():
            if target is not None:
                keys.add(inspect(target).identity[0] if inspect(target).identity else None)
    return keys


@lru_cache(maxsize=2048)
def _relations(mapper: Mapper[Any], name: str) -> tuple[str, ...]:
    """The many-to-one relations that fill a foreign key."""
    return tuple(
        relation.key
        for relation in mapper.relationships
        if relation.direction is MANYTOONE
        and any(mapper.get_property_by_column(column).key == name for column in relation.local_columns)
    )


def _check_links(session: Session, record: Any) -> None:
    """Every changed foreign key to a scoped row must point to a visible one."""
    state = inspect(record)
    for column, target, name in _scoped_links(state.mapper):
        history = state.attrs[name].load_history()
        for value in {*(history.added or ()), *_pending(state, name)}:
            if value is None:  # nothing, or a row that is new in this flush and checked itself
                continue
            if session.execute(select(target.id).where(column == value)).first() is None:
                raise ScopeViolation(record=record, path=name)


@lru_cache(maxsize=512)
def _scoped_links(mapper: Mapper[Any]) -> tuple[tuple[Any, type[Any], str], ...]:
    links = []
    for prop in mapper.column_attrs:
        for key in prop.columns[0].foreign_keys:
            target = _model_of_table().get(key.column.table.name)
            if target is not None and issubclass(target, Scoped):
                links.append((getattr(target, key.column.key), target, prop.key))
    return tuple(links)


def pending_links_ok(session: Session, model: type[Any], ids: set[int]) -> set[int]:
    """Those of `ids` that the current actor may see; for bulk roads that bypass the flush."""
    if not ids:
        return set()
    rows = session.execute(select(model.id).where(and_(model.id.in_(ids)))).scalars()
    return set(rows)


def install() -> None:
    """Put the scope on the session; the composition root calls this once."""
    if not event.contains(db.session, "do_orm_execute", _limit_statement):
        event.listen(db.session, "do_orm_execute", _limit_statement)
        event.listen(db.session, "before_flush", _check_writes)
