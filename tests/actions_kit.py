"""What the tests of Actions share: a small shop of facts, wishes, and a platform that counts what reaches it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

import ecom_agent
from ecom_agent.actions.audit import verify
from ecom_agent.actions.door import Writer
from ecom_agent.actions.execute import Executor
from ecom_agent.actions.guards import all_guards
from ecom_agent.actions.model import Action, Kind, Mode, Value
from ecom_agent.actions.pipeline import Pipeline
from ecom_agent.actions.record import ActionRecord
from ecom_agent.actions.verify import Verifier
from ecom_agent.clock import FrozenClock
from ecom_agent.connector import Receipt
from ecom_agent.errors import AuthFailed, OutcomeUnknown, Rejected, TransientError
from ecom_agent.ids import AccountId, ActionKey, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import PriceLimits
from ecom_agent.records.pools import Outlet, PoolBook, Shelf
from ecom_agent.records.stock import StockLevel
from ecom_agent.store.memory import MemoryLedger
from ecom_agent.store.memory_tables import Tables

T0 = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ACCOUNT, MARKET, SKU = AccountId("amazon_us"), MarketplaceId("ATVPDKIKX0DER"), Sku("MUG-01")
AUTOMATION = "pricing.repricing"


def usd(text: str) -> Money:
    return Money.of(text, "USD")


TWENTY, NINETEEN = usd("20.00"), usd("19.00")


def policy(name: str) -> dict[str, Any]:
    """A packaged policy, as it is seeded."""
    text = (Path(ecom_agent.__file__).parent / "policies" / f"{name}.yaml").read_text()
    return dict(yaml.safe_load(text))


def trusting(level: str = "auto") -> dict[str, Any]:
    return {**policy("autonomy"), "levels": {AUTOMATION: {"*": level}}}


def wish(
    before: Value | None = TWENTY,
    after: Value = NINETEEN,
    *,
    sku: str = SKU,
    slot: datetime = T0,
    mode: Mode = Mode.LIVE,
    kind: Kind = Kind.PRICE_SET,
    by: str = AUTOMATION,
    evidence: Mapping[str, Any] | None = None,
    undoes: ActionKey | None = None,
) -> Action:
    return Action(
        kind, ACCOUNT, MARKET, Sku(sku), before, after, "rival is cheaper", by, slot, mode, 1, evidence or {}, undoes
    )


def listing(sku: str = SKU, price: Money | None = TWENTY, **other: Any) -> Listing:
    made: dict[str, Any] = {"status": ListingStatus.ACTIVE, "seen_at": T0, "updated_at": T0} | other
    return Listing(
        ACCOUNT, MARKET, Sku(sku), "B00MUG0001", "MUG", "A mug", made["status"], price, "new", "fba",
        made["updated_at"], made["seen_at"],
    )  # fmt: skip


def limits(sku: str = SKU, **other: Any) -> PriceLimits:
    made: dict[str, Any] = {
        "currency": "USD", "hard_min": usd("10.00"), "ceiling": usd("40.00"), "map_price": None,
        "unit_cost": usd("6.00"), "min_margin": usd("1.00"),
    }  # fmt: skip
    return PriceLimits(ACCOUNT, MARKET, Sku(sku), **(made | other), version=3, updated_at=T0, updated_by="anna")


def fees(sku: str = SKU, **other: Any) -> FeeQuote:
    made: dict[str, Any] = {
        "at_price": usd("20.00"), "referral": usd("3.00"), "fulfilment": usd("3.22"), "quoted_at": T0,
    }  # fmt: skip
    return FeeQuote(ACCOUNT, MARKET, Sku(sku), **(made | other))


def level(sku: str = SKU, units: int = 50) -> StockLevel:
    return StockLevel(ACCOUNT, MARKET, Sku(sku), "main", "item-1", units, 0, None, None, T0, T0)


def pool(units: int = 100, shown: int = 50, *others: int) -> PoolBook:
    """So many units on the shelf; this listing shows `shown`, other channels of the same product show `others`."""
    ours = Outlet(ACCOUNT, MARKET, SKU, SKU, "main", ListingStatus.ACTIVE, shown, T0, orders_at=T0)
    rest = [replace(ours, account=AccountId(f"other_{n}"), shown=n_units) for n, n_units in enumerate(others)]
    return PoolBook({SKU: Shelf(SKU, units, 0, T0)}, (ours, *rest), policy("allocation"), 1)


def shop(*skus: str, level_of_trust: str = "auto", guards: Mapping[str, Any] | None = None) -> Tables:
    """Facts that let an ordinary step through."""
    names = [Sku(s) for s in skus or (SKU,)]
    return Tables(
        listings={(ACCOUNT, MARKET, s): listing(s) for s in names},
        limits={(ACCOUNT, MARKET, s): limits(s) for s in names},
        fees={(ACCOUNT, MARKET, s): fees(s) for s in names},
        levels={((ACCOUNT, MARKET, s), "main"): level(s) for s in names},
        policies={
            "guards": guards or policy("guards"),
            "autonomy": trusting(level_of_trust),
            "breakers": policy("breakers"),
            "sending": policy("sending"),
        },
    )


class Killed(BaseException):
    """The process ends here: nothing of it runs any further."""


class FakePlatform:
    """Shows prices, counts writes, and does with each what `answers` says (one word per write, then "ok").

    Words: ok · lost (done, no answer) · vanished (not done, no answer) · ignored (taken, never done) · throttled ·
    rejected · locked_out · odd (a bug of ours) · killed_before · killed_after.
    """

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.prices: dict[str, Money] = {}
        self.stock: dict[str, int] = {}
        self.sent: Counter[str] = Counter()
        self.previews = 0
        self.unreadable = False

    def set_price(self, listing: Listing, price: Money, *, idempotency_key: str) -> Receipt:
        answer = self._arrived(idempotency_key)
        if answer in ("ok", "lost", "killed_after"):
            self.prices[listing.sku] = price
        return self._answered(answer)

    def set_stock(self, level: StockLevel, quantity: int, *, idempotency_key: str) -> Receipt:
        answer = self._arrived(idempotency_key)
        if answer in ("ok", "lost", "killed_after"):
            self.stock[level.sku] = quantity
        return self._answered(answer)

    def live_price(self, sku: Sku, marketplace: MarketplaceId) -> Money | None:
        if self.unreadable:
            raise TransientError("fake", "read", "not now")
        return self.prices.get(sku, usd("20.00"))

    def live_stock(self, sku: Sku, marketplace: MarketplaceId, location: str) -> int | None:
        return self.stock.get(sku, 50)

    def _arrived(self, key: str) -> str:
        answer = self.answers.pop(0) if self.answers else "ok"
        if answer == "killed_before":
            raise Killed
        if answer not in ("throttled", "rejected", "locked_out"):
            self.sent[key] += 1
        return answer

    def _answered(self, answer: str) -> Receipt:
        match answer:
            case "lost" | "vanished":
                raise OutcomeUnknown("fake", "write", "no answer")
            case "throttled":
                raise TransientError("fake", "write", "too many requests", 2.0)
            case "rejected":
                raise Rejected("fake", "write", "refused", ("price too round",))
            case "locked_out":
                raise AuthFailed("fake", "write", "the key was revoked")
            case "odd":
                raise KeyError("a bug")
            case "killed_after":
                raise Killed
        return Receipt("submission-1", {"status": "ACCEPTED"})


class PreviewingPlatform(FakePlatform):
    """Offers a preview as well."""

    def preview_price(self, listing: Listing, price: Money) -> Receipt:
        self.previews += 1
        return Receipt("preview-1", {"status": "VALID"})


def later(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def states(tables: Tables) -> dict[str, int]:
    return dict(Counter(str(r.state) for r in tables.actions.values()))


def only(tables: Tables) -> ActionRecord:
    (record,) = tables.actions.values()
    return record


@dataclass
class Bench:
    tables: Tables = field(default_factory=shop)
    platform: FakePlatform = field(default_factory=FakePlatform)
    mode: Mode = Mode.LIVE

    def __post_init__(self):
        self.clock = FrozenClock(T0)
        self.ledger = MemoryLedger(self.tables)
        self.pipeline = Pipeline(self.ledger, all_guards(), self.clock, self.mode)
        self.verifier = Verifier(self.ledger, self.clock, self.mode, {ACCOUNT: self.platform})
        self.locked_out = []

    def executor(self, door=None, claimed_by="process-1"):
        return Executor(
            self.ledger,
            all_guards(),
            self.clock,
            door or Writer(self.mode, {ACCOUNT: self.platform}),
            claimed_by=claimed_by,
            on_auth_failed=lambda account, why: self.locked_out.append((account, why)),
        )

    def get(self, key):
        return self.ledger.tables.actions[key]

    def wait(self, minutes):
        self.clock.sleep(minutes * 60)

    def steps(self, key):
        return [link.event.step for link in self.ledger.tables.chain if link.event.action_key == key]

    def audit(self):
        return verify(self.ledger.tables.chain)
