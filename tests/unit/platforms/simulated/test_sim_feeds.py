"""Feeds of listings on the simulated market: worked through in minutes, each line as a single patch would be."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from simulated_kit import START, Market

from platforms.simulated import truth
from platforms.simulated.credentials import SHOP
from platforms.simulated.simulation import Simulation
from platforms.simulated.wire.offers import MARKETPLACE

API = "/feeds/2021-06-30"
MUG, KNIFE = "MUG-STONE-12", "KNIFE-CHEF-8"


def message(number: int, sku: str, price: float, op: str = "merge") -> dict[str, Any]:
    offer = {
        "currency": "USD",
        "marketplace_id": MARKETPLACE,
        "audience": "ALL",
        "our_price": [{"schedule": [{"value_with_tax": price}]}],
    }
    patches = [{"op": op, "path": "/attributes/purchasable_offer", "value": [offer]}]
    named = {"messageId": number, "sku": sku, "operationType": "PATCH", "productType": "PRODUCT"}
    return {**named, "patches": patches}


def upload(market: Market, *messages: dict[str, Any]) -> str:
    made = market.sp("POST", f"{API}/documents", json={"contentType": "application/json; charset=UTF-8"})
    assert made.status_code == 201, made.text
    content = json.dumps({"header": {"sellerId": "A", "version": "2.0"}, "messages": messages})
    assert market.http.put(made.json()["url"], content=content).status_code == 200
    return str(made.json()["feedDocumentId"])


def create(market: Market, document: str) -> Any:
    body = {"feedType": "JSON_LISTINGS_FEED", "marketplaceIds": [MARKETPLACE], "inputFeedDocumentId": document}
    return market.sp("POST", f"{API}/feeds", json=body)


def feed(market: Market, *messages: dict[str, Any]) -> str:
    answer = create(market, upload(market, *messages))
    assert answer.status_code == 202, answer.text
    return str(answer.json()["feedId"])


def look(market: Market, feed_id: str) -> dict[str, Any]:
    found: dict[str, Any] = market.sp("GET", f"{API}/feeds/{feed_id}").json()
    return found


def report(market: Market, feed_id: str) -> dict[str, Any]:
    document = market.sp("GET", f"{API}/documents/{look(market, feed_id)['resultFeedDocumentId']}").json()
    assert document["compressionAlgorithm"] == "GZIP"
    found: dict[str, Any] = json.loads(gzip.decompress(market.http.get(document["url"]).content))
    return found


def test_a_feed_waits_is_worked_through_and_tells_each_line(market: Market) -> None:
    feed_id = feed(market, message(1, MUG, 31.5), message(2, "NOBODY", 1), message(3, KNIFE, -1), message(4, MUG, 30))
    seen = [look(market, feed_id)["processingStatus"]]
    for _ in range(5):
        market.pass_time(minutes=1)
        seen.append(look(market, feed_id)["processingStatus"])
    assert seen == ["IN_QUEUE", "IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "DONE", "DONE"]
    told = report(market, feed_id)
    assert [issue["messageId"] for issue in told["issues"]] == [2, 3, 4]
    summary = {name: told["summary"][f"messages{name}"] for name in ("Processed", "Accepted", "Invalid")}
    assert summary == {"Processed": 4, "Accepted": 1, "Invalid": 3}
    assert [(w.sku, w.price_minor) for w in market.world.ledger.writes] == [(MUG, 3150)]
    market.pass_time(minutes=2)
    assert market.live_price(MUG) == "31.50"


def test_a_feed_can_be_cancelled_until_it_is_begun(market: Market) -> None:
    waiting = feed(market, message(1, MUG, 31.5))
    assert market.sp("DELETE", f"{API}/feeds/{waiting}").status_code == 200
    begun = feed(market, message(1, KNIFE, 41.5))
    market.pass_time(minutes=1)
    assert market.sp("DELETE", f"{API}/feeds/{begun}").status_code == 400
    market.pass_time(minutes=9)
    assert [look(market, one)["processingStatus"] for one in (waiting, begun)] == ["CANCELLED", "DONE"]
    assert [w.sku for w in market.world.ledger.writes] == [KNIFE]


def test_a_feed_needs_a_document_and_a_link_lives_five_minutes(market: Market) -> None:
    made = market.sp("POST", f"{API}/documents", json={"contentType": "application/json"}).json()
    assert create(market, made["feedDocumentId"]).status_code == 400
    assert create(market, "nothing").status_code == 400
    market.pass_time(minutes=6)
    assert market.http.put(made["url"], content=b"{}").status_code == 403
    assert market.sp("GET", f"{API}/feeds/1").status_code == 404
    assert market.sp("GET", f"{API}/documents/1").status_code == 404


def test_a_fatal_feed_does_nothing(market: Market) -> None:
    market.sim.do("faults", chances={"fatal_feed": 1.0})
    feed_id = feed(market, message(1, MUG, 31.5))
    market.pass_time(minutes=9)
    assert look(market, feed_id)["processingStatus"] == "FATAL"
    assert "resultFeedDocumentId" not in look(market, feed_id)
    assert market.world.ledger.writes == []


def test_a_feed_that_is_no_feed_is_fatal_and_says_so(market: Market) -> None:
    made = market.sp("POST", f"{API}/documents", json={"contentType": "application/json"}).json()
    market.http.put(made["url"], content=b"[]")
    feed_id = create(market, made["feedDocumentId"]).json()["feedId"]
    market.pass_time(minutes=9)
    assert look(market, feed_id)["processingStatus"] == "FATAL"
    told = report(market, feed_id)
    assert (told["summary"]["messagesAccepted"], len(told["issues"])) == (0, 1)


def test_some_lines_fail_when_the_fault_is_on(market: Market) -> None:
    market.sim.do("faults", chances={"failed_feed_lines": 1.0})
    feed_id = feed(market, message(1, MUG, 31.5))
    market.pass_time(minutes=9)
    assert report(market, feed_id)["summary"]["messagesInvalid"] == 1


def test_a_kill_forgets_no_feed(tmp_path: Path) -> None:
    """At each step; the truth is that of a market that was never killed."""
    found = []
    for name, killed in (("plain", ()), ("hurt", (0, 1, 3, 5))):
        sim = Simulation(tmp_path / name, seed=7, start=START)
        feed_id = feed(Market(sim), message(1, MUG, 31.5), message(2, KNIFE, -1))
        for minute in range(9):
            if minute in killed:
                sim._journal.close()  # as kill -9 leaves it: no snapshot
                sim = Simulation(tmp_path / name, seed=7, start=START)
            Market(sim).pass_time(minutes=1)
        found.append((truth.tell(sim.world, SHOP), look(Market(sim), feed_id), report(Market(sim), feed_id)))
        sim.close()
    assert found[0] == found[1]
    assert [w["price_minor"] for w in found[0][0]["price_writes"]] == [3150]
