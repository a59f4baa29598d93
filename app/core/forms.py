"""Forms made from models: the input that suits each column, and errors that find their field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from flask import request
from flask_wtf import FlaskForm
from sqlalchemy import JSON, BigInteger, Boolean, Date, Float, Integer, LargeBinary, Numeric, String, inspect
from sqlalchemy import Enum as EnumType
from sqlalchemy.orm import MANYTOMANY, MANYTOONE, RelationshipProperty
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, HiddenField

from app.core.db import CleanText, ScaledDecimal, SortKey, UtcDateTime
from app.core.errors import DomainError, FieldError, Invalid
from app.core.field_rights import may_read, may_write
from app.core.fields import (
    AtMost,
    CleanTextAreaField,
    CleanTextField,
    DecimalField,
    EnumField,
    JalaliDateField,
    JalaliDateTimeField,
    MeasureField,
    RemoteMultipleField,
    RemoteSelectField,
    Required,
    RialsField,
    WholeField,
)
from app.core.formats import CODE, EMAIL, PHONE

LONG = 300
"""Text columns from this size on get several lines."""
BOOKKEEPING = frozenset(
    {"id", "version", "search_text", "created_at", "updated_at", "created_by_id", "updated_by_id", "password"}
)
FILLED_BY_SERVER = frozenset({"department_id", "owner_id"})
"""Keys that the row scope fills when they are left empty."""


class ModelForm(FlaskForm):
    """A form over a record. `version` says which state of the record the page was made from."""

    model: ClassVar[type[Any]]
    names: ClassVar[tuple[str, ...]] = ()
    version = HiddenField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.shown: dict[str, Any] = {}

    def close_fields(self, record: Any) -> None:
        """Take out what the actor may not change; of a record, what they may read stays in `shown`."""
        for name in self.names:
            if name in self._fields and not may_write(self.model, name):
                if record is not None and may_read(self.model, name):
                    self.shown[name] = getattr(record, name, None)
                del self[name]

    def refuse(self, error: DomainError) -> None:
        """Put a refusal at the fields it is about, the rest over the form."""
        errors = error.errors if isinstance(error, Invalid) else (FieldError(error.path, error.code, error),)
        for one in errors:
            found = self.field_of(one.path)
            if found is None:
                self.form_errors.append(str(one.message))
            else:
                found.errors = [*found.errors, str(one.message)]

    def field_of(self, path: str) -> Any:
        """The field that a path speaks of: by its name, or by the relation of a key."""
        for name in (path, path.removesuffix("_id"), path.partition(".")[0].partition("[")[0]):
            if name and name in self._fields and name not in {"version", "csrf_token"}:
                return self._fields[name]
        return None

    def write_to(self, record: Any) -> None:
        """Set the record's attributes from the fields."""
        for name, one in self._fields.items():
            if name not in {"version", "csrf_token"} and hasattr(type(record), name):
                one.populate_obj(record, name)


@dataclass(frozen=True, slots=True)
class FormSpec:
    """What a form shows of a model, worked out once from a view."""

    model: type[Any]
    names: Sequence[str]
    labels: Mapping[str, Any]
    options_url: Callable[[str], str]
    descriptions: Mapping[str, Any] = field(default_factory=dict)
    validators: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    allowed: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()


def make_form(spec: FormSpec) -> type[ModelForm]:
    """A form class with a field for every name of the spec."""
    fields = {name: spec.extra.get(name) or field_for(spec, name) for name in spec.names}
    return type(f"{spec.model.__name__}Form", (ModelForm,), {**fields, "names": tuple(spec.names), "model": spec.model})


def bound_form(form_class: type[ModelForm], record: Any, *, preset: Mapping[str, Any] | None = None) -> ModelForm:
    """The form filled from the record, and from the request when it is sent.

    `preset` are values of a new record that the address names. Fields that the actor may not
    change are taken out.
    """
    data = stored_values(form_class, record)
    if request.method != "POST":
        data |= preset or {}
    sent: MultiDict[str, Any] | None = None
    if request.method == "POST":
        sent = MultiDict(request.form)
        sent.update(request.files)
    form = form_class(formdata=sent, data=data)
    form.close_fields(record)
    return form


def stored_values(form_class: type[ModelForm], record: Any) -> dict[str, Any]:
    """What the fields of a form start from; nothing for a new record."""
    if record is None:
        return {}
    mapper = inspect(type(record))
    return {name: _stored(mapper, record, name) if hasattr(type(record), name) else None for name in form_class.names}


def _stored(mapper: Any, record: Any, name: str) -> Any:
    """What a field starts from; of a relation its key, since the row behind it may be hidden."""
    relation = mapper.relationships.get(name)
    if relation is None:
        return getattr(record, name)
    if relation.direction is MANYTOONE:
        return getattr(record, _key_of(mapper, relation))
    return [related.id for related in getattr(record, name)]


def _key_of(mapper: Any, relation: RelationshipProperty[Any]) -> str:
    return str(mapper.get_property_by_column(next(iter(relation.local_columns))).key)


def form_names(model: type[Any]) -> list[str]:
    """The columns a form shows when its view names none: what a person can know."""
    mapper = inspect(model)
    keys = {_key_of(mapper, r) for r in mapper.relationships if r.direction is MANYTOONE}
    names = [
        prop.key
        for prop in mapper.column_attrs
        if prop.key not in BOOKKEEPING | keys
        and not isinstance(prop.columns[0].type, (SortKey, JSON, LargeBinary))
        and not prop.key.endswith(("_key", "_order"))
    ]
    relations = [
        r.key for r in mapper.relationships if r.direction is MANYTOONE and _key_of(mapper, r) not in BOOKKEEPING
    ]
    return names + relations


def field_for(spec: FormSpec, name: str) -> Any:
    """The unbound field for a column or relation. Raises TypeError where there is no input for it."""
    mapper = inspect(spec.model)
    common: dict[str, Any] = {
        "label": spec.labels.get(name, name),
        "description": spec.descriptions.get(name, ""),
        "validators": list(spec.validators.get(name, ())),
    }
    if name in mapper.relationships:
        return _relation_field(spec, mapper, name, common)
    if name not in mapper.column_attrs:
        raise TypeError(
            f"{spec.model.__name__}.{name} is neither a column nor a relation; give it in form_extra_fields"
        )
    return _column_field(spec, mapper.column_attrs[name].columns[0], name, common)


def _relation_field(spec: FormSpec, mapper: Any, name: str, common: dict[str, Any]) -> Any:
    relation = mapper.relationships[name]
    target = relation.mapper.class_
    common |= {"target": target, "options_url": lambda: spec.options_url(name), "allowed": spec.allowed.get(name)}
    if relation.direction is MANYTOMANY:
        return RemoteMultipleField(**common)
    if relation.direction is not MANYTOONE:
        raise TypeError(f"{spec.model.__name__}.{name}: rows below a record have no input in its form")
    key = _key_of(mapper, relation)
    column = mapper.column_attrs[key].columns[0]
    if not column.nullable and key not in FILLED_BY_SERVER and name not in spec.optional:
        common["validators"].append(Required())
    return RemoteSelectField(key=key, **common)


def _column_field(spec: FormSpec, column: Any, name: str, common: dict[str, Any]) -> Any:
    kind = column.type
    has_default = column.default is not None or column.server_default is not None
    if not column.nullable and not has_default and name not in spec.optional and not isinstance(kind, Boolean):
        common["validators"].append(Required())
    if isinstance(kind, Boolean):
        return BooleanField(default=_plain_default(column), **common)
    if isinstance(kind, EnumType):
        return EnumField(
            members=_members_of(kind), is_nullable=column.nullable, default=_plain_default(column), **common
        )
    if isinstance(kind, ScaledDecimal):
        return DecimalField(places=kind.scale, default=_plain_default(column), **common)
    if name.endswith("_rials") or isinstance(kind, BigInteger):
        return RialsField(default=_plain_default(column), **common)
    for types, made in _BY_TYPE:
        if isinstance(kind, types):
            return made(default=_plain_default(column), **common)
    if isinstance(kind, (String, CleanText)):
        return _text_field(column, name, common)
    raise TypeError(f"{spec.model.__name__}.{name}: there is no input for {type(kind).__name__}")


def _members_of(kind: EnumType) -> type[StrEnum]:
    if kind.enum_class is None or not issubclass(kind.enum_class, StrEnum):
        raise TypeError("a closed set is a StrEnum")
    return kind.enum_class


_BY_TYPE: tuple[tuple[Any, type[Field]], ...] = (
    (UtcDateTime, JalaliDateTimeField),
    (Date, JalaliDateField),
    (Integer, WholeField),
    (Float, MeasureField),
    (Numeric, DecimalField),
)


def _text_field(column: Any, name: str, common: dict[str, Any]) -> Any:
    size = getattr(column.type, "length", None)
    if isinstance(column.type, CleanText):
        size = column.type.impl_instance.length  # type: ignore[attr-defined]
    if size:
        common["validators"].append(AtMost(size))
    is_code = any(pattern.search(name) for pattern in (CODE, PHONE, EMAIL))
    is_line = is_code or name.endswith("name")
    made = CleanTextField if is_line or (size is not None and size < LONG) else CleanTextAreaField
    return made(is_nullable=column.nullable, is_code=is_code, default=_plain_default(column), **common)


def _plain_default(column: Any) -> Any:
    default = column.default
    return default.arg if default is not None and default.is_scalar else None
