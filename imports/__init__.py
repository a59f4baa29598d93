"""Spreadsheets in: read, mapped, checked, previewed, applied, undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask
    from flask_appbuilder import AppBuilder


def register(app: Flask, builder: AppBuilder) -> None:
    """Add the specs, the wizard, its buttons and commands."""
    from app.cli import kartabl
    from app.core import ports
    from app.sales.dealers import sheet as basket_sheet
    from imports.baskets import basket_cells
    from imports.batch_api import BatchApi
    from imports.commands import import_command, inspect_command
    from imports.past_views import PastImportView, add_template_words
    from imports.preview_views import PreviewView
    from imports.specs import register_all
    from imports.undo_command import undo_import_command
    from imports.views import ImportView, offer_import

    register_all()
    basket_sheet.register_reader(basket_cells)
    kartabl.add_command(import_command)
    kartabl.add_command(inspect_command)
    kartabl.add_command(undo_import_command)
    builder.add_view_no_menu(ImportView)
    builder.add_view_no_menu(PreviewView)
    builder.add_api(BatchApi)
    builder.add_view_no_menu(PastImportView)
    add_template_words(app)
    ports.list_actions.register(offer_import)
