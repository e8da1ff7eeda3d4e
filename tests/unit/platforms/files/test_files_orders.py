"""Order files to orders, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.connector import Page
from ecom_agent.errors import BadInput
from ecom_agent.money import Money
from ecom_agent.records.orders import Order, OrderStatus
from platforms.files import OrderMapping, figures_of_file, load_mapping, read_orders
from platforms.files.mapping import Columns

NAMES = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "Country")
Row = Sequence[Any]
UCI = load_mapping("uci_online_retail")
NOON = datetime.fromisoformat("2011-07-01 12:00")  # local time, as the file has it
MUG: Row = ("1", "10002", "MUG", 2, NOON, 1.25, "France")


def row(**changes: Any) -> Row:
    return tuple(changes.get(name, cell) for name, cell in zip(NAMES, MUG, strict=True))


def parquet(folder: Path, rows: Sequence[Row]) -> Path:
    path = folder / "orders.parquet"
    pq.write_table(pa.table({name: [r[i] for r in rows] for i, name in enumerate(NAMES)}), path)
    return path


def text(folder: Path, *lines: str, header: str = ",".join(NAMES)) -> Path:
    path = folder / "orders.csv"
    path.write_text("\n".join((header, *lines)) + "\n", "utf-8")
    return path


def workbook(folder: Path, rows: Sequence[Row]) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for cells in (NAMES, *rows):
        book.active.append(list(cells))
    path = folder / "orders.xlsx"
    book.save(path)
    return path


def orders(path: Path, mapping: OrderMapping = UCI, **how: Any) -> list[Order]:
    return [order for page in read_orders(path, mapping, **how) for order in page.records]


def poison(pages: Sequence[Page[Order]]) -> list[tuple[str | None, str]]:
    return [(p.external_id, p.reason) for page in pages for p in page.poison]


def test_one_row_becomes_one_line(tmp_path: Path) -> None:
    (order,) = orders(parquet(tmp_path, [MUG]))
    assert (order.account, order.marketplace, order.order_id) == ("uci", "uci", "1")
    assert order.purchased_at == datetime(2011, 7, 1, 11, 0, tzinfo=UTC)  # London in summer
    assert (order.status, order.currency, order.country) == (OrderStatus.SHIPPED, "GBP", "France")
    assert order.total == Money(250, "GBP")
    (line,) = order.lines
    assert (line.sku, line.external_id, line.title, line.quantity) == ("10002", "10002", "MUG", 2)
    assert (line.unit_price, line.total) == (Money(125, "GBP"), Money(250, "GBP"))


def test_the_three_formats_say_the_same(tmp_path: Path) -> None:
    rows = [MUG, row(StockCode="POST", Description=None, Quantity=-3, UnitPrice=0.1), row(InvoiceNo="C2", Country=None)]
    said = orders(parquet(tmp_path, rows))
    assert orders(workbook(tmp_path, rows)) == said
    lines = ("" if c is None else str(c) for r in rows for c in r)
    cells = [list(lines_) for lines_ in zip(*[lines] * len(NAMES), strict=True)]
    assert orders(text(tmp_path, *(",".join(c) for c in cells))) == said


def test_rows_of_one_order_come_together_and_twins_stay_two(tmp_path: Path) -> None:
    later = NOON.replace(minute=1)
    path = parquet(tmp_path, [MUG, MUG, row(InvoiceNo="2"), row(InvoiceDate=later, Quantity=5)])
    first, second = orders(path)
    assert [(line.line_id, line.quantity) for line in first.lines] == [("00001", 2), ("00002", 2), ("00003", 5)]
    assert (first.purchased_at.minute, first.updated_at.minute) == (0, 1)
    assert second.order_id == "2"


def test_odd_lines_are_lines(tmp_path: Path) -> None:
    path = parquet(
        tmp_path,
        [
            row(Quantity=1, UnitPrice=-11062.06, StockCode="B"),
            row(InvoiceNo="2", UnitPrice=0.0),
            row(InvoiceNo="3", UnitPrice=0.001, Quantity=15),
            row(InvoiceNo="4", UnitPrice=0.005, Quantity=-1),
            row(InvoiceNo="5", UnitPrice=None),
            row(InvoiceNo="C6", Quantity=-2),
        ],
    )
    debt, free, fine, half, unknown, credit = orders(path)
    assert (debt.total, debt.lines[0].sku, debt.lines[0].external_id) == (Money(-1106206, "GBP"), None, "B")
    assert free.total == Money(0, "GBP")
    assert (fine.lines[0].unit_price, fine.total) == (None, Money(2, "GBP"))
    assert half.total == Money(0, "GBP")
    assert (unknown.lines[0].unit_price, unknown.lines[0].total, unknown.total) == (None, None, None)
    assert (credit.status, credit.total) == (OrderStatus.CANCELLED, Money(-250, "GBP"))


def test_an_order_with_an_unreadable_row_is_set_aside_whole(tmp_path: Path) -> None:
    path = text(
        tmp_path,
        "1,10002,MUG,2,2011-07-01 12:00,1.25,France",
        "1,10002,MUG,two,2011-07-01 12:00,1.25,France",
        "2,10002,MUG,2,2011-07-01 12:00,1.25,France",
        "3,10002,MUG,1.5,2011-07-01 12:00,1.25,France",
        "4,10002,MUG,1,July,1.25,France",
        "5,10002,MUG,1,2011-07-01 12:00,dear,France",
        ",10002,MUG,1,2011-07-01 12:00,1.25,France",
        "6,10002,MUG",
        "7,10002,MUG,1,2011-07-01 12:00,1,France",
        "7,10002,MUG,1,2011-07-01 12:00,1,Spain",
    )
    pages = list(read_orders(path, UCI))
    assert [o.order_id for page in pages for o in page.records] == ["2"]
    assert poison(pages) == [
        (None, "row 9: wanted as many cells as the header has"),
        ("1", "row 3: Quantity: wanted a number; found 'two'"),
        ("3", "row 5: Quantity: wanted a whole number; found '1.5'"),
        ("4", "row 6: InvoiceDate: wanted an ISO 8601 time; found 'July'"),
        ("5", "row 7: UnitPrice: wanted a number; found 'dear'"),
        (None, "row 8: InvoiceNo: missing"),
        ("7", "row 10: Country: one order says ['France', 'Spain']"),
    ]
    assert pages[0].poison[1].payload["quantity"] == ["2", "two"]


def test_a_currency_column_and_the_words_of_a_status(tmp_path: Path) -> None:
    mapping = OrderMapping(
        name="own",
        title="own",
        account="own",
        marketplace="own",
        time_zone="Asia/Tokyo",
        time_format="%d.%m.%Y",
        delimiter=";",
        decimal_mark=",",
        status_words={"sent": OrderStatus.SHIPPED},
        columns=Columns(
            order_id="id", purchased_at="on", quantity="n", unit_price="price", code="code", currency="cur", status="st"
        ),
    )
    path = text(
        tmp_path,
        "1;01.07.2011;1;1200;A;JPY;sent",
        "2;01.07.2011;1;1,5;A;JPY;lost",
        "3;01.07.2011;1;9,90;A;EUR;",
        "4;01.07.2011;1;9,90;A;XXX;sent",
        "5;01.07.2011;1;1.000;A;EUR;sent",
        "6;01.07.2011;1;1;A;;sent",
        header="id;on;n;price;code;cur;st",
    )
    pages = list(read_orders(path, mapping))
    found = [o for page in pages for o in page.records]
    assert [(o.total, o.status, o.status_raw) for o in found] == [
        (Money(1200, "JPY"), OrderStatus.SHIPPED, "sent"),
        (Money(2, "JPY"), OrderStatus.UNMAPPED, "lost"),
        (Money(990, "EUR"), OrderStatus.SHIPPED, ""),
    ]
    assert found[0].purchased_at == datetime(2011, 6, 30, 15, 0, tzinfo=UTC)
    assert [p[0] for p in poison(pages)] == ["4", "5", "6"]
    assert "'XXX'" in poison(pages)[0][1]


def test_pages_hold_whole_orders_and_a_cursor_goes_on_behind_one(tmp_path: Path) -> None:
    rows = [row(InvoiceNo=str(i % 7), Quantity=i + 1) for i in range(40)]
    path = parquet(tmp_path, rows)
    pages = list(read_orders(path, UCI, lines_per_page=12))
    assert [len(p.records) for p in pages] == [2, 2, 2, 1]
    assert [p.more for p in pages] == [True, True, True, False]
    everything = orders(path)
    assert [o for p in pages for o in p.records] == everything
    assert orders(path, cursor=pages[1].next_cursor) == everything[4:]
    assert list(read_orders(path, UCI, cursor=pages[-1].next_cursor)) == []
    assert sum(len(order["rows"]) for p in pages for order in orjson.loads(p.raw)) == len(rows)
    assert orders(path, UCI.model_copy(update={"account": "b"}), cursor=pages[-1].next_cursor) != []
    assert len(orders(parquet(tmp_path, rows[:-1]), cursor=pages[-1].next_cursor)) == 7


def test_a_file_of_nothing_but_broken_rows_ends(tmp_path: Path) -> None:
    path = text(tmp_path, "1,2")
    (page,) = read_orders(path, UCI)
    assert (page.records, len(page.poison), page.more) == ((), 1, False)
    assert list(read_orders(path, UCI, cursor=page.next_cursor)) == []


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("a.txt", b"x", "ends with .csv, .jsonl, .parquet, .xlsx"),
        ("a.csv", b"InvoiceNo,Price\n", r"missing: InvoiceDate.*\bStockCode"),
        ("a.csv", b"", "found a.csv with none"),
        ("a.csv", ",".join(NAMES).encode() + b"\n\xff\xfe", "readable .csv"),
        ("a.parquet", b"PAR1", "readable .parquet"),
        ("a.xlsx", b"PK", "readable .xlsx"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, file: str, content: bytes, said: str) -> None:
    (tmp_path / file).write_bytes(content)
    with pytest.raises(BadInput, match=said):
        orders(tmp_path / file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="readable file"):
        orders(tmp_path / "none.csv")


cells = st.tuples(
    st.sampled_from(["1", "2", "C3", "A4"]),
    st.integers(-50, 50),
    st.decimals(-100, 100, places=3),
    st.sampled_from(["France", "EIRE"]),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(cells, min_size=1, max_size=12))
def test_the_files_own_figures_agree_with_the_orders(
    tmp_path_factory: pytest.TempPathFactory, found: list[Any]
) -> None:
    rows = [f"{i}-{c},10002,MUG,{n},2011-07-01 12:00,{p},{c}" for i, n, p, c in found]
    path = text(tmp_path_factory.mktemp("figures"), *rows)
    figures, read = figures_of_file(path, UCI), orders(path)
    lines = [line for order in read for line in order.lines]
    assert (figures["orders"], figures["lines"]) == (len(read), len(lines))
    assert figures["units"] - figures["units_returned"] == sum(line.quantity for line in lines)
    assert figures["cancellations"] == sum(o.status is OrderStatus.CANCELLED for o in read)
    for country in ("France", "EIRE"):
        totals = [o.total.minor for o in read if o.country == country and o.total is not None]
        assert figures["by_country"].get(f"{country}/GBP", {"revenue_minor": 0})["revenue_minor"] == sum(totals)


@pytest.mark.shared
def test_the_real_file(shared_dir: Path) -> None:
    path = shared_dir / "data" / "retail_uci_online" / "lines.parquet"
    read, figures = orders(path), figures_of_file(path, UCI)
    assert (len(read), sum(len(o.lines) for o in read)) == (figures["orders"], figures["lines"])
    assert sum(o.total.minor for o in read if o.total) == sum(
        g["revenue_minor"] for g in figures["by_country"].values()
    )
    assert len(figures["by_country"]) == 38
