"""Seals on issued documents: a digest of the content at issue, recomputed when somebody asks.

The digest lies in a row of the history and is covered by its chain; a change of the document by
raw SQL makes the two differ, and the check names the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from flask_appbuilder import Model
from sqlalchemy import func, inspect, select
from sqlalchemy.orm import selectinload

from app.core.db import db
from app.core.ledger import HistoryRow, as_stored, chain_key, keyed, plain, to_text
from app.core.scope import unscoped

UNSEALED_COLUMNS = frozenset(
    {"id", "created_at", "created_by_id", "updated_at", "updated_by_id", "version", "search_text"}
)
"""Keys and stamps of rows: no part of what a document says."""
_CHUNK = 500


class Sealable:
    """A document whose content is sealed at issue.

    `__sealed_children__` are paths of its child rows ("lines", "lines.taxes"), `__sealed_skip__`
    the columns that may change after issue, `__sealed_states__` the states in which a row must
    have a seal. The document (or an overriding class) gives its bytes by `canonical_content`.
    """

    __sealed_children__: ClassVar[tuple[str, ...]] = ()
    __sealed_skip__: ClassVar[tuple[str, ...]] = ("state",)
    __sealed_states__: ClassVar[frozenset[Any]] = frozenset()

    def canonical_content(self) -> bytes:
        """The content as bytes that are equal exactly when the content is equal."""
        return canonical(self, children=self.__sealed_children__, skip=self.__sealed_skip__)


def canonical(record: Any, *, children: Sequence[str] = (), skip: Sequence[str] = ()) -> bytes:
    """A record's columns and its child rows as canonical JSON.

    `children` are relationship paths, e.g. ("lines", "lines.taxes"); `skip` are columns of the
    record itself that may change later. Keys and stamps of rows are left out.
    """
    return to_text(_content(record, tuple(children), frozenset(skip))).encode()


def _content(record: Any, children: tuple[str, ...], skip: frozenset[str]) -> dict[str, Any]:
    mapper = inspect(record).mapper
    content = {
        prop.key: plain(as_stored(prop.columns[0].type, getattr(record, prop.key)))
        for prop in mapper.column_attrs
        if prop.key not in skip and prop.key not in UNSEALED_COLUMNS and not prop.key.endswith("_sort")
    }
    for name in children:
        if "." in name:
            continue
        below = tuple(path.split(".", 1)[1] for path in children if path.startswith(f"{name}."))
        content[name] = [_content(child, below, frozenset()) for child in getattr(record, name)]
    return content


def content_digest(table: str, record_id: int, content: bytes) -> bytes:
    """The keyed digest of a document's content, bound to the document itself."""
    return keyed(chain_key(), table.encode(), str(record_id).encode(), content)


def sealable_models() -> list[type[Any]]:
    """Every mapped model that is sealed, by table; kinds that share one are seen by what they inherit from."""
    mappers = (mapper for mapper in Model.registry.mappers if mapper.inherits is None or not mapper.single)
    found = {m.class_ for m in mappers if issubclass(m.class_, Sealable)}
    return sorted(found, key=lambda model: str(model.__tablename__))


def broken_seals(model: type[Any]) -> Iterator[tuple[int, str]]:
    """(id, what is wrong) of each document whose content is not what was sealed.

    `changed`: the content differs; `gone`: a sealed document is not there; `unsealed`: one in a
    sealed state was never sealed.
    """
    table = inspect(model).local_table.name
    with unscoped("a check of seals looks at every document"):
        last = 0
        while chunk := _seals_after(table, last):
            yield from _compare(model, table, chunk)
            last = max(chunk)
        yield from ((key, "unsealed") for key in _without_seal(model, table))


def _seals_after(table: str, last: int) -> dict[int, bytes]:
    """The newest seal of the next documents, by id."""
    sealed = (HistoryRow.model == table, HistoryRow.content.is_not(None))
    newest = (
        select(HistoryRow.record_id, func.max(HistoryRow.batch_id).label("batch_id"))
        .where(*sealed, HistoryRow.record_id > last)
        .group_by(HistoryRow.record_id)
        .order_by(HistoryRow.record_id)
        .limit(_CHUNK)
        .subquery()
    )
    rows = db.session.execute(
        select(HistoryRow.record_id, HistoryRow.content)
        .join(newest, (HistoryRow.record_id == newest.c.record_id) & (HistoryRow.batch_id == newest.c.batch_id))
        .where(*sealed)
        .order_by(HistoryRow.position)
    )
    return {record_id: content for record_id, content in rows if content is not None}


def _compare(model: type[Any], table: str, seals: dict[int, bytes]) -> Iterator[tuple[int, str]]:
    contents = _contents(model, list(seals))
    for record_id, digest in seals.items():
        if record_id not in contents:
            yield record_id, "gone"
        elif (content := contents[record_id]) is None or content_digest(table, record_id, content) != digest:
            yield record_id, "changed"
    db.session.expunge_all()


def _contents(model: type[Any], ids: list[int]) -> dict[int, bytes | None]:
    """The content of each document that is there; None for one with a value that no road of ours could have written."""
    try:
        return {record.id: record.canonical_content() for record in _load(model, ids)}
    except (LookupError, ValueError, TypeError):
        db.session.expunge_all()
        if len(ids) == 1:
            return {ids[0]: None}
        half = len(ids) // 2
        return _contents(model, ids[:half]) | _contents(model, ids[half:])


def _load(model: type[Any], ids: Iterable[int]) -> Sequence[Any]:
    query = select(model).where(model.id.in_(list(ids))).execution_options(populate_existing=True)
    for path in model.__sealed_children__:
        first, *rest = path.split(".")
        attribute = getattr(model, first)
        option = selectinload(attribute)
        for name in rest:
            attribute = getattr(attribute.property.mapper.class_, name)
            option = option.selectinload(attribute)
        query = query.options(option)
    return db.session.scalars(query).all()


def _without_seal(model: type[Any], table: str) -> Sequence[int]:
    if not model.__sealed_states__:
        return ()
    seal = select(HistoryRow.batch_id).where(
        HistoryRow.model == table, HistoryRow.record_id == model.id, HistoryRow.content.is_not(None)
    )
    query = select(model.id).where(model.state.in_(list(model.__sealed_states__)), ~seal.exists())
    return db.session.scalars(query.order_by(model.id)).all()
