"""A feed of prices: each change has one fate, and what Amazon did not tell is never taken for done or not done."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vendor_kit import ACCOUNT, NOON, Vendor

from ecom_agent.connector import Receipt
from ecom_agent.errors import AuthFailed, EcomError, OutcomeUnknown, Rejected, TerminalError, TransientError
from ecom_agent.ids import MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.ports.writes import LONGEST_BULK_S, PriceChange, SetsPricesInBulk
from ecom_agent.records.business import BusinessPrices
from ecom_agent.records.catalog import Listing, ListingStatus
from platforms import registry
from platforms.amazon import feeds

SPEC = registry.spec("amazon")
US, CA = MarketplaceId("ATVPDKIKX0DER"), MarketplaceId("A2EUQ1WTGCTBG2")
DROPPED = httpx.ReadTimeout("slow")


class Feeds:
    """Amazon's Feeds API. `states` are what `getFeed` says one after another (the last one stays)."""

    def __init__(self, *states: str, refused: Sequence[str] = (), **changed: Any) -> None:
        self.states, self.refused = list(states or ("IN_QUEUE", "IN_PROGRESS", "DONE")), refused
        self.changed = changed
        """What another answers than usual, by operation: an httpx.Response, an exception, or a change of the report."""
        self.documents: list[bytes] = []
        self.feeds: list[dict[str, Any]] = []
        self.looks = self.cancelled = 0
        self.vendor = Vendor(SPEC, "common", change=self.answer)

    def open(self) -> Any:
        return self.vendor.open()

    @property
    def messages(self) -> list[list[dict[str, Any]]]:
        """Those of each feed that was created."""
        return [json.loads(self.documents[feed["document"]])["messages"] for feed in self.feeds]

    def answer(self, request: httpx.Request, _facts: Any) -> httpx.Response | None:
        path = request.url.path
        if request.url.host == "documents.example":
            return self._document(request)
        if not path.startswith("/feeds/2021-06-30"):
            return None
        operation = self._operation(request.method, path)
        other = self.changed.get(operation)
        if isinstance(other, Exception):
            raise other
        return other if isinstance(other, httpx.Response) else getattr(self, operation)(request)

    @staticmethod
    def _operation(method: str, path: str) -> str:
        if "/documents" in path:
            return "create_document" if method == "POST" else "result"
        return {"POST": "create", "GET": "look", "DELETE": "cancel"}[method]

    def create_document(self, request: httpx.Request) -> httpx.Response:
        url = f"https://documents.example/{len(self.documents)}"
        return httpx.Response(201, json={"feedDocumentId": str(len(self.documents)), "url": url})

    def _document(self, request: httpx.Request) -> httpx.Response:
        assert "x-amz-access-token" not in request.headers, "the link is signed"
        if request.method == "PUT":
            refused = self.changed.get("upload")
            if isinstance(refused, Exception):
                raise refused
            if refused is not None:
                return httpx.Response(refused)
            assert request.headers["content-type"] == "application/json; charset=UTF-8"
            self.documents.append(request.content)
            return httpx.Response(200)
        number = int(request.url.path.strip("/").removeprefix("report-"))
        found = self.changed.get("report", self._report(number))
        return httpx.Response(
            200, content=found if isinstance(found, bytes) else gzip.compress(json.dumps(found).encode())
        )

    def create(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        assert asked["feedType"] == "JSON_LISTINGS_FEED"
        self.feeds.append({"document": int(asked["inputFeedDocumentId"]), "places": asked["marketplaceIds"]})
        return httpx.Response(202, json={"feedId": str(len(self.feeds) - 1)})

    def look(self, request: httpx.Request) -> httpx.Response:
        number = request.url.path.rsplit("/", 1)[-1]
        status = "CANCELLED" if self.cancelled else self.states[min(self.looks, len(self.states) - 1)]
        self.looks += 1
        told = {"feedId": number, "feedType": "JSON_LISTINGS_FEED", "createdTime": NOON.isoformat()}
        result = {"resultFeedDocumentId": f"report-{number}"} if status in ("DONE", "FATAL") else {}
        return httpx.Response(200, json={**told, "processingStatus": status, **result})

    def cancel(self, request: httpx.Request) -> httpx.Response:
        if self.states[-1] != "IN_QUEUE":
            return httpx.Response(400, json={"errors": [{"code": "InvalidInput", "message": "not IN_QUEUE"}]})
        self.cancelled += 1
        return httpx.Response(200, json={})

    def result(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rsplit("/", 1)[-1]
        return httpx.Response(200, json={"feedDocumentId": name, "url": f"https://documents.example/{name}"})

    def _report(self, number: int) -> dict[str, Any]:
        messages = self.messages[number]
        bad = [m for m in messages if m["sku"] in self.refused]
        issues = [
            {"messageId": m["messageId"], "sku": m["sku"], "code": "90220", "severity": "ERROR", "message": "too round"}
            for m in bad
        ]
        warning = {"messageId": 1, "code": "1", "severity": "WARNING", "message": "a hint"}
        return report(str(number), len(messages), len(bad), [*issues, warning])


def report(feed_id: str, lines: int, bad: int, issues: list[dict[str, Any]], **summary: int) -> dict[str, Any]:
    counted = {"messagesProcessed": lines, "messagesAccepted": lines - bad, "messagesInvalid": bad}
    header = {"sellerId": "A", "version": "2.0", "feedId": feed_id}
    return {"header": header, "issues": issues, "summary": {"errors": bad, "warnings": 1, **counted, **summary}}


def change(
    sku: str, minor: int = 1999, place: MarketplaceId = US, business: BusinessPrices | None = None
) -> PriceChange:
    listing = Listing(
        ACCOUNT, place, Sku(sku), "B0TEST", "BAG", "A bag", ListingStatus.ACTIVE, Money(2100, "USD"), "new", "fbm",
        NOON, NOON,
    )  # fmt: skip
    return PriceChange(listing, Money(minor, "USD"), f"key-{sku}-{place}", business)


THREE = [change("A"), change("B"), change("C")]


def sent(service: Feeds, changes: Sequence[PriceChange] = THREE) -> Sequence[Receipt | Exception]:
    began = service.vendor.clock.now()
    fates: Sequence[Receipt | Exception] = service.open().set_prices_in_bulk(changes)
    assert len(fates) == len(changes)
    assert service.vendor.clock.now() - began <= timedelta(seconds=LONGEST_BULK_S)
    return fates


def kinds(fates: Sequence[Receipt | Exception]) -> set[type]:
    return {type(fate) for fate in fates}


def test_every_line_of_a_feed_has_its_own_fate() -> None:
    service = Feeds(refused=["B"])
    first, second, third = sent(service, [*THREE[:2], change("C", business=BusinessPrices(Money(1900, "USD")))])
    assert isinstance(first, Receipt)
    assert (first.external_ref, first.details) == ("0/1", {"status": "ACCEPTED", "feed": "0"})
    assert isinstance(second, Rejected)
    assert second.issues == ("90220: too round",)
    assert isinstance(third, Receipt)
    assert service.feeds == [{"document": 0, "places": [US]}]
    assert isinstance(service.open(), SetsPricesInBulk)


def test_a_line_carries_the_very_patches_of_a_single_call() -> None:
    plan = BusinessPrices(Money(1900, "USD"), ((5, Money(1800, "USD")),))
    service = Feeds()
    sent(service, [change("A", business=plan)])
    alone = Vendor(SPEC, "common", "writes", change=taken)
    one = change("A")
    alone.open().set_prices_for_all(one.listing, one.price, plan, idempotency_key="k")
    patched = json.loads(alone.calls[-1].content)
    ((message,),) = service.messages
    assert message == {"messageId": 1, "sku": "A", "operationType": "PATCH", **patched}


def taken(request: httpx.Request, _facts: Any) -> httpx.Response | None:
    if request.method != "PATCH":
        return None
    return httpx.Response(200, json={"sku": "A", "status": "ACCEPTED", "submissionId": "s", "issues": []})


def test_a_line_that_cannot_be_meant_never_leaves_and_of_two_only_the_later_does() -> None:
    service = Feeds()
    old, wrong, new = sent(service, [change("A", 1900), change("B", 0), change("A", 1800)])
    assert isinstance(old, Rejected)
    assert isinstance(wrong, Rejected)
    assert isinstance(new, Receipt)
    ((message,),) = service.messages
    assert message["patches"][0]["value"][0]["our_price"][0]["schedule"][0]["value_with_tax"] == 18


def test_each_marketplace_has_a_feed_of_its_own() -> None:
    service = Feeds("DONE")
    assert kinds(sent(service, [change("A"), change("A", place=CA), change("B")])) == {Receipt}
    assert [feed["places"] for feed in service.feeds] == [[US], [CA]]
    assert [[m["sku"] for m in messages] for messages in service.messages] == [["A", "B"], ["A"]]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        (
            {"create_document": httpx.Response(403, json={"errors": [{"code": "Unauthorized", "message": "no"}]})},
            AuthFailed,
        ),
        ({"create_document": DROPPED}, TransientError),
        ({"create_document": httpx.Response(201, json={})}, TerminalError),
        ({"upload": 503}, TransientError),
        ({"upload": DROPPED}, TransientError),
        ({"upload": 403}, TerminalError),
        ({"create": httpx.Response(400, json={"errors": [{"code": "InvalidInput", "message": "no"}]})}, Rejected),
        ({"create": httpx.Response(429, json={})}, TransientError),
    ],
)
def test_what_was_certainly_not_taken_is_said_so(changed: dict[str, Any], error: type) -> None:
    service = Feeds(**changed)
    assert all(isinstance(fate, error) for fate in sent(service))
    assert service.feeds == []


def test_a_feed_that_was_cancelled_before_it_began_was_not_sent() -> None:
    assert kinds(sent(Feeds("IN_QUEUE", "CANCELLED"))) == {TransientError}


def test_a_feed_that_is_not_begun_in_time_is_called_off() -> None:
    service = Feeds("IN_QUEUE")
    assert kinds(sent(service)) == {TransientError}
    assert service.cancelled == 1


@pytest.mark.parametrize(
    ("states", "changed"),
    [
        ((), {"create": DROPPED}),
        ((), {"create": httpx.Response(500, json={})}),
        ((), {"create": httpx.Response(202, json={})}),
        (("IN_PROGRESS",), {}),
        ((), {"look": httpx.Response(404, json={})}),
        ((), {"look": httpx.Response(200, json={"feedId": "0"})}),
        ((), {"look": DROPPED}),
        ((), {"result": httpx.Response(404, json={})}),
        ((), {"report": b"{"}),
        ((), {"report": gzip.compress(b"{}")[:-4]}),
        ((), {"report": {}}),
        ((), {"report": report("another", 3, 0, [])}),
        ((), {"report": report("0", 2, 0, [])}),
        ((), {"report": report("0", 3, 0, [], messagesInvalid=1, messagesAccepted=2)}),
        (("FATAL",), {}),
        (("DONE",), {"look": httpx.Response(200, json={"feedId": "0", "processingStatus": "DONE"})}),
    ],
)
def test_what_amazon_did_not_tell_is_of_unknown_outcome(states: tuple[str, ...], changed: dict[str, Any]) -> None:
    service = Feeds(*states, **changed)
    assert kinds(sent(service)) == {OutcomeUnknown}
    assert len(service.feeds) <= 1, "a feed is never sent twice"


def test_a_refusal_is_certain_even_where_the_rest_of_the_report_does_not_add_up() -> None:
    issue = {"messageId": 2, "sku": "B", "code": "1", "severity": "ERROR", "message": "no"}
    fates = sent(Feeds(report=report("0", 3, 2, [issue])))
    assert [type(fate) for fate in fates] == [OutcomeUnknown, Rejected, OutcomeUnknown]


@pytest.mark.parametrize("status", ["DONE", "FATAL"])
def test_a_feed_that_took_no_line_says_why(status: str) -> None:
    issue = {"code": "4000001", "severity": "ERROR", "message": "not of its schema"}
    fates = sent(Feeds(status, report=report("0", 0, 0, [issue])))
    assert kinds(fates) == {Rejected}
    assert all("not of its schema" in str(fate) for fate in fates)


def test_a_look_that_fails_is_no_end_of_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Feeds("DONE")
    looked = service.look
    answers = iter([httpx.Response(503, json={}), httpx.Response(200, json={})])
    monkeypatch.setattr(service, "look", lambda request: next(answers, None) or looked(request))
    assert kinds(sent(service)) == {Receipt}


CHANGES = st.lists(
    st.builds(change, st.sampled_from("ABCDE"), st.integers(-5, 3000), st.sampled_from([US, CA])), max_size=12
)


@settings(max_examples=80)
@given(CHANGES, st.sets(st.sampled_from("ABCDE")), st.sampled_from(["DONE", "FATAL", "CANCELLED"]))
def test_every_change_has_one_fate_and_no_sku_is_twice_in_a_feed(
    changes: list[PriceChange], refused: set[str], status: str
) -> None:
    service = Feeds(status, refused=sorted(refused))
    fates = sent(service, changes)
    for messages in service.messages:
        skus = [m["sku"] for m in messages]
        assert len(skus) == len(set(skus)) > 0
        assert [m["messageId"] for m in messages] == list(range(1, len(messages) + 1))
    left = {
        (place, m["sku"])
        for feed, ms in zip(service.feeds, service.messages, strict=True)
        for place in feed["places"]
        for m in ms
    }
    last = {(c.listing.marketplace, c.listing.sku): n for n, c in enumerate(changes) if c.price.minor > 0}
    assert left == set(last)
    for number, (one, fate) in enumerate(zip(changes, fates, strict=True)):
        assert isinstance(fate, Receipt | EcomError)
        if last.get((one.listing.marketplace, one.listing.sku)) != number:
            assert isinstance(fate, Rejected)
        elif status == "DONE":
            assert isinstance(fate, Rejected if one.listing.sku in refused else Receipt)


def test_more_than_one_feed_holds_leave_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST", 2)
    service = Feeds("DONE")
    assert kinds(sent(service)) == {Receipt}
    assert [len(messages) for messages in service.messages] == [2, 1]
