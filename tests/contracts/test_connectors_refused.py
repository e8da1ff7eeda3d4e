"""Promises of every connector when the outside says no, or nothing; and what it writes."""

from __future__ import annotations

import logging
import pickle
from datetime import timedelta
from typing import Any

import httpx
import pytest
from connector_kit import OVER_HTTP, PRIVATE_WORDS, a_listing, asked, can, pulled, streams, write
from vendor_kit import NOON, Vendor, always_answered, is_login, once_answered

from ecom_agent.connector import Capability, ConnectorSpec
from ecom_agent.errors import AuthFailed, OutcomeUnknown, PlatformError, Rejected, TerminalError, TransientError
from ecom_agent.money import Money
from ecom_agent.telemetry import CALLS
from platforms._shared.http import TRIES
from platforms._shared.throttle import PATIENCE_S

unanswered = pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        httpx.ReadError("reset"),
        httpx.Response(500, json={"errors": [{"message": "inside"}]}),
        httpx.Response(502, text="<html>bad gateway</html>"),
        httpx.Response(200, text="<html>welcome to the hotel</html>"),
    ],
    ids=["timeout", "cut", "reset", "500", "502", "not json"],
)


WRITES = (Capability.WRITE_PRICE, Capability.WRITE_STOCK, Capability.WRITE_MESSAGE)
writing = pytest.mark.parametrize(
    ("spec", "capability"),
    [(spec, capability) for spec in OVER_HTTP for capability in WRITES if capability in spec.capabilities],
    ids=lambda value: getattr(value, "name", value),
)


@unanswered
@can(Capability.READ_ORDERS)
def test_a_read_without_an_answer_is_tried_again(spec: ConnectorSpec, failure: Any) -> None:
    vendor = Vendor(spec, "orders", change=once_answered(failure, failure))
    assert next(iter(vendor.open().pull_orders(None))).records
    assert vendor.clock.now() > NOON


@unanswered
@can(Capability.READ_ORDERS)
def test_a_read_that_never_gets_an_answer_is_transient_and_bounded(spec: ConnectorSpec, failure: Any) -> None:
    vendor = Vendor(spec, change=always_answered(failure))
    with pytest.raises(TransientError):
        next(iter(vendor.open().pull_orders(None)))
    assert len(vendor.calls) == TRIES
    assert vendor.clock.now() - NOON < timedelta(seconds=PATIENCE_S)


@unanswered
@writing
def test_a_write_without_an_answer_is_of_unknown_outcome_and_not_sent_twice(
    spec: ConnectorSpec, capability: Capability, failure: Any
) -> None:
    vendor = Vendor(spec, change=always_answered(failure))
    with pytest.raises(OutcomeUnknown):
        write(vendor.open(), spec, capability)
    assert len(vendor.calls) == 1


@can(Capability.WRITE_PRICE)
def test_a_write_that_never_left_us_is_only_transient(spec: ConnectorSpec) -> None:
    vendor = Vendor(spec, change=always_answered(httpx.ConnectError("refused")))
    with pytest.raises(TransientError):
        write(vendor.open(), spec, Capability.WRITE_PRICE)


@writing
def test_a_write_comes_back_with_a_receipt(spec: ConnectorSpec, capability: Capability) -> None:
    vendor = Vendor(spec, "writes")
    assert write(vendor.open(), spec, capability).external_ref
    assert len(vendor.calls) == 1


@can(Capability.WRITE_PRICE)
def test_a_refused_price_is_rejected_with_the_words_of_the_platform(spec: ConnectorSpec) -> None:
    with pytest.raises(Rejected) as caught:
        write(Vendor(spec, "refusals").open(), spec, Capability.WRITE_PRICE)
    assert caught.value.issues
    assert caught.value.platform == spec.name


@can(Capability.WRITE_PRICE)
def test_a_price_that_makes_no_sense_is_never_sent(spec: ConnectorSpec) -> None:
    listing = a_listing(spec)
    assert listing.price is not None
    for price in (Money(0, listing.price.currency), Money(-5, listing.price.currency), Money(1230, "ZAR")):
        vendor = Vendor(spec)
        with pytest.raises(Rejected):
            vendor.open().set_price(listing, price, idempotency_key="k")
        assert vendor.requests == []


@can(Capability.WRITE_MESSAGE)
def test_an_answer_stands_in_its_conversation(spec: ConnectorSpec) -> None:
    pages = list(Vendor(spec, "messages").open().pull_messages(None))
    every = [message for page in pages for message in page.records]
    ours = next(message for message in every if not message.from_buyer)
    found = Vendor(spec, "messages").open().said_since(ours.conversation_id, ours.sent_at)
    again = next(message for message in found if message.message_id == ours.message_id)
    assert (again.text, again.from_buyer, again.sent_at) == (ours.text, False, ours.sent_at)
    assert all(message.sent_at >= ours.sent_at for message in found)


@can(Capability.WRITE_MESSAGE)
def test_a_text_that_makes_no_sense_is_never_sent(spec: ConnectorSpec) -> None:
    to, vendor = asked(spec), Vendor(spec)
    connector = vendor.open()
    for text in ("", " \n", "x" * (connector.longest_message + 1)):
        with pytest.raises(Rejected):
            connector.send_message(to, text, idempotency_key="k")
    assert vendor.requests == []


@pytest.mark.parametrize("status", [400, 403, 500])
@can(Capability.WRITE_MESSAGE)
def test_no_refusal_of_a_message_repeats_it(spec: ConnectorSpec, status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = {"errorId": 3, "code": 45101003, "message": f"not allowed: {PRIVATE_WORDS[5:40]}"}
    refusal = httpx.Response(status, json={**said, "errors": [said]})
    with pytest.raises(PlatformError) as caught:
        write(Vendor(spec, change=always_answered(refusal)).open(), spec, Capability.WRITE_MESSAGE)
    told = f"{caught.value} {caught.value!r} {getattr(caught.value, 'issues', ())} {caplog.text}"
    assert "Mrs Sample" not in told
    assert isinstance(caught.value, OutcomeUnknown) == (status == 500)


@can(Capability.READ_ORDERS)
def test_a_refused_token_is_renewed_once_and_then_it_is_auth_failed(spec: ConnectorSpec) -> None:
    vendor = Vendor(spec, "orders", change=always_answered(httpx.Response(401, json={"errors": "no"})))
    with pytest.raises(AuthFailed):
        next(iter(vendor.open().pull_orders(None)))
    if not vendor.account["renews_token"]:
        assert len(vendor.calls) == 1
        return
    assert len(vendor.calls) == 2
    assert sum(map(is_login, vendor.requests)) == 2
    cured = Vendor(spec, "orders", change=once_answered(httpx.Response(401, json={})))
    assert next(iter(cured.open().pull_orders(None))).records


@pytest.mark.parametrize("capability", [Capability.READ_ORDERS, Capability.WRITE_PRICE])
@can(Capability.READ_ORDERS, Capability.WRITE_PRICE)
def test_too_many_calls_are_waited_for(spec: ConnectorSpec, capability: Capability) -> None:
    """A 429 was not done, so a write may be sent again."""
    busy = httpx.Response(429, headers={"Retry-After": "7"}, json={"errors": [{"message": "slow down"}]})
    vendor = Vendor(spec, "orders", "writes", change=once_answered(busy))
    if capability is Capability.READ_ORDERS:
        assert next(iter(vendor.open().pull_orders(None))).records
    else:
        assert write(vendor.open(), spec, capability).external_ref
    assert vendor.clock.now() - NOON >= timedelta(seconds=7)
    assert sum(bucket.throttled for bucket in vendor.quota.snapshot()) == 1


@can(Capability.READ_ORDERS)
def test_too_many_calls_for_too_long_are_transient_with_the_wait(spec: ConnectorSpec) -> None:
    busy = httpx.Response(429, headers={"Retry-After": "3600"}, json={})
    vendor = Vendor(spec, change=always_answered(busy))
    with pytest.raises(TransientError) as caught:
        next(iter(vendor.open().pull_orders(None)))
    assert caught.value.retry_after_s is not None
    assert caught.value.retry_after_s > 3000
    assert len(vendor.calls) <= TRIES
    assert vendor.clock.now() - NOON <= timedelta(seconds=PATIENCE_S)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Rejected), (403, AuthFailed), (404, TerminalError), (418, TerminalError), (422, Rejected)],
)
@can(Capability.READ_ORDERS)
def test_refusals_are_typed_and_not_tried_again(spec: ConnectorSpec, status: int, kind: type[TerminalError]) -> None:
    body = {"errors": [{"code": "One", "message": "first"}, {"code": "Two", "message": "second", "details": "more"}]}
    vendor = Vendor(spec, change=always_answered(httpx.Response(status, json=body)))
    with pytest.raises(kind) as caught:
        next(iter(vendor.open().pull_orders(None)))
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert len(caught.value.issues) == 2
    assert len(vendor.calls) == 1
    assert pickle.loads(pickle.dumps(caught.value)).issues == caught.value.issues


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
@can(Capability.READ_ORDERS, Capability.WRITE_PRICE)
def test_secrets_never_show(spec: ConnectorSpec, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """Even where the platform repeats them to us."""
    secrets = Vendor(spec).secrets()
    echo = httpx.Response(status, json={"errors": [{"code": "Echo", "message": f"you sent {' and '.join(secrets)}"}]})
    connector = Vendor(spec, change=always_answered(echo)).open()
    shown = [repr(connector), repr(vars(connector)), str(connector)]
    with caplog.at_level(logging.DEBUG):
        for attempt in (
            lambda: next(iter(connector.pull_orders(None))),
            lambda: write(connector, spec, Capability.WRITE_PRICE),
        ):
            with pytest.raises(PlatformError) as caught:
                attempt()
            shown += [str(caught.value), repr(caught.value), repr(vars(caught.value))]
    shown += [record.getMessage() for record in caplog.records]
    for secret in secrets:
        assert not any(secret in text for text in shown), secret[:4]


@can(Capability.READ_ORDERS)
def test_calls_are_counted_and_identify_us(spec: ConnectorSpec) -> None:
    def counted() -> float:
        return sum(
            s.value
            for metric in CALLS.collect()
            for s in metric.samples
            if s.name.endswith("_total") and s.labels["platform"] == spec.name and s.labels["status"] == "200"
        )

    before, vendor = counted(), Vendor(spec, "orders")
    list(vendor.open().pull_orders(None))
    assert counted() - before == len(vendor.requests)
    assert all("ecom-agent" in request.headers["user-agent"] for request in vendor.requests)


@streams()
def test_every_call_has_a_published_rate(spec: ConnectorSpec, stream: str) -> None:
    vendor = Vendor(spec, stream)
    list(pulled(vendor.open(), stream))
    unseeded = {bucket.operation for bucket in vendor.quota.snapshot()} - set(spec.rates)
    assert unseeded <= {"lwaToken"}
