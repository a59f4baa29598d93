"""Books of sales and purchases: the manifest."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.feature import Entry, Feature, Role
from app.finance.books.views import BooksView

READ = frozenset({"list", "export"})

FEATURE = Feature(
    name="finance.books",
    label=_l("Books of sales and purchases"),
    category="finance",
    entries=(Entry(BooksView, "Books", _l("Books of sales and purchases"), "bar-chart"),),
    actions=frozenset({"export"}),
    grants={Role.ACCOUNTANT: READ, Role.MANAGER: READ, Role.SALES: READ},
)
