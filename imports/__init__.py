"""Spreadsheets in: read, mapped, checked, previewed, applied, undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask
    from flask_appbuilder import AppBuilder


def register(app: Flask, builder: AppBuilder) -> None:
    """Add the specs, the wizard, its buttons and commands."""
    from imports.specs import register_all

    register_all()
