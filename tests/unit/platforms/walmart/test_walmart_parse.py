"""Walmart's payloads: units by state, amounts, times, settlement lines, report files."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.money import Money
from ecom_agent.records.finance import ChargeKind
from ecom_agent.records.orders import Order, OrderStatus
from ecom_agent.records.returns import ReturnStatus
from platforms.walmart import parse
from platforms.walmart.parse.orders import STATUS
from platforms.walmart.parse.values import units, when

ACCOUNT, HERE = AccountId("walmart_us"), MarketplaceId("WALMART_US")
SEEN = datetime(2026, 11, 3, 12, tzinfo=UTC)
WORDS = ("Created", "Acknowledged", "Shipped", "Delivered", "Refund", "Cancelled")


def an_order(*lines: Any, **more: Any) -> Order:
    raw = {"purchaseOrderId": "1", "orderDate": 1_762_000_000_000, "orderLines": {"orderLine": list(lines)}, **more}
    return parse.one_order(raw, account=ACCOUNT, marketplace=HERE)


def a_line(*states: tuple[str, Any], quantity: Any = None, charges: Any = (), at: int = 1_762_000_001_000) -> Any:
    count = sum(int(n) for _, n in states) if quantity is None else quantity
    return {
        "lineNumber": "1",
        "item": {"sku": "A", "productName": "Mug"},
        "charges": {"charge": list(charges)},
        "orderLineQuantity": {"amount": count},
        "statusDate": at,
        "orderLineStatuses": {"orderLineStatus": [{"status": w, "statusQuantity": {"amount": n}} for w, n in states]},
    }


def charge(amount: float, kind: str = "PRODUCT", **tax: float) -> Any:
    told = {name: {"taxName": "t", "taxAmount": {"currency": "USD", "amount": value}} for name, value in tax.items()}
    return {"chargeType": kind, "chargeAmount": {"currency": "USD", "amount": amount}, **told}


# --- orders ---


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ([("Created", "2")], OrderStatus.UNSHIPPED),
        ([("Acknowledged", "1"), ("Cancelled", "1")], OrderStatus.UNSHIPPED),
        ([("Shipped", "1"), ("Created", "1")], OrderStatus.PARTIALLY_SHIPPED),
        ([("Delivered", "1"), ("Cancelled", "1")], OrderStatus.SHIPPED),
        ([("Refund", "1")], OrderStatus.SHIPPED),
        ([("Cancelled", "2")], OrderStatus.CANCELLED),
        ([("Shipped", "1"), ("Beamed", "1")], OrderStatus.UNMAPPED),
        ([("Created", "0"), ("Shipped", "2")], OrderStatus.SHIPPED),
    ],
)
def test_an_order_s_status_counts_units(states: Any, status: OrderStatus) -> None:
    order = an_order(a_line(*states))
    assert order.status is status
    assert order.status_raw == "/".join(word for word, _ in states)


@settings(max_examples=60)
@given(st.lists(st.lists(st.tuples(st.sampled_from(WORDS), st.integers(1, 5)), min_size=1), min_size=1, max_size=4))
def test_a_status_says_what_units_there_are(lines: Any) -> None:
    """Over any lines: open units are never called shipped, gone ones never unshipped."""
    order = an_order(*(a_line(*states) for states in lines))
    kinds = {STATUS[word] for states in lines for word, _ in states}
    opened, gone = OrderStatus.UNSHIPPED in kinds, OrderStatus.SHIPPED in kinds
    assert (
        order.status
        is {
            (True, True): OrderStatus.PARTIALLY_SHIPPED,
            (True, False): OrderStatus.UNSHIPPED,
            (False, True): OrderStatus.SHIPPED,
            (False, False): OrderStatus.CANCELLED,
        }[opened, gone]
    )


def test_charges_are_the_line_s_and_a_price_that_does_not_divide_is_not_told() -> None:
    three = a_line(("Created", "3"), charges=[charge(10.0), charge(-1.0), charge(4.99, "SHIPPING")])
    (line,) = an_order(three).lines
    assert (line.total, line.unit_price) == (Money(900, "USD"), Money(300, "USD"))
    (odd,) = an_order(a_line(("Created", "3"), charges=[charge(10.0)])).lines
    assert (odd.total, odd.unit_price) == (Money(1000, "USD"), None)
    (free,) = an_order(a_line(("Created", "1"))).lines
    assert (free.total, free.unit_price) == (None, None)


def test_a_total_is_walmart_s_own_sum_else_all_charges_with_their_taxes_once() -> None:
    line = a_line(
        ("Created", "1"), charges=[charge(10.0, tax=0.8, taxAndOtherFees=0.95), charge(5.0, "SHIPPING", tax=0.4)]
    )
    assert an_order(line).total == Money(1635, "USD")
    summed = {"totalAmount": {"currencyAmount": 16.5, "currencyUnit": "USD"}}
    assert an_order(line, orderSummary=summed).total == Money(1650, "USD")


def test_an_order_is_as_new_as_the_newest_time_in_it() -> None:
    shipped = a_line(("Shipped", "1"), at=1_762_000_005_000)
    shipped["orderLineStatuses"]["orderLineStatus"][0]["trackingInfo"] = {"shipDateTime": 1_762_000_009_000}
    order = an_order(a_line(("Created", "1"), at=1_762_000_003_000), shipped)
    assert order.updated_at == datetime.fromtimestamp(1_762_000_009, UTC)
    assert order.purchased_at == datetime.fromtimestamp(1_762_000_000, UTC)


def test_an_order_alone_is_read_wrapped_or_not_and_with_its_date_as_text() -> None:
    raw = {
        "purchaseOrderId": "1",
        "orderDate": "2025-11-01T12:26:40Z",
        "orderLines": {"orderLine": [a_line(("Created", "1"))]},
    }
    one = parse.one_order(raw, account=ACCOUNT, marketplace=HERE)
    assert one == parse.one_order({"order": raw}, account=ACCOUNT, marketplace=HERE)
    assert one.purchased_at == datetime(2025, 11, 1, 12, 26, 40, tzinfo=UTC)


@pytest.mark.parametrize("value", [3, 3.0, "3", "3.0"])
def test_units_are_whole_numbers_however_written(value: Any) -> None:
    assert units({"n": value}, "n") == 3


@pytest.mark.parametrize("value", [None, True, "three", 2.5, [], "nan", "inf"])
def test_what_is_no_number_of_units_is_refused(value: Any) -> None:
    with pytest.raises(ParseFailed):
        units({"n": value}, "n")


@pytest.mark.parametrize("value", [True, 1.5, 10**20, "yesterday", None])
def test_what_is_no_time_is_refused(value: Any) -> None:
    with pytest.raises(ParseFailed):
        when({"at": value}, "at")


# --- returns ---


def a_return(*lines: tuple[str, str | None, str]) -> Any:
    return {
        "returnOrderId": "7",
        "returnOrderDate": "2026-10-30T08:00:00.000Z",
        "totalRefundAmount": {"currencyAmount": 13.4, "currencyUnit": "USD"},
        "returnOrderLines": [
            {
                "returnOrderLineNumber": number,
                "purchaseOrderId": order,
                "quantity": {"measurementValue": 1.0},
                "status": status,
                **({"currentRefundStatus": refund} if refund else {}),
            }
            for number, (status, refund, order) in enumerate(lines, start=1)
        ],
    }


def read_return(raw: Any) -> Any:
    read = parse.returns({"returnOrders": [raw]}, account=ACCOUNT, marketplace=HERE)
    assert read.poison == ()
    return read.records[0]


def test_a_return_is_as_far_as_its_slowest_line_and_refunded_only_when_it_is() -> None:
    done, open_ = ("COMPLETED", "REFUND_COMPLETED", "1"), ("DELIVERED", None, "1")
    assert read_return(a_return(done)).refunded == Money(1340, "USD")
    assert read_return(a_return(done)).status is ReturnStatus.REFUNDED
    both = read_return(a_return(done, open_))
    assert (both.status, both.refunded) == (ReturnStatus.RECEIVED, None)
    assert read_return(a_return(done, ("ODD", None, "1"))).status is ReturnStatus.UNMAPPED
    assert both.order_id == "1"
    assert read_return(a_return(done, ("DELIVERED", None, "2"))).order_id is None, "a return of two orders names none"


def test_goods_under_way_are_told_from_those_still_with_the_buyer() -> None:
    raw = a_return(("INITIATED", None, "1"))
    assert read_return(raw).status is ReturnStatus.APPROVED
    raw["returnOrderLines"][0]["returnTrackingDetail"] = [{"eventTag": "RETURN_IN_TRANSIT"}]
    assert read_return(raw).status is ReturnStatus.IN_TRANSIT


# --- settlements ---


def a_row(**changed: str) -> dict[str, str]:
    row = {
        "Transaction Key": "k",
        "Transaction Type": "Sale",
        "Transaction Posted Timestamp": "10/28/2026",
        "Amount Type": "Product Price",
        "Amount": "1,012.30",
        "Currency": "USD",
    }
    return {**row, **changed}


def charges(*pages: list[dict[str, str]]) -> Any:
    rows = parse.ReportRows("11022026", account=ACCOUNT, marketplace=HERE)
    read = [rows.page({"reportData": page}) for page in pages]
    assert [poison for one in read for poison in one.poison] == []
    return [charge for one in read for charge in one.records]


def test_settlement_lines_are_told_apart_and_the_same_each_time() -> None:
    twice = charges([a_row()], [a_row(), a_row(Amount="2.00")])
    assert len({one.charge_id for one in twice}) == 3
    whole = charges([a_row(), a_row(), a_row(Amount="2.00")])
    assert [one.charge_id for one in whole] == [one.charge_id for one in twice], "pages do not matter"
    assert whole[0].amount == Money(101230, "USD")
    assert whole[0].booked_at == datetime(2026, 10, 28, tzinfo=UTC)
    assert {one.settlement_id for one in whole} == {"11022026"}


def test_a_column_that_comes_and_goes_makes_no_other_charge() -> None:
    (plain,), (more,) = charges([a_row()]), charges([a_row(addedLately="x")])
    assert plain.charge_id == more.charge_id


def test_kinds_of_settlement_lines() -> None:
    found = charges(
        [
            a_row(**{"Transaction Type": "PaymentSummary", "Amount Type": "", "Total Payable": "9.20"}),
            a_row(**{"Amount Type": "Commission on Product", "Amount": "-1.85"}),
            a_row(**{"Transaction Type": "Refund", "Amount": "-1.00"}),
            a_row(**{"Amount Type": "Product tax withheld", "Amount": "-1.00"}),
            a_row(**{"Transaction Type": "Adjustment", "Amount Type": "Odd"}),
            a_row(**{"Transaction Type": "Moonlight", "Amount Type": "Odd"}),
        ]
    )
    assert [one.kind for one in found] == [
        ChargeKind.PAYOUT,
        ChargeKind.FEE,
        ChargeKind.REFUND,
        ChargeKind.TAX,
        ChargeKind.ADJUSTMENT,
        ChargeKind.UNMAPPED,
    ]
    assert found[0].amount == Money(-920, "USD"), "a payout empties the account"
    assert found[-1].kind_raw == "Moonlight/Odd"


def test_reports_come_oldest_first() -> None:
    days = parse.report_days({"availableApReportDates": ["01022027", "11022026", "12/19/2026"]})
    assert list(days) == ["11022026", "12/19/2026", "01022027"]
    with pytest.raises(ParseFailed):
        parse.report_days({"availableApReportDates": ["yesterday"]})


# --- report files ---

CSV = b'\xef\xbb\xbfSKU, Name \r\nA,"Mug, white"\r\n\r\nB,Jar\r\n'
ROWS = [{"SKU": "A", "Name": "Mug, white"}, {"SKU": "B", "Name": "Jar"}]


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, CSV)
    return file.getvalue()


@pytest.mark.parametrize("raw", [CSV, gzip.compress(CSV), zipped("report.csv")], ids=["plain", "gzip", "zip"])
def test_a_report_is_read_packed_or_not(raw: bytes) -> None:
    assert parse.rows_of(parse.unpacked(raw)) == ROWS


@settings(max_examples=40)
@given(st.data())
def test_a_torn_file_is_refused_wherever_it_breaks_off(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([gzip.compress(CSV * 20, mtime=0), zipped("report.csv")]))
    torn = whole[: data.draw(st.integers(2, len(whole) - 1))]
    with pytest.raises(ParseFailed):
        parse.unpacked(torn)


def test_files_that_are_no_table_are_refused() -> None:
    for raw in (zipped("a.csv", "b.csv"), zipped()):
        with pytest.raises(ParseFailed):
            parse.unpacked(raw)
    for content in (b"", b"\xff\xfe\x00"):
        with pytest.raises(ParseFailed):
            parse.rows_of(content)


# --- the vendor's own examples ---


def examples(shared_dir: Path, spec: str, path: str) -> list[Any]:
    file = shared_dir / "specs" / "walmart" / f"{spec}.openapi.json"
    answer = json.loads(file.read_text("utf-8"))["paths"][path]["get"]["responses"]["200"]["content"]
    found = answer["application/json"]
    return [e["value"] for e in found.get("examples", {}).values()] or [found["example"]]


@pytest.mark.shared
def test_the_official_examples_are_read(shared_dir: Path) -> None:
    """Whole; what cannot be read says why."""
    where = {"account": ACCOUNT, "marketplace": HERE}
    for body in examples(shared_dir, "order-management", "/v3/orders"):
        read = parse.orders(body, **where)
        assert read.records
        assert (read.poison, read.unknown_fields) == ((), ())
        assert all(order.status is not OrderStatus.UNMAPPED for order in read.records)
    for body in examples(shared_dir, "returns-management", "/v3/returns"):
        found = parse.returns(body, **where)
        assert found.records
        assert (found.poison, found.unknown_fields) == ((), ())
        assert all(one.status is not ReturnStatus.UNMAPPED for one in found.records)
    for body in examples(shared_dir, "payment-reports", "/v3/report/reconreport/reconFileJson"):
        lines = parse.ReportRows("12192020", **where).page(body)
        assert [one.kind for one in lines.records] == [ChargeKind.PAYOUT, ChargeKind.SALE]
        assert (lines.poison, lines.unknown_fields) == ((), ())
    for body in examples(shared_dir, "item-management", "/v3/items/{id}"):
        item = body["ItemResponse"][0]
        assert parse.price_of_item(body, item["sku"]) == Money(300, "USD")
        assert parse.listings(body, **where, seen_at=SEEN).records[0].external_id == item["wpid"]
