"""Messaging v1: telling the buyer of an order about an unexpected problem. The simulated buyers do not answer."""

from __future__ import annotations

from typing import Any

from platforms.simulated.servers.sp.call import Call, Operation, SpRefused
from platforms.simulated.state import AMAZON


def unexpected_problem(call: Call) -> Any:
    """Taken for an order of this seller; what it says changes nothing in the world."""
    call.here()
    order_id = call.path["amazonOrderId"]
    found = call.world.ledger.orders.get(order_id)
    if found is None or found.channel != AMAZON:
        raise SpRefused(404, "NotFound", f"Order {order_id} was not found.")
    return {}


OPERATIONS = (
    Operation(
        "createUnexpectedProblem",
        "POST",
        "/messaging/v1/orders/{amazonOrderId}/messages/unexpectedProblem",
        1,
        5,
        unexpected_problem,
        writes=True,
        status=201,
    ),
)
