"""Promoted Listings: what is in which campaign, bids of keywords, and an account that may not advertise."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from vendor_kit import Vendor, always_answered, is_login

from ecom_agent.errors import AuthFailed, OutcomeUnknown, Rejected, TerminalError
from ecom_agent.money import Money
from ecom_agent.records.advertising import AdGroup, AdState, Campaign, Match, PaysFor, ProductAd, Target
from platforms.ebay import SPEC, campaigns


def pulled() -> list[Any]:
    return [one for page in Vendor(SPEC, "campaigns").open().pull_campaigns(None) for one in page.records]


def keyword(**changed: Any) -> Target:
    found = next(one for one in pulled() if isinstance(one, Target) and one.target_id == "401")
    return replace(found, **changed)


def test_campaigns_of_our_marketplaces_with_what_is_in_them() -> None:
    every = pulled()
    heads = {one.campaign_id: one for one in every if isinstance(one, Campaign)}
    assert {number: (one.state, one.pays_for) for number, one in heads.items()} == {
        "101": (AdState.ENABLED, PaysFor.CLICK),
        "102": (AdState.PAUSED, PaysFor.SALE),
        "103": (AdState.ENDED, PaysFor.SALE),
        "105": (AdState.UNMAPPED, PaysFor.SALE),
    }
    assert (heads["101"].daily_budget, heads["105"].state_raw) == (Money(1200, "USD"), "ON_THE_MOON")
    (group,) = (one for one in every if isinstance(one, AdGroup))
    assert (group.campaign_id, group.default_bid) == ("101", Money(45, "USD"))
    ads = {one.ad_id: (one.sku, one.external_id, one.rate, one.state) for one in every if isinstance(one, ProductAd)}
    assert ads == {
        "201": ("TEA-01", "110000000001", None, AdState.ENABLED),
        "202": (None, "110000000001", Decimal("0.05"), AdState.PAUSED),
        "203": (None, None, Decimal("0.075"), AdState.PAUSED),
    }
    targets = {one.target_id: (one.match, one.negative, one.bid, one.state) for one in every if isinstance(one, Target)}
    assert targets == {
        "401": (Match.EXACT, False, Money(60, "USD"), AdState.ENABLED),
        "402": (Match.BROAD, False, None, AdState.PAUSED),
        "403": (Match.PHRASE, False, Money(30, "USD"), AdState.ENDED),
        "501": (Match.PHRASE, True, None, AdState.ENABLED),
    }


def test_pull_after_pull_goes_round_the_campaigns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaigns, "SLICE", 1)
    vendor, cursor, looked = Vendor(SPEC, "campaigns"), None, []
    for _ in range(4):
        before = len(vendor.calls)
        cursor = list(vendor.open().pull_campaigns(cursor))[-1].next_cursor
        looked.append({r.url.path.split("/")[5] for r in vendor.calls[before:] if r.url.path.endswith("/ad")})
    assert looked == [{"101"}, {"102"}, {"105"}, {"101"}]


def test_a_bid_is_set_and_read_back() -> None:
    vendor = Vendor(SPEC, "writes", "campaigns")
    assert vendor.open().set_bid(keyword(), Money(55, "USD"), idempotency_key="k").external_ref == "401"
    (request,) = vendor.calls
    assert (request.method, json.loads(request.content)) == ("PUT", {"bid": {"currency": "USD", "value": "0.55"}})
    assert vendor.open().live_bid(keyword()) == Money(60, "USD")


@pytest.mark.parametrize(
    ("changed", "bid"),
    [
        ({"negative": True}, Money(55, "USD")),
        ({"state": AdState.ENDED}, Money(55, "USD")),
        ({}, Money(0, "USD")),
        ({}, Money(55, "EUR")),
    ],
    ids=["negative", "archived", "nothing", "other currency"],
)
def test_a_bid_that_makes_no_sense_is_never_sent(changed: dict[str, Any], bid: Money) -> None:
    vendor = Vendor(SPEC)
    with pytest.raises(Rejected):
        vendor.open().set_bid(keyword(**changed), bid, idempotency_key="k")
    assert vendor.requests == []


def test_a_bid_beyond_ebays_bounds_is_refused_in_its_words_and_no_answer_is_unknown() -> None:
    said = {"errorId": 36307, "message": "The 'bid' value 900 is above max value 100."}
    refused = Vendor(SPEC, change=always_answered(httpx.Response(400, json={"errors": [said]})))
    with pytest.raises(Rejected, match="above max value 100"):
        refused.open().set_bid(keyword(), Money(90_000, "USD"), idempotency_key="k")
    with pytest.raises(OutcomeUnknown):
        Vendor(SPEC, change=always_answered(httpx.ReadTimeout("slow"))).open().set_bid(
            keyword(), Money(55, "USD"), idempotency_key="k"
        )


def test_a_keyword_that_is_gone_has_no_bid() -> None:
    gone = httpx.Response(404, json={"errors": [{"errorId": 36310, "message": "No keyword found"}]})
    assert Vendor(SPEC, change=always_answered(gone)).open().live_bid(keyword()) is None


def test_the_consent_to_advertise_is_asked_for_apart() -> None:
    vendor = Vendor(SPEC, "campaigns")
    list(vendor.open().pull_campaigns(None))
    (login,) = (request for request in vendor.requests if is_login(request))
    assert parse_qs(login.content.decode())["scope"] == ["https://api.ebay.com/oauth/api_scope/sell.marketing"]


@pytest.mark.parametrize("where", ["token", "call"])
def test_an_account_that_may_not_advertise_loses_nothing_else(where: str) -> None:
    def refuses(request: httpx.Request, _facts: Any) -> httpx.Response | None:
        if where == "token" and is_login(request) and b"sell.marketing" in request.content:
            return httpx.Response(400, json={"error": "invalid_scope", "error_description": "exceeds the scope"})
        if where == "call" and "/sell/marketing/" in request.url.path:
            return httpx.Response(403, json={"errors": [{"errorId": 1100, "message": "Access denied"}]})
        return None

    connector = Vendor(SPEC, "orders", "campaigns", change=refuses).open()
    with pytest.raises(TerminalError, match=r"sell\.marketing") as caught:
        list(connector.pull_campaigns(None))
    assert not isinstance(caught.value, AuthFailed)
    assert next(iter(connector.pull_orders(None))).records
