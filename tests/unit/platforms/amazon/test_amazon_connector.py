"""Set-up of notifications, the queue, regions, deep searches, and what a patch sends."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from vendor_kit import NOON, Vendor, once_answered, sample

from ecom_agent.errors import AuthFailed, ConfigError, OutcomeUnknown, Rejected, TerminalError, TransientError
from ecom_agent.ids import MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.business import NOT_OFFERED, BusinessPrices
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.stock import StockLevel
from platforms import registry
from platforms._shared.wire import Through
from platforms.amazon.client import path_of
from platforms.amazon.queue import Queue, arn
from platforms.amazon.regions import live_host
from platforms.amazon.subscriptions import TYPES

SPEC = registry.spec("amazon")
US = MarketplaceId("ATVPDKIKX0DER")
ARN = "arn:aws:sqs:us-east-1:123456789012:ecom-events"


class Notifications:
    """Amazon's notification settings: destinations and subscriptions."""

    def __init__(self) -> None:
        self.destinations: dict[str, str] = {}
        self.subscriptions: dict[str, str] = {}
        self.scopes: list[str] = []
        self.vendor = Vendor(SPEC, change=self.answer)

    def answer(self, request: httpx.Request, _facts: Any) -> httpx.Response | None:
        path = request.url.path
        if path.endswith("/auth/o2/token"):
            self.scopes.append(dict(httpx.QueryParams(request.content.decode())).get("scope", ""))
            return httpx.Response(200, json={"access_token": f"Atza|{len(self.scopes)}-token", "expires_in": 3600})
        body = json.loads(request.content) if request.content else {}
        if path == "/notifications/v1/destinations":
            if request.method == "POST":
                self.destinations[f"dest-{len(self.destinations)}"] = body["resourceSpecification"]["sqs"]["arn"]
            known = [_destination(*item) for item in self.destinations.items()]
            return httpx.Response(200, json={"payload": known[-1] if request.method == "POST" else known})
        kind = path.rsplit("/", 1)[-1]
        if request.method == "POST":
            self.subscriptions[kind] = body["destinationId"]
        if kind not in self.subscriptions:
            return httpx.Response(404, json={"errors": [{"code": "NotFound", "message": "no subscription"}]})
        found = {"subscriptionId": kind, "payloadVersion": "1.0", "destinationId": self.subscriptions[kind]}
        return httpx.Response(200, json={"payload": found})


def _destination(number: str, queue: str) -> dict[str, Any]:
    return {"name": number, "destinationId": number, "resource": {"sqs": {"arn": queue}}}


def test_subscribing_twice_makes_one_of_each() -> None:
    amazon = Notifications()
    connector = amazon.vendor.open()
    assert connector.subscribe() == connector.subscribe() == TYPES
    assert amazon.destinations == {"dest-0": ARN}
    assert amazon.subscriptions == dict.fromkeys(TYPES, "dest-0")
    assert sorted(amazon.scopes) == ["", "sellingpartnerapi::notifications"]


def test_a_subscription_to_somebody_elses_queue_is_left_alone() -> None:
    amazon = Notifications()
    amazon.subscriptions["ORDER_CHANGE"] = "theirs"
    with pytest.raises(ConfigError, match=r"QUEUE_URL.*ORDER_CHANGE.*theirs"):
        amazon.vendor.open().subscribe()
    assert amazon.subscriptions["ORDER_CHANGE"] == "theirs"


def test_the_queue_s_name_comes_from_its_address() -> None:
    settings = registry.settings("amazon", Vendor(SPEC).account["token"], Vendor(SPEC).account["settings"])
    assert arn(settings) == ARN  # type: ignore[arg-type]  # the registry gives any platform's settings


class FakeSqs(httpx.BaseTransport):
    """SQS's JSON protocol, as far as it is used; answers with `errors` first."""

    def __init__(self, *errors: httpx.Response | Exception) -> None:
        self.errors, self.deleted, self.asked = list(errors), list[str](), dict[str, Any]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert "Credential=AKIA" in request.headers["authorization"]
        assert request.headers["x-amz-date"]
        if self.errors:
            error = self.errors.pop(0)
            if isinstance(error, Exception):
                raise error
            return error
        self.asked = json.loads(request.content)
        if request.headers["x-amz-target"] == "AmazonSQS.ReceiveMessage":
            found = [{"Body": "{}", "ReceiptHandle": f"r{n}", "MessageId": f"m{n}"} for n in range(3)]
            found[0]["Attributes"] = {"ApproximateReceiveCount": "4"}  # type: ignore[assignment]
            return httpx.Response(200, json={"Messages": found})
        assert len(self.asked["Entries"]) <= 10
        self.deleted += [entry["ReceiptHandle"] for entry in self.asked["Entries"]]
        return httpx.Response(200, json={})


def queue(*errors: httpx.Response | Exception) -> tuple[Queue, FakeSqs]:
    settings = registry.settings("amazon", Vendor(SPEC).account["token"], Vendor(SPEC).account["settings"])
    keys = {"aws_access_key_id": "AKIAKEY", "aws_secret_access_key": SecretStr("secret")}
    made = Queue(settings.model_copy(update=keys))  # type: ignore[arg-type]
    fake = FakeSqs(*errors)
    made.__dict__["_wire"] = Through(fake, 5)
    return made, fake


def test_messages_are_received_and_deleted_ten_at_once() -> None:
    made, fake = queue()
    events = list(made.receive(wait_s=99, most=99)) * 5
    assert fake.asked["WaitTimeSeconds"] == 20
    assert fake.asked["MaxNumberOfMessages"] == 10
    assert [event.tries for event in events[:3]] == [4, 1, 1]
    made.acknowledge(events)
    assert len(fake.deleted) == 15


def said(code: str, status: int = 400) -> httpx.Response:
    return httpx.Response(status, json={"__type": f"com.amazonaws.sqs#{code}", "message": "key AKIA..."})


@pytest.mark.parametrize(
    ("errors", "kind"),
    [
        ([httpx.ConnectError("refused")] * 3, TransientError),
        ([said("InternalError", 500)] * 3, TransientError),
        ([said("OverLimit")], TransientError),
        ([said("AccessDenied", 403)], AuthFailed),
        ([said("QueueDoesNotExist")], TerminalError),
    ],
)
def test_the_queue_s_errors_are_typed_and_hold_none_of_its_words(errors: list[Any], kind: type[Exception]) -> None:
    made, _ = queue(*errors)
    with pytest.raises(kind) as caught:
        made.receive(wait_s=0, most=1)
    assert "AKIA" not in str(caught.value)


def test_a_queue_that_did_not_answer_is_asked_again() -> None:
    made, _ = queue(httpx.ReadTimeout("slow"), said("InternalError", 500))
    assert len(made.receive(wait_s=0, most=10)) == 3


def test_without_a_queue_there_are_no_events_and_it_says_so() -> None:
    with pytest.raises(ConfigError, match="QUEUE_URL"):
        Vendor(SPEC).open(QUEUE_URL="").receive(wait_s=0, most=1)


@pytest.mark.parametrize(
    ("ids", "host"),
    [
        (["ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"], "na"),
        (["A1PA6795UKMFR9", "A1F83G8C2ARO7P"], "eu"),
        (["A1VC38T7YXB528"], "fe"),
    ],
)
def test_the_host_follows_from_the_marketplaces(ids: list[str], host: str) -> None:
    assert live_host(ids) == f"https://sellingpartnerapi-{host}.amazon.com"


@pytest.mark.parametrize(
    ("ids", "says"), [("NOWHERE", "NOWHERE.*US ATVPDKIKX0DER"), ("ATVPDKIKX0DER,A1PA6795UKMFR9", "2 regions")]
)
def test_marketplaces_that_cannot_be_are_named(ids: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        Vendor(SPEC).open(MARKETPLACES=ids)


def test_a_base_url_keeps_its_path() -> None:
    vendor = Vendor(SPEC, change=once_answered(httpx.Response(200, json={"orders": []})))
    list(vendor.open(BASE_URL="http://127.0.0.1:9/sp-api/").pull_orders(None))
    assert vendor.calls[0].url.path == "/sp-api/orders/2026-01-01/orders"


def test_a_sku_with_slashes_and_spaces_stays_one_part_of_the_path() -> None:
    assert path_of("/items/{sku}", sku="A/B 50%") == "/items/A%2FB%2050%25"


def listing(price: str, currency: str) -> Listing:
    return Listing(
        Vendor(SPEC).account["token"], US, Sku("MUG-01"), "B0", "CUP", "", ListingStatus.ACTIVE,
        Money.of(price, currency), "new", "fba", None, NOON,
    )  # fmt: skip


@pytest.mark.parametrize(("price", "currency", "sent"), [("12.30", "USD", 12.3), ("1500", "JPY", 1500)])
def test_a_price_is_sent_as_the_exact_json_number(price: str, currency: str, sent: float) -> None:
    vendor = Vendor(SPEC, "writes")
    vendor.open().set_price(listing("1", currency), Money.of(price, currency), idempotency_key="k")
    patch = json.loads(vendor.calls[0].content)
    assert patch["productType"] == "CUP"
    [merge] = patch["patches"]
    [offer] = merge["value"]
    assert (merge["op"], merge["path"]) == ("merge", "/attributes/purchasable_offer"), "what is not named stands"
    assert offer == {
        "marketplace_id": US, "currency": currency, "audience": "ALL",
        "our_price": [{"schedule": [{"value_with_tax": sent}]}],
    }  # fmt: skip
    assert "mode" not in vendor.calls[0].url.params
    assert len(vendor.calls) == 1


def test_prices_for_companies_leave_in_the_same_call() -> None:
    def sent(business: BusinessPrices) -> Any:
        vendor = Vendor(SPEC, "writes")
        vendor.open().set_prices_for_all(listing("1", "USD"), Money(1000, "USD"), business, idempotency_key="k")
        [call] = vendor.calls
        return json.loads(call.content)["patches"]

    five, nine = (5, Money(900, "USD")), (9, Money(850, "USD"))
    [merge] = sent(BusinessPrices(Money(950, "USD"), (five, nine)))
    assert [offer["audience"] for offer in merge["value"]] == ["ALL", "B2B"]
    assert merge["value"][1]["our_price"] == [{"schedule": [{"value_with_tax": 9.5}]}]
    [plan] = merge["value"][1]["quantity_discount_plan"]
    [schedule] = plan["schedule"]
    assert schedule["discount_type"] == "fixed"
    assert schedule["levels"] == [{"lower_bound": 5, "value": 9}, {"lower_bound": 9, "value": 8.5}]
    [merge] = sent(BusinessPrices(Money(950, "USD")))
    assert merge["value"][1]["quantity_discount_plan"] is None, "former tiers are taken away"
    merge, delete = sent(NOT_OFFERED)
    assert [offer["audience"] for offer in merge["value"]] == ["ALL"]
    assert (delete["op"], delete["value"]) == (
        "delete", [{"marketplace_id": US, "currency": "USD", "audience": "B2B"}]
    )  # fmt: skip


def test_a_price_for_companies_in_another_currency_is_refused_before_anything_is_sent() -> None:
    vendor = Vendor(SPEC, "writes")
    with pytest.raises(Rejected, match="sells in USD"):
        vendor.open().set_prices_for_all(
            listing("1", "USD"), Money(1000, "USD"), BusinessPrices(Money(950, "EUR")), idempotency_key="k"
        )
    assert vendor.calls == []


def test_a_preview_asks_for_validation_only_and_is_not_a_write() -> None:
    valid = {"sku": "MUG-01", "status": "VALID", "submissionId": "s", "issues": []}
    vendor = Vendor(SPEC, change=once_answered(httpx.ReadTimeout("slow"), httpx.Response(200, json=valid)))
    assert vendor.open().preview_price(listing("1", "USD"), Money(200, "USD")).details["status"] == "VALID"
    assert {call.url.params["mode"] for call in vendor.calls} == {"VALIDATION_PREVIEW"}


@pytest.mark.parametrize("body", [{}, {"status": "QUEUED", "submissionId": "s"}, {"status": "ACCEPTED"}, []])
def test_an_answer_to_a_patch_that_makes_no_sense_leaves_the_outcome_unknown(body: Any) -> None:
    vendor = Vendor(SPEC, change=once_answered(httpx.Response(200, json=body)))
    with pytest.raises(OutcomeUnknown):
        vendor.open().set_price(listing("1", "USD"), Money(200, "USD"), idempotency_key="k")


def test_amazon_s_own_stock_cannot_be_set() -> None:
    level = StockLevel(Vendor(SPEC).account["token"], US, Sku("MUG-01"), "fba", None, 4, None, None, None, NOON, NOON)
    with pytest.raises(Rejected, match="fba"):
        Vendor(SPEC).open().set_stock(level, 5, idempotency_key="k")


def test_a_new_quantity_leaves_handling_time_and_restock_date() -> None:
    vendor = Vendor(SPEC, "writes")
    level = StockLevel(vendor.account["token"], US, Sku("MUG-01"), "fbm", None, 4, None, None, None, NOON, NOON)
    vendor.open().set_stock(level, 5, idempotency_key="k")
    assert json.loads(vendor.calls[0].content)["patches"] == [
        {
            "op": "merge",
            "path": "/attributes/fulfillment_availability",
            "value": [{"fulfillment_channel_code": "DEFAULT", "quantity": 5}],
        }
    ]


def test_a_listing_that_is_gone_has_no_live_price() -> None:
    gone = httpx.Response(404, json={"errors": [{"code": "NOT_FOUND", "message": "no such SKU"}]})
    assert Vendor(SPEC, change=once_answered(gone)).open().live_price(Sku("X"), US) is None


def test_more_than_a_thousand_listings_are_all_found() -> None:
    """One search ends at 1,000: the next starts at the update time where it ended."""
    item = sample("amazon", "listings")["exchanges"][2]["body"]
    updated = [(NOON - timedelta(days=2) + timedelta(seconds=n // 3)) for n in range(1500)]

    def answer(request: httpx.Request, facts: dict[str, Any]) -> httpx.Response | None:
        if "/listings/" not in request.url.path:
            return None
        after = facts.get("lastUpdatedAfter", "")
        found = [(n, at.isoformat().replace("+00:00", "Z")) for n, at in enumerate(updated)]
        found = [(n, at) for n, at in found if at >= after]
        start = int(facts.get("pageToken", 0))
        page = [
            {**item, "sku": f"SKU-{n}", "summaries": [{**item["summaries"][0], "lastUpdatedDate": at}]}
            for n, at in found[:1000][start : start + 20]
        ]
        body: dict[str, Any] = {"numberOfResults": len(found), "items": page}
        if start + 20 < min(1000, len(found)):
            body["pagination"] = {"nextToken": str(start + 20)}
        return httpx.Response(200, json=body)

    pages = list(Vendor(SPEC, change=answer).open().pull_listings(None))
    assert len({record.sku for page in pages for record in page.records}) == 1500
    assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]


def test_expected_prices_are_asked_for_forty_a_batch_as_slowly_as_the_plan_wants() -> None:
    def answer(request: httpx.Request, _facts: Any) -> httpx.Response | None:
        if not request.url.path.endswith("/offer/featuredOfferExpectedPrice"):
            return None
        ok, alone = {"statusCode": 200}, {"featuredOfferExpectedPriceResults": [{"resultStatus": "NO_COMPETING_OFFER"}]}
        asked = json.loads(request.content)["requests"]
        return httpx.Response(200, json={"responses": [{"request": r, "status": ok, "body": alone} for r in asked]})

    vendor = Vendor(SPEC, change=answer)
    listings = [replace(listing("1", "USD"), sku=Sku(f"SKU-{n % 41}")) for n in range(50)]
    pages = list(vendor.open().expected_prices(listings))
    assert [len(page.records) for page in pages] == [40, 1]
    assert [page.more for page in pages] == [True, False]
    assert vendor.clock.now() - NOON >= timedelta(seconds=30)


def test_nothing_is_asked_where_no_listing_is_wanted() -> None:
    vendor = Vendor(SPEC)
    assert list(vendor.open().expected_prices([])) == []
    assert vendor.requests == []


# --- stock ---


def test_stock_is_asked_for_by_changes_and_each_kind_whole_in_its_time() -> None:
    vendor = Vendor(SPEC, "stock")
    [*_, last] = vendor.open().pull_stock(None)

    def asked(later: timedelta) -> tuple[str | None, str | None]:
        """From when on the warehouses and the shelf were asked."""
        following = Vendor(SPEC, "stock", at=NOON + later)
        list(following.open().pull_stock(last.next_cursor))
        first = {call.url.path: call.url.params for call in reversed(following.calls)}
        return (
            first["/fba/inventory/v1/summaries"].get("startDateTime"),
            first["/listings/2021-08-01/items/A1SAMPLESELLER"].get("lastUpdatedAfter"),
        )

    since = "2026-11-03T11:50:00Z"
    assert asked(timedelta(minutes=5)) == (since, since)
    assert asked(timedelta(hours=2)) == (since, None)
    assert asked(timedelta(hours=24)) == (None, None)
