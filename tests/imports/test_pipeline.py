"""From cells to checked values: every error of every row, by cell."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.core.cells import CODE, DATE, NATIONAL_ID, PHONE, QUANTITY, RIALS, Choice, Reference
from app.core.raw_cells import Problem
from app.core.sheets import Column, Lines, SheetSpec
from imports.layout import find_layout
from imports.mapping import ColumnMapping, MissingColumns, map_headers
from imports.pipeline import Checked, TooManyBadCells, check_rows
from imports.reader.read import Sheet, read_workbook
from tests.imports.test_layout import DATA, sheet_of


class Base(DeclarativeBase):
    pass


class Colour(StrEnum):
    RED = "red"


class Thing(Base):
    __tablename__ = "test_thing"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(5))
    name: Mapped[str] = mapped_column(String(20))


class ThingLine(Base):
    __tablename__ = "test_thing_line"
    id: Mapped[int] = mapped_column(primary_key=True)


THINGS = SheetSpec(
    name="things",
    subject="test.things",
    label="Things",
    model=Thing,
    keys=(("code",),),
    columns=(
        Column("code", "Code", CODE, ("کد",), required=True),
        Column("name", "Name", aliases=("نام", "نام مشتری"), required=True),
        Column("national_id", "National ID", NATIONAL_ID, ("کد ملی",)),
        Column("mobile", "Mobile", PHONE, ("تلفن همراه",)),
        Column("credit", "Credit", RIALS, ("اعتبار",)),
        Column("since", "Since", DATE, ("تاریخ ثبت",)),
        Column("colour", "Colour", Choice(Colour, {"red": ("سرخ", "قرمز")}), ("رنگ",)),
        Column("parent", "Parent", Reference(Thing), ("والد",)),
    ),
)
BILLS = SheetSpec(
    name="bills",
    subject="test.bills",
    label="Bills",
    model=Thing,
    keys=(("number",),),
    columns=(
        Column("number", "Number", CODE, ("شماره",), required=True),
        Column("day", "Day", DATE, ("تاریخ",), required=True),
        Column("buyer", "Buyer", aliases=("مشتری",)),
    ),
    lines=Lines(ThingLine, (Column("goods", "Goods", required=True), Column("quantity", "Quantity", QUANTITY))),
)


def check(spec: SheetSpec, *rows: list[Any], sheet: Sheet | None = None, **options: Any) -> Checked:
    sheet = sheet or sheet_of(*rows)
    layout = find_layout(sheet, {word for column in spec.all_columns for word in column.words()})
    return check_rows(sheet, layout, map_headers(layout, spec), spec, **options)


def found(checked: Checked) -> list[tuple[int, str, str]]:
    return [(error.row, error.column, error.code) for error in checked.errors()]


def test_values_of_all_kinds_are_read() -> None:
    checked = check(
        THINGS,
        ["کد", "نام", "كد ملي", "تلفن همراه", "اعتبار (تومان)", "تاریخ ثبت", "رنگ"],
        ["۰۰۷", "علي", "۰۴۹۹۳۷۰۸۹۹", "۰۹۱۲۱۲۳۴۵۶۷", "۱٬۵۰۰", "۱۴۰۳/۰۲/۱۵", "قرمز"],
        [8, "b", 499370899, 9121234568, 2500, date(2024, 5, 4), "RED"],
        ["9", "c", None, None, "۳٬۰۰۰ ریال", 14030215, None],
    )

    assert found(checked) == []
    assert checked.frame["code"].tolist() == ["007", "8", "9"]
    assert checked.frame["name"][0] == "علی"
    assert checked.frame["national_id"].tolist() == ["0499370899", "0499370899", None]
    assert checked.frame["mobile"].tolist() == ["+989121234567", "+989121234568", None]
    assert checked.frame["credit"].tolist() == [15_000, 25_000, 3_000]
    assert set(checked.frame["since"]) == {date(2024, 5, 4)}
    assert checked.frame["colour"].tolist() == [Colour.RED, Colour.RED, None]


def test_every_error_of_every_row_is_named_by_cell() -> None:
    checked = check(
        THINGS,
        ["کد", "نام", "کد ملی", "تلفن همراه", "اعتبار", "تاریخ ثبت", "رنگ"],
        [None, "a", "0684159415", "12", "ده", "1404/12/30", "سبز"],
        ["123456", None, None, None, -5, None, None],
        ["7", "b", 12345678901234567, None, 10**15, True, None],
        ["7", "c", None, None, None, None, None],
    )

    assert found(checked) == [
        (2, "A", "required"), (2, "C", "national_id"), (2, "D", "phone_invalid"), (2, "E", "unreadable"),
        (2, "F", "bad_day"), (2, "G", "unknown_choice"),
        (3, "A", "too_long"), (3, "B", "required"), (3, "E", "negative"),
        (4, "C", "digits_lost"), (4, "E", "digits_lost"), (4, "F", "unreadable"),
        (5, "A", "duplicate_in_file"),
    ]  # fmt: skip
    first = checked.errors()[0]
    assert (first.sheet, first.header, first.name) == ("Sheet1", "کد", "code")
    assert str(checked.errors()[-1].message) == "The same value stands in row 4 already."


def test_error_cells_and_formulas_without_value_are_never_blank() -> None:
    sheet = sheet_of(["کد", "نام", "اعتبار"], ["1", "a", None], ["2", "b", None], ["3", "c", None])
    sheet.errors, sheet.error_count = {(1, 2): "#REF!"}, 1
    sheet.valueless, sheet.valueless_count = {(3, 1)}, 1

    checked = check(THINGS, sheet=sheet)

    assert found(checked) == [(2, "C", "error_cell"), (4, "B", "formula_without_value")]
    assert "#REF!" in str(checked.errors()[0].message)


def test_more_error_cells_than_can_be_named_refuse_the_sheet() -> None:
    sheet = sheet_of(["کد", "نام"], ["1", "a"])
    sheet.error_count = 1

    with pytest.raises(TooManyBadCells):
        check(THINGS, sheet=sheet)


def test_missing_required_columns_are_named() -> None:
    with pytest.raises(MissingColumns) as missing:
        check(THINGS, ["نام", "رنگ"], ["a", None])

    assert "Code" in str(missing.value)


def test_constant_stands_for_a_missing_column() -> None:
    sheet = sheet_of(["نام", "رنگ"], ["a", None], ["b", None])
    layout = find_layout(sheet)
    mapping = map_headers(layout, THINGS)
    mapping.constants["code"] = "X"

    assert check_rows(sheet, layout, mapping, THINGS).frame["code"].tolist() == ["X", "X"]


def test_references_are_looked_up_once_for_the_column() -> None:
    asked = []

    def lookup(column: Column, _kind: Reference, texts: set[str]) -> dict[str, int | Problem]:
        asked.append((column.name, texts))
        return {"الف": 7, "دو": Problem("ambiguous_reference", "two")}

    checked = check(
        THINGS, ["کد", "نام", "والد"], ["1", "a", "الف"], ["2", "b", "گم"], ["3", "c", "دو"], ["4", "d", None],
        lookup=lookup,
    )  # fmt: skip

    assert asked == [("parent", {"الف", "گم", "دو"})]
    assert checked.frame["parent"].tolist() == [7, None, None, None]
    assert found(checked) == [(3, "C", "unknown_reference"), (4, "C", "ambiguous_reference")]


def test_lines_belong_to_the_document_above_them() -> None:
    checked = check(
        BILLS,
        ["شماره", "تاریخ", "مشتری", "Goods", "Quantity"],
        ["A1", "1403/02/15", "علی", "x", 2],
        [None, None, None, "y", "۲٫۵"],
        ["A2", "1403/02/16", None, "z", 1],
        ["A1", "1403/02/15", None, "w", 1],
    )

    assert found(checked) == []
    assert checked.group is not None
    assert checked.group.tolist() == [0, 0, 1, 0]
    assert checked.frame["day"].tolist() == [date(2024, 5, 4)] * 2 + [date(2024, 5, 5), date(2024, 5, 4)]
    assert checked.frame["buyer"].tolist() == ["علی", "علی", None, "علی"]
    assert checked.frame["quantity"].tolist() == [2, Decimal("2.5"), 1, 1]


def test_header_cells_that_disagree_are_named() -> None:
    checked = check(
        BILLS,
        ["شماره", "تاریخ", "مشتری", "Goods"],
        ["A1", "1403/02/15", "علی", "x"],
        ["A1", "1403/02/16", "رضا", "y"],
        ["A2", None, None, None],
    )

    assert found(checked) == [
        (3, "B", "header_disagrees"), (3, "C", "header_disagrees"), (4, "B", "required"), (4, "D", "required"),
    ]  # fmt: skip
    assert checked.bad_groups() == {0, 1}


def test_near_headers_are_suggested_and_not_taken() -> None:
    layout = find_layout(sheet_of(["کد", "نام مشتري محترم", "رنگگ"], ["1", "a", "b"], ["2", "c", "d"]))

    mapping = map_headers(layout, THINGS)

    assert mapping.sources == {"code": 0}
    assert [s.column for s in mapping.suggestions] == ["name", "colour"]


def test_choice_of_a_person_is_remembered() -> None:
    layout = find_layout(sheet_of(["کد", "صاحب", "نام"], ["1", "a", "b"], ["2", "c", "d"]))

    mapping = map_headers(layout, THINGS, remembered={"صاحب": "name"})

    assert mapping.sources == {"code": 0, "name": 1}
    assert [header.text for header in mapping.doubled] == ["نام"]


def test_sample_customers_are_mapped_by_words() -> None:
    layout = find_layout(read_workbook(DATA / "customers_libreoffice.xlsx").sheets[0])

    mapping: ColumnMapping = map_headers(layout, THINGS)

    assert mapping.sources == {"name": 1, "national_id": 3, "mobile": 4, "since": 5, "credit": 6}
    assert [header.text for header in mapping.ignored] == ["ردیف", "نام شرکت", "توضیحات"]


def test_sample_dates_are_read_as_their_third_column_says() -> None:
    sheet = read_workbook(DATA / "mixed_dates.xlsx").sheets[0]
    cases, values, expected = (column[1:] for column in sheet.columns)

    parsed = DATE.parse(values)

    for place, (case, wanted) in enumerate(zip(cases, expected, strict=True)):
        value, problem = parsed.values[place], parsed.problems.get(place)
        if str(wanted)[:4].isdigit() and " or " not in str(wanted):
            assert value == date.fromisoformat(str(wanted)[:10]), case
        elif str(wanted).startswith("empty"):
            assert (value, problem) == (None, None), case
        else:
            assert problem is not None, case
