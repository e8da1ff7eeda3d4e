"""Walmart's vectors: performance webhooks as our connector checks them, at the moment they were signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ecom_agent.clock import FrozenClock
from ecom_agent.ids import AccountId
from platforms import registry
from platforms._shared.throttle import Quota


def webhook(vector: Mapping[str, Any], body: bytes) -> None:
    """The real connector, with the vector's address and secret. It calls nobody."""
    clock = FrozenClock(datetime.fromtimestamp(int(vector["WM_SEC.TIMESTAMP"]), UTC))
    values = {
        "client_id": "official",
        "client_secret": "official",
        "seller_id": "official",
        "webhook_secret": vector["secret"],
        "webhook_url": f"https://ours.example{vector['path_and_query']}",
    }
    connector = registry.open("walmart", AccountId("official"), values, clock, Quota(clock))
    headers = {name: vector[name] for name in ("WM_SEC.TIMESTAMP", "WM_SEC.SIGNATURE")}
    connector.verify_webhook(headers, body)
