"""Refusals of the interface for programs."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from http import HTTPStatus
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from app.core.db import db
from app.core.errors import DomainError
from app.core.rest_query import BadQuery
from app.core.saving import refusal_of
from app.core.web import problem, problem_of


def answered(work: Callable[..., Any]) -> Callable[..., Any]:
    """Turn refusals into problem JSON, and roll back what was begun."""

    def wrapped(self: Any, *args: Any, **options: Any) -> Any:
        try:
            return work(self, *args, **options)
        except BadQuery as error:
            return problem(HTTPStatus.BAD_REQUEST, "bad_query", error, error.errors)
        except (DomainError, SQLAlchemyError) as error:
            db.session.rollback()
            return problem_of(refusal_of(error))

    return update_wrapper(wrapped, work)
