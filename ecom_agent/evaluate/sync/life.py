"""One life of a syncing process: whatever it knows when it begins is what the database holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from ecom_agent.clock import FrozenClock
from ecom_agent.connector import Poison
from ecom_agent.errors import ParseFailed, PlatformError
from ecom_agent.evaluate.sync.crashes import Cutter, CutWire
from ecom_agent.ids import AccountId
from ecom_agent.ingest import inbox
from ecom_agent.ingest.look_back import look_back_name, pages_looking_back
from ecom_agent.ingest.pull import pull, pull_pages
from ecom_agent.ingest.spans import reads_spans
from ecom_agent.ingest.streams import STREAMS, every_minutes, lane_of, stream_named
from ecom_agent.records.sync import Lane, Reading
from ecom_agent.records.views import PullReport
from ecom_agent.runtime.market import MarketControl
from ecom_agent.runtime.other_news import OtherNews, set_aside
from ecom_agent.security.vault import Vault
from ecom_agent.store.db import Database
from ecom_agent.store.quotas import QuotaStore
from platforms import registry
from platforms._shared.http import TIMEOUT_S
from platforms._shared.throttle import Bucket, Quota
from platforms._shared.wire import wire
from platforms.simulated.accounts import SimulatedAccount

LONGEST: Final = timedelta(minutes=14)
"""A pull that cannot be through by then is put off, as the schedules have it."""
DATA_KEY: Final = bytes(range(32))
"""Of databases that are thrown away."""
VAULT: Final = Vault(DATA_KEY)
WITHOUT_BOOKS: Final = ("fees", "offers", "silent_offers", "expected_prices")
"""Streams of what is true at a moment only: there is nothing to compare with later."""
QUEUE: Final = "events"
MOST_AT_ONCE: Final = 10
"""Messages that the queue gives with one call."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where lives are lived: a market, a database, and one clock for both."""

    market: MarketControl
    database_url: str
    clock: FrozenClock
    accounts: Sequence[SimulatedAccount]

    def copied(self) -> Place:
        """The same place for another process, which must not talk over this one's connections."""
        market = MarketControl(self.market.url)
        clock = FrozenClock(self.clock.now(), on_move=market.advance)
        return Place(market, self.database_url, clock, self.accounts)

    def catch_up(self) -> None:
        """Another process may have let time pass."""
        self.clock.move_to(max(self.market.now(), self.clock.now()))

    def database(self) -> Database:
        return Database(self.database_url, vault=lambda: VAULT)


@dataclass
class Life:
    """As `wiring` opens accounts, but for the network, which may be cut."""

    place: Place
    cutter: Cutter | None = None
    _connectors: dict[str, Any] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.database = self.place.database()
        self._quota = Quota(self.place.clock, QuotaStore(self.database, Bucket))

    def connector(self, account: SimulatedAccount) -> Any:
        if account.name not in self._connectors:
            self._connectors[account.name] = registry.open(
                account.platform,
                AccountId(account.name),
                account.values,
                self.place.clock,
                self._quota,
                transport=None if self.cutter is None else CutWire(wire(TIMEOUT_S), self.cutter),
            )
        return self._connectors[account.name]

    def pull(self, account: SimulatedAccount, stream: str) -> PullReport:
        """What is new in a stream. Raises what the product's own pull raises."""
        clock, connector = self.place.clock, self.connector(account)
        with self._quota.lane(lane_of(stream), clock.now() + LONGEST):
            return pull(stream, AccountId(account.name), connector, self.database, clock, _vault(stream))

    def hear(self) -> int:
        """Work on all webhooks that wait in the inbox; gives how many were set aside."""
        connectors = {AccountId(account.name): self.connector(account) for account in self.place.accounts}
        aside = 0
        while (done := inbox.process(connectors, self.database, self.place.clock)).get("processed"):
            aside += done["quarantined"]
        return aside

    def empty_queue(self, account: SimulatedAccount) -> int:
        """Take the notifications that lie in the queue, as the lane does; gives how many were set aside.

        One that cannot be had now comes again: it is not acknowledged.
        """
        connector, clock, owner, aside = self.connector(account), self.place.clock, AccountId(account.name), 0
        news, counts = OtherNews(owner, account.platform, connector, self.database, clock), Counter[str]()
        with self._quota.lane(Lane.ORDERS, clock.now() + LONGEST):
            while events := connector.receive(wait_s=0, most=MOST_AT_ONCE):
                done = []
                for event in events:
                    try:
                        news.take(event, counts)
                    except ParseFailed as error:
                        with self.database.unit() as unit:
                            set_aside(unit, owner, event.body, QUEUE, Poison(None, str(error), None), clock.now())
                        aside += 1
                    except PlatformError:
                        continue
                    done.append(event)
                connector.acknowledge(done)
        return aside

    def look_back(self, account: SimulatedAccount, stream: str, days: int) -> PullReport:
        """The last days of a stream again, whatever its cursor says: what the night is for."""
        clock, connector = self.place.clock, self.connector(account)
        pages = pages_looking_back(stream, connector, clock.now(), days)
        name, owner = look_back_name(stream), AccountId(account.name)
        with self._quota.lane(Lane.REPORTS, clock.now() + LONGEST):
            return pull_pages(
                name, owner, pages, self.database, clock, None, _vault(stream), kind=Reading.LOOK_BACK, of=stream
            )

    def looks_back(self, account: SimulatedAccount, stream: str) -> bool:
        """Whether the platform tells this stream over time."""
        return reads_spans(self.connector(account), stream)

    def end(self) -> None:
        """Its sockets close with it, as those of any process that ends."""
        for connector in self._connectors.values():
            connector.close()
        self.database.dispose()


def _vault(stream: str) -> Vault | None:
    return VAULT if stream_named(stream).sealed else None


def streams_of(account: SimulatedAccount, policy: Mapping[str, Any]) -> dict[str, int]:
    """Minutes between two pulls of each stream that the market keeps books of, by the policy `streams`."""
    able = registry.spec(account.platform).capabilities
    served = [name for name, stream in STREAMS.items() if stream.capability in able and name not in WITHOUT_BOOKS]
    found = {name: every_minutes(policy, AccountId(account.name), name) for name in served}
    return {name: every for name, every in found.items() if every > 0}
