"""Reports: asked for once, used while young, never half read."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import Any

import httpx
import pytest

from ecom_agent.errors import EcomError, TerminalError, TransientError
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing, ListingStatus
from native_pricer.intake import UNNAMED

HEAD = "SKU,Seller Item Price,Seller Ship Price,Is Seller Buy Box Winner,Buy Box Item Price,Buy Box Ship Price"


def listing(service: Any, sku: str) -> Listing:
    return Listing(
        AccountId("walmart_us"), MarketplaceId("WALMART_US"), Sku(sku), f"wpid-{sku}", None, "", ListingStatus.ACTIVE,
        Money(1000, "USD"), "new", None, None, service.clock.now(),
    )  # fmt: skip


def ready(service: Any, *files: Any) -> None:
    """A report that was made a minute ago; each download gives the next of `files`."""
    asked = {
        "requestId": "r1",
        "requestStatus": "READY",
        "requestSubmissionDate": (service.clock.now() - timedelta(minutes=1)).isoformat(),
    }
    left = list(files)
    service.on("GET", "/v3/reports/reportRequests", {"requests": [asked]})
    service.on("GET", "/v3/reports/downloadReport", {"downloadURL": "https://files.example/r1"})
    service.on("GET", "/r1", lambda _request: left.pop(0))


def file(*lines: str) -> bytes:
    return gzip.compress("\n".join([HEAD, *lines]).encode())


def test_offers_are_ours_and_the_holder_s(service: Any) -> None:
    lines = ("A,10.00,0.00,Yes,10.00,0.00", "B,11.00,,No,9.50,1.00", "C,12.00,0.00,No,,", "D,13.00,0.00,,12.00,0.00")
    ready(service, httpx.Response(200, content=file(*lines, "E,1.00,0.00,Perhaps,1.00,0.00")))
    (page,) = service.connector.offers([listing(service, sku) for sku in "ABCDE"])
    found = {s.external_id: s for s in page.records}
    told = {
        name: [
            (o.seller_id, o.listing_price.minor, None if o.shipping is None else o.shipping.minor, o.is_featured)
            for o in s.offers
        ]
        for name, s in found.items()
    }
    us = "10000009999"
    assert told == {
        "wpid-A": [(us, 1000, 0, True)],
        "wpid-B": [(us, 1100, None, False), (UNNAMED, 950, 100, True)],
        "wpid-C": [(us, 1200, 0, False)],
        "wpid-D": [(us, 1300, 0, None)],
    }
    assert found["wpid-B"].buy_box_landed == Money(1050, "USD")
    assert found["wpid-C"].buy_box_landed is None
    assert [(p.external_id, "perhaps" in p.reason) for p in page.poison] == [("E", True)]


def test_a_torn_file_is_fetched_once_more(service: Any) -> None:
    whole = file("A,10.00,0.00,Yes,10.00,0.00")
    ready(service, httpx.Response(200, content=whole[:-9]), httpx.Response(200, content=whole))
    (page,) = service.connector.offers([listing(service, "A")])
    assert len(page.records) == 1
    ready(service, *[httpx.Response(200, content=whole[:-9])] * 2)
    with pytest.raises(TransientError, match="torn"):
        list(service.connector.offers([listing(service, "A")]))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(503), TransientError),
        (httpx.Response(403), TerminalError),
        (httpx.ReadError("cut"), TransientError),
        (httpx.DecodingError("no gzip"), TransientError),
    ],
)
def test_a_download_that_fails_is_a_typed_error(service: Any, answer: Any, kind: type[EcomError]) -> None:
    ready(service, answer)
    with pytest.raises(kind):
        list(service.connector.offers([listing(service, "A")]))


def test_no_listings_need_no_report(service: Any) -> None:
    assert list(service.connector.offers([])) == []
    assert service.requests == []


def test_a_report_that_walmart_failed_to_make_is_not_asked_for_again_at_once(service: Any) -> None:
    asked = {"requestId": "r1", "requestStatus": "ERROR", "requestSubmissionDate": "2026-11-03T11:50:00Z"}
    service.on("GET", "/v3/reports/reportRequests", {"requests": [asked]})
    with pytest.raises(TerminalError, match="r1"):
        list(service.connector.offers([listing(service, "A")]))
    assert [request.method for request in service.asked("/v3/reports/reportRequests")] == ["GET"]


def test_a_report_that_was_asked_for_without_an_answer_is_looked_for_and_not_asked_for_twice(service: Any) -> None:
    service.on("GET", "/v3/reports/reportRequests", {"requests": []})
    service.on("POST", "/v3/reports/reportRequests", httpx.ReadTimeout("slow"))
    with pytest.raises(TransientError):
        list(service.connector.offers([listing(service, "A")]))
    assert [request.method for request in service.asked("/v3/reports/reportRequests")] == ["GET", "POST"]


@pytest.mark.parametrize(("minutes", "posts"), [(29, 0), (31, 1)])
def test_a_report_is_as_young_as_its_making_however_long_that_took(service: Any, minutes: int, posts: int) -> None:
    now = service.clock.now()
    asked = {
        "requestId": "r1",
        "requestStatus": "READY",
        "requestSubmissionDate": (now - timedelta(hours=2)).isoformat(),
        "reportGenerationDate": (now - timedelta(minutes=minutes)).isoformat(),
    }
    service.on("GET", "/v3/reports/reportRequests", {"requests": [asked]})
    service.on("POST", "/v3/reports/reportRequests", {"requestId": "r2", "requestStatus": "RECEIVED"})
    service.on("GET", "/v3/reports/reportRequests/r2", {"requestId": "r2", "requestStatus": "INPROGRESS"})
    service.on("GET", "/v3/reports/downloadReport", {"downloadURL": "https://files.example/r1.csv"})
    service.on("GET", "/r1.csv", httpx.Response(200, content=b"SKU\r\n"))
    (page,) = service.connector.offers([listing(service, "A")])
    assert page.records == ()
    assert [r.method for r in service.asked("/v3/reports/reportRequests")] == ["GET", *["POST"] * posts]
    assert "wm_sec.access_token" not in service.requests[-1].headers or posts, "a signed link gets no token of ours"
