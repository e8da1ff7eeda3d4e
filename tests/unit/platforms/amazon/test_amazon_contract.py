"""Against the official files: the published rates, every sandbox case, every example of a notification."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from vendor_kit import ACCOUNT, NOON, Vendor

from ecom_agent.connector import Rate
from ecom_agent.errors import TerminalError
from platforms import registry
from platforms.amazon import parse
from platforms.amazon.client import path_of
from platforms.amazon.rates import RATES

pytestmark = pytest.mark.shared
SPEC = registry.spec("amazon")


def test_our_rates_are_the_published_ones(shared_dir: Path) -> None:
    plans = json.loads((shared_dir / "specs/amazon-sp-api/usage-plans.json").read_text("utf-8"))
    published = {p["operationId"]: Rate(u["rate"], u["burst"]) for p in plans for u in p["usage"]}
    assert published == RATES


def sandbox_cases(folder: Path) -> Iterator[tuple[str, str, str, int, Any]]:
    """(method, path, operation, status, the official answer)"""
    for file in sorted((folder / "specs/amazon-sp-api/models").glob("*.json")):
        for path, methods in json.loads(file.read_text("utf-8"))["paths"].items():
            for method, operation in methods.items():
                for status, answer in operation.get("responses", {}).items() if isinstance(operation, dict) else ():
                    for case in (answer.get("x-amzn-api-sandbox") or {}).get("static", ()):
                        yield method.upper(), path, operation["operationId"], int(status), case.get("response")


def test_every_official_sandbox_answer_comes_through_whole_or_as_a_typed_error(shared_dir: Path) -> None:
    given: dict[str, Any] = {}
    vendor = Vendor(
        SPEC,
        change=lambda request, _: (
            None
            if request.url.path.endswith("/auth/o2/token")
            else httpx.Response(given["status"], **({} if given["body"] is None else {"json": given["body"]}))
        ),
    )
    client = vendor.open().client
    answered = refused = 0
    for method, template, operation, status, body in sandbox_cases(shared_dir):
        given.update(status=status, body=body)
        path = path_of(template, **dict.fromkeys(re.findall(r"{(\w+)}", template), "x"))
        send = partial(client.call, method, path, operation=operation, body={} if method != "GET" else None)
        if status >= 400:
            refused += 1
            with pytest.raises(TerminalError) as caught:
                send()
            assert caught.value.status == status
            assert len(caught.value.issues) == len((body or {}).get("errors", ()))
        else:
            answered += 1
            got = send()
            assert got[0] == status
            assert (got[1] or None) == (body or None)
    assert (answered, refused) == (115, 89)


def test_every_official_example_of_a_notification_can_be_read(shared_dir: Path) -> None:
    used = set()
    for file in sorted((shared_dir / "specs/amazon-sp-api/schemas/notifications").glob("*.json")):
        for example in json.loads(file.read_text("utf-8")).get("examples") or ():
            read = parse.notification(json.dumps(example).encode(), account=ACCOUNT, seen_at=NOON)
            used |= {read.type} if read.content is not None else set()
    assert used == {"ANY_OFFER_CHANGED", "ORDER_CHANGE"}


def test_the_official_expected_prices_are_read(shared_dir: Path) -> None:
    cases = sandbox_cases(shared_dir)
    [body] = [b for _, _, op, status, b in cases if op == "getFeaturedOfferExpectedPriceBatch" and status == 200]
    read = parse.expected_prices(body, account=ACCOUNT, seen_at=NOON)
    assert [(str(p.expected), str(p.competing_landed), p.status) for p in read.records] == [
        ("10.00 USD", "11.97 USD", "VALID_FOEP"),
        ("None", "None", "NO_COMPETING_OFFERS"),
    ]
    assert len(read.poison) == 1
