"""The look: our templates over FAB's, vendored assets, no inline script or style, icons that exist."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import flask_appbuilder
import pytest
from jinja2 import Environment

from app.core import shell

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "app" / "core" / "templates"
STATIC = ROOT / "app" / "core" / "static"
ORIGINALS = Path(flask_appbuilder.__file__).parent / "templates"
HASHES = ROOT / "tests" / "data" / "fab_templates.json"
ALL_TEMPLATES = sorted(ROOT.glob("app/**/templates/**/*.html")) + sorted(ROOT.glob("imports/templates/**/*.html"))
INLINE = re.compile(r"""\sstyle\s*=|\son[a-z]+\s*=\s*["']|<style|javascript:""", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*(?:\ssrc=|type=\"application/json\"))", re.IGNORECASE)
ICON = re.compile(r"""\bicon\(\s*['"]([a-z0-9-]+)['"]""")


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


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


def test_vendored_assets_are_as_the_manifest_says() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "bin" / "vendor_assets.py", "--check"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout


def test_vendored_assets_name_no_other_host_to_load_from() -> None:
    loads = re.compile(rb"""(?:@import|url\()\s*["']?(?:https?:)?//""")

    guilty = [
        path.name for path in STATIC.rglob("*") if path.suffix in {".css", ".js"} and loads.search(path.read_bytes())
    ]

    assert guilty == []


@pytest.mark.parametrize("path", ALL_TEMPLATES, ids=names(ALL_TEMPLATES))
def test_template_holds_no_inline_script_or_style(path: Path) -> None:
    source = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)

    assert INLINE.findall(source) == []
    assert INLINE_SCRIPT.findall(source) == []


@pytest.mark.parametrize("path", ALL_TEMPLATES, ids=names(ALL_TEMPLATES))
def test_template_parses_and_holds_no_persian(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(source)

    assert re.findall(r"[\u0600-\u06ff]+", source) == []


def test_icons_of_templates_and_manifests_are_in_the_sprite() -> None:
    used = {name for path in ALL_TEMPLATES for name in ICON.findall(path.read_text(encoding="utf-8"))}
    entries = re.compile(
        r"""(?:icon=|Entry\([^()]*_l\([^()]*\),\s*|Category\([^()]*_l\([^()]*\),\s*)["']([a-z0-9-]+)["']"""
    )
    for path in sorted(ROOT.glob("app/**/*.py")):
        used |= set(entries.findall(path.read_text(encoding="utf-8")))
    used = {name for name in used if not name.startswith("fa-")}

    assert used - shell.sprite_icons() == set(), "add the name to bin/icons.txt and run bin/vendor_assets.py"


def test_no_asset_comes_from_jquery_or_fab() -> None:
    guilty = [
        str(path.relative_to(ROOT))
        for path in ALL_TEMPLATES
        if re.search(
            r"jquery|appbuilder\.static|glyphicon|data-toggle=", path.read_text(encoding="utf-8"), re.IGNORECASE
        )
    ]

    assert guilty == []


if __name__ == "__main__":
    text = json.dumps({"version": version("flask-appbuilder"), "templates": replaced_originals()}, indent=2)
    HASHES.write_text(text + "\n", encoding="utf-8")
