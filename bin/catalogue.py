#!/usr/bin/env python3
"""The Persian catalogue: every sentence on screen, from English source to babel/fa.

    bin/catalogue.py extract          list what code and templates say, into babel/messages.pot
    bin/catalogue.py update           take new sentences into babel/fa, drop those that are gone
    bin/catalogue.py merge FILE.po …  take translations from other files; then run `check`
    bin/catalogue.py add FILE.po …    the same, but what is translated already stays
    bin/catalogue.py compile          write messages.mo where messages.po is newer
    bin/catalogue.py check            exits 1 for a missing, fuzzy, broken or superfluous translation
    bin/catalogue.py missing          print what has no translation, as a .po to fill in

Sentences of the framework that appear on our screens stand in babel/framework.txt, one a line.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
BABEL = ROOT / "babel"
SOURCES = ("app", "imports", "reports", "config.py")
CATALOGUE = BABEL / "fa" / "LC_MESSAGES" / "messages.po"
FRAMEWORK = BABEL / "framework.txt"
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[-0-9.]*[a-z]|%%|\{\w*\}")
TAG = re.compile(r"</?\w+")
ARABIC = re.compile("[\u064a\u0643\u0649\u0660-\u0669]")
VOLATILE = re.compile(
    rb'^"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By|Project-Id-Version'
    rb'|Report-Msgid-Bugs-To):.*"\n',
    re.MULTILINE,
)


def extract() -> Catalog:
    """Every sentence of code, templates and framework.txt, with the files that say it."""
    with (BABEL / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    catalogue = new_catalogue()
    for source in SOURCES:
        for name, message, comments, context in _sentences(ROOT / source, methods, options):
            catalogue.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    for line in FRAMEWORK.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            catalogue.add(line, locations=[(FRAMEWORK.relative_to(ROOT).as_posix(), 0)])
    return catalogue


def _sentences(path: Path, methods: list, options: dict) -> Iterator[tuple]:
    folder = path if path.is_dir() else path.parent
    found = extract_from_dir(
        folder,
        methods,
        options,
        keywords=KEYWORDS,
        comment_tags=("Translators:",),
        strip_comment_tags=True,
        directory_filter=None if path.is_dir() else (lambda directory: Path(directory) == folder),
    )
    for name, _line, message, comments, context in found:
        full = folder / name
        if path.is_dir() or full == path:
            yield full.relative_to(ROOT).as_posix(), message, comments, context


def new_catalogue() -> Catalog:
    """An empty Persian catalogue."""
    return Catalog(locale="fa", header_comment="# The Persian catalogue of Kartabl.", charset="utf-8", fuzzy=False)


def load(path: Path) -> Catalog:
    """The catalogue in a .po file, its obsolete entries kept apart."""
    with path.open("rb") as file:
        return read_po(file, locale="fa")


def save(catalogue: Catalog, path: Path) -> None:
    """Write a catalogue so that two people's changes to it merge: sorted, no dates, no line numbers."""
    with tempfile.TemporaryFile() as scratch:
        write_po(scratch, catalogue, width=120, sort_output=True, include_lineno=False, ignore_obsolete=True)
        scratch.seek(0)
        content = scratch.read()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(VOLATILE.sub(b"", content))


def key(message: Message) -> tuple[object, object]:
    """What a message is looked up by: context and source."""
    return message.context, tuple(message.id) if isinstance(message.id, list) else message.id


def translations(catalogue: Catalog) -> dict[tuple[object, object], Message]:
    """The translated messages of a catalogue; fuzzy ones count as not translated."""
    return {key(m): m for m in catalogue if m.id and is_translated(m) and not m.fuzzy}


def is_translated(message: Message) -> bool:
    """Whether every form of a message has words."""
    return all(message.string) if isinstance(message.string, list | tuple) else bool(message.string)


def joined(template: Catalog, *sources: Catalog) -> Catalog:
    """The sentences of `template` with their translations; a later source wins."""
    known: dict[tuple[object, object], Message] = {}
    for source in sources:
        known.update(translations(source))
    result = new_catalogue()
    for message in template:
        if message.id:
            found = known.get(key(message))
            result.add(
                message.id,
                found.string if found else "",
                locations=message.locations,
                auto_comments=message.auto_comments,
                user_comments=found.user_comments if found else (),
                flags=message.flags - {"fuzzy"},
                context=message.context,
            )
    return result


def faults(template: Catalog, catalogue: Catalog) -> Iterator[str]:
    """What is wrong with the translations, one sentence each."""
    wanted = {key(m): m for m in template if m.id}
    present = {key(m): m for m in catalogue if m.id}
    for name, message in wanted.items():
        found = present.get(name)
        where = message.locations[0][0] if message.locations else "?"
        if found is None or not is_translated(found):
            yield f"{where}: no translation of {message.id!r}"
        elif found.fuzzy:
            yield f"{where}: fuzzy translation of {message.id!r}"
        else:
            yield from _broken(found)
    for name in present.keys() - wanted.keys():
        yield f"superfluous: {name[1]!r} is said nowhere"
    for message in catalogue.obsolete.values():
        yield f"obsolete: {message.id!r}"


def _broken(message: Message) -> Iterator[str]:
    sources = message.id if isinstance(message.id, list | tuple) else [message.id]
    forms = message.string if isinstance(message.string, list | tuple) else [message.string]
    for form in forms:
        # A plural form may leave the count out ("one row"), as the source's singular may.
        if not any(_marks(form) == _marks(source) for source in sources):
            yield f"placeholders or tags differ: {sources[-1]!r} -> {form!r}"
        if ARABIC.search(form):
            yield f"Arabic letters or digits in {form!r}"


def _marks(sentence: str) -> list[str]:
    return sorted([m[0] for m in PLACEHOLDER.finditer(sentence)] + TAG.findall(sentence))


def compile_all() -> None:
    """Write the .mo of every language; one that is newer than its .po stays."""
    for source in sorted(BABEL.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns > source.stat().st_mtime_ns:
            continue
        draft = target.with_suffix(".mo.new")
        with draft.open("wb") as file:
            write_mo(file, load(source))
        draft.replace(target)


def main(arguments: list[str]) -> int:
    command, *names = arguments or ["help"]
    match command:
        case "extract":
            save(extract(), BABEL / "messages.pot")
        case "add":
            save(joined(extract(), *(load(Path(name)) for name in names), load(CATALOGUE)), CATALOGUE)
            compile_all()
        case "update" | "merge":
            save(joined(extract(), load(CATALOGUE), *(load(Path(name)) for name in names)), CATALOGUE)
            compile_all()
        case "compile":
            compile_all()
        case "missing":
            done = translations(load(CATALOGUE))
            missing = new_catalogue()
            for message in extract():
                if message.id and key(message) not in done:
                    missing.add(message.id, locations=message.locations, context=message.context)
            with sys.stdout.buffer as out:
                write_po(out, missing, width=120, sort_output=True, include_lineno=False)
        case "check":
            found = list(faults(extract(), load(CATALOGUE)))
            print("\n".join(found) or "the catalogue is complete")
            return 1 if found else 0
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
