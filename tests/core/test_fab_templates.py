"""FAB's templates that ours replace: an upgrade that changes one must be read and followed.

Run as a script (`PYTHONPATH=. python tests/core/test_fab_templates.py`) to accept the installed ones.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import flask_appbuilder

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "app" / "core" / "templates"
ORIGINALS = Path(flask_appbuilder.__file__).parent / "templates"
HASHES = ROOT / "tests" / "data" / "fab_templates.json"


def replaced_originals() -> dict[str, str]:
    """SHA-256 of each of FAB's templates that one of ours replaces."""
    found = {}
    for path in sorted((TEMPLATES / "appbuilder").rglob("*.html")):
        original = ORIGINALS / path.relative_to(TEMPLATES)
        if original.exists():
            found[original.relative_to(ORIGINALS).as_posix()] = hashlib.sha256(original.read_bytes()).hexdigest()
    return found


def test_fab_templates_are_those_that_we_replaced() -> None:
    """An upgrade changed an original: read the change, follow it, then run this file as a script."""
    kept = json.loads(HASHES.read_text(encoding="utf-8"))

    changed = {name for name, digest in replaced_originals().items() if kept["templates"].get(name) != digest}

    assert changed == set(), f"changed since FAB {kept['version']}"
    assert set(kept["templates"]) == set(replaced_originals())


if __name__ == "__main__":
    text = json.dumps({"version": version("flask-appbuilder"), "templates": replaced_originals()}, indent=2)
    HASHES.write_text(text + "\n", encoding="utf-8")
