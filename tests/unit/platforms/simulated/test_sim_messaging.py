"""A message about an unexpected problem is taken for an order of ours, and for no other."""

from __future__ import annotations

from simulated_kit import Market

from platforms.simulated.wire.offers import MARKETPLACE


def tell(market: Market, order_id: str, marketplace: str = MARKETPLACE) -> int:
    path = f"/messaging/v1/orders/{order_id}/messages/unexpectedProblem"
    answer = market.sp("POST", path, params={"marketplaceIds": marketplace}, json={"text": "It will be late."})
    return int(answer.status_code)


def test_it_is_taken_for_an_order_of_ours_only(market: Market) -> None:
    market.pass_time(hours=2)
    orders = market.world.ledger.orders.values()
    ours = next(order.order_id for order in orders if order.channel == "amazon")
    assert tell(market, ours) == 201
    assert tell(market, "123-1234567-1234567") == 404
    assert tell(market, ours, "A1PA6795UKMFR9") == 400
