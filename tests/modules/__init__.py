"""Modules that came by `new-feature`: each brings its rows and a valid request in a file here.

The probes of access and the round trips of sheets take them from here.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class ProbedModule:
    """A module with the usual screens, interface and sheet. `key` is a text field, `choice` a relation of the form."""

    name: str
    subject: str
    kind: str
    factory: type[Any]
    body: Callable[..., dict[str, Any]]
    key: str
    choice: str
    sheet: str
    step: str = ""

    def routes(self) -> dict[str, Any]:
        """Its entries among tests.access.routes."""
        from tests.access import bodies
        from tests.access.routes import api, right, screen

        special = {}
        if self.step:
            values = {"name": self.step}
            special["step"] = right(
                self.step, self.subject, kind=self.kind, values=values, send=bodies.nothing, proven=True
            )
        return {
            **screen(
                f"{self.name}View",
                self.subject,
                self.kind,
                self.body,
                field_of_choice=self.choice,
                sheet=self.sheet_change,
                **special,
            ),
            **api(f"{self.name}Api", self.subject, self.kind, self.body, without=""),
            f"ExportView.table#{self.subject}": right(
                "export", self.subject, values={"subject": self.subject}, listing=self.kind, writes_down=True
            ),
            f"ExportView.choose#{self.subject}": right("export", self.subject, values={"subject": self.subject}),
            f"ExportView.template#{self.sheet}": right("import", self.subject, values={"spec_name": self.sheet}),
            f"ImportView.upload#{self.sheet}": right(
                "import", self.subject, values={"spec_name": self.sheet}, send=bodies.nothing
            ),
        }

    def sheet_change(self, _world: Any, _person: str, row: Any) -> dict[str, Any]:
        """A sheet in which the key of the probed row is changed."""
        from tests.access.bodies import new

        place = {"id": row.id, "version": str(row.version)} if row else {}
        return {"rows": [{"key": "probe", "cells": {self.key: new("P")}, **place}]}

    def make(self, *, words: str, department: Any, owner: Any) -> Any:
        """A row that is found by its words."""
        return self.factory(**{self.key: words}, department=department, owner=owner)


def probed_modules() -> Iterator[ProbedModule]:
    """Every module with a file here."""
    for found in pkgutil.iter_modules(__path__):
        yield import_module(f"{__name__}.{found.name}").MODULE
