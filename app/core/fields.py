"""Inputs of forms: what people type in Persian or English becomes the typed value, or a sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import select
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length, StopValidation
from wtforms.widgets import TextInput, html_params

from app.core import calendar, formats
from app.core.calendar import InvalidDate
from app.core.db import db
from app.core.digits import to_ascii
from app.core.money import InvalidAmount, parse_rials
from app.core.row_numbers import row_number
from app.core.text import clean

__all__ = ["BooleanField"]
NUMERIC = {"class": "form-control num", "dir": "ltr", "inputmode": "decimal", "autocomplete": "off"}


class Required(InputRequired):
    """The value must be given; an amount of 0 counts as given."""

    def __init__(self) -> None:
        super().__init__(_l("This field is required."))

    def __call__(self, form: Any, field: Any) -> None:
        """Refuse also what is only blank: it was sent, but nothing came of it."""
        super().__call__(form, field)
        if field.data is None or field.data == "":
            raise StopValidation(str(self.message))


class AtMost(Length):
    """No longer than the column that stores it."""

    def __init__(self, size: int) -> None:
        super().__init__(max=size, message=_l("This is longer than %(size)d characters.", size=size))


class CleanTextField(StringField):
    """Text, unified as it is stored. Empty becomes None where the column allows it."""

    def __init__(self, label: Any = None, *, is_nullable: bool = True, is_code: bool = False, **options: Any) -> None:
        css = {"class": "form-control num", "dir": "ltr"} if is_code else {"class": "form-control", "dir": "auto"}
        super().__init__(label, render_kw=css | options.pop("render_kw", {}), **options)
        self.is_nullable = is_nullable
        self.is_code = is_code

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            typed = to_ascii(str(valuelist[0])) if self.is_code else str(valuelist[0])
            self.data = clean(typed) or (None if self.is_nullable else "")


class CleanTextAreaField(CleanTextField, TextAreaField):
    """Longer text in several lines."""

    widget = TextAreaField.widget


class _TypedField(Field):
    """A text input whose value is parsed; what cannot be parsed stays in the input."""

    widget = TextInput()

    def _parse(self, typed: str) -> Any:
        raise NotImplementedError

    def _written(self, value: Any) -> str:
        return str(value)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self._written(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:
            return
        typed = str(valuelist[0]).strip()
        self.data = None
        if typed:
            try:
                self.data = self._parse(typed)
            except (InvalidAmount, InvalidDate) as error:
                raise ValueError(self._refusal(error, typed)) from error

    def _refusal(self, error: Exception, _typed: str) -> str:
        return str(error)


class RialsField(_TypedField):
    """An amount in whole rials; separators and Persian digits are understood."""

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(label, render_kw=NUMERIC | {"data-rials": True} | options.pop("render_kw", {}), **options)

    def _parse(self, typed: str) -> int:
        return parse_rials(typed)


class DecimalField(_TypedField):
    """A decimal with at most `places` decimals."""

    def __init__(self, label: Any = None, *, places: int = 3, **options: Any) -> None:
        super().__init__(label, render_kw=NUMERIC | options.pop("render_kw", {}), **options)
        self.places = places

    def _parse(self, typed: str) -> Decimal:
        try:
            value = Decimal(to_ascii(typed).replace("٬", "").replace(",", "").replace("٫", ".").replace(" ", ""))
        except InvalidOperation as error:
            raise ValueError(_("“%(value)s” is not a number.", value=typed)) from error
        if not value.is_finite() or abs(value) >= 10**12:
            raise ValueError(_("“%(value)s” is not a number.", value=typed))
        if value != round(value, self.places):
            raise ValueError(_("At most %(places)d decimals are possible.", places=self.places))
        return value

    def _written(self, value: Any) -> str:
        return f"{Decimal(value).normalize():f}"


class WholeField(DecimalField):
    """A whole number."""

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(label, places=0, **options)

    def _parse(self, typed: str) -> Any:
        value = int(super()._parse(typed))
        if abs(value) >= 2**31:
            raise ValueError(_("This number is too large."))
        return value


class MeasureField(DecimalField):
    """A measured number (coordinates): kept as a float."""

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(label, places=9, **options)

    def _parse(self, typed: str) -> Any:
        return float(super()._parse(typed))

    def _written(self, value: Any) -> str:
        return repr(value)


class JalaliDateField(_TypedField):
    """A day, typed or picked in the Jalali calendar."""

    def _parse(self, typed: str) -> date:
        found = calendar.parse_date(typed)
        if found is None:
            raise InvalidDate("unreadable")
        return found

    def _refusal(self, error: Exception, typed: str) -> str:
        if isinstance(error, InvalidDate) and error.reason != "unreadable":
            return super()._refusal(error, typed)
        return _("“%(value)s” is not a date. Write it like 1404/09/02.", value=typed)

    def _written(self, value: Any) -> str:
        return formats.jdate_input(value)


class JalaliDateTimeField(JalaliDateField):
    """An instant on Tehran's clock, in the Jalali calendar."""

    def _parse(self, typed: str) -> datetime:
        found = calendar.parse_datetime(typed)
        if found is None:
            raise InvalidDate("unreadable")
        return found

    def _refusal(self, _error: Exception, typed: str) -> str:
        return _("“%(value)s” is not a date and time. Write it like 1404/09/02 14:30.", value=typed)


class EnumField(SelectField):
    """One member of a closed set, in the words of the page's language."""

    def __init__(self, label: Any = None, *, members: type[StrEnum], is_nullable: bool = False, **options: Any) -> None:
        self.members = members
        self.is_nullable = is_nullable
        super().__init__(
            label,
            choices=self._offered,
            coerce=self._member,
            render_kw={"class": "form-select"} | options.pop("render_kw", {}),
            **options,
        )

    def _offered(self) -> list[tuple[Any, str]]:
        offered: list[tuple[Any, str]] = [("", "—")] if self.is_nullable else []
        return offered + [(member.value, formats.label_of(member)) for member in self.members]

    def _member(self, value: Any) -> Any:
        return None if value in (None, "", "None") else self.members(value)

    def pre_validate(self, form: Any) -> None:
        if self.data is None and not self.is_nullable:
            raise ValidationError(_("There is no such choice."))


class RemoteSelectField(Field):
    """A related record, chosen as one types; the page carries only the current one.

    `data` is the related id. A current record that the actor may not see stays as it is: it shows
    as hidden and its key is never emptied by a save.
    """

    def __init__(self, label: Any = None, *, target: type[Any], key: str, options_url: Callable[[], str],
                 allowed: Callable[[], Any] | None = None, **options: Any) -> None:  # fmt: skip
        super().__init__(label, **options)
        self.target = target
        self.key = key
        self.options_url = options_url
        self.allowed = allowed
        self.record: Any = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:
            return
        typed = str(valuelist[0]).strip()
        if not typed:
            self.data = self.object_data if self.is_hidden else None
        elif (number := row_number(typed)) is not None:
            self.data = number
        else:
            raise ValueError(_("This choice is not available."))

    def _load(self, ident: Any) -> Any:
        if ident is None:
            return None
        statement = select(self.target).where(self.target.id == ident)
        with db.session.no_autoflush:
            return db.session.scalars(statement).first()

    @property
    def is_hidden(self) -> bool:
        """Whether the record chosen before is out of the actor's sight."""
        return self.object_data is not None and self._load(self.object_data) is None

    def pre_validate(self, form: Any) -> None:
        if self.data is None or self.data == self.object_data:
            return
        statement = select(self.target).where(self.target.id == self.data)
        if self.allowed is not None:
            statement = statement.where(self.allowed())
        with db.session.no_autoflush:
            self.record = db.session.scalars(statement).first()
        if self.record is None:
            raise ValidationError(_("This choice is not available."))

    def populate_obj(self, obj: Any, name: str) -> None:
        if self.data == getattr(obj, self.key):
            return
        record = self.record if self.record is not None else self._load(self.data)
        if self.data is not None and record is None:
            return
        setattr(obj, name, record)
        setattr(obj, self.key, self.data)

    def current_option(self) -> tuple[Any, str] | None:
        """(id, words) of what is chosen now."""
        if self.data is None:
            return None
        record = self._load(self.data)
        return self.data, _("— hidden —") if record is None else str(record)

    def widget(self, field: Any, **attributes: Any) -> Markup:
        """A select with at most two options; the rest come from the server."""
        attributes = {
            "id": field.id,
            "name": field.name,
            "class": "form-select",
            "data-remote": field.options_url(),
            "data-placeholder": _("Type to search…"),
        } | attributes
        chosen = field.current_option()
        options = Markup('<option value=""></option>')
        if chosen is not None:
            options += Markup('<option value="{}" selected>{}</option>').format(*chosen)
        escaped = Markup(html_params(**attributes))  # noqa: S704 - WTForms escapes them
        return Markup("<select {}>{}</select>").format(escaped, options)


class RemoteMultipleField(Field):
    """Several related records; those the actor may not see stay linked."""

    def __init__(self, label: Any = None, *, target: type[Any], options_url: Callable[[], str],
                 allowed: Callable[[], Any] | None = None, **options: Any) -> None:  # fmt: skip
        super().__init__(label, **options)
        self.target = target
        self.options_url = options_url
        self.allowed = allowed
        self.records: list[Any] = []

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = [str(value) for value in valuelist if str(value).strip()]
        self.data = [number for number in map(row_number, typed) if number is not None]
        if len(self.data) < len(typed):
            raise ValueError(_("This choice is not available."))

    def _load(self, ids: list[int], allowed: Callable[[], Any] | None = None) -> list[Any]:
        if not ids:
            return []
        statement = select(self.target).where(self.target.id.in_(ids))
        if allowed is not None:
            statement = statement.where(allowed())
        with db.session.no_autoflush:
            return list(db.session.scalars(statement))

    def pre_validate(self, form: Any) -> None:
        self.records = self._load(self.data or [])
        added = set(self.data or []) - set(self.object_data or [])
        may_be_added = {record.id for record in self._load(list(added), self.allowed)}
        if len(self.records) < len(set(self.data or [])) or may_be_added != added:
            raise ValidationError(_("This choice is not available."))

    def populate_obj(self, obj: Any, name: str) -> None:
        if {record.id for record in getattr(obj, name)} != set(self.data or []):
            setattr(obj, name, self.records or self._load(self.data or []))

    def widget(self, field: Any, **attributes: Any) -> Markup:
        """A select with the chosen options; the rest come from the server."""
        attributes = {
            "id": field.id, "name": field.name, "class": "form-select", "multiple": True,
            "data-remote": field.options_url(), "data-placeholder": _("Type to search…"),
        } | attributes  # fmt: skip
        chosen = [
            Markup('<option value="{}" selected>{}</option>').format(record.id, str(record))
            for record in field._load(field.data or [])
        ]
        escaped = Markup(html_params(**attributes))  # noqa: S704 - WTForms escapes them
        return Markup("<select {}>{}</select>").format(escaped, Markup("").join(chosen))
