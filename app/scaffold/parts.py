"""What a new feature is told to be: its words, fields, states and steps, read from short texts.

Labels are always given in both languages, `English:Persian`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,40}")
SUBJECT = re.compile(r"([a-z]+)\.([a-z][a-z_]+)")
CONTEXTS = ("crm", "sales", "field", "finance", "comms", "office", "org")


class BadPart(ValueError):
    """A text that cannot be read; the argument says which and how it should look."""


@dataclass(frozen=True, slots=True)
class Label:
    """Words in both languages."""

    en: str
    fa: str

    def __post_init__(self) -> None:
        if set(self.en + self.fa) & set("\"'\\{}%\n"):
            raise BadPart(f"{self.en}:{self.fa}: words without quotes, braces, percent signs and backslashes")


@dataclass(frozen=True, slots=True)
class FieldType:
    """How a type of field is stored, and what a test writes into it."""

    annotation: str
    column: str
    target: str = ""
    sample: str = ""
    sent: str = ""
    probe: str = ""
    is_date: bool = False
    is_text: bool = False


def _record(target: str, table: str, probe: str) -> FieldType:
    column = f'ForeignKey("{table}.id"), index=True'
    factory = f"factory.SubFactory(make.{target}Factory)"
    return FieldType("int", column, target, sample=factory, sent="str(sample.{name}_id)", probe=probe)


TYPES = {
    "code": FieldType("str", "String(60)", sample='factory.Sequence(lambda n: f"{upper}-{{n}}")',
                      probe='bodies.new("N")', is_text=True),
    "text": FieldType("str", "CleanText(200)", sample='factory.Sequence(lambda n: f"{name} {{n}}")', sent='"Sample"',
                      probe='"N"', is_text=True),
    "note": FieldType("str", "CleanText(1000)", sent='"Words"'),
    "rials": FieldType("Rials", "", sample="1_000_000", sent='"1000000"', probe='"1000000"'),
    "quantity": FieldType("Quantity", "", sample='Decimal("2.5")', sent='"2.5"', probe='"2.5"'),
    "whole": FieldType("int", "Integer", sample="3", sent='"3"', probe='"3"'),
    "date": FieldType("date", "index=True", sample="factory.LazyFunction(clock.today)", sent='"1406/01/15"',
                      probe='"1406/01/15"', is_date=True),
    "yes_no": FieldType("bool", "Boolean, default=False", sample="False"),
    "customer": _record("Customer", "crm_customer", "str(bodies.own_customer(world, person))"),
    "product": _record("Product", "sales_product", "str(world.ids['product'])"),
    "employee": _record("Employee", "ab_user", "str(bodies.person_id(world, person))"),
}  # fmt: skip
"""The types of fields; one that names a record is looked up while one types."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the record; `is_needed` refuses it empty."""

    name: str
    kind: str
    is_needed: bool
    label: Label

    @classmethod
    def read(cls, text: str) -> Field:
        """`name:type:English:Persian`; `type!` must be filled in."""
        name, kind, label = _split(text, "name:type:English:Persian")
        plain = kind.removesuffix("!")
        if plain not in TYPES:
            raise BadPart(f"{text!r}: the types are {', '.join(TYPES)}")
        return cls(_identifier(name), plain, kind.endswith("!"), label)

    @property
    def type(self) -> FieldType:
        return TYPES[self.kind]

    @property
    def target(self) -> str:
        return self.type.target

    def column(self, *, is_key: bool) -> str:
        """The line of the model."""
        is_null = not self.is_needed and self.kind != "yes_no"
        annotation = self.type.annotation + (" | None" if is_null else "")
        name = f"{self.name}_id" if self.target else self.name
        arguments = self.type.column + (", unique=True" if is_key else "")
        return f"{name}: Mapped[{annotation}]" + (f" = mapped_column({arguments})" if arguments else "")

    @property
    def sample(self) -> str:
        return self.type.sample.format(name=self.name, upper=self.name.upper())

    @property
    def probe(self) -> str:
        return self.type.probe

    @property
    def sent(self) -> str:
        return self.type.sent.format(name=self.name)


@dataclass(frozen=True, slots=True)
class State:
    """A state; the first one given is the initial one."""

    name: str
    en: str
    fa: str

    @classmethod
    def read(cls, text: str) -> State:
        """`name:English:Persian`."""
        parts = text.split(":")
        if len(parts) != 3 or not all(parts):
            raise BadPart(f"{text!r} should look like name:English:Persian")
        label = Label(parts[1], parts[2])
        return cls(_identifier(parts[0]), label.en, label.fa)


@dataclass(frozen=True, slots=True)
class StepPart:
    """A step from some states to another; its name is the right that it needs."""

    name: str
    sources: tuple[str, ...]
    target: str
    en: str
    fa: str

    @classmethod
    def read(cls, text: str, states: tuple[State, ...]) -> StepPart:
        """`name:from,from>to:English:Persian`."""
        name, way, label = _split(text, "name:from,from>to:English:Persian")
        before, arrow, target = way.partition(">")
        sources = tuple(before.split(","))
        unknown = {*sources, target} - {state.name for state in states}
        if not arrow or unknown:
            raise BadPart(f"{text!r}: unknown states {', '.join(sorted(unknown)) or before}")
        return cls(_identifier(name), sources, target, label.en, label.fa)


def read_label(text: str) -> Label:
    """`English:Persian`."""
    en, colon, fa = text.partition(":")
    if not (en and colon and fa):
        raise BadPart(f"{text!r} should look like English:Persian")
    return Label(en, fa)


def _split(text: str, shape: str) -> tuple[str, str, Label]:
    parts = text.split(":")
    if len(parts) != 4 or not all(parts):
        raise BadPart(f"{text!r} should look like {shape}")
    return parts[0], parts[1], Label(parts[2], parts[3])


def _identifier(name: str) -> str:
    if not IDENTIFIER.fullmatch(name):
        raise BadPart(f"{name!r}: small Latin letters, digits and underscores only")
    return name
