"""Tables and prints out: registered by the composition root, known to nobody below."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask
    from flask_appbuilder import AppBuilder


def register(app: Flask, builder: AppBuilder) -> None:
    """Add the print and export routes, their buttons and the export command."""
    from app.cli import kartabl
    from app.core import outside, ports
    from app.finance.dealers import papers as dealers_papers
    from app.sales.proformas import papers
    from reports.documents.batch_views import BatchPrintView, offer_print_chosen, offer_print_list
    from reports.documents.order_views import OrderPrintView, offer_order_print
    from reports.documents.proformas import proforma_pdf
    from reports.documents.statement_views import StatementPrintView, offer_statement
    from reports.documents.views import PrintView, invoice_pdf, offer_link, offer_print
    from reports.tabular.commands import export_command
    from reports.tabular.views import ExportView, offer_export, offer_template

    builder.add_view_no_menu(PrintView)
    builder.add_view_no_menu(BatchPrintView)
    builder.add_view_no_menu(StatementPrintView)
    builder.add_view_no_menu(OrderPrintView)
    builder.add_view_no_menu(ExportView)
    ports.record_actions.register(offer_print)
    ports.record_actions.register(offer_link)
    ports.record_actions.register(offer_order_print)
    ports.statement_actions.register(offer_statement)
    ports.rows_actions.register(offer_print_chosen)
    ports.list_actions.register(offer_print_list)
    outside.register("invoice", invoice_pdf)
    papers.register(proforma_pdf)
    dealers_papers.register(invoice_pdf)
    ports.list_actions.register(offer_export)
    ports.upload_actions.register(offer_template)
    kartabl.add_command(export_command)
