#!/usr/bin/env python3
"""Refresh the browser assets under app/core/static/vendor from npm packages.

    bin/vendor_assets.py            fetch, copy and write manifest.json
    bin/vendor_assets.py --check    compare the files on disk with manifest.json; exits 1 on a difference

Each package is fetched by its exact version with `npm pack`; only the files named here are kept, and references to
source maps are taken out. Of Bootstrap Icons one sprite is made that holds the icons of `icons.txt`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "app" / "core" / "static" / "vendor"
MANIFEST = VENDOR / "manifest.json"
ICONS = ROOT / "bin" / "icons.txt"
SPRITE = "sprite.svg"
MAX_BYTES = 2 * 1024 * 1024
SOURCE_MAP = re.compile(rb"\n?(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*)\s*$")


@dataclass(frozen=True, slots=True)
class Package:
    """One npm package: where it goes, and which of its files under which name."""

    folder: str
    name: str
    version: str
    licence: str
    files: tuple[tuple[str, str], ...]


PACKAGES = (
    Package(
        "bootstrap",
        "bootstrap",
        "5.3.9",
        "MIT",
        (
            ("dist/css/bootstrap.min.css", "bootstrap.min.css"),
            ("dist/css/bootstrap.rtl.min.css", "bootstrap.rtl.min.css"),
            ("dist/js/bootstrap.bundle.min.js", "bootstrap.bundle.min.js"),
            ("LICENSE", "LICENSE.txt"),
        ),
    ),
    Package(
        "vazirmatn",
        "vazirmatn",
        "33.0.3",
        "OFL-1.1",
        (
            ("fonts/webfonts/Vazirmatn[wght].woff2", "vazirmatn-variable.woff2"),
            ("fonts/ttf/Vazirmatn-Regular.ttf", "ttf/Vazirmatn-Regular.ttf"),
            ("fonts/ttf/Vazirmatn-Bold.ttf", "ttf/Vazirmatn-Bold.ttf"),
            ("OFL.txt", "LICENSE.txt"),
        ),
    ),
    Package("bootstrap-icons", "bootstrap-icons", "1.13.2", "MIT", (("LICENSE", "LICENSE.txt"),)),
    Package(
        "tom-select",
        "tom-select",
        "2.6.2",
        "Apache-2.0",
        (
            ("dist/js/tom-select.complete.min.js", "tom-select.min.js"),
            ("dist/css/tom-select.bootstrap5.min.css", "tom-select.min.css"),
            ("LICENSE", "LICENSE.txt"),
        ),
    ),
    Package(
        "jalalidatepicker",
        "@majidh1/jalalidatepicker",
        "0.9.12",
        "MIT",
        (
            ("dist/jalalidatepicker.min.js", "jalalidatepicker.min.js"),
            ("dist/jalalidatepicker.min.css", "jalalidatepicker.min.css"),
            ("LICENSE", "LICENSE.txt"),
        ),
    ),
    Package(
        "chart",
        "chart.js",
        "4.5.1",
        "MIT",
        (("dist/chart.umd.min.js", "chart.umd.min.js"), ("LICENSE.md", "LICENSE.txt")),
    ),
    Package(
        "tabulator",
        "tabulator-tables",
        "6.5.3",
        "MIT",
        (
            ("dist/js/tabulator.min.js", "tabulator.min.js"),
            ("dist/css/tabulator_simple.min.css", "tabulator.min.css"),
            ("LICENSE", "LICENSE.txt"),
        ),
    ),
    Package(
        "signature-pad",
        "signature_pad",
        "5.1.4",
        "MIT",
        (("dist/signature_pad.min.js", "signature_pad.min.js"), ("LICENSE", "LICENSE.txt")),
    ),
)


def icon_names() -> list[str]:
    """The icons of the sprite, in the order of `icons.txt`; a # begins a comment."""
    lines = (line.split("#")[0] for line in ICONS.read_text(encoding="utf-8").splitlines())
    return [name for line in lines for name in line.split()]


def fetch(package: Package, into: Path) -> Path:
    """Unpack a package into a folder and return the folder of its contents."""
    done = subprocess.run(
        ["npm", "pack", "--silent", f"{package.name}@{package.version}"],
        cwd=into,
        check=True,
        capture_output=True,
        text=True,
    )
    archive = into / done.stdout.strip().splitlines()[-1]
    target = into / package.folder
    with tarfile.open(archive) as tar:
        tar.extractall(target, filter="data")
    return target / "package"


def make_sprite(icons: Path) -> bytes:
    """One SVG with a symbol per icon, so that a page fetches all its icons once."""
    symbols = []
    for name in icon_names():
        svg = (icons / f"{name}.svg").read_text(encoding="utf-8")
        box = re.search(r'viewBox="([^"]+)"', svg)
        body = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
        if box is None or body is None:
            raise SystemExit(f"icon {name} is not of the expected form")
        inner = re.sub(r"\s*\n\s*", "", body[1])
        symbols.append(f'<symbol id="{name}" viewBox="{box[1]}">{inner}</symbol>')
    return ('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n").encode()


def refresh() -> None:
    """Fetch every package and write its files and the manifest anew."""
    manifest: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for package in PACKAGES:
            source = fetch(package, Path(scratch))
            target = VENDOR / package.folder
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
            for old, new in package.files:
                (target / new).parent.mkdir(parents=True, exist_ok=True)
                (target / new).write_bytes(SOURCE_MAP.sub(b"\n", (source / old).read_bytes()))
            if package.folder == "bootstrap-icons":
                (target / SPRITE).write_bytes(make_sprite(source / "icons"))
            manifest[package.folder] = {
                "package": package.name,
                "version": package.version,
                "licence": package.licence,
                "files": digests(target),
            }
            print(f"{package.folder} {package.version}")
    MANIFEST.write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 by file name of everything in a folder of one package."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def differences() -> list[str]:
    """What on disk is not as the manifest says, one sentence each."""
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    found = []
    for folder in sorted({path.name for path in VENDOR.iterdir() if path.is_dir()} ^ set(manifest)):
        found.append(f"{folder}: is only on one side")
    for folder, entry in manifest.items():
        if (VENDOR / folder).is_dir() and digests(VENDOR / folder) != entry["files"]:
            found.append(f"{folder}: files differ from the manifest")
    for path in VENDOR.rglob("*"):
        if path.is_file() and path.stat().st_size > MAX_BYTES:
            found.append(f"{path.name}: is larger than {MAX_BYTES} bytes")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare only")
    if not parser.parse_args().check:
        refresh()
    found = differences()
    print("\n".join(found) or "vendored assets are as the manifest says")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
