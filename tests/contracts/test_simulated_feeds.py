"""Feeds between the real connector and the simulated market: by the vendor's own contracts, and with what is true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from simulated_kit import START
from starlette.testclient import TestClient
from test_simulated_connectors import in_process, settings

from ecom_agent.clock import FrozenClock
from ecom_agent.connector import Receipt
from ecom_agent.errors import OutcomeUnknown, Rejected
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.money import Money
from ecom_agent.ports.writes import PriceChange
from ecom_agent.records.business import BusinessPrices
from platforms._shared.throttle import Quota
from platforms.amazon.connector import Amazon
from platforms.amazon.settings import AmazonSettings
from platforms.simulated.credentials import AMAZON_ACCOUNT
from platforms.simulated.servers.app import build
from platforms.simulated.servers.base import official_contracts
from platforms.simulated.simulation import Simulation
from platforms.simulated.wire.offers import MARKETPLACE

US = MarketplaceId(MARKETPLACE)


class Seller:
    """The connector on a world whose servers hold requests against the contracts, where they are at hand."""

    def __init__(self, sim: Simulation) -> None:
        self.sim, self.seen = sim, list[tuple[str, str, int, bytes, bytes]]()
        self.clock = FrozenClock(START, on_move=sim.advance)
        client = TestClient(build(sim, contracts=official_contracts()))

        def listen(answer: httpx.Response) -> None:
            asked = answer.request
            self.seen.append((asked.method, str(asked.url), answer.status_code, asked.read(), answer.read()))

        client.event_hooks = {"response": [listen]}
        transport = in_process(client)
        values = AmazonSettings.model_validate(settings(AMAZON_ACCOUNT, "http://simulated"))
        self.amazon = Amazon(AccountId(AMAZON_ACCOUNT), values, self.clock, Quota(self.clock), transport=transport)
        self.listings = [x for page in self.amazon.pull_listings(None) for x in page.records]

    def changes(self, many: int, business: BusinessPrices | None = None) -> list[PriceChange]:
        return [
            PriceChange(x, Money(x.price.minor + 10, "USD"), f"key-{n}", business)
            for n, x in enumerate(self.listings[:many])
            if x.price is not None
        ]

    def feeds_calls(self) -> Iterator[tuple[str, str, int, bytes, bytes]]:
        return (call for call in self.seen if "/feeds/2021-06-30/" in call[1])


@pytest.fixture
def seller(tmp_path: Path) -> Iterator[Seller]:
    sim = Simulation(tmp_path, seed=7, start=START)
    yield Seller(sim)
    sim.close()


def test_prices_of_a_feed_are_live_some_minutes_later_each_sent_once(seller: Seller) -> None:
    changes = seller.changes(12)
    fates = seller.amazon.set_prices_in_bulk(changes)
    assert {type(fate) for fate in fates} == {Receipt}
    seller.clock.sleep(180)
    for change in changes:
        assert seller.amazon.live_price(change.listing.sku, US) == change.price
    assert len(seller.sim.world.ledger.writes) == 12


def test_prices_for_companies_go_with_them(seller: Seller) -> None:
    plan = BusinessPrices(Money(900, "USD"), ((5, Money(800, "USD")),))
    (change,) = seller.changes(1, plan)
    assert [type(fate) for fate in seller.amazon.set_prices_in_bulk([change])] == [Receipt]
    seller.clock.sleep(180)
    assert seller.amazon.live_business(change.listing.sku, US) == plan


@pytest.mark.parametrize("fault", ["failed_feed_lines", "fatal_feed", "truncated_gzip"])
def test_nothing_is_taken_for_done_that_was_not(seller: Seller, fault: str) -> None:
    seller.sim.do("faults", chances={fault: 0.5 if fault == "failed_feed_lines" else 1.0})
    changes = seller.changes(20)
    fates = seller.amazon.set_prices_in_bulk(changes)
    taken = {write.sku for write in seller.sim.world.ledger.writes}
    for change, fate in zip(changes, fates, strict=True):
        if fault != "failed_feed_lines":
            assert isinstance(fate, OutcomeUnknown)
        else:
            assert isinstance(fate, Receipt if change.listing.sku in taken else Rejected)


@pytest.mark.shared
def test_what_is_asked_answered_and_uploaded_fits_the_official_schemas(seller: Seller, shared_dir: Path) -> None:
    folder = shared_dir / "specs/amazon-sp-api"
    model = json.loads((folder / "models/feeds_2021-06-30.json").read_text())
    seller.sim.do("faults", chances={"failed_feed_lines": 0.6})
    seller.amazon.set_prices_in_bulk([*seller.changes(12)])
    answered = set()
    for method, url, status, _asked, told in seller.feeds_calls():
        path = url.split("?")[0].removeprefix("http://simulated/sp-api")
        name, wanted = official(model, method, path)
        assert str(status) in wanted["responses"], (name, status)
        schema = wanted["responses"][str(status)]["schema"]
        errors = list(jsonschema.Draft4Validator({**model, **schema}).iter_errors(json.loads(told)))
        assert not errors, (name, errors[0].message)
        answered.add(name)
    assert answered == {"createFeedDocument", "createFeed", "getFeed", "getFeedDocument"}
    book = seller.sim.world.feeds
    assert book is not None
    schemas = {name: json.loads((folder / f"schemas/feeds/listings-feed-{name}.json").read_text()) for name in SCHEMAS}
    (asked,) = [json.loads(asked) for method, url, *_, asked, _told in seller.seen if method == "PUT"]
    for message in asked["messages"]:
        jsonschema.Draft7Validator(schemas["message-schema-v2"]).validate(message)
    jsonschema.Draft7Validator({**schemas["schema-v2"], "properties": whole(schemas)}).validate(asked)
    reports = [json.loads(one.content) for one in book.documents.values() if one.content is not None]
    assert [bool(one["issues"]) for one in reports] == [True]
    jsonschema.Draft7Validator(schemas["processing-report-schema-v2"]).validate(reports[0])


SCHEMAS = ("message-schema-v2", "schema-v2", "processing-report-schema-v2")


def whole(schemas: dict[str, Any]) -> dict[str, Any]:
    """The feed's own schema points to the messages' by an address: here it is put in."""
    properties: dict[str, Any] = schemas["schema-v2"]["properties"]
    return {**properties, "messages": {"type": "array", "minItems": 1, "items": schemas["message-schema-v2"]}}


def official(model: dict[str, Any], method: str, path: str) -> tuple[str, dict[str, Any]]:
    """The model's operation at a path."""
    parts = path.split("/")
    for template, methods in model["paths"].items():
        names = template.split("/")
        fits = len(names) == len(parts) and all(n == p or n.startswith("{") for n, p in zip(names, parts, strict=True))
        if fits and method.lower() in methods:
            found = methods[method.lower()]
            return found["operationId"], found
    raise AssertionError(f"no operation {method} {path}")


@pytest.mark.shared
def test_requests_against_the_contract_are_refused(tmp_path: Path, shared_dir: Path) -> None:
    sim = Simulation(tmp_path, seed=7, start=START)
    client = Seller(sim).amazon.client
    path = "/feeds/2021-06-30/feeds"
    for body in ({}, {"feedType": "JSON_LISTINGS_FEED", "marketplaceIds": [], "inputFeedDocumentId": "x"}):
        with pytest.raises(Rejected):
            client.call("POST", path, operation="createFeed", body=body)
    sim.close()
