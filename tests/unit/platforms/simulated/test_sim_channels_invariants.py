"""Whatever a seller's program sends, and whatever goes wrong: what must always hold of a channel."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest
from channel_kit import Seller, next_command
from hypothesis import given, settings
from hypothesis import strategies as st

from platforms.simulated import lives
from platforms.simulated.channels import constants as k
from platforms.simulated.channels.model import Channel, Sale
from platforms.simulated.state import CHANNELS

FAULTS = {"stale_stock": 0.5, "late_updates": 0.3, "not_applied": 0.2, "duplicate_events": 0.2, "lost_events": 0.2}


@pytest.fixture(scope="module", autouse=True)
def quick_lives():
    """Orders live through all that can happen within hours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(k, "RETURN_SHARE", 0.5)
        for name in ("RETURN_ASKED_AFTER_S", "DELIVERED_AFTER_S", "SHIP_AFTER_S", "RETURN_TRAVELS_S", "CANCEL_AFTER_S"):
            patch.setattr(k, name, (600, 7200))
        for name in ("RETURN_ANSWERED_S", "REFUND_FORCED_S"):
            patch.setattr(k, name, 3600)
        yield


def check_order(sale: Sale) -> None:
    for line in sale.lines:
        assert 0 <= line.short <= line.open, "units that are not there are open"
        assert 0 <= line.shipped + line.cancelled <= line.quantity
        assert 0 <= line.refunded_minor <= line.total_minor
        assert 0 <= line.returned <= line.shipped
        assert line.shipped == sum(
            units for parcel in sale.shipments for no, units in parcel.lines if no == line.number
        )
    if sale.status in ("shipped", "delivered"):
        assert not any(line.open for line in sale.lines)
        assert sale.shipments
    if sale.status == "cancelled":
        assert all(line.cancelled == line.quantity for line in sale.lines)
    if sale.status in ("pending", "paid"):
        assert not sale.shipments
        assert any(line.open for line in sale.lines)


def check_statement(channel: Channel) -> None:
    """What is paid back of a line is never more than what was charged for it."""
    sold: Counter[int] = Counter()
    paid_back: Counter[int] = Counter()
    for charge in channel.charges:
        if charge.line is not None and charge.kind in ("sale", "refund"):
            (sold if charge.kind == "sale" else paid_back)[charge.line] += abs(charge.amount_minor)
    for sale in channel.sales.values():
        for line in sale.lines:
            assert sold[line.number] <= line.total_minor
            assert paid_back[line.number] <= (sold[line.number] or line.refunded_minor)


def check_account(channel: Channel) -> None:
    assert list(channel.sales) == list(range(1, len(channel.sales) + 1))
    assert set(channel.touched) == set(channel.sales)
    refunds: Counter[int] = Counter()
    for refund in channel.refunds.values():
        refunds.update(dict(refund.amounts))
    for sale in channel.sales.values():
        check_order(sale)
        assert all(line.refunded_minor == refunds[line.number] for line in sale.lines)
    for one in channel.returns.values():
        assert (one.status in ("received", "refunded")) is (one.received_at is not None) or one.refund is not None
    assert all(item.shown is None or item.shown >= 0 for item in channel.items.values())


@given(seed=st.integers(0, 10**6), name=st.sampled_from(CHANNELS), faults=st.sampled_from(({}, FAULTS)))
@settings(max_examples=12, deadline=None)
def test_orders_money_and_units_are_consistent_after_any_commands(seed: int, name: str, faults: dict[str, float]):
    dice, seller = random.Random(seed), Seller(name)
    seller.world.faults.set(faults)
    world, channel = seller.world, seller.channel
    arrived: Counter[str] = Counter()
    real = lives.STEPS["arrive_own"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(
            lives.STEPS,
            "arrive_own",
            lambda world, sku, units, now: (arrived.update({sku: units}), real(world, sku, units, now)),
        )
        before = {sku: stock.own for sku, stock in world.stock.items()}
        for _ in range(120):
            world.advance(world.now + timedelta(minutes=dice.choice((0, 3, 30, 90))))
            command, given_arguments = next_command(channel, dice)
            seller.do(command, **given_arguments)
            check_account(channel)
    check_statement(channel)
    gone: Counter[str] = Counter()
    back: Counter[str] = Counter()
    for sale in channel.sales.values():
        for line in sale.lines:
            gone[line.sku] += line.quantity - line.cancelled - line.short
            back[line.sku] += line.returned
    for sku, stock in world.stock.items():
        most = before[sku] + arrived[sku] - gone[sku] + back[sku]
        assert most - back[sku] <= stock.own <= most, "a returned unit is on the shelf again or thrown away"
