"""Commerce Notification: destinations that prove themselves by a challenge, subscriptions, eBay's public key."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import httpx

from platforms.simulated.channels.ids import print_id, read_id
from platforms.simulated.channels.model import Channel, Delivery, Listener
from platforms.simulated.servers.courier import Printed
from platforms.simulated.servers.ebay.call import Answer, Call, EbayRefused, Operation, error
from platforms.simulated.state import EBAY
from platforms.simulated.wire import ebay_news
from platforms.simulated.wire.text import moment
from platforms.simulated.world import World

BASE: Final = "/commerce/notification/v1"
DOMAIN: Final = "API_NOTIFICATION"
DESTINATIONS: Final = "destinations"
"""What the account keeps: destination id → name, status, endpoint."""
PER_DAY: Final = 10_000
TIMEOUT_S: Final = 5.0
_API: Final = "commerce.notification"


def printed(world: World, channel: Channel, delivery: Delivery) -> Printed | None:
    """One notification, signed. None for a change that its topic does not tell."""
    raw = ebay_news.body(world, channel, delivery)
    if raw is None:
        return None
    return Printed(raw, {"Content-Type": "application/json", "X-EBAY-SIGNATURE": ebay_news.signature(raw)})


def public_key(call: Call) -> Any:
    if call.path["key_id"] != ebay_news.KEY_ID:
        raise EbayRefused(404, error(195001, DOMAIN, "The specified key id is invalid."))
    return ebay_news.public_key()


class Destinations:
    """`transport` stands in for the network that challenges go out on."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = transport

    async def create(self, call: Call) -> Any:
        """eBay asks the endpoint a question that only who knows the verification token can answer."""
        body = call.body if isinstance(call.body, Mapping) else {}
        config = body.get("deliveryConfig") or {}
        endpoint, token = config.get("endpoint"), config.get("verificationToken")
        if not isinstance(endpoint, str) or not endpoint.startswith(
            ("https://", "http://127.0.0.1", "http://localhost")
        ):
            raise EbayRefused(400, error(195017, DOMAIN, "Invalid or missing endpoint."))
        if not isinstance(token, str) or not 32 <= len(token) <= 80:
            raise EbayRefused(400, error(195019, DOMAIN, "Invalid or missing verification token for this endpoint."))
        known = _destinations(call)
        if any(one["endpoint"] == endpoint for one in known.values()):
            raise EbayRefused(409, error(195021, DOMAIN, "Destination exists for this endpoint."))
        code = hashlib.sha256(f"{endpoint}/{call.now.isoformat()}".encode()).hexdigest()[:32]
        wanted = hashlib.sha256(f"{code}{token}{endpoint}".encode()).hexdigest()
        if await self._ask(endpoint, code) != wanted:
            raise EbayRefused(409, error(195020, DOMAIN, "Challenge verification failed for requested endpoint"))
        number = f"dest-{len(known) + 1}"
        kept = {"name": str(body.get("name")), "status": str(body.get("status", "ENABLED")), "endpoint": endpoint}
        call.do("channel_keep", key=DESTINATIONS, value={**known, number: kept})
        return Answer(None, 201, {"Location": call.servers.base_url() + f"/ebay{BASE}/destination/{number}"})

    async def _ask(self, endpoint: str, code: str) -> str | None:
        async with httpx.AsyncClient(transport=self._transport, timeout=TIMEOUT_S) as client:
            try:
                answer = await client.get(endpoint, params={"challenge_code": code})
                said = answer.json()
            except (httpx.HTTPError, ValueError):
                return None
        found = said.get("challengeResponse") if answer.is_success and isinstance(said, Mapping) else None
        return found if isinstance(found, str) else None


def subscribe(call: Call) -> Any:
    body = call.body if isinstance(call.body, Mapping) else {}
    topic, destination = str(body.get("topicId")), str(body.get("destinationId"))
    if topic not in ebay_news.KINDS:
        raise EbayRefused(400, error(195027, DOMAIN, f"Invalid or missing topic id: {topic[:60]}"))
    if destination not in _destinations(call):
        raise EbayRefused(400, error(195007, DOMAIN, "Invalid or missing destination id."))
    if any(one.topic == topic for one in call.channel.listeners.values()):
        raise EbayRefused(409, error(195012, DOMAIN, f"Subscription already exists for topic {topic}."))
    url = _destinations(call)[destination]["endpoint"]
    about = {"destinationId": destination}
    number = call.do("channel_listen", topic=topic, kinds=list(ebay_news.KINDS[topic]), url=url, about=about)
    made = print_id(EBAY, "listener", number)
    return Answer(None, 201, {"Location": call.servers.base_url() + f"/ebay{BASE}/subscription/{made}"})


def subscriptions(call: Call) -> Any:
    found = [_subscription(one) for one in call.channel.listeners.values()]
    return {"href": call.href(f"{BASE}/subscription"), "limit": 20, "total": len(found), "subscriptions": found}


def unsubscribe(call: Call) -> Any:
    number = read_id(EBAY, "listener", call.path["subscription_id"])
    if number not in call.channel.listeners:
        raise EbayRefused(404, error(195013, DOMAIN, "Invalid subscription id."))
    call.do("channel_unlisten", number=number)
    return Answer(None, 204)


def _subscription(one: Listener) -> dict[str, Any]:
    return {
        "subscriptionId": print_id(EBAY, "listener", one.number),
        "topicId": one.topic,
        "status": "ENABLED",
        "creationDate": moment(one.created_at),
        "payload": {"format": "JSON", "schemaVersion": "1.0", "deliveryProtocol": "HTTPS"},
        "destinationId": one.about["destinationId"],
    }


def _destinations(call: Call) -> dict[str, Any]:
    return call.channel.kept.get(DESTINATIONS) or {}


def operations(transport: httpx.AsyncBaseTransport | None = None) -> tuple[Operation, ...]:
    create = Destinations(transport).create
    one = f"{BASE}/subscription/{{subscription_id}}"
    return (
        Operation("getPublicKey", "GET", f"{BASE}/public_key/{{key_id}}", _API, PER_DAY, public_key, for_anyone=True),
        Operation(
            "createDestination", "POST", f"{BASE}/destination", _API, PER_DAY, create, writes=True, for_anyone=True
        ),
        Operation("createSubscription", "POST", f"{BASE}/subscription", _API, PER_DAY, subscribe, writes=True),
        Operation("getSubscriptions", "GET", f"{BASE}/subscription", _API, PER_DAY, subscriptions),
        Operation("deleteSubscription", "DELETE", one, _API, PER_DAY, unsubscribe, writes=True),
    )
