"""Which column of a sheet is which column of a spec: found by words, completed by a person."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.errors import DomainError
from app.core.sheets import SheetSpec, header_key
from imports.choice import Answer, Choice, Key, Part, Recipe
from imports.layout import Header, Layout
from imports.transforms import fold

LIKELY = 0.78
"""From this likeness on a header is suggested for a column; never taken without asking."""


class MissingColumns(DomainError):
    """The sheet has no column for something that every row needs."""

    code = "missing_columns"
    default_message = _l("The sheet has no column for: %(columns)s.")

    def __init__(self, columns: list[Any]) -> None:
        names = ", ".join(str(column) for column in columns)
        super().__init__(_l("The sheet has no column for: %(columns)s.", columns=names), columns=columns)


class UnknownHeader(DomainError):
    """What was chosen names a column that the sheet does not have."""

    code = "unknown_header"

    def __init__(self, header: str, known: Sequence[Header]) -> None:
        names = " · ".join(one.full for one in known)
        words = _l("The sheet has no column “%(header)s”. It has: %(known)s.", header=header, known=names)
        super().__init__(words, header=header)


class Origin(StrEnum):
    """How a header came to its column."""

    WORDS = "words"
    PERSON = "person"  # remembered from an earlier import of this person
    COMPANY = "company"  # remembered from an earlier import of anybody
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A header that looks like a column's words; `likeness` is 0 to 1."""

    column: str
    header: Header
    likeness: float


@dataclass(frozen=True, slots=True)
class Remembered:
    """The column that a header was given before ("" for none), and whose memory that is."""

    column: str
    origin: Origin


@dataclass(slots=True)
class ColumnMapping:
    """What is read from where. `sources` maps a spec column to a sheet column (from 0).

    `recipes` make a column of several cells, `units` says in which unit amounts stand that name
    none; `constants` stand for columns the sheet does not have. `values` are answers by column and
    folded words, `create` says what unknown words of a column become. `keys` narrows the keys of
    the spec. `ignored` headers belong to nothing, `doubled` to a column already taken; `origins`
    tells how each sheet column was found.
    """

    sources: dict[str, int] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    recipes: dict[str, Recipe] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, Answer]] = field(default_factory=dict)
    create: dict[str, str] = field(default_factory=dict)
    keys: tuple[Key, ...] | None = None
    suggestions: tuple[Suggestion, ...] = ()
    ignored: tuple[Header, ...] = ()
    doubled: tuple[Header, ...] = ()
    origins: dict[int, Origin] = field(default_factory=dict)

    def missing(self, spec: SheetSpec) -> list[Any]:
        """Labels of required columns that nothing stands for."""
        return [
            column.label
            for column in spec.all_columns
            if column.required and column.name not in self.sources and column.name not in self.constants
            and column.default is None
        ]  # fmt: skip

    def require_complete(self, spec: SheetSpec) -> None:
        """Raises MissingColumns."""
        missing = self.missing(spec)
        if missing:
            raise MissingColumns(missing)


def with_keys(spec: SheetSpec, keys: Sequence[Key] | None) -> SheetSpec:
    """A spec that finds rows by these of its keys, in its own order; by all of them when none is named."""
    offered = (*spec.keys, *spec.further_keys)
    chosen = spec.keys if keys is None else tuple(key for key in offered if key in keys)
    return spec if chosen == spec.keys or not chosen else replace(spec, keys=chosen)


# --- by words


def map_headers(
    layout: Layout, spec: SheetSpec, *, remembered: Map[str, Remembered | str] | None = None
) -> ColumnMapping:
    """The mapping that words and memory give.

    `remembered` is what was chosen before: folded header → column name, "" to ignore it.
    """
    words = {column.name: column.words() for column in spec.all_columns}
    mapping = ColumnMapping()
    free = _take_remembered(mapping, layout, spec, remembered or {})
    doubled = _take_known(mapping, spec, free, words)
    _part_names(mapping, layout, spec)
    mapping.doubled, mapping.ignored = tuple(doubled), tuple(free)
    mapping.suggestions = tuple(_suggest(free, words, mapping))
    return mapping


def _take_remembered(
    mapping: ColumnMapping, layout: Layout, spec: SheetSpec, remembered: Map[str, Remembered | str]
) -> list[Header]:
    """Take what memory says; answers the headers it does not know."""
    names = {column.name for column in spec.all_columns}
    free = []
    for header in layout.headers:
        told = remembered.get(header.keys()[0])
        if told is None:
            free.append(header)
            continue
        name, origin = (told, Origin.PERSON) if isinstance(told, str) else (told.column, told.origin)
        mapping.origins[header.column] = origin
        if name in names and name not in mapping.sources:
            _take(mapping, spec, name, header)
    return free


def _take_known(
    mapping: ColumnMapping, spec: SheetSpec, free: list[Header], words: dict[str, set[str]]
) -> list[Header]:
    """Take headers that are known words, out of `free`; answers those whose column is taken already."""
    doubled: list[Header] = []
    for exact in (True, False):
        for header in list(free):
            keys = header.keys()[:1] if exact else header.keys()
            name = next((n for key in keys for n, known in words.items() if key in known), None)
            if name is None:
                continue
            free.remove(header)
            mapping.origins[header.column] = Origin.WORDS
            if name in mapping.sources:
                doubled.append(header)
            else:
                _take(mapping, spec, name, header)
    return doubled


def _take(mapping: ColumnMapping, spec: SheetSpec, name: str, header: Header) -> None:
    mapping.sources[name] = header.column
    if spec.column(name).kind.name == "rials" and header.unit is not None:
        mapping.units[name] = header.unit


def _part_names(mapping: ColumnMapping, layout: Layout, spec: SheetSpec) -> None:
    """Beside a family name, a bare "name" is the given one; the whole name is put together of both."""
    names = spec.names
    if names is None or names.family not in mapping.sources:
        return
    at = mapping.sources.get(names.whole)
    bare = {header_key(word) for word in names.bare}
    header = next((one for one in layout.headers if one.column == at), None)
    by_words = at is not None and mapping.origins.get(at) is Origin.WORDS
    if header is not None and by_words and header.keys()[0] in bare and names.given not in mapping.sources:
        mapping.sources[names.given] = mapping.sources.pop(names.whole)
    join_names(mapping, spec)


def join_names(mapping: ColumnMapping, spec: SheetSpec) -> None:
    """Put the whole name together of its parts where the sheet has only those."""
    names = spec.names
    if names is None or names.whole in mapping.sources or names.whole in mapping.constants:
        return
    parts = [mapping.sources[one] for one in (names.given, names.family) if one in mapping.sources]
    if parts:
        mapping.sources[names.whole] = parts[0]
        mapping.recipes[names.whole] = Recipe(tuple(parts))


def _suggest(free: list[Header], words: dict[str, set[str]], mapping: ColumnMapping) -> list[Suggestion]:
    found = []
    for header in free:
        best = Suggestion("", header, 0.0)
        for name, known in words.items():
            if name in mapping.sources:
                continue
            likeness = max((_likeness(key, word) for key in header.keys() for word in known), default=0.0)  # noqa: SIM118
            if likeness > best.likeness:
                best = Suggestion(name, header, round(likeness, 2))
        if best.likeness >= LIKELY:
            found.append(best)
    return found


def _likeness(left: str, right: str) -> float:
    if not left or not right:
        return 0.0
    ratio = SequenceMatcher(None, left, right).ratio()
    if len(right) > 3 and (right in left or left in right):
        # The more of the one the other is, the likelier it is meant.
        share = min(len(left), len(right)) / max(len(left), len(right))
        return max(ratio, LIKELY + (1 - LIKELY) * share)
    return ratio


def stand_for(mapping: ColumnMapping, spec: SheetSpec) -> ColumnMapping:
    """The same mapping where a column of names serves as the reference that the sheet has no code for."""
    swaps = {
        words: reference
        for words, reference in spec.stands_for.items()
        if words in mapping.sources and reference not in mapping.sources and reference not in mapping.constants
    }
    if not swaps:
        return mapping
    return replace(
        mapping,
        sources={swaps.get(name, name): at for name, at in mapping.sources.items()},
        recipes={swaps.get(name, name): one for name, one in mapping.recipes.items()},
    )


# --- as chosen


def map_chosen(
    layout: Layout, spec: SheetSpec, choice: Choice, *, remembered: Map[str, Remembered | str] | None = None
) -> ColumnMapping:
    """The mapping of a table as chosen; what was not chosen is found by words.

    Raises:
        UnknownHeader: the choice names a column that the table does not have.
    """
    mapping = map_headers(layout, spec, remembered=remembered)
    if choice.sources is not None:
        mapping = _as_placed(mapping, layout, spec, choice.sources)
    for header in choice.ignore:
        _put(mapping, spec, "", find_header(layout, header))
    for name, header in choice.columns.items():
        _put(mapping, spec, name, find_header(layout, header))
    for name, (headers, part) in choice.parts.items():
        found = tuple(find_header(layout, header).column for header in headers)
        mapping.sources[name], mapping.recipes[name] = found[0], Recipe(found, part)
    for name, recipe in choice.recipes.items():
        mapping.recipes[name] = recipe
        mapping.sources.setdefault(name, recipe.columns[0])
    mapping.units |= choice.units
    mapping.values = {name: dict(answers) for name, answers in choice.values.items()}
    mapping.create, mapping.keys = dict(choice.create), choice.keys
    for name, answer in choice.constants.items():
        _set_constant(mapping, name, answer)
    if choice.sources is None:
        join_names(mapping, spec)
    return mapping


def _as_placed(by_words: ColumnMapping, layout: Layout, spec: SheetSpec, sources: dict[str, int]) -> ColumnMapping:
    """The mapping that a person's places make; for what they left out, suggestions stay."""
    chosen = {name: at for name, at in sources.items() if by_words.sources.get(name) != at}
    mapping = ColumnMapping(sources=dict(sources), units=by_words.units, origins=by_words.origins)
    mapping.origins |= dict.fromkeys(chosen.values(), Origin.CHOSEN)
    words = {column.name: column.words() for column in spec.all_columns}
    free = [header for header in layout.headers if header.column not in sources.values()]
    mapping.ignored = tuple(free)
    mapping.suggestions = tuple(_suggest(free, words, mapping))
    return mapping


def find_header(layout: Layout, words: str) -> Header:
    """The header with these words, or over the column of this letter. Raises UnknownHeader."""
    key = header_key(words)
    by_words = (one for one in layout.headers if key and key in one.keys())  # noqa: SIM118
    by_letter = (one for one in layout.headers if one.letter == words.strip().upper())
    found = next(by_words, None) or next(by_letter, None)
    if found is None:
        raise UnknownHeader(words, layout.headers)
    return found


def _put(mapping: ColumnMapping, spec: SheetSpec, name: str, header: Header) -> None:
    """Give a header its column, and take it from what words had given it."""
    mapping.sources = {one: at for one, at in mapping.sources.items() if at != header.column}
    mapping.origins[header.column] = Origin.CHOSEN
    if name:
        _take(mapping, spec, name, header)


def _set_constant(mapping: ColumnMapping, name: str, answer: Answer) -> None:
    """A constant is words; a chosen record is found again through the answers."""
    if isinstance(answer, str):
        mapping.constants[name] = answer
    elif answer is not None and "id" in answer:
        mapping.constants[name] = f"#{answer['id']}"
        mapping.values.setdefault(name, {})[fold(mapping.constants[name])] = answer


PARTED: dict[str, tuple[Part, Part]] = {
    "given_first": (Part.GIVEN, Part.FAMILY),
    "family_first": (Part.GIVEN_AFTER, Part.FAMILY_BEFORE),
}
"""Ways to take a whole name apart: what gives the given name, what the family name."""
