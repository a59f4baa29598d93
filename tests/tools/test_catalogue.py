"""The catalogue check finds what would show English, or break, on a Persian screen."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages import Catalog

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("catalogue", ROOT / "bin" / "catalogue.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def faults(tool: ModuleType, source: str, translation: str | None, **options: object) -> list[str]:
    template, catalogue = Catalog(locale="fa"), Catalog(locale="fa")
    template.add(source, locations=[("app/x.py", 0)])
    if translation is not None:
        catalogue.add(source, translation, **options)
    return list(tool.faults(template, catalogue))


@pytest.mark.parametrize(
    ("source", "translation", "options", "words"),
    [
        ("Save", None, {}, "no translation"),
        ("Save", "", {}, "no translation"),
        ("Save", "ذخیره", {"flags": ["fuzzy"]}, "fuzzy"),
        ("Row %(row)d has no price.", "سطر قیمت ندارد.", {}, "placeholders"),
        ("Row %(row)d has no price.", "سطر %(rows)d قیمت ندارد.", {}, "placeholders"),
        ("<b>All</b>", "<b>همه", {}, "placeholders or tags"),
        ("Company", "شرکت \u064a", {}, "Arabic"),
    ],
)
def test_a_bad_translation_is_a_fault(
    tool: ModuleType, source: str, translation: str | None, options: dict[str, object], words: str
) -> None:
    found = faults(tool, source, translation, **options)
    assert len(found) == 1
    assert words in found[0]


def test_a_good_translation_is_no_fault(tool: ModuleType) -> None:
    assert faults(tool, "Row %(row)d has no price.", "سطر %(row)d قیمت ندارد.") == []


def test_a_sentence_that_is_said_nowhere_is_a_fault(tool: ModuleType) -> None:
    catalogue = Catalog(locale="fa")
    catalogue.add("Gone", "رفته")
    assert list(tool.faults(Catalog(locale="fa"), catalogue)) == ["superfluous: 'Gone' is said nowhere"]


def test_merging_keeps_what_is_known_and_drops_what_is_gone(tool: ModuleType) -> None:
    template, old, new = (Catalog(locale="fa") for _ in range(3))
    template.add("Save")
    template.add("Issue")
    old.add("Save", "ذخیره")
    old.add("Gone", "رفته")
    new.add("Issue", "صدور")
    merged = tool.joined(template, old, new)
    assert {m.id: m.string for m in merged if m.id} == {"Save": "ذخیره", "Issue": "صدور"}
