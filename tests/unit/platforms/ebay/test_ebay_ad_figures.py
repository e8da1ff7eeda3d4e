"""Keyword figures out of report tasks: what is asked for, what a line says, and reports that are late, lost or torn."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vendor_kit import ACCOUNT, NOON, Vendor

from ecom_agent.errors import EcomError, ParseFailed, TerminalError, TransientError
from ecom_agent.ids import MarketplaceId
from ecom_agent.money import Money
from platforms.ebay import SPEC, ad_figures, parse

TASK = "/ad_report_task/601"
US = MarketplaceId("EBAY_US")


def answering(ending: str, answer: httpx.Response, method: str = "GET") -> Any:
    def change(request: httpx.Request, _facts: Any) -> httpx.Response | None:
        return answer if request.method == method and request.url.path.endswith(ending) else None

    return change


def asked(vendor: Vendor) -> list[dict[str, Any]]:
    return [json.loads(request.content) for request in vendor.calls if request.method == "POST"]


def broken_off(vendor: Vendor, error: type[EcomError]) -> str | None:
    """The cursor where a pull ended with this error."""
    pages, cursor = vendor.open().pull_ad_figures(None), None
    while True:
        try:
            cursor = next(pages).next_cursor or cursor
        except error:
            return cursor


def test_a_round_tells_all_days_in_tasks_of_a_week_at_most() -> None:
    vendor = Vendor(SPEC, "ad_figures")
    pages = list(vendor.open().pull_ad_figures(None))
    spans = [(datetime.fromisoformat(a["dateFrom"]), datetime.fromisoformat(a["dateTo"])) for a in asked(vendor)]
    assert all(timedelta(0) < end - start <= timedelta(days=7) for start, end in spans)
    assert all(one[1] == other[0] for one, other in itertools.pairwise(spans))
    assert NOON - timedelta(minutes=5) <= spans[-1][1] <= vendor.clock.now() - timedelta(minutes=5)
    assert NOON - spans[0][0] > timedelta(days=88)
    assert {a["marketplaceId"] for a in asked(vendor)} == {"EBAY_US"}
    assert pages[-1].more is False
    again = len(asked(vendor))
    list(vendor.open().pull_ad_figures(pages[-1].next_cursor))
    assert len(asked(vendor)) == again, "a round was just over"
    vendor.clock.sleep(ad_figures.PACE.every.total_seconds())
    list(vendor.open().pull_ad_figures(pages[-1].next_cursor))
    assert len(asked(vendor)) - again == 6, "thirty days back"


def test_a_line_is_a_day_of_a_keyword() -> None:
    records = [one for page in Vendor(SPEC, "ad_figures").open().pull_ad_figures(None) for one in page.records]
    first = records[0]
    assert (first.day, first.campaign_id, first.target_id) == (date(2026, 11, 1), "101", "401")
    figures = first.figures
    assert (figures.impressions, figures.clicks, figures.units, figures.orders) == (1240, 31, 2, None)
    assert (figures.sales, figures.cost, figures.attribution_days) == (Money(1300, "USD"), Money(1421, "USD"), 30)
    assert first.told_at == datetime(2026, 11, 3, 12, tzinfo=UTC)


def test_without_a_campaign_that_pays_by_click_nothing_is_asked_for() -> None:
    none = answering("/ad_campaign", httpx.Response(200, json={"total": 0, "campaigns": []}))
    vendor = Vendor(SPEC, change=none)
    (page,) = vendor.open().pull_ad_figures(None)
    assert (page.records, page.more, page.next_cursor) == ((), False, None)
    assert asked(vendor) == []


def test_one_that_is_being_made_is_looked_for_and_never_asked_for_twice() -> None:
    pending = {"reportTaskId": "601", "reportTaskStatus": "PENDING"}
    vendor = Vendor(SPEC, "ad_figures", change=answering(TASK, httpx.Response(200, json=pending)))
    pages = list(vendor.open().pull_ad_figures(None))
    assert [page.records for page in pages] == [(), ()]
    list(vendor.open().pull_ad_figures(pages[0].next_cursor))
    assert len(asked(vendor)) == 1
    vendor.change = None
    assert next(iter(vendor.open().pull_ad_figures(pages[0].next_cursor))).records


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"reportTaskId": "601", "reportTaskStatus": "FAILED", "reportTaskStatusMessage": "too much"}, TerminalError),
        (None, TransientError),
    ],
    ids=["failed", "gone"],
)
def test_one_that_is_lost_is_said_and_asked_for_anew_after_a_rest(body: Any, error: type[EcomError]) -> None:
    answer = (
        httpx.Response(404, json={"errors": [{"errorId": 35140}]}) if body is None else httpx.Response(200, json=body)
    )
    vendor = Vendor(SPEC, "ad_figures", change=answering(TASK, answer))
    cursor = broken_off(vendor, error)
    vendor.change = None
    assert not [one for page in vendor.open().pull_ad_figures(cursor) for one in page.records]
    vendor.clock.sleep(ad_figures.PACE.rest.total_seconds())
    assert [one for page in vendor.open().pull_ad_figures(cursor) for one in page.records]


def test_a_torn_file_is_fetched_again_by_the_next_run() -> None:
    vendor = Vendor(
        SPEC, "ad_figures", change=answering("/ad_report/701", httpx.Response(200, content=b"\x1f\x8b\x08"))
    )
    cursor = broken_off(vendor, TransientError)
    vendor.change = None
    assert [one for page in vendor.open().pull_ad_figures(cursor) for one in page.records]
    assert len({(a["dateFrom"]) for a in asked(vendor)}) == len(asked(vendor))


def test_a_file_of_another_kind_is_refused_as_a_whole() -> None:
    with pytest.raises(ParseFailed, match="columns"):
        parse.report_rows(b"<html>sign in</html>\n")


LINE = {
    "day": "2026-11-01", "campaign_id": "101", "ad_group_id": "301", "seller_keyword_id": "401",
    "keyword_match_type": "EXACT", "cpc_impressions": "10", "cpc_clicks": "1", "cpc_attributed_sales": "0",
    "cpc_sale_amount_listingsite_currency": "USD 0.00", "cpc_ad_fees_listingsite_currency": "USD 0.50",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"day": "yesterday"}, "day"),
        ({"cpc_clicks": "-1"}, "cpc_clicks"),
        ({"cpc_ad_fees_listingsite_currency": "0.50"}, "cpc_ad_fees"),
        ({"cpc_ad_fees_listingsite_currency": "USD -0.50"}, "cpc_ad_fees"),
        ({"campaign_id": ""}, "campaign_id"),
    ],
)
def test_a_line_that_makes_no_sense_is_set_aside_with_its_name(changed: dict[str, str], named: str) -> None:
    other = {**LINE, "seller_keyword_id": "402", **changed}
    read = parse.keyword_figures([LINE, other], account=ACCOUNT, marketplace=US, told_at=NOON)
    assert (len(read.records), named in read.poison[0].reason) == (1, True)


def test_a_second_line_of_a_keyword_and_day_hides_nothing() -> None:
    read = parse.keyword_figures([LINE, LINE], account=ACCOUNT, marketplace=US, told_at=NOON)
    assert (len(read.records), len(read.poison)) == (1, 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.fixed_dictionaries({name: st.none() | st.text(max_size=6) for name in LINE}), max_size=3))
def test_whatever_a_line_says_it_is_a_record_or_set_aside(rows: list[Any]) -> None:
    read = parse.keyword_figures(rows, account=ACCOUNT, marketplace=US, told_at=NOON)
    assert len(read.records) + len(read.poison) == len(rows)
