"""The head of a draft as a form or a sheet sends it."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.core.forms import ModelForm


def head_of(form: ModelForm) -> dict[str, Any]:
    """What a form holds of a head, as the editor would send it."""
    entry: dict[str, Any] = {name: _entered(form[name].data) for name in form.names if name in form}
    if "customer" in entry:
        entry["customer_id"] = form["customer"].data
        del entry["customer"]
    return entry


def _entered(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")
