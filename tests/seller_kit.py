"""A seller's whole system as it really runs: the App on a real PostgreSQL, against the simulated market over HTTP."""

from __future__ import annotations

import itertools
import json
import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import OutOfQuota
from ecom_agent.money import Money
from ecom_agent.records.views import ActionView, LimitsView, ListingView
from ecom_agent.runtime.market import MarketControl
from ecom_agent.wiring import App, build, demo_values, prepare_database
from platforms.simulated import credentials as demo
from platforms.simulated.opening import SELLER_ID
from platforms.simulated.wire.offers import MARKETPLACE

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
AMAZON, SHOP = demo.AMAZON_ACCOUNT, demo.SHOP_ACCOUNT
PERSON = "anna"
REPRICING = "pricing.repricing"
_numbers = itertools.count()
RIVAL = "ARIVALSELLER01"
HIDDEN_S = 31  # a message that was not acknowledged is shown again after 30 s


@contextmanager
def market(folder: Path) -> Iterator[MarketControl]:
    """A fresh world without faults, in a process of its own."""
    command = [sys.executable, "-m", "platforms.simulated", "--data-dir", str(folder), "--start", START.isoformat()]
    process = subprocess.Popen([*command, "--faults", "none"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert ready, f"the market ended with {process.wait()}"
        yield MarketControl(json.loads(ready)["url"])
    finally:
        process.terminate()
        process.wait(timeout=30)


@dataclass
class Seller:
    """One seller in a fresh market: a database, and every App that was opened on it. Time moves only by `wait`."""

    market: MarketControl
    database_url: str
    folder: Path
    clock: FrozenClock = field(init=False)
    _apps: list[App] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = FrozenClock(self.market.now(), on_move=self.market.advance)
        prepare_database(self.database_url, self.clock.now())

    def open(self, **changed: str) -> App:
        """One more process of this seller; `changed` settings as in the environment."""
        values = {**demo_values(self.market.url, self.database_url, self.folder), **changed}
        self._apps.append(build(values, self.clock))
        return self._apps[-1]

    def ready(self, **changed: str) -> App:
        """Everything pulled and limits set, as a seller would; autonomy as shipped: it only suggests."""
        app = self.open(**changed)
        for account, stream, _every in app.streams():
            self.pull(app, account, stream)
        app.set_limits(self.limits(app), by=PERSON)
        self.wait(minutes=1)  # an event that is as old as the sweep is no news
        return app

    def pull(self, app: App, account: str, stream: str) -> None:
        """Pull once there is a token: it may have been pulled just before."""
        for _ in range(5):
            try:
                app.pull(account, stream)
                return
            except OutOfQuota as put_off:
                self.wait(seconds=math.ceil(put_off.retry_after_s or 60))
        app.pull(account, stream)

    def alone(self, **changed: str) -> App:
        """The same, and repricing goes alone."""
        app = self.ready(**changed)
        for account in (AMAZON, SHOP):
            app.set_autonomy(REPRICING, account, "auto", by=PERSON)
        return app

    def limits(self, app: App) -> list[LimitsView]:
        """For every listing a minimum well below its price, and a ceiling above it; no costs."""
        return [
            LimitsView(
                account=row.account,
                marketplace=row.marketplace,
                sku=row.sku,
                currency="USD",
                hard_min=told(percent(row.price, 70)),
                ceiling=told(percent(row.price, 150)),
                map_price=None,
                unit_cost=None,
                min_margin=None,
                version=0,
            )
            for row in app.pricing()
            if row.price is not None
        ]

    def close(self) -> None:
        for app in self._apps:
            app.close()

    def wait(self, **span: float) -> None:
        self.clock.move_to(self.clock.now() + timedelta(**span))

    def tell(self, row: ListingView, share: int, *, id: str | None = None, at: datetime | None = None) -> str:
        """Amazon notifies: a rival now asks `share` percent of the price in `row`. Gives the notification's id."""
        assert row.price is not None
        name = id or f"notice-{next(_numbers)}"
        ours, rival = row.price.major, percent(row.price, share).major
        self.send(notice(self.asin(row.sku), name, at or self.clock.now(), ours=ours, rival=rival))
        return name

    def send(self, body: str) -> None:
        """Any message into the queue that notifications come through."""
        self._queue("SendMessage", MessageBody=body)

    def _queue(self, action: str, **given: Any) -> None:
        answer = httpx.post(
            f"{self.market.url}/sqs",
            headers={"X-Amz-Target": f"AmazonSQS.{action}", "Authorization": f"Credential={demo.AWS_KEY_ID}/"},
            json={"QueueUrl": demo.QUEUE, **given},
        )
        assert answer.is_success, answer.text

    def waiting_messages(self) -> int:
        return int(self.truth()["counts"]["queue"])

    def faults(self, **chances: float) -> None:
        httpx.post(f"{self.market.url}/_sim/faults", json={"chances": chances}).raise_for_status()

    def truth(self) -> Any:
        return self.market.truth()

    def asin(self, sku: str) -> str:
        rows = self.truth()["listings"]
        return str(next(x["external_id"] for x in rows if (x["channel"], x["sku"]) == ("amazon", sku)))

    def writes(self, sku: str | None = None) -> list[int]:
        """Prices that the market was really sent, in minor units; previews are none."""
        sent = self.truth()["price_writes"]
        return [w["price_minor"] for w in sent if not w["preview"] and sku in (None, w["sku"])]

    def price(self, sku: str) -> int:
        """What buyers at Amazon see, in minor units."""
        rows = self.truth()["listings"]
        return int(next(x["price_minor"] for x in rows if (x["channel"], x["sku"]) == ("amazon", sku)))

    def settle(self, app: App) -> None:
        """Send what may be sent, and read back until every change has found its end."""
        app.execute()
        for minutes in (4, 15, 50):
            if not app.under_way():
                return
            self.wait(minutes=minutes)
            app.verify()


def rows(app: App, many: int, account: str = AMAZON) -> Sequence[ListingView]:
    found = [row for row in app.pricing() if row.account == account and row.price is not None]
    assert len(found) >= many
    return found[:many]


def only(app: App, sku: str) -> ActionView:
    """The one Action about this SKU."""
    (action,) = app.actions(sku=sku)
    return action


def notice(asin: str, id: str, at: datetime, *, ours: Any, rival: Any) -> str:
    """An ANY_OFFER_CHANGED as Amazon sends it: our offer and one rival's, who holds the Buy Box."""

    def usd(amount: Any) -> dict[str, Any]:
        return {"Amount": float(amount), "CurrencyCode": "USD"}

    offers = [
        {"SellerId": seller, "SubCondition": "new", "ListingPrice": usd(price), "Shipping": usd(0)}
        for seller, price in ((SELLER_ID, ours), (RIVAL, rival))
    ]
    trigger = {"MarketplaceId": MARKETPLACE, "ASIN": asin, "ItemCondition": "new", "TimeOfOfferChange": at.isoformat()}
    page = {
        "SellerId": SELLER_ID,
        "OfferChangeTrigger": {**trigger, "OfferChangeType": "External"},
        "Summary": {"BuyBoxPrices": [{"Condition": "new", "LandedPrice": usd(rival)}]},
        "Offers": offers,
    }
    return json.dumps(
        {
            "NotificationVersion": "1.0",
            "NotificationType": "ANY_OFFER_CHANGED",
            "PayloadVersion": "1.0",
            "EventTime": at.isoformat(),
            "NotificationMetadata": {"ApplicationId": "app", "NotificationId": id},
            "Payload": {"AnyOfferChangedNotification": page},
        }
    )


def percent(price: Money, share: int) -> Money:
    return price.share(Decimal(share) / 100)


def told(price: Money) -> str:
    return str(price.major)
