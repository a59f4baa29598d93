"""How every factory keeps its rows: in the session of the test, flushed and never committed."""

from __future__ import annotations

from factory.alchemy import SQLAlchemyModelFactory

from app.core.db import db


class RowFactory(SQLAlchemyModelFactory):
    """A factory of rows of one model."""

    class Meta:
        abstract = True
        sqlalchemy_session_factory = lambda: db.session
        sqlalchemy_session_persistence = "flush"
