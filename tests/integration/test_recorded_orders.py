"""Recorded orders of two shops through two simulated channels: every order, line, unit and cent arrives once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from ecom_agent.errors import BadInput
from ecom_agent.evaluate import recorded
from ecom_agent.evaluate.base import Options, evaluations
from ecom_agent.evaluate.recorded.sources import OLIST, UCI, olist, sums, uci

pytestmark = pytest.mark.services
UNTIL = {"olist": datetime(2017, 1, 20, tzinfo=UTC), "uci": datetime(2010, 12, 2, tzinfo=UTC)}


@pytest.mark.shared
@pytest.mark.slow
def test_the_first_weeks_of_olist_and_uci_end_in_exact_totals(shared_dir: Path) -> None:
    measured = recorded.measure(shared_dir / "data", lambda _line: None, UNTIL)
    assert measured.figures["difference"] == 0
    rows = pq.read_table(shared_dir / "data" / OLIST).filter(pc.field("date") < f"{UNTIL['olist']:%Y-%m-%d}")
    assert measured.figures["olist_orders"] == pc.count_distinct(rows["order_id"]).as_py() > 300
    assert measured.figures["olist_revenue_minor"] == round(100 * pc.sum(rows["price"]).as_py())
    assert (measured.figures["uci_cancelled"] or 0) > 0
    assert (measured.baselines["uci_as_it_stands_off_minor"] or 0) > 0
    assert set(measured.figures) == set(recorded.FIGURES)
    assert set(measured.baselines) == set(recorded.BASELINES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of the same shape with a few rows of our own."""
    at = [datetime(2011, 3, 1, 9, minute, tzinfo=UTC).replace(tzinfo=None) for minute in range(7)]
    rows = [
        ("1", "10001", "Cup", 2, 1.25), ("1", "10002A", "Plate", 1, 0.0), ("2", "POST", "Postage", 1, 4.0),
        ("C3", "10001", "Cup", -2, 1.25), ("4", "10001", "Cup", -3, 0.0), ("5", "10003", "Pin", 1, 0.001),
        ("5", "10001", "Cup", 4, 1.1),
    ]  # fmt: skip
    names = ("InvoiceNo", "StockCode", "Description", "Quantity", "UnitPrice")
    lines = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    items = {
        "order_id": [7, 7, 8], "product_id": [1, 2, 1], "price": [10.5, 3.33, 10.5],
        "date": ["2017-01-02 10:00:00", "2017-01-02 10:00:00", "2017-02-09 10:00:00"],
        "category_name": ["toys", None, "toys"],
    }  # fmt: skip
    for path, table in ((UCI, {**lines, "InvoiceDate": at}), (OLIST, items)):
        (tmp_path / path).parent.mkdir()
        pq.write_table(pa.table(table), tmp_path / path)
    return tmp_path


def test_rows_that_are_no_order_lines_are_left_out_and_counted(folder: Path) -> None:
    found = uci(folder)
    assert dict(found.left_out) == {"no product": 1, "a correction": 1, "no whole pence": 1}
    told = sums(found)
    assert (told.orders, told.lines, told.units, told.revenue_minor) == (2, 3, 7, 690)
    assert (told.cancelled, told.cancelled_units) == (1, 2)
    assert sums(olist(folder)).revenue_minor == 2433


def test_our_own_few_orders_end_in_exact_totals(folder: Path) -> None:
    measured = recorded.measure(folder, lambda _line: None)
    assert measured.figures["difference"] == 0
    assert (measured.figures["uci_orders"], measured.figures["uci_cancelled"]) == (2, 1)
    assert measured.figures["olist_revenue_minor"] == 2433


def test_a_folder_without_the_files_is_told(tmp_path: Path) -> None:
    for data in (None, tmp_path):
        with pytest.raises(BadInput, match="orders_olist"):
            evaluations()["recorded"].run(Options(data=data, seed=7))
