"""Sheets: what is written is what is read, in both formats; numbers of a spreadsheet are read as people see them."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from ecom_agent.errors import BadInput
from pricing.rules.sheets import FORMATS, format_of, read, write

COLUMNS = ("scope", "rule", "note")
CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn", "Zl", "Zp"]), max_size=12).map(
    lambda text: " ".join(text.split())
)


def workbook(*rows: list[object]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(CELL.filter(lambda t: bool(t) and not t.startswith("=")), CELL, CELL), max_size=4))
def test_what_is_written_is_read_again(form: str, rows: list[tuple[str, str, str]]) -> None:
    rows = [(a, *(c.lstrip("=") for c in rest)) for a, *rest in rows]
    found = read(write(COLUMNS, rows, form), form, needed=COLUMNS[:2], known=COLUMNS)
    assert [(r.line, tuple(r.cells.values())) for r in found] == [
        (line, tuple(c.strip() for c in row)) for line, row in enumerate(rows, 2)
    ]


def test_a_spreadsheets_numbers_are_read_as_people_see_them() -> None:
    data = workbook(["scope", "rule", "note"], ["sku:a/b/007", 12.3, 5.0], [None, None, None], ["x", True, 1e-7])
    found = read(data, "xlsx", needed=("scope",), known=COLUMNS)
    assert [(r.line, *r.cells.values()) for r in found] == [(2, "sku:a/b/007", "12.3", "5"), (4, "x", "yes", "1e-07")]


@pytest.mark.parametrize(
    ("data", "form", "wanted"),
    [
        (b"scope,odd\n", "csv", "columns scope"),
        (b"", "csv", "columns scope"),
        (b"scope,rule,rule\n", "csv", "columns scope"),
        (b"scope,rule\n\xff\n", "csv", "CSV in UTF-8"),
        (b'scope,rule\n"a\n', "csv", "CSV in UTF-8"),
        (b"PK no zip", "xlsx", "a workbook"),
        (workbook(["scope", "rule"], ["default", "=1+1"]), "xlsx", "values"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, form: str, wanted: str) -> None:
    with pytest.raises(BadInput, match=wanted):
        read(data, form, needed=("scope", "rule"), known=COLUMNS)


def test_a_file_is_known_by_its_ending() -> None:
    assert (format_of("A.CSV"), format_of("b.xlsx")) == ("csv", "xlsx")
    with pytest.raises(BadInput):
        format_of("rules.ods")
