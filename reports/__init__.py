"""Tables and prints out: registered by the composition root, known to nobody below."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask
    from flask_appbuilder import AppBuilder


def register(app: Flask, builder: AppBuilder) -> None:
    """Add the print routes and their buttons."""
    from reports.documents.views import PrintView, offer_print
    from app.core import ports

    builder.add_view_no_menu(PrintView)
    ports.record_actions.register(offer_print)
