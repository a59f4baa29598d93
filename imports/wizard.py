"""The frame of the wizard: its steps, and the page of one."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.links import list_url
from app.core.sheets import SheetSpec

STEPS = (
    ("upload", _l("Choose the file")),
    ("mapping", _l("Columns")),
    ("check", _l("Check")),
    ("preview", _l("Preview")),
    ("report", _l("Result")),
)


def wizard_page(step: str, spec: SheetSpec, template: str, **context: Any) -> str:
    """A page of the wizard at one of its steps."""
    title, back = _("Import: %(what)s", what=str(spec.label)), list_url(spec.model)
    crumbs = [(spec.label, back)] if back else []
    frame = {"title": title, "crumbs": crumbs, "back": back, "steps": STEPS, "step": step}
    return render_template(template, spec=spec, **frame, **context)
