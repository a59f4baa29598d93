"""Tables as files: a workbook with a sheet for each, or comma-separated text of the first."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import IO, Any

from app.core.csv_guard import guarded
from app.core.formats import lang
from app.core.listing import ListQuery
from reports.tabular.plan import TablePlan
from reports.tabular.rows import read_batches
from reports.tabular.workbook import Head, WorkbookWriter

Progress = Callable[[int], Any]


def write_workbook(file: IO[bytes], tables: Sequence[TablePlan], query: ListQuery, progress: Progress) -> int:
    """Write a sheet for each table; answers the rows of all."""
    main = tables[0]
    with WorkbookWriter(file, str(main.label), _heads(main), is_rtl=lang() == "fa") as workbook:
        for table in tables:
            if table is not main:
                workbook.next_table(str(table.label), _heads(table))
            for columns in read_batches(table, query):
                workbook.write(columns)
                progress(workbook.row_count)
    return workbook.row_count


def _heads(table: TablePlan) -> list[Head]:
    labels = [(str(one.label), one) for one in table.fields]
    return [Head(label, max(one.width, len(label) * 1.15 + 4), one.is_amount) for label, one in labels]


def write_csv(file: IO[bytes], tables: Sequence[TablePlan], query: ListQuery, progress: Progress) -> int:
    """UTF-8 with a mark, by which spreadsheets know it. No text begins a formula."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    out = csv.writer(text)
    main = tables[0]
    out.writerow([guarded(str(one.label)) for one in main.fields])
    count = 0
    for columns in read_batches(main, query):
        out.writerows(zip(*(map(guarded, column) for column in columns), strict=True))
        count += len(columns[0])
        progress(count)
    text.detach()
    return count
