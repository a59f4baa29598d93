"""The page about new modules, followed to the letter in a copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "new-module.md"
MOST_LINES = 100
TYPES_KNOWN = ROOT / ".mypy_cache"  # of the check of types before: what did not change is not worked out again
PROBES = """
from tests.access.probing import endpoint_of, probes

def test_every_road_into_the_module(prober, world):
    mine = [p for p in probes(world) if endpoint_of(p.endpoint).startswith("Sample") or p.endpoint.endswith("samples")]
    assert len(mine) > 400
    for probe in mine:
        prober.check(probe)
    assert not prober.faults, "\\n".join(prober.faults)
"""


def command_of_the_page() -> str:
    """The first shell block: what a newcomer types."""
    found = re.search(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the project as they are now, with the module of the page."""
    target = tmp_path_factory.mktemp("scratch") / "kartabl"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes((ROOT / name).read_bytes())
            (target / name).chmod((ROOT / name).stat().st_mode)
    (target / ".venv").symlink_to(Path(sys.prefix))
    if TYPES_KNOWN.is_dir():
        shutil.copytree(TYPES_KNOWN, target / TYPES_KNOWN.name)
    run(target, "bash", "-ec", command_of_the_page())
    return target


def run(folder: Path, *command: str) -> str:
    """What a command says; fails with it."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "KARTABL", "FLASK"))}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def check(folder: Path, *arguments: str) -> None:
    run(folder, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments)


@pytest.mark.timeout(900)
def test_a_module_costs_few_lines_and_does_everything(copy: Path) -> None:
    written = [line for line in command_of_the_page().splitlines() if line.strip()]
    print(f"\nlines written: {len(written)}")
    assert len(written) < MOST_LINES
    probes = copy / "tests" / "access" / "test_module.py"
    probes.write_text(PROBES, encoding="utf-8")
    contracts = ("tests/contract/test_manifests.py", "tests/contract/test_lists.py")
    check(copy, "tests/field", *contracts, str(probes), "-k", "field or amples or not [ or test_every_road")
    check(copy, "tests/contract/test_sheets.py", "-k", "samples")
    probes.unlink()  # it is no part of what the command writes


@pytest.mark.timeout(300)
def test_what_was_written_is_as_clean_as_the_rest(copy: Path) -> None:
    run(copy, "bin/check", "format", "lint", "house", "types", "layers", "catalogue")
    check(copy, "tests/migrations", "-k", "up_down or agree or line_of or imports_no")


def test_a_wrong_word_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    flask = str(Path(sys.executable).with_name("flask"))
    for wrong in ("samples", "field.Samples", "nowhere.samples"):
        words = ["--singular", "A:B", "--plural", "C:D", "--field", "code:code!:E:F", "--root", str(tmp_path)]
        command = [flask, "kartabl", "new-feature", wrong, *words]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 2, done.stderr
    assert list(tmp_path.iterdir()) == []
