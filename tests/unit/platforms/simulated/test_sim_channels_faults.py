"""Faults that only further channels know, and windows over orders that see through them."""

from __future__ import annotations

import gzip
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_kit import START, Market

from platforms.simulated.channels import reads
from platforms.simulated.channels.model import Channel
from platforms.simulated.commands import COMMANDS
from platforms.simulated.faults import MOST_SKEW_S, FaultPlan
from platforms.simulated.servers.base import WireFaults
from platforms.simulated.servers.spoil import STRANGE_STATUS, gzipped, spoil_page
from platforms.simulated.state import CHANNELS, EBAY, WALMART
from platforms.simulated.world import World


def lived(name: str, days: float = 2, **chances: float) -> World:
    """A world with one channel and nothing else."""
    world = World(7, START)
    world.pages.clear()
    world.shop.clear()
    COMMANDS["faults"](world, chances=chances)
    COMMANDS["channel_open"](world, channel=name)
    world.advance(START + timedelta(days=days))
    return world


def test_stale_stock_oversells_and_the_truth_says_so():
    world = World(7, START)
    world.pages.clear()
    COMMANDS["faults"](world, chances={"stale_stock": 1.0})
    COMMANDS["channel_open"](world, channel=WALMART)
    channel = world.channels[WALMART]
    for item in channel.items.values():
        COMMANDS["channel_quantity"](world, channel=WALMART, sku=item.sku, quantity=50)
        world.stock[item.sku].own = 1
    world.advance(START + timedelta(days=1))
    assert min(stock.own for stock in world.stock.values()) >= 0
    short = [sale for sale in channel.sales.values() if any(line.short or line.cancelled for line in sale.lines)]
    assert channel.counts["units_short"] > 0
    world.advance(START + timedelta(days=4))
    assert any(sale.cancel_reason == "out_of_stock" and sale.cancelled_by == "seller" for sale in short)
    assert not any(line.shipped > line.quantity - line.cancelled for sale in short for line in sale.lines)


def test_what_is_allotted_within_the_stock_is_never_oversold():
    world = World(7, START)
    world.pages.clear()
    world.shop.clear()
    COMMANDS["faults"](world, chances={"stale_stock": 1.0})
    for name in CHANNELS:
        COMMANDS["channel_open"](world, channel=name)
    for name in CHANNELS:
        for item in world.channels[name].items.values():
            share = world.stock[item.sku].own // len(CHANNELS)
            COMMANDS["channel_quantity"](world, channel=name, sku=item.sku, quantity=share)
    world.advance(START + timedelta(days=2))
    assert sum(len(channel.sales) for channel in world.channels.values()) > 100
    assert all(channel.counts["units_short"] == 0 for channel in world.channels.values())


def test_late_updates_show_after_their_own_stamp():
    world = lived(EBAY, days=1, late_updates=1.0)
    sales = world.channels[EBAY].sales.values()
    assert any(sale.paid_at and sale.updated_at < sale.paid_at for sale in sales)
    assert all(sale.updated_at >= sale.created_at for sale in sales)


def test_a_skewed_clock_is_off_by_the_same_all_the_time():
    plan = FaultPlan({"clock_skew": 1.0})
    skews = {name: plan.skew(name, 7) for name in CHANNELS}
    assert skews == {name: plan.skew(name, 7) for name in CHANNELS}
    assert all(abs(skew) <= timedelta(seconds=MOST_SKEW_S) for skew in skews.values())
    assert len(set(skews.values())) > 1
    assert FaultPlan().skew(EBAY, 7) == timedelta()
    plain, off = lived(EBAY, days=0.3), lived(EBAY, days=0.3, clock_skew=1.0)
    pairs = zip(plain.channels[EBAY].sales.values(), off.channels[EBAY].sales.values(), strict=True)
    assert all(there.updated_at - here.updated_at == skews[EBAY] for here, there in pairs)


@pytest.fixture(scope="module")
def hurt() -> Channel:
    """A channel whose stamps are out of order as far as the faults allow."""
    return lived(WALMART, days=3, late_updates=0.5, clock_skew=1.0).channels[WALMART]


@given(first=st.integers(-10, 80 * 60), span=st.one_of(st.none(), st.integers(0, 30 * 60)))
@settings(max_examples=60, deadline=None)
def test_windows_hold_exactly_the_orders_of_their_time(hurt: Channel, first: int, span: int | None):
    after = START + timedelta(minutes=first)
    before = after + timedelta(minutes=span) if span is not None else None

    def inside(at: datetime) -> bool:
        return at >= after and (before is None or at < before)

    every = hurt.sales.values()
    changed, created = reads.changed(hurt, after, before), reads.created(hurt, after, before)
    assert {sale.number for sale in changed} == {sale.number for sale in every if inside(sale.updated_at)}
    assert {sale.number for sale in created} == {sale.number for sale in every if inside(sale.created_at)}
    assert [sale.updated_at for sale in changed] == sorted(sale.updated_at for sale in changed)
    assert [sale.created_at for sale in created] == sorted(sale.created_at for sale in created)


def records() -> list[dict[str, Any]]:
    return [{"id": str(n), "lines": [{"state": {"word": "paid"}}]} for n in range(5)]


def test_a_page_is_spoilt_only_where_the_dice_say(market: Market):
    faults = WireFaults(market.sim)
    page = records()
    spoil_page(faults, page, heart="id", status=("lines", "state", "word"))
    assert page == records()
    market.sim.do("faults", chances={"unknown_status": 1.0, "poison_record": 1.0, "extra_fields": 1.0})
    spoil_page(faults, page, heart="id", status=("lines", "state", "word"))
    assert sum(one["lines"][0]["state"]["word"] == STRANGE_STATUS for one in page) == 1
    assert sum(not isinstance(one["id"], str) for one in page) == 1
    assert all("addedLately" in one for one in page)
    nothing: list[dict[str, Any]] = []
    spoil_page(faults, nothing, heart="id")
    assert nothing == []


def test_a_torn_file_cannot_be_unpacked(market: Market):
    faults, data = WireFaults(market.sim), random.Random(1).randbytes(4000)
    assert gzip.decompress(gzipped(faults, data)) == data
    market.sim.do("faults", chances={"truncated_gzip": 1.0})
    with pytest.raises(EOFError):
        gzip.decompress(gzipped(faults, data))


def test_a_revoked_refresh_token_is_refused(market: Market):
    market.sim.do("faults", chances={"revoked_tokens": 1.0})
    form = {"grant_type": "refresh_token", "client_id": "x"}
    assert market.http.post("/lwa/auth/o2/token", data=form).status_code == 401
    with pytest.raises(AssertionError, match="invalid_grant"):
        market.token()
