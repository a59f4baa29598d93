"""The page of values that mean nothing here yet: a record chosen for them, one made, or left blank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import select

from app.core import text
from app.core.actor import require_current
from app.core.cells import Reference
from app.core.db import db
from app.core.row_numbers import row_number
from app.core.sheets import Column, SheetSpec
from imports.choice import Answer, Choice
from imports.makers import maker_of
from imports.models import ImportBatch
from imports.transforms import fold
from imports.wizard_mapping import member_options

SHOWN = 200
SEARCHED = 2_000
FEW = 100
SUGGESTED = 60
SIMILAR = 0.6


@dataclass(frozen=True, slots=True)
class Unknown:
    """Words of a column, how many rows have them, and what looks like them: (value to choose, its words)."""

    words: str
    count: int
    similar: tuple[str, str] | None
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """A column with words that mean nothing: what can be chosen, and which new records may be made."""

    column: Column
    header: str
    values: tuple[Unknown, ...]
    total: int
    options: tuple[tuple[str, str], ...]
    is_reference: bool
    kinds: tuple[tuple[str, Any], ...]
    rest: str


def questions(batch: ImportBatch, spec: SheetSpec) -> list[Question]:
    """What a person is asked before the rows can be read."""
    choice = Choice.from_json(batch.mapping)
    heads = (batch.mapping or {}).get("heads") or {}
    places = choice.sources or {}
    standing = {one: words for words, one in spec.stands_for.items()}
    found = []
    for name, counts in batch.unknown.items():
        place = places.get(name, places.get(standing.get(name, "")))
        found.append(_question(spec.column(name), heads.get(str(place), ""), counts, choice))
    return found


def _question(column: Column, header: str, counts: Mapping[str, int], choice: Choice) -> Question:
    kinds: tuple[tuple[str, Any], ...] = ()
    options = tuple(member_options(column))
    reference = column.kind if isinstance(column.kind, Reference) else None
    if reference is not None and reference.create:
        maker = maker_of(reference.model)
        if maker is not None and require_current().can("add", maker.subject):
            kinds = tuple(maker.kinds.items())
    known = _stored_words(reference) if reference else {text.search_key(words): (v, words) for v, words in options}
    answers = choice.values.get(column.name, {})
    shown = list(counts.items())[:SHOWN]
    values = tuple(
        _unknown(words, count, known if place < SUGGESTED else {}, answers)
        for place, (words, count) in enumerate(shown)
    )
    rest = f"create:{choice.create[column.name]}" if column.name in choice.create else ""
    return Question(column, header, values, len(counts), options, reference is not None, kinds, rest)


def _unknown(words: str, count: int, known: Mapping[str, tuple[str, str]], answers: Mapping[str, Answer]) -> Unknown:
    given = answers.get(fold(words), "") if fold(words) in answers else ""
    answer = f"create:{given['create']}" if isinstance(given, Mapping) and "create" in given else ""
    return Unknown(words, count, _similar(words, known), answer)


def _stored_words(kind: Reference) -> dict[str, tuple[str, str]]:
    """Folded name → (id, name) of a short list; nothing for a long one, where guessing would be slow."""
    shown = select(kind.model).limit(SEARCHED + 1)
    records = db.session.scalars(shown).unique().all()
    if len(records) > SEARCHED:
        return {}
    return {text.search_key(str(record)): (str(record.id), str(record)) for record in records}


def _similar(words: str, known: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    """What looks most like some words, of those that share a word or, in a very short list, of all."""
    key, best, most = text.search_key(words), None, SIMILAR
    own = set(key.split())
    matcher = SequenceMatcher(b=key)
    for candidate, found in known.items():
        if len(known) > FEW and own.isdisjoint(candidate.split()):
            continue
        matcher.set_seq1(candidate)
        if matcher.real_quick_ratio() <= most or matcher.quick_ratio() <= most:
            continue
        if (likeness := matcher.ratio()) > most:
            best, most = found, likeness
    return best


def answered(batch: ImportBatch, spec: SheetSpec, form: Mapping[str, str]) -> Choice:
    """The choice of a batch with the answers of a sent page."""
    choice = Choice.from_json(batch.mapping)
    values = {name: dict(answers) for name, answers in choice.values.items()}
    create = dict(choice.create)
    for question in questions(batch, spec):
        name = question.column.name
        told = values.setdefault(name, {})
        rest = form.get(f"rest-{name}", "")
        create.pop(name, None)
        if rest.startswith("create:") and rest[7:] in dict(question.kinds):
            create[name] = rest[7:]
        for place, words in enumerate(batch.unknown[name]):
            picked, done = form.get(f"pick-{name}-{place}", ""), form.get(f"do-{name}-{place}", "")
            answer = _answer(question, picked, done or ("blank" if rest == "blank" else ""))
            if answer is not _LEFT:
                told[fold(words)] = answer
            else:
                told.pop(fold(words), None)
    return replace(choice, values=values, create=create)


_LEFT: dict[str, Any] = {}
"""No answer: the words stay an error."""


def _answer(question: Question, picked: str, done: str) -> Answer:
    if picked:
        if question.is_reference:
            number = row_number(picked)
            return _LEFT if number is None else {"id": number}
        return picked if picked in dict(question.options) else _LEFT
    if done == "blank":
        return None
    if done.startswith("create:") and done[7:] in dict(question.kinds):
        return {"create": done[7:]}
    return _LEFT
