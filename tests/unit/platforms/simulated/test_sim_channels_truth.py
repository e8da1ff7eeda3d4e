"""The truth about further channels, by the ids that their vendors print; ids are read back as they were printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated_kit import Market

from platforms.simulated.channels import ids, reads
from platforms.simulated.channels.ids import _SHAPES, print_id, read_id, read_unit
from platforms.simulated.state import CHANNELS, EBAY, TIKTOK, WALMART

SHAPES = sorted(_SHAPES)


@given(shape=st.sampled_from(SHAPES), number=st.integers(1, 10**6))
def test_an_id_is_read_back_as_it_was_printed(shape: tuple[str, str], number: int):
    assert read_id(*shape, print_id(*shape, number)) == number


@given(number=st.integers(1, 10**6), unit=st.integers(0, 99))
def test_units_of_a_line_are_told_apart(number: int, unit: int):
    printed = print_id(TIKTOK, "line", number, unit)
    assert read_unit(TIKTOK, "line", printed) == (number, unit)
    assert (read_id(TIKTOK, "line", printed) == number) is (unit == 0)


@given(shape=st.sampled_from(SHAPES), text=st.text(max_size=30))
def test_any_text_is_an_id_or_not(shape: tuple[str, str], text: str):
    found = read_id(*shape, text)
    assert found is None or found > 0


@pytest.mark.parametrize("text", ["", "0", "-5", "19-00000-10007", "²", "9" * 200])
def test_what_cannot_be_an_id_is_none(text: str):
    assert read_id(EBAY, "sale", text) is None


def test_an_order_of_ebay_looks_like_one():
    assert print_id(EBAY, "sale", 1) == "19-00000-17926"
    assert len(print_id(WALMART, "sale", 1)) == 13
    assert len(print_id(TIKTOK, "sale", 1)) == 18


def test_ids_of_one_channel_do_not_meet():
    for channel in CHANNELS:
        printed = [print_id(name, what, n) for name, what in SHAPES if name == channel for n in range(1, 2000)]
        assert len(printed) == len(set(printed))


def test_the_truth_tells_all_channels(market: Market):
    told = market.http.get("/_sim/truth").json()
    assert (set(told["orders"]), told["channels"]) == ({"amazon", "shopify"}, {})
    assert market.http.post("/_sim/channels", json={"open": [EBAY, TIKTOK]}).status_code == 200
    market.pass_time(hours=12)
    told = market.http.get("/_sim/truth").json()
    assert set(told["orders"]) == {"amazon", "shopify", EBAY, TIKTOK}
    for name in (EBAY, TIKTOK):
        channel = market.world.channels[name]
        assert set(told["orders"][name]) == {ids.print_id(name, "sale", number) for number in channel.sales}
        for text, order in told["orders"][name].items():
            sale = channel.sales[ids.read_id(name, "sale", text) or 0]
            assert order["total_minor"] == sale.total_minor
            assert [line["sku"] for line in order["lines"]] == [line.sku for line in sale.lines]
        account = told["channels"][name]
        assert account["counts"] == market.http.get("/_sim/state").json()["channels"][name]
        assert len(account["messages"]) == len(channel.letters)
        assert len(account["charges"]) == len(channel.charges)
        for sku, item in account["items"].items():
            assert item["available"] == reads.available(market.world, channel.by_sku[sku])
            assert told["stock"][sku]["own"] == market.world.stock[sku].own
        rows = [row for row in told["listings"] if row["channel"] == name]
        assert {row["sku"] for row in rows} == set(channel.by_sku)
        assert all(row["hard_min_minor"] < row["ceiling_minor"] for row in rows)


def test_reads_for_servers(market: Market):
    market.sim.do("channel_open", channel=EBAY)
    channel = market.world.channels[EBAY]
    item = next(item for item in channel.items.values() if item.rivals)
    offers = reads.offers(market.world, channel, item)
    assert (offers[0].policy, offers[0].price_minor) == ("ours", item.price_minor)
    best = reads.best_rival(item)
    assert best is not None
    assert best.landed_minor == min(offer.landed_minor for offer in offers[1:])
    assert reads.winner(market.world, channel, item) == item.featured
    rows, total = reads.page(reads.items(channel), 3, 5)
    assert ([one.number for one in rows], total) == ([4, 5, 6, 7, 8], len(channel.items))
    for rival in item.rivals:
        rival.back_at = market.sim.now()
    assert reads.best_rival(item) is None
