"""Commands on a channel's orders and returns: done as asked, cut down where too much is asked, true to the books."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from channel_kit import Seller
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_kit import START

from platforms.simulated.channels import constants as k
from platforms.simulated.channels import letters, money, reads
from platforms.simulated.channels.model import Channel, Sale
from platforms.simulated.dice import Dice
from platforms.simulated.state import CHANNELS, EBAY, TIKTOK, WALMART


def big_and_paid(sale: Sale) -> bool:
    return sale.status == "paid" and sum(line.quantity for line in sale.lines) > 1


def test_an_order_is_shipped_in_parcels_and_never_more_than_ordered():
    seller = Seller()
    sale = seller.until(big_and_paid)
    first = sale.lines[0]
    seller.do("channel_acknowledge", sale=sale.number)
    number = seller.do("channel_ship", sale=sale.number, carrier="UPS", tracking="1Z1", lines=[[first.number, 1]])
    assert sale.status == "part_shipped"
    rest = seller.do("channel_ship", sale=sale.number, carrier="UPS", tracking="1Z2", lines=None)
    assert (sale.status, rest) == ("shipped", number + 1)
    assert seller.do("channel_ship", sale=sale.number, carrier="UPS", tracking="1Z3") is None
    assert [parcel.tracking for parcel in sale.shipments] == ["1Z1", "1Z2"]
    assert all(line.shipped == line.quantity for line in sale.lines)
    seller.live(days=5)
    assert sale.status == "delivered"


def test_what_is_not_paid_is_not_shipped():
    seller = Seller(TIKTOK)
    sale = seller.until(lambda sale: sale.status == "pending")
    assert seller.do("channel_ship", sale=sale.number, carrier="UPS", tracking="1Z1") is None
    assert sale.status == "pending"


@pytest.mark.parametrize("name", CHANNELS)
def test_cancelled_units_are_free_again_and_their_money_goes_back(name: str):
    seller = Seller(name)
    sale = seller.until(big_and_paid)
    line = sale.lines[0]
    seller.do("channel_quantity", sku=line.sku, quantity=5)
    own = seller.world.stock[line.sku].own
    seller.do("channel_cancel", sale=sale.number, reason="no_stock", lines=[[line.number, 99]])
    assert line.cancelled == line.quantity
    assert seller.world.stock[line.sku].own == own + line.quantity
    assert seller.channel.by_sku[line.sku].shown == 5 + line.quantity
    assert sum(charge.amount_minor for charge in seller.channel.charges if charge.line == line.number) == 0
    seller.do("channel_cancel", sale=sale.number, reason="no_stock")
    assert (sale.status, sale.cancelled_by, sale.cancel_reason) == ("cancelled", "seller", "no_stock")
    assert seller.world.stock[line.sku].own == own + line.quantity


@pytest.mark.parametrize("share", [3, 1])
def test_what_was_refunded_is_not_paid_back_again_by_cancelling(share: int):
    seller = Seller()
    sale = seller.until(big_and_paid)
    line = sale.lines[0]
    seller.do("channel_refund", sale=sale.number, amounts=[[line.number, line.total_minor // share]], reason="late")
    for _ in range(line.quantity):
        seller.do("channel_cancel", sale=sale.number, reason="no_stock", lines=[[line.number, 1]])
    mine = [charge for charge in seller.channel.charges if charge.line == line.number]
    assert sum(charge.amount_minor for charge in mine if charge.kind in ("sale", "refund")) == 0
    assert seller.do("channel_refund", sale=sale.number, amounts=[[line.number, 1]], reason="more") is None


def test_an_order_of_which_the_rest_is_cancelled_is_shipped():
    seller = Seller()
    sale = seller.until(big_and_paid)
    line = sale.lines[0]
    seller.do("channel_ship", sale=sale.number, carrier="UPS", tracking="1Z1", lines=[[line.number, 1]])
    seller.do("channel_cancel", sale=sale.number, reason="no_stock")
    assert sale.status == "shipped"
    seller.live(days=5)
    assert sale.status == "delivered"


def with_returns(monkeypatch: pytest.MonkeyPatch, name: str) -> Seller:
    monkeypatch.setattr(k, "RETURN_SHARE", 1.0)
    monkeypatch.setattr(k, "RETURN_ASKED_AFTER_S", (60, 120))
    monkeypatch.setattr(k, "SHIP_AFTER_S", (60, 120))
    monkeypatch.setattr(k, "DELIVERED_AFTER_S", (60, 120))
    seller = Seller(name)
    seller.until(lambda sale: any(one.sale == sale.number for one in seller.channel.returns.values()))
    return seller


@pytest.mark.parametrize("name", CHANNELS)
def test_a_return_that_nobody_answers_is_settled_by_the_channel(monkeypatch: pytest.MonkeyPatch, name: str):
    seller = with_returns(monkeypatch, name)
    wanted = seller.channel.returns[1]
    assert wanted.status == "requested"
    seller.live(days=10)
    assert wanted.status == "refunded"
    assert wanted.refund is not None
    refund = seller.channel.refunds[wanted.refund]
    assert (refund.total_minor, refund.return_number) == (wanted.amount_minor, wanted.number)
    sale = seller.channel.sales[wanted.sale]
    assert sale.line(wanted.line).returned == wanted.quantity
    assert sale.refunded_minor >= wanted.amount_minor


def test_a_return_is_answered_received_and_refunded_by_us(monkeypatch: pytest.MonkeyPatch):
    seller = with_returns(monkeypatch, WALMART)
    wanted = seller.channel.returns[1]
    seller.do("channel_return_answer", number=1, approve=True)
    seller.do("channel_return_answer", number=1, approve=False)
    assert wanted.status == "approved"
    seller.do("channel_return_received", number=1)
    amounts = [[wanted.line, 10**9]]
    number = seller.do("channel_refund", sale=wanted.sale, amounts=amounts, reason="returned", return_number=1)
    assert (wanted.status, wanted.refund) == ("refunded", number)
    assert seller.channel.refunds[number].total_minor == wanted.amount_minor
    assert seller.do("channel_refund", sale=wanted.sale, amounts=amounts, reason="again") is None
    seller.live(days=10)
    assert wanted.status == "refunded"


def test_a_refused_return_stays_refused(monkeypatch: pytest.MonkeyPatch):
    seller = with_returns(monkeypatch, EBAY)
    seller.do("channel_return_answer", number=1, approve=False)
    seller.live(days=10)
    assert seller.channel.returns[1].status == "declined"
    seller.do("channel_return_received", number=1)
    assert seller.channel.returns[1].received_at is None


def test_a_return_whose_money_was_paid_back_already_is_closed(monkeypatch: pytest.MonkeyPatch):
    seller = with_returns(monkeypatch, EBAY)
    wanted = seller.channel.returns[1]
    seller.do("channel_refund", sale=wanted.sale, amounts=[[wanted.line, 10**9]], reason="goodwill")
    seller.live(days=12)
    assert (wanted.status, wanted.refund) == ("refunded", None)


@pytest.mark.parametrize("name", CHANNELS)
def test_the_statement_adds_up(name: str):
    seller = Seller(name)
    seller.live(days=16)
    channel = seller.channel
    assert [charge.number for charge in channel.charges] == list(range(1, len(channel.charges) + 1))
    assert all(one.at <= other.at for one, other in pairwise(channel.charges))
    sold = sum(line.charged_minor for sale in channel.sales.values() for line in sale.lines)
    cancelled = -sum(charge.amount_minor for charge in channel.charges if charge.kind == "refund") - sum(
        refund.total_minor for refund in channel.refunds.values()
    )
    assert sum(charge.amount_minor for charge in channel.charges if charge.kind == "sale") == sold + cancelled
    payouts = [charge for charge in channel.charges if charge.kind == "payout"]
    assert payouts
    for payout in payouts:
        assert payout.amount_minor < 0
        assert sum(charge.amount_minor for charge in channel.charges if charge.payout == payout.number) == 0
    since, until = START + timedelta(days=3), START + timedelta(days=5)
    assert reads.charges(channel, since, until) == [c for c in channel.charges if since <= c.at < until]
    assert reads.charges(channel, since) == [c for c in channel.charges if since <= c.at]


@given(amount=st.integers(0, 10**7), name=st.sampled_from(CHANNELS))
@settings(max_examples=50)
def test_a_fee_is_a_share_of_what_was_paid(amount: int, name: str):
    fee = money.fee(Channel(name, START, Dice(7)), amount)
    assert 0 <= fee <= amount or amount == 0
    assert abs(fee * 10000 - amount * k.FEE_BP[name]) <= 5000


def test_letters_come_in_their_buyers_language_and_ours_are_kept():
    seller = Seller()
    seller.until(lambda sale: any(thread.sale == sale.number for thread in seller.channel.threads.values()))
    thread = next(thread for thread in seller.channel.threads.values() if thread.sale is not None)
    first = seller.channel.letters[thread.letters[0]]
    assert first.topic in letters.ABOUT_ORDERS
    assert first.text == letters.ABOUT_ORDERS[first.topic][first.language]
    assert (first.inbound, first.read) == (True, False)
    number = seller.do("channel_message", text="It is on its way.", thread=thread.number)
    assert seller.channel.letters[number].text == "It is on its way."
    seller.do("channel_read", thread=thread.number)
    assert first.read
    seller.do("channel_read", thread=thread.number, read=False)
    assert not first.read
    assert thread.updated_at == seller.world.now


def test_we_may_write_first_to_the_buyer_of_an_order():
    seller = Seller()
    sale = seller.until(lambda sale: sale.status == "paid")
    one = seller.do("channel_message", text="Thank you.", sale=sale.number)
    two = seller.do("channel_message", text="It ships today.", sale=sale.number)
    thread = seller.channel.threads[seller.channel.letters[one].thread]
    assert seller.channel.letters[two].thread == thread.number
    assert (thread.sale, thread.customer) == (sale.number, sale.customer)


def test_some_buyers_answer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(k, "REPLY_SHARE", 1.0)
    seller = Seller()
    sale = seller.until(lambda sale: sale.status == "paid")
    number = seller.do("channel_message", text="Thank you.", sale=sale.number)
    seller.live(hours=5)
    thread = seller.channel.threads[seller.channel.letters[number].thread]
    assert seller.channel.letters[thread.letters[1]].text == letters.THANKS[sale.customer.language]


def test_every_language_has_every_text():
    wanted = {language for language, _ in k.LANGUAGES}
    assert all(
        set(texts) == wanted for texts in [*letters.ABOUT_ORDERS.values(), letters.BEFORE_BUYING, letters.THANKS]
    )


def test_what_a_server_wants_kept_is_kept_until_it_forgets():
    seller = Seller()
    seller.do("channel_keep", key="feed/1", value={"status": "INPROGRESS"})
    assert seller.channel.kept["feed/1"] == {"status": "INPROGRESS"}
    seller.do("channel_keep", key="feed/1", value=None)
    assert seller.channel.kept == {}
    before = seller.channel
    seller.do("channel_open")
    assert seller.channel is before
