"""What every connector that sets bids promises: one look, one write, no guess at what became of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from vendor_kit import Vendor, always_answered, once_answered, sample

from ecom_agent.connector import Capability, ConnectorSpec
from ecom_agent.errors import OutcomeUnknown, Rejected, TerminalError, TransientError
from ecom_agent.money import Money
from ecom_agent.records.advertising import AdState, Target, TargetKind
from platforms import registry

SETTING = [s for s in registry.specs().values() if Capability.WRITE_BID in s.capabilities]
setting = pytest.mark.parametrize("spec", SETTING, ids=lambda s: s.name)


def recorded(name: str) -> Any:
    """Every one of them whose samples of this name answer the bid of a keyword."""
    have = [s for s in SETTING if any("keyword" in e["path"] for e in sample(s.name, name)["exchanges"])]
    return pytest.mark.parametrize("spec", have, ids=lambda s: s.name)


def a_target(spec: ConnectorSpec) -> Target:
    pages = Vendor(spec, "campaigns").open().pull_campaigns(None)
    return next(
        one
        for page in pages
        for one in page.records
        if isinstance(one, Target) and one.kind is TargetKind.KEYWORD and not one.negative and one.bid is not None
    )


def set_bid(connector: Any, target: Target, more: int = 16) -> Any:
    assert target.bid is not None
    return connector.set_bid(target, target.bid + Money(more, target.bid.currency), idempotency_key="a" * 64)


def writes(vendor: Vendor) -> int:
    return sum(call.method == "PUT" or "bid" in call.url.path for call in vendor.calls)


def only_writes(answer: httpx.Response | Exception) -> Any:
    """The write is answered so; what is read before it, as recorded."""
    given = always_answered(answer)
    return lambda request, facts: given(request, facts) if request.method == "PUT" else None


@recorded("writes")
def test_a_bid_comes_back_with_a_receipt(spec: ConnectorSpec) -> None:
    vendor = Vendor(spec, "writes", "campaigns")
    assert set_bid(vendor.open(), a_target(spec)).external_ref
    assert writes(vendor) == 1


@setting
def test_the_live_bid_is_the_one_of_the_target(spec: ConnectorSpec) -> None:
    target = a_target(spec)
    assert Vendor(spec, "campaigns").open().live_bid(target) == target.bid


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.Response(500, json={"code": "INTERNAL_ERROR", "message": "inside"}),
        httpx.Response(200, text="<html>welcome to the hotel</html>"),
    ],
    ids=["timeout", "reset", "500", "not json"],
)
@setting
def test_a_bid_without_an_answer_is_of_unknown_outcome_and_not_sent_twice(spec: ConnectorSpec, failure: Any) -> None:
    vendor = Vendor(spec, change=only_writes(failure))
    with pytest.raises(OutcomeUnknown):
        set_bid(vendor.open(), a_target(spec))
    assert writes(vendor) == 1


@setting
def test_a_bid_that_never_left_us_is_only_transient(spec: ConnectorSpec) -> None:
    vendor = Vendor(spec, change=only_writes(httpx.ConnectError("refused")))
    with pytest.raises(TransientError):
        set_bid(vendor.open(), a_target(spec))


@recorded("refusals")
def test_a_refused_bid_is_rejected_with_the_words_of_the_platform(spec: ConnectorSpec) -> None:
    with pytest.raises(Rejected) as caught:
        set_bid(Vendor(spec, "refusals").open(), a_target(spec))
    assert caught.value.issues
    assert caught.value.platform == spec.name


@setting
def test_a_bid_that_makes_no_sense_is_never_sent(spec: ConnectorSpec) -> None:
    target = a_target(spec)
    assert target.bid is not None
    for one, bid in (
        (target, Money(0, target.bid.currency)),
        (target, Money(-5, target.bid.currency)),
        (target, Money(90, "ZAR")),
        (replace(target, negative=True, bid=None), target.bid),
        (replace(target, state=AdState.ENDED), target.bid),
    ):
        vendor = Vendor(spec)
        with pytest.raises(Rejected):
            vendor.open().set_bid(one, bid, idempotency_key="k")
        assert writes(vendor) == 0


@setting
def test_too_many_calls_are_waited_for(spec: ConnectorSpec) -> None:
    busy = httpx.Response(429, headers={"Retry-After": "7"}, json={"code": "THROTTLED", "message": "slow down"})
    vendor = Vendor(spec, "campaigns", change=once_answered(busy))
    before = vendor.clock.now()
    assert list(vendor.open().pull_campaigns(None))
    assert (vendor.clock.now() - before).total_seconds() >= 7


@pytest.mark.parametrize(("status", "kind"), [(400, Rejected), (403, TerminalError), (404, TerminalError)])
@setting
def test_refusals_are_typed_and_not_tried_again(spec: ConnectorSpec, status: int, kind: type[TerminalError]) -> None:
    vendor = Vendor(spec, change=always_answered(httpx.Response(status, json={"code": "X", "message": "no"})))
    with pytest.raises(kind):
        list(vendor.open().pull_campaigns(None))
    assert len(vendor.calls) == 1
