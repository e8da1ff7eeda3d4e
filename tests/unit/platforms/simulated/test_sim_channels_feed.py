"""News of a channel: owed to who listens, once or as the faults say, printed and signed by the vendor's printer."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
from simulated_kit import START, Market

from platforms.simulated.channels import feed, ids
from platforms.simulated.channels.model import Channel, Delivery
from platforms.simulated.servers.base import Servers
from platforms.simulated.servers.courier import TRIES, ChannelCourier, Printed
from platforms.simulated.state import EBAY, TIKTOK
from platforms.simulated.world import World

URL = "https://seller.example/hook"
ORDERS = ["order_created", "order_paid", "order_shipped", "order_cancelled", "order_delivered"]


def plain(world: World, channel: Channel, delivery: Delivery) -> Printed | None:
    """A vendor's printer, as simple as can be."""
    if delivery.change.kind == "order_cancelled":
        return None
    content = {"order": delivery.change.sale, "status": delivery.change.status, "version": delivery.change.version}
    event = ids.event_id(channel.name, world.seed, delivery.change.number)
    return Printed(orjson.dumps(content), {"x-event": event, "x-topic": delivery.listener.topic})


class Receiver:
    """The seller's side: answers with `status` and keeps what came."""

    def __init__(self, market: Market, status: int = 200) -> None:
        self.got: list[httpx.Request] = []
        self.status = status
        self.servers = Servers(market.sim, lambda: "")
        self.servers.printers[EBAY] = plain

    def take(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        return httpx.Response(self.status)

    def round(self) -> int:
        async def once() -> int:
            async with httpx.AsyncClient(transport=httpx.MockTransport(self.take)) as client:
                return await ChannelCourier(self.servers, client).round()

        return asyncio.run(once())


def listening(market: Market, **chances: float) -> Channel:
    market.world.pages.clear()
    market.sim.do("channel_open", channel=EBAY)
    market.sim.do("faults", chances=chances)
    market.sim.do("channel_listen", channel=EBAY, topic="ORDERS", kinds=ORDERS, url=URL)
    market.pass_time(hours=8)
    channel: Channel = market.world.channels[EBAY]
    return channel


def test_everybody_who_listens_is_owed_each_change_once(market: Market):
    channel = listening(market)
    wanted = [change for change in channel.changes if change.kind in ORDERS]
    assert len(wanted) > 5
    assert [owed.change for owed in channel.owed.values()] == wanted
    assert set(ORDERS) < set(feed.KINDS)
    assert {change.kind for change in channel.changes} <= set(feed.KINDS)


def test_nobody_is_owed_anything_without_listening(market: Market):
    market.sim.do("channel_open", channel=TIKTOK)
    number = market.sim.do("channel_listen", channel=TIKTOK, topic="T", kinds=["order_created"], url=URL)
    market.pass_time(hours=8)
    assert market.world.channels[TIKTOK].owed
    market.sim.do("channel_unlisten", channel=TIKTOK, number=number)
    market.pass_time(hours=2)
    assert not market.world.channels[TIKTOK].owed


def test_the_courier_delivers_what_the_printer_made_and_notes_it(market: Market):
    channel = listening(market)
    owed = len(channel.owed)
    receiver = Receiver(market)
    assert receiver.round() == 0
    cancelled = sum(change.kind == "order_cancelled" for change in channel.changes)
    assert len(receiver.got) == owed - cancelled
    first = orjson.loads(receiver.got[0].content)
    assert (first["status"], first["version"]) == ("pending", 1)
    assert receiver.got[0].headers["x-topic"] == "ORDERS"
    assert receiver.round() == 0
    assert len(receiver.got) == owed - cancelled


def test_a_refused_delivery_is_tried_again_later(market: Market):
    channel = listening(market)
    owed = dict(channel.owed)
    assert Receiver(market, status=503).round() == len(owed) - sum(
        one.change.kind == "order_cancelled" for one in owed.values()
    )
    assert Receiver(market).round() == 0
    assert TRIES > 1


def test_a_line_that_is_dead_keeps_the_news(market: Market):
    channel = listening(market)
    receiver = Receiver(market)

    def dead(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("down")

    receiver.take = dead  # type: ignore[method-assign]
    assert receiver.round() > 0
    assert channel.owed


def test_without_a_printer_news_are_dropped(market: Market):
    channel = listening(market)
    receiver = Receiver(market)
    receiver.servers.printers.clear()
    assert receiver.round() == 0
    assert not receiver.got
    assert not channel.owed


def test_late_news_wait_for_their_time(market: Market):
    channel = listening(market, late_events=1.0)
    assert all(owed.due - owed.change.at >= timedelta(hours=1) for owed in channel.owed.values())
    receiver = Receiver(market)
    receiver.round()
    assert len(receiver.got) < len(channel.changes)
    assert all(owed.due > market.sim.now() for owed in channel.owed.values())


@pytest.mark.parametrize(("fault", "copies"), [("duplicate_events", (2, 10)), ("lost_events", (0, 0))])
def test_news_are_doubled_and_lost(market: Market, fault: str, copies: tuple[int, int]):
    channel = listening(market, **{fault: 1.0})
    wanted = [change.number for change in channel.changes if change.kind in ORDERS]
    came = Counter(owed.change.number for owed in channel.owed.values())
    assert all(copies[0] <= came[number] <= copies[1] for number in wanted)
    assert channel.counts["news_lost"] == (len(wanted) if fault == "lost_events" else 0)


def test_news_are_overtaken(market: Market):
    channel = listening(market, reordered_events=0.5)
    due = [(owed.due, owed.change.number) for owed in channel.owed.values()]
    assert [number for _, number in sorted(due)] != [number for _, number in due]


def test_a_forged_copy_carries_the_signature_of_the_first(market: Market):
    listening(market, forged_webhooks=1.0)
    receiver = Receiver(market)
    receiver.round()
    true, forged = receiver.got[:2]
    assert true.headers["x-event"] == forged.headers["x-event"]
    assert true.content != forged.content
    assert orjson.loads(forged.content)["forged"] is True


def test_all_copies_carry_one_event_id():
    assert ids.event_id(EBAY, 7, 3) == ids.event_id(EBAY, 7, 3) != ids.event_id(EBAY, 7, 4)


def test_the_courier_runs_with_the_servers(market: Market):
    with market.http as client:
        assert client.post("/_sim/channels", json={"open": [EBAY]}).json()["channels"][EBAY]["items"] > 0
        bad: list[Any] = [{"open": ["etsy"]}, {}, {"open": 3}, []]
        assert [client.post("/_sim/channels", json=one).status_code for one in bad] == [400] * 4
    assert market.world.channels[EBAY].opened_at == START
