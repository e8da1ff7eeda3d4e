"""Telling Amazon where our notifications go: one destination (our queue) and a subscription for each type."""

from __future__ import annotations

from typing import Any, Final

from ecom_agent.errors import ConfigError, Rejected, TerminalError
from platforms._shared.payload import find, items, text
from platforms.amazon.client import AmazonClient, path_of
from platforms.amazon.parse.notifications import ANY_OFFER_CHANGED, ORDER_CHANGE, PRICING_HEALTH
from platforms.amazon.queue import arn

TYPES: Final = (ANY_OFFER_CHANGED, ORDER_CHANGE, PRICING_HEALTH)
DESTINATION: Final = "ecom-agent"
PAYLOAD_VERSION: Final = "1.0"
_DESTINATIONS: Final = "/notifications/v1/destinations"
_SUBSCRIPTION: Final = "/notifications/v1/subscriptions/{notificationType}"


def subscribe(client: AmazonClient, types: tuple[str, ...] = TYPES) -> tuple[str, ...]:
    """Make what is missing and leave what is there. Raises ConfigError where a type goes to another queue."""
    destination = _destination(client, arn(client.settings))
    for kind in types:
        going_to = _subscribed_to(client, kind)
        if going_to is None:
            going_to = _create(client, kind, destination)
        if going_to != destination:
            raise ConfigError(
                f"QUEUE_URL: {kind} of account {client.account} already goes to destination {going_to}, not to ours "
                f"({destination}); delete that subscription, or set QUEUE_URL to its queue"
            )
    return types


def _destination(client: AmazonClient, queue_arn: str) -> str:
    """The id of the destination that is our queue; made where there is none."""
    listed = client.answer("GET", _DESTINATIONS, operation="getDestinations", grantless=True).parsed
    for known in items(listed, "payload"):
        if find(known, "resource.sqs.arn") == queue_arn:
            return text(known, "destinationId")
    body = {"name": f"{DESTINATION}-{client.account}", "resourceSpecification": {"sqs": {"arn": queue_arn}}}
    made = client.answer("POST", _DESTINATIONS, operation="createDestination", body=body, grantless=True).parsed
    return text(made, "payload.destinationId")


def _subscribed_to(client: AmazonClient, kind: str) -> str | None:
    """The destination of this type's subscription, None where there is no subscription."""
    query = {"payloadVersion": PAYLOAD_VERSION}
    try:
        found = client.answer("GET", _path(kind), operation="getSubscription", query=query).parsed
    except TerminalError as error:
        if error.status == 404:
            return None
        raise
    return None if find(found, "payload") is None else text(found, "payload.destinationId")


def _create(client: AmazonClient, kind: str, destination: str) -> str:
    body: dict[str, Any] = {"payloadVersion": PAYLOAD_VERSION, "destinationId": destination}
    try:
        made = client.answer("POST", _path(kind), operation="createSubscription", body=body).parsed
    except Rejected as error:
        there = _subscribed_to(client, kind) if error.status == 409 else None
        if there is None:
            raise
        return there
    return text(made, "payload.destinationId")


def _path(kind: str) -> str:
    return path_of(_SUBSCRIPTION, notificationType=kind)
