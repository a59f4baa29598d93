"""The look: vendored assets, no inline script or style, icons that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import Environment

from app.core import shell

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "app" / "core" / "static"
ALL_TEMPLATES = sorted(ROOT.glob("app/**/templates/**/*.html")) + sorted(ROOT.glob("imports/templates/**/*.html"))
INLINE = re.compile(r"""\sstyle\s*=|\son[a-z]+\s*=\s*["']|<style|javascript:""", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*(?:\ssrc=|type=\"application/json\"))", re.IGNORECASE)
ICON = re.compile(r"""\bicon\(\s*['"]([a-z0-9-]+)['"]""")


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


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


def tokens(block: str) -> dict[str, str]:
    """The colours of one appearance, by token."""
    css = (STATIC / "css" / "app.css").read_text(encoding="utf-8")
    body = css.split(block, 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6});", body))


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("block", [":root {", '[data-bs-theme="dark"] {'], ids=["light", "dark"])
def test_words_stand_out_from_their_ground(block: str) -> None:
    """WCAG AA: 4.5 for text of ordinary size."""
    found = tokens(":root {") | tokens(block)
    grounds = ("ground", "surface", "surface-2", "hover")
    pairs = [(ink, ground) for ink in ("ink", "ink-2", "ink-3", "primary-ink") for ground in grounds]
    pairs += [(tone, f"{tone}-soft") for tone in ("ok", "warn", "bad", "info", "muted")]
    pairs += [
        ("primary-ink", "primary-soft"),
        ("on-primary", "primary"),
        ("on-primary", "primary-strong"),
        ("bad", "surface"),
    ]

    weak = {pair: round(ratio, 2) for pair in pairs if (ratio := contrast(found[pair[0]], found[pair[1]])) < 4.5}

    assert weak == {}


def test_no_asset_comes_from_jquery_or_fab() -> None:
    guilty = [
        str(path.relative_to(ROOT))
        for path in ALL_TEMPLATES
        if re.search(
            r"jquery|appbuilder\.static|glyphicon|data-toggle=", path.read_text(encoding="utf-8"), re.IGNORECASE
        )
    ]

    assert guilty == []
