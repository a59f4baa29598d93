"""The composition root: the only place that knows every part of Kartabl."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l
from flask_migrate import Migrate

import config
from app.core import actor, scope
from app.core.db import db
from app.core.feature import Category, load_features, register_features
from app.core.secrets import ensure_keys

HEADINGS = {
    "crm": Category("crm", _l("Customers"), "people"),
    "sales": Category("sales", _l("Sales"), "cart"),
    "finance": Category("finance", _l("Finance"), "receipt"),
    "org": Category("org", _l("Organisation"), "diagram"),
}


def create_app(settings: type[config.Config] = config.Config, **overrides: Any) -> Flask:
    """A ready application: extensions, features, sheets and prints, commands.

    Touches the data folder (keys) but not the database, which may not exist yet.
    """
    from app import cli
    from app.core import web
    from app.org.security import SecurityManager, resolve_actor

    app = Flask("app", static_folder="core/static", template_folder="core/templates")
    app.config.from_object(settings)
    app.config.update(overrides)
    ensure_keys(app)
    db.init_app(app)
    Migrate(app, db, directory=str(config.ROOT / "app" / "migrations"), render_as_batch=True)
    scope.install()
    actor.install_resolver(resolve_actor)
    features = load_features(app.config.get("FEATURES", config.FEATURES))
    with app.app_context():
        web.install_web(app)
        builder = AppBuilder(security_manager_class=SecurityManager)
        builder.init_app(app, db.session)
        register_features(app, builder, features, HEADINGS)
        _register_engines(app, builder)
        builder.post_init()
    cli.register(app)
    return app


def _register_engines(app: Flask, builder: AppBuilder) -> None:
    """Sheets in, tables and prints out; imported here and nowhere else in `app`."""
    import imports
    import reports

    imports.register(app, builder)
    reports.register(app, builder)
