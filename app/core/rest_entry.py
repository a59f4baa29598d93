"""What a program sends of a row, read into the checked form of the screen."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.core.errors import FieldError, Invalid, StaleVersion
from app.core.field_rights import may_read, may_write
from app.core.forms import ModelForm, stored_values
from app.core.rest_query import BadQuery
from app.core.rest_values import typed_text


def read_form(sent: Any, form_class: type[ModelForm], record: Any) -> ModelForm:
    """The sent values as a checked form; what is not sent of a record stays.

    Raises BadQuery, Invalid with every bad field, StaleVersion.
    """
    if not isinstance(sent, dict):
        raise BadQuery(_("Send one JSON object."))
    version = sent.pop("version", None)
    if record is not None and version is not None and version != getattr(record, "version", version):
        raise StaleVersion(record=record)
    if refused := [error for name in sent if (error := _refusal_of(form_class, name)) is not None]:
        raise Invalid(refused)
    pairs = [(name, text) for name, value in sent.items() for text in typed_text(name, value)]
    form = form_class(formdata=MultiDict(pairs), data=stored_values(form_class, record), meta={"csrf": False})
    form.close_fields(None)
    for name in set(form_class.names) & form._fields.keys() - sent.keys():
        # What is not sent stays as it is, or becomes the column's default.
        if record is not None or not form[name].flags.required:
            del form[name]
    if not form.validate():
        errors = [FieldError(n, "invalid", str(text)) for n, texts in form.errors.items() for text in texts]
        raise Invalid(errors)
    return form


def _refusal_of(form_class: type[ModelForm], name: str) -> FieldError | None:
    """Why a field cannot be sent; one that is hidden is not there."""
    if name not in form_class.names or not may_read(form_class.model, name):
        return FieldError(name, "unknown", _("There is no such field."))
    if not may_write(form_class.model, name):
        return FieldError(name, "read_only", _("You may read this and not change it."))
    return None
