"""Notifications v1: destinations (grantless) and subscriptions of the three types this market sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platforms.simulated.credentials import queue_arn
from platforms.simulated.servers.sp.call import Call, Operation, SpRefused, invalid
from platforms.simulated.state import Subscription

KINDS = ("ANY_OFFER_CHANGED", "PRICING_HEALTH", "ORDER_CHANGE")


def _shown(call: Call, destination_id: str) -> dict[str, Any]:
    name, arn = call.world.destinations[destination_id]
    return {"destinationId": destination_id, "name": name, "resource": {"sqs": {"arn": arn}}}


def create_destination(call: Call) -> Any:
    body = call.body if isinstance(call.body, Mapping) else {}
    resource = body.get("resourceSpecification")
    queue = resource.get("sqs") if isinstance(resource, Mapping) else None
    arn = queue.get("arn") if isinstance(queue, Mapping) else None
    if not body.get("name") or not arn:
        raise invalid("'name' and 'resourceSpecification.sqs.arn' are required: only SQS is simulated.")
    if str(arn).rsplit(":", 1)[-1] != queue_arn().rsplit(":", 1)[-1]:
        raise invalid(f"The queue of {arn} does not exist or does not let the service send to it.")
    if any(arn == known for _, known in call.world.destinations.values()):
        raise SpRefused(409, "ResourceAlreadyExists", "A destination for this resource exists already.")
    return {"payload": _shown(call, call.sim.do("destination", name=body["name"], arn=arn))}


def list_destinations(call: Call) -> Any:
    return {"payload": [_shown(call, destination_id) for destination_id in call.world.destinations]}


def get_destination(call: Call) -> Any:
    return {"payload": _shown(call, _destination(call, call.path["destinationId"]))}


def delete_destination(call: Call) -> Any:
    call.sim.do("drop_destination", destination_id=_destination(call, call.path["destinationId"]))
    return {}


def _destination(call: Call, destination_id: str) -> str:
    if destination_id not in call.world.destinations:
        raise SpRefused(404, "NotFound", f"Destination {destination_id} was not found.")
    return destination_id


def _row(found: Subscription) -> dict[str, Any]:
    row: dict[str, Any] = {
        "subscriptionId": found.subscription_id,
        "payloadVersion": found.payload_version,
        "destinationId": found.destination_id,
    }
    return {**row, "processingDirective": found.directive} if found.directive else row


def _kind(call: Call) -> str:
    kind = call.path["notificationType"]
    if kind not in KINDS:
        raise invalid(f"The notification type {kind} is not sent by the simulated marketplace.")
    return kind


def create_subscription(call: Call) -> Any:
    kind, body = _kind(call), call.body if isinstance(call.body, Mapping) else {}
    if body.get("payloadVersion") != "1.0":
        raise invalid("'payloadVersion' must be 1.0.")
    destination_id = _destination(call, str(body.get("destinationId")))
    if any(s.kind == kind for s in call.world.subscriptions.values()):
        raise SpRefused(409, "ResourceAlreadyExists", f"A subscription for {kind} exists already.")
    made = call.sim.do(
        "subscribe",
        kind=kind,
        version="1.0",
        destination_id=destination_id,
        directive=body.get("processingDirective"),
    )
    return {"payload": _row(made)}


def get_subscription(call: Call) -> Any:
    kind = _kind(call)
    found = next((s for s in call.world.subscriptions.values() if s.kind == kind), None)
    if found is None:
        raise SpRefused(404, "NotFound", f"There is no subscription for {kind}.")
    return {"payload": _row(found)}


def _by_id(call: Call) -> Subscription:
    found = call.world.subscriptions.get(call.path["subscriptionId"])
    if found is None or found.kind != call.path["notificationType"]:
        raise SpRefused(404, "NotFound", f"Subscription {call.path['subscriptionId']} was not found.")
    return found


def get_subscription_by_id(call: Call) -> Any:
    return {"payload": _row(_by_id(call))}


def delete_subscription(call: Call) -> Any:
    call.sim.do("unsubscribe", subscription_id=_by_id(call).subscription_id)
    return {}


_D, _S = "/notifications/v1/destinations", "/notifications/v1/subscriptions/{notificationType}"
OPERATIONS = (
    Operation("createDestination", "POST", _D, 1, 5, create_destination, writes=True),
    Operation("getDestinations", "GET", _D, 1, 5, list_destinations),
    Operation("getDestination", "GET", _D + "/{destinationId}", 1, 5, get_destination),
    Operation("deleteDestination", "DELETE", _D + "/{destinationId}", 1, 5, delete_destination, writes=True),
    Operation("createSubscription", "POST", _S, 1, 5, create_subscription, writes=True),
    Operation("getSubscription", "GET", _S, 1, 5, get_subscription),
    Operation("getSubscriptionById", "GET", _S + "/{subscriptionId}", 1, 5, get_subscription_by_id),
    Operation("deleteSubscriptionById", "DELETE", _S + "/{subscriptionId}", 1, 5, delete_subscription, writes=True),
)
