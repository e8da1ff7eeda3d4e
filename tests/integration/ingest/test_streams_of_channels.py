"""Returns, charges and messages of three channels over one simulated world: landed whole, once, and nobody's words."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

import httpx
import pytest
from simulated_kit import START
from starlette.testclient import TestClient

from ecom_agent.clock import FrozenClock
from ecom_agent.connector import Capability
from ecom_agent.ids import AccountId
from ecom_agent.ingest.pull import pull
from ecom_agent.ingest.streams import stream_named
from ecom_agent.records.finance import ChargeKind
from ecom_agent.records.returns import ReturnStatus
from ecom_agent.security.vault import Vault
from ecom_agent.store.charges import ChargeStore
from ecom_agent.store.db import Database
from ecom_agent.store.line import driver
from ecom_agent.store.messages import MessageStore
from ecom_agent.store.pulls import CursorStore
from ecom_agent.store.raw import RawStore
from ecom_agent.store.returns import ReturnStore
from platforms import registry
from platforms._shared.throttle import Quota
from platforms.simulated.channels import constants
from platforms.simulated.servers.app import build
from platforms.simulated.servers.ebay import credentials as ebay
from platforms.simulated.servers.tiktok import identity as tiktok
from platforms.simulated.servers.walmart import credentials as walmart
from platforms.simulated.simulation import Simulation
from platforms.simulated.state import EBAY, TIKTOK, WALMART
from platforms.simulated.wire.ebay_orders import username

pytestmark = pytest.mark.services
VAULT = Vault(bytes(range(32)))
CHANNELS = {"ebay": (EBAY, ebay), "walmart": (WALMART, walmart), "tiktok_shop": (TIKTOK, tiktok)}
IDS = {"returns": attrgetter("return_id"), "charges": attrgetter("charge_id"), "messages": attrgetter("message_id")}
PAYOUT_S = 43200
SOON: Mapping[str, Any] = {
    "RETURN_SHARE": 0.5,
    "RETURN_ASKED_AFTER_S": (60, 3600),
    "SHIP_AFTER_S": (600, 3600),
    "DELIVERED_AFTER_S": (600, 7200),
    "RETURN_ANSWERED_S": 7200,
    "RETURN_TRAVELS_S": (3600, 7200),
    "REFUND_FORCED_S": 3600,
    "PAYOUT_EVERY_S": dict.fromkeys((EBAY, WALMART, TIKTOK), PAYOUT_S),
}
DECLARED = [
    (name, stream) for name in CHANNELS for stream in IDS
    if stream_named(stream).capability in registry.spec(name).capabilities
]  # fmt: skip
declared = pytest.mark.parametrize(("name", "stream"), DECLARED)


class Channels:
    """Connectors and one world without a socket between them; the clock moves the world."""

    def __init__(self, sim: Simulation) -> None:
        self.sim, self.clock = sim, FrozenClock(START, on_move=sim.advance)
        self.client = TestClient(build(sim))
        self.connectors = {name: self._open(name, its) for name, (_, its) in CHANNELS.items()}

    def _open(self, name: str, its: Any) -> Any:
        prefix = f"ECOM_{its.ACCOUNT.upper()}__"
        values = {k.removeprefix(prefix): v for k, v in its.environment("http://simulated").items()}
        transport = httpx.MockTransport(self._answer)
        return registry.open(name, account(name), values, self.clock, Quota(self.clock), transport=transport)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        given = self.client.request(
            request.method, str(request.url), headers=dict(request.headers), content=request.content
        )
        return httpx.Response(given.status_code, headers=dict(given.headers), content=given.content)

    def told(self, name: str, stream: str) -> dict[str, Any]:
        """Everything that the platform tells now, by id."""
        pages = getattr(self.connectors[name], f"pull_{stream}")(None)
        return {IDS[stream](record): record for page in pages for record in page.records}


def account(name: str) -> AccountId:
    return AccountId(CHANNELS[name][1].ACCOUNT)


@pytest.fixture(scope="module")
def channels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Channels]:
    """Two days that were lived already."""
    sim = Simulation(tmp_path_factory.mktemp("channels"), seed=7, start=START)
    sim.world.pages.clear()
    sim.world.shop.clear()
    with pytest.MonkeyPatch.context() as patch:
        for constant, value in SOON.items():
            patch.setattr(constants, constant, value)
        for channel, _ in CHANNELS.values():
            sim.do("channel_open", channel=channel)
        channels = Channels(sim)
        channels.clock.sleep(timedelta(days=2).total_seconds())
        yield channels
    sim.close()


def stored(database: Database, name: str, stream: str) -> Sequence[Any]:
    span: tuple[AccountId, datetime, datetime] = (account(name), START - timedelta(days=9), START + timedelta(days=99))
    with database.unit() as unit:
        if stream == "returns":
            return ReturnStore(unit.session).opened_between(*span)
        if stream == "charges":
            return ChargeStore(unit.session).booked_between(*span)
        return MessageStore(unit.session, VAULT).sent_between(*span)


def same(stream: str, one: Any) -> Any:
    """eBay's returns tell no time of change: when we looked is no part of what it told."""
    if stream != "returns":
        return one
    lines = sorted(one.lines, key=attrgetter("line_id"))
    return (one.return_id, one.order_id, one.status, one.status_raw, one.opened_at, one.refunded, lines)


@declared
def test_a_stream_lands_whole_and_once_and_goes_on(
    channels: Channels, database: Database, name: str, stream: str
) -> None:
    connector, turns = channels.connectors[name], 2
    for turn in range(turns):
        first = pull(stream, account(name), connector, database, channels.clock, VAULT)
        assert first.quarantined == 0
        assert first.written > 0
        told = {key: same(stream, one) for key, one in channels.told(name, stream).items()}
        found = {IDS[stream](one): same(stream, one) for one in stored(database, name, stream)}
        assert {key: one for key, one in found.items() if key in told} == told
        assert turn or len(found) == len(told)  # later a platform need not tell what it told first
        again = pull(stream, account(name), connector, database, channels.clock, VAULT)
        assert (again.written, again.quarantined) == (0, 0)
        if turn + 1 < turns:
            channels.clock.sleep(PAYOUT_S + 3600)
    with database.unit() as unit:
        assert CursorStore(unit.session).get(account(name), stream) is not None


@declared
def test_nothing_of_a_buyer_is_kept_readable(channels: Channels, database: Database, name: str, stream: str) -> None:
    """Neither in the rows, nor in the payloads as received."""
    pull(stream, account(name), channels.connectors[name], database, channels.clock, VAULT)
    there = channels.sim.world.channels
    letters = {letter.text for channel, _ in CHANNELS.values() for letter in there[channel].letters.values()}
    buyers = {username(sale.customer) for sale in there[EBAY].sales.values()}
    assert min(len(letters), len(buyers)) > 10
    with database.unit() as unit:
        raw = RawStore(unit.session)
        kept = b"".join(raw.get_one(digest).body for digest in raw.digests(account(name), stream))
        rows = driver(unit.session).execute(b"SELECT sealed_text, sealed_buyer FROM message").fetchall()
    kept += b"".join(bytes(value) for row in rows for value in row if value is not None)
    assert kept
    assert [words for words in letters | buyers if words.encode() in kept] == []


@pytest.mark.parametrize(
    ("name", "stream", "table"),
    [
        ("ebay", "returns", "returns.STATUS"),
        ("walmart", "returns", "returns.STATUS"),
        ("tiktok_shop", "returns", "returns.STATUS"),
        ("ebay", "charges", "finance.KIND"),
    ],
)
def test_words_that_nobody_knows_yet_are_kept_and_put_right_later(
    channels: Channels, database: Database, name: str, stream: str, table: str
) -> None:
    module, _, constant = table.partition(".")
    connector = channels.connectors[name]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importlib.import_module(f"platforms.{name}.parse.{module}"), constant, {})
        report = pull(stream, account(name), connector, database, channels.clock, VAULT)
    assert report.quarantined == 0
    assert len(stored(database, name, stream)) == len(channels.told(name, stream))
    odd = [one for one in stored(database, name, stream) if word(one) == "unmapped"]
    assert odd
    assert all(getattr(one, "status_raw", None) or one.kind_raw for one in odd)
    with database.unit() as unit:
        driver(unit.session).execute(b"DELETE FROM stream_cursor")  # what a backfill does: all is asked for again
    pull(stream, account(name), connector, database, channels.clock, VAULT)
    assert [one for one in stored(database, name, stream) if word(one) == "unmapped"] == []


def word(record: Any) -> str:
    return str(record.kind if hasattr(record, "kind") else record.status)


def test_walmart_has_no_messages_and_says_so() -> None:
    assert Capability.READ_MESSAGES not in registry.spec("walmart").capabilities
    assert ("walmart", "messages") not in DECLARED
    assert len(DECLARED) == 8


def test_what_was_landed_is_not_trivial(channels: Channels) -> None:
    for name in CHANNELS:
        statuses = {one.status for one in channels.told(name, "returns").values()}
        assert ReturnStatus.REFUNDED in statuses
        assert len(statuses) > 1
        kinds = {one.kind for one in channels.told(name, "charges").values()}
        assert {ChargeKind.SALE, ChargeKind.FEE, ChargeKind.REFUND} <= kinds
