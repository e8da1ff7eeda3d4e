"""What a seller does in the platforms' own screens, and who is told of what happens."""

from __future__ import annotations

import pytest
from channel_kit import Seller
from simulated_kit import Market

from platforms.simulated.channels.truth import account
from platforms.simulated.servers import listeners
from platforms.simulated.servers.base import Servers
from platforms.simulated.state import CHANNELS, EBAY, TIKTOK, WALMART

URL = "http://seller.example/hooks"


def shown(market: Market) -> dict[tuple[str, str], tuple[int, str | None]]:
    rows = market.http.get("/_sim/truth").json()["listings"]
    return {(row["channel"], row["sku"]): (row["price_minor"], row.get("status")) for row in rows}


def test_hands_touch_listings_everywhere_and_are_no_program_s_write(market: Market) -> None:
    market.http.post("/_sim/channels", json={"open": list(CHANNELS)})
    before, writes = shown(market), len(market.world.ledger.writes)
    assert market.http.post("/_sim/hands", json={"listings": 60}).status_code == 200
    after = shown(market)
    touched = {key for key in after if after[key] != before[key]}
    assert 40 < len(touched) <= 60
    assert {channel for channel, _sku in touched} >= {"amazon", "shopify", EBAY, WALMART, TIKTOK}
    assert any(after[key][1] == "ended" for key in touched)
    assert len(market.world.ledger.writes) == writes
    floors = {(r["channel"], r["sku"]): r["hard_min_minor"] for r in market.http.get("/_sim/truth").json()["listings"]}
    assert all(after[key][0] >= floors[key] for key in touched)


def test_hands_are_drawn_apart_from_all_else(market: Market) -> None:
    market.http.post("/_sim/channels", json={"open": [EBAY]})
    stood = [market.world.dice[name].getstate() for name in ("orders", "rivals", "ids", "faults")]
    market.http.post("/_sim/hands", json={"listings": 5})
    assert [market.world.dice[name].getstate() for name in ("orders", "rivals", "ids", "faults")] == stood


def test_nonsense_is_refused(market: Market) -> None:
    for path in ("hands", "listen"):
        assert market.http.post(f"/_sim/{path}", content=b"no").status_code == 400
    told = {"seller": 1, "channel": "amazon", "url": URL}
    assert market.http.post("/_sim/listen", json=told).status_code == 400


def test_all_webhooks_of_an_account_go_to_one_address(market: Market) -> None:
    market.http.post("/_sim/channels", json={"open": list(CHANNELS)})
    for channel in listeners.NAMES:
        for _ in range(2):
            told = {"seller": 1, "channel": channel, "url": f"{URL}/{channel}"}
            assert market.http.post("/_sim/listen", json=told).status_code == 200
    assert {one.url for one in market.world.hooks.subscriptions.values()} == {f"{URL}/shopify"}
    for channel in CHANNELS:
        found = market.world.channels[channel].listeners.values()
        topics = [one.topic for one in found]
        assert len(topics) == len(set(topics)) > 1, "asked for once more, nothing comes twice"
        assert {one.url for one in found} == {f"{URL}/{channel}"}


def test_what_is_on_its_way_is_counted(market: Market) -> None:
    market.http.post("/_sim/channels", json={"open": [TIKTOK]})
    market.http.post("/_sim/listen", json={"seller": 1, "channel": TIKTOK, "url": URL})
    assert market.http.get("/_sim/state").json()["webhooks_due"] == 0
    market.pass_time(hours=6)
    owed = market.world.channels[TIKTOK].owed
    assert market.http.get("/_sim/state").json()["webhooks_due"] == len(owed) > 0
    assert listeners.due(Servers(market.sim, lambda: "")) == len(owed)


@pytest.mark.parametrize("name", CHANNELS)
def test_charges_name_the_statement_they_stand_on(name: str) -> None:
    seller = Seller(name)
    seller.live(days=16, hours=5)
    told = account(seller.world, seller.channel)["charges"].values()
    assert len({one["statement"] for one in told}) > 1
    assert [one["statement"] for one in told][-1] is None, "the last ones are open"
    if name == WALMART:
        assert {one["statement"] for one in told} == {None, "11162026"}
