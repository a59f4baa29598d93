"""The composition root: the only place that knows every part of Kartabl.

Imports nothing at module level, so that a pure module, the sheet reader's child and the worker's
queue start without Flask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask
    from flask_appbuilder import AppBuilder

    from config import Config


def create_app(settings: type[Config] | None = None, **overrides: Any) -> Flask:
    """A ready application: extensions, features, sheets and prints, commands.

    Touches the data folder (keys) but not the database, which may not exist yet.
    """
    from flask import Flask
    from flask_appbuilder import AppBuilder
    from flask_migrate import Migrate

    import config
    from app import cli
    from app.core import help_view, job_views, log_scrub, outside, row_numbers, web
    from app.core.db import db
    from app.core.documents_api import DocumentsApi
    from app.core.feature import load_features, register_features
    from app.core.openapi import OpenApiView
    from app.core.secrets import ensure_keys
    from app.headings import HEADINGS
    from app.org.security import SecurityManager

    app = Flask("app", static_folder="core/static", template_folder="core/templates")
    app.config.from_object(settings or config.Config)
    if further := app.config["SETTINGS_FILE"]:
        app.config.from_pyfile(further)
    app.config.update(overrides)
    row_numbers.install(app)
    log_scrub.install()
    ensure_keys(app)
    db.init_app(app)
    Migrate(app, db, directory=str(config.ROOT / "app" / "migrations"), render_as_batch=True)
    _join_kernel(app)
    features = load_features(app.config.get("FEATURES", config.FEATURES))
    with app.app_context():
        web.install_web(app)
        builder = AppBuilder(security_manager_class=SecurityManager)
        builder.init_app(app, db.session)
        builder.add_api(DocumentsApi)
        builder.add_api(OpenApiView)
        register_features(app, builder, features, HEADINGS)
        for part in (job_views, help_view, outside):
            part.install(app, builder)
        cli.register(app)
        _register_engines(app, builder)
        builder.post_init()
    return app


def _join_kernel(app: Flask) -> None:
    """Tell the kernel who acts, and who carries jobs."""
    from app.core import actor, jobs, scope, upkeep
    from app.org.security import load_actor, resolve_actor

    scope.install()
    actor.install_resolver(resolve_actor)
    jobs.install_actor_loader(load_actor)
    upkeep.install()
    if not app.testing:  # tests work the queue off themselves
        jobs.install_carrier(_push_job)


def _push_job(job_id: int) -> None:
    from app import worker

    worker.push(job_id)


def _register_engines(app: Flask, builder: AppBuilder) -> None:
    """Sheets in, tables and prints out; imported here and nowhere else in `app`."""
    import imports
    import reports

    imports.register(app, builder)
    reports.register(app, builder)
