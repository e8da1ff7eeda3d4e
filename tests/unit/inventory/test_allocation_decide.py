"""What each channel is told, and what waits: at no moment is more promised than there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from allocation_facts import CHANNELS, MUG, NOW, PAIR, book, outlet, policy
from hypothesis import given
from hypothesis import strategies as st

from ecom_agent.errors import BadInput
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.pools import Outlet, PoolBook
from inventory.allocation.decide import decide
from inventory.allocation.inputs import AllocationInputs, Hold, Publish

OLD = NOW - timedelta(minutes=31)


def decided(made: PoolBook, **lines: Any) -> dict[str, Any]:
    found = decide(AllocationInputs(made, NOW), policy(**lines))
    return {account: answer for (account, _, _, _), answer in found.items()}


def one(**other: Any) -> Any:
    """The answer for eBay, alone with 20 mugs."""
    return decided(book(outlet(**other), MUG=20))["ebay"]


@st.composite
def places(draw: Any) -> list[Outlet]:
    """Channels as they are found: some show too much, some have changes under way or orders not read yet."""
    made = []
    for name in draw(st.sets(st.sampled_from(CHANNELS), min_size=1)):
        shown = draw(st.integers(0, 30))
        sent = draw(st.none() | st.integers(0, 30))
        made.append(outlet(name, shown, sent=sent, under_way=draw(st.booleans()) and sent is not None))
    return made


@given(places(), st.integers(0, 60), st.integers(0, 5), st.sampled_from(["split", "shared"]), st.data())
def test_whichever_writes_arrive_first_no_more_is_promised_than_before_or_than_there_is(
    made: list[Outlet], units: int, keep: int, mode: str, data: Any
) -> None:
    found = decided(book(*made, MUG=units), keep_units=keep, mode=mode, overlap="2")
    arrived = data.draw(st.sets(st.sampled_from([o.account for o in made])))
    after = [
        max(found[o.account].to, o.sent or 0 if o.under_way else 0)
        if o.account in arrived and isinstance(found[o.account], Publish)
        else o.claimed
        for o in made
    ]
    free = max(0, units - keep)
    bound = free if mode == "split" else free * 2
    assert sum(after) <= max(bound, sum(o.claimed for o in made))
    for o in made:
        answer = found[o.account]
        if isinstance(answer, Publish) and answer.to > o.shown:
            assert answer.to <= free


@given(places(), st.integers(0, 60))
def test_same_facts_same_answers_and_it_comes_to_rest(made: list[Outlet], units: int) -> None:
    made = [replace(o, sent=None, under_way=False) for o in made]
    for _ in range(len(made) + 1):
        found = decided(book(*made, MUG=units))
        assert found == decided(book(*reversed(made), MUG=units))
        told = {name: answer.to for name, answer in found.items() if isinstance(answer, Publish)}
        made = [replace(o, shown=told.get(o.account, o.shown)) for o in made]
    assert told == {}
    assert sum(o.shown for o in made) <= units


def test_raising_waits_until_others_show_fewer() -> None:
    found = decided(book(outlet("ebay", 0), outlet("shop", 10), MUG=10), few_units=0)
    assert found["shop"] == Publish(5, 5, "10 of MUG may be sold on 2 channels: its share is 5")
    assert found["ebay"] == Hold("others must show fewer first", 5)
    found = decided(book(outlet("ebay", 0), outlet("shop", 5), MUG=10), few_units=0)
    assert found["ebay"].to == 5
    found = decided(book(outlet("ebay", 0), outlet("shop", 5, sent=8, under_way=True), MUG=10), few_units=0)
    assert (found["ebay"].to, found["ebay"].wanted) == (2, 5)
    assert found["shop"] == Hold("a change of it is under way", 5)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"own": "CUP"}, "CUP was never counted"),
        ({"location": "fba"}, "the platform holds these units: they are not ours to set"),
        ({"status": ListingStatus.SUPPRESSED}, "the listing is suppressed"),
        ({"seen_at": OLD}, "its stock was last read 31 min ago"),
        ({"orders_at": OLD}, "orders of ebay were last read 31 min ago"),
        ({"orders_at": None}, "orders of ebay were last read never"),
        ({"shown": 20}, "it shows its share"),
        ({"shown": 19}, "too little to move"),
        ({"shown": 15, "sent": 17}, "2 fewer are shown than were set, and no order says why yet"),
    ],
)
def test_what_is_left_as_it_is_says_why(other: dict[str, Any], why: str) -> None:
    answer = one(**other)
    assert isinstance(answer, Hold)
    assert answer.reason == why


def test_too_much_is_lowered_however_little_and_however_old_the_orders_are() -> None:
    assert one(shown=21, orders_at=None).to == 20
    assert decided(book(outlet("ebay", 5), outlet("shop", 6), MUG=10), few_units=0)["shop"].to == 5


def test_one_unit_for_an_empty_channel_is_worth_a_write() -> None:
    assert decided(book(outlet("ebay", 0), MUG=1))["ebay"].to == 1


def test_a_channel_left_alone_still_counts() -> None:
    found = decided(book(outlet("ebay", 0), outlet("shop", 8), MUG=10), channels={"shop": {"publish": False}})
    assert found["shop"] == Hold("the policy leaves this channel alone")
    assert found["ebay"].to == 2


def test_more_ordered_than_there_is_lowers_all_to_nothing() -> None:
    made = book(outlet("ebay", 2), outlet("shop", 1), MUG=3)
    made = replace(made, shelves={MUG: replace(made.shelves[MUG], reserved=5)})
    assert [answer.to for answer in decided(made).values()] == [0, 0]


def test_a_bundle_waits_for_its_part_to_be_counted() -> None:
    found = decided(book(outlet(sku=PAIR), MUG=9), bundles={PAIR: {MUG: 2, "BOX": 1}})
    assert found["ebay"] == Hold("BOX was never counted")
    found = decided(book(outlet(sku=PAIR), MUG=9, BOX=9), bundles={PAIR: {MUG: 2, "BOX": 1}})
    assert found["ebay"].to == 4


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({"mode": "both"}, "allocation.mode: split or shared"),
        ({"keep_share": "1.5"}, "allocation.keep_share: a number from 0 to 1"),
        ({"overlap": "0.5"}, "allocation.overlap: a number from 1"),
        ({"least_move": 0}, "allocation.least_move: a whole number from 1"),
        ({"extra": 1}, "allocation.extra"),
        ({"channels": {"ebay": {"weigth": 2}}}, "allocation.channels.ebay.weigth"),
        ({"channels": {"ebay": {"publish": "no"}}}, "allocation.channels.ebay.publish: true or false"),
        ({"channels": {"ebay": 3}}, "allocation.channels.ebay: lines"),
        ({"channels": 3}, "allocation.channels: names"),
        ({"skus": {"MUG": {"keep_units": -1}}}, "allocation.skus.MUG.keep_units"),
        ({"bundles": {"PAIR": {}}}, "allocation.bundles.PAIR: SKUs with units"),
        ({"bundles": {"PAIR": {"MUG": 0}}}, "allocation.bundles.PAIR.MUG: a whole number from 1"),
        ({"bundles": {"PAIR": {"MUG": 2}, "BOX": {"PAIR": 1}}}, "allocation.bundles.BOX: parts that are no bundles"),
    ],
)
def test_a_policy_that_cannot_be_read_names_the_line(lines: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said.replace(".", r"\.")):
        policy(**lines)
