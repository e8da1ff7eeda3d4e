"""The Action pipeline under fire: killed at any commit and during any call, with corrupt limits and halts at random.

A "process" is a pipeline, an executor and a verifier over a ledger in memory that ends them before or after a commit;
what was committed stays. The platform judges each price that reaches it by the limits that were stored by then, in
sums of its own.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from ecom_agent.actions.actors import as_proposer
from ecom_agent.actions.audit import verify
from ecom_agent.actions.door import Writer
from ecom_agent.actions.execute import Executor
from ecom_agent.actions.gate import Guard
from ecom_agent.actions.guards import all_guards
from ecom_agent.actions.halts import Halt, HaltLevel
from ecom_agent.actions.ledger import Book
from ecom_agent.actions.model import OPEN, Action, Kind, Mode
from ecom_agent.actions.pipeline import Pipeline
from ecom_agent.actions.verify import Verifier
from ecom_agent.clock import FrozenClock
from ecom_agent.connector import Receipt
from ecom_agent.errors import OutcomeUnknown, Rejected, TransientError
from ecom_agent.ids import AccountId, ActionKey, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import PriceLimits
from ecom_agent.store.memory import MemoryLedger
from ecom_agent.store.memory_tables import Tables
from ecom_agent.store.policies import shipped_policies

BEGAN: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
ACCOUNT, MARKET, BY = AccountId("fuzz"), MarketplaceId("M"), "pricing.fuzz"
SKUS: Final = tuple(Sku(name) for name in "ABCD")
Place = tuple[AccountId, MarketplaceId, Sku]
_FINAL_ROUNDS: Final = 16
_STEP: Final = 10  # one step moves a price by at most a tenth, as shipped
_ANSWERS: Final = (*["ok"] * 8, "lost", "vanished", "throttled", "rejected", "odd", "killed before", "killed after")


class Killed(BaseException):
    """The process ends here: nothing of it runs any further."""


class Mortal:
    """A ledger whose process is killed at some commit: just before it, or right after."""

    def __init__(self, ledger: MemoryLedger, dice: random.Random) -> None:
        self.ledger, self._dice, self.deadly = ledger, dice, True

    @contextmanager
    def unit(self, *, lasting: bool = True) -> Iterator[Book]:
        """All of the block is kept, or nothing if it raises."""
        when = self._dice.random() if self.deadly else 1.0
        with self.ledger.unit(lasting=lasting) as book:
            yield book
            if when < 0.02:
                raise Killed
        if when < 0.04:
            raise Killed


class Platform:
    """Takes prices, answers as the dice say, and judges every price that comes."""

    def __init__(self, ledger: MemoryLedger, dice: random.Random) -> None:
        self._ledger, self._dice, self.calm = ledger, dice, False
        self.prices: dict[Sku, Money] = {}
        self.sent: Counter[str] = Counter()
        self.found: Counter[str] = Counter()

    def set_price(self, listing: Listing, price: Money, *, idempotency_key: str) -> Receipt:
        answer = "ok" if self.calm else self._dice.choice(_ANSWERS)
        if answer == "killed before":
            raise Killed
        if answer == "throttled":
            raise TransientError("fuzz", "set price", "too many requests")
        if answer == "rejected":
            raise Rejected("fuzz", "set price", "refused")
        self.sent[idempotency_key] += 1
        self.found.update(self._broken(listing, price, idempotency_key))
        if answer != "vanished":
            self.prices[listing.sku] = price
        match answer:
            case "lost" | "vanished":
                raise OutcomeUnknown("fuzz", "set price", "no answer")
            case "odd":
                raise KeyError("a bug")
            case "killed after":
                raise Killed
        return Receipt("taken", {})

    def live_price(self, sku: Sku, marketplace: MarketplaceId) -> Money | None:
        return self.prices.get(sku)

    def live_stock(self, sku: Sku, marketplace: MarketplaceId, location: str) -> int | None:
        return None

    def _broken(self, listing: Listing, price: Money, key: str) -> Iterator[str]:
        tables = self._ledger.tables
        limits, now = tables.limits.get((ACCOUNT, MARKET, listing.sku)), self.prices[listing.sku]
        if self.sent[key] > 1:
            yield "sent_twice"
        if limits is None or limits.hard_min is None or limits.hard_min.minor <= 0:
            yield "no_floor"
            return
        if {price.currency, now.currency, limits.hard_min.currency} != {limits.currency}:
            yield "wrong_currency"
        least = max(limits.hard_min.minor, 0 if limits.map_price is None else limits.map_price.minor)
        if limits.unit_cost is not None:
            least = max(least, limits.unit_cost.minor)
        if price.minor < least:
            yield "below_floor"
        if limits.ceiling is not None and price.minor > limits.ceiling.minor:
            yield "above_ceiling"
        if abs(price.minor - now.minor) * _STEP > now.minor:
            yield "beyond_step"
        claimed = tables.actions[ActionKey(key)].claimed_at
        for scope in ("all", f"account:{ACCOUNT}", f"sku:{ACCOUNT}/{MARKET}/{listing.sku}"):
            halt = tables.halts.get(scope)
            if halt is not None and claimed is not None and halt.since < claimed:
                if halt.level is HaltLevel.HALTED:
                    yield "while_halted"
                elif price.minor < now.minor:
                    yield "down_while_reducing"


class Lives:
    """One shop and the processes that serve it, one after another. `guards` None = all of them."""

    def __init__(self, seed: str, guards: Sequence[Guard] | None = None) -> None:
        self._guards = all_guards() if guards is None else guards
        self.dice, self.clock = random.Random(seed), FrozenClock(BEGAN)
        self.ledger = MemoryLedger(Tables(policies=_policies()))
        self.mortal, self.platform = Mortal(self.ledger, self.dice), Platform(self.ledger, self.dice)
        self.crashes = self.lives = 0
        for sku in SKUS:
            self.platform.prices[sku] = Money(self.dice.randrange(900, 4_000), "USD")
            self._fact(sku)
        self._start()

    def run(self, rounds: int) -> Counter[str]:
        """Live for a while, then in peace until all has found its end; gives what was broken."""
        for n in range(rounds + _FINAL_ROUNDS):
            self.mortal.deadly, self.platform.calm = n < rounds, n >= rounds
            try:
                self._round(wishes=n < rounds)
            except Killed:
                self.crashes += 1
                self._start()
        found = self.platform.found
        tables = self.ledger.tables
        found["audit_broken"] += not verify(tables.chain).ok
        found["stuck"] += sum(r.state in OPEN and r.state != "held" for r in tables.actions.values())
        return +found

    def _start(self) -> None:
        self.lives += 1
        guards, outlets = self._guards, {ACCOUNT: self.platform}
        self.pipeline = Pipeline(self.mortal, guards, self.clock, Mode.LIVE)
        self.executor = Executor(
            self.mortal, guards, self.clock, Writer(Mode.LIVE, outlets), claimed_by=f"life-{self.lives}"
        )
        self.verifier = Verifier(self.mortal, self.clock, Mode.LIVE, outlets)

    def _round(self, *, wishes: bool) -> None:
        self.executor.recover(lambda name: name == f"life-{self.lives}")
        for _ in range(3 if wishes else 0):
            self._hostility()
            self.pipeline.propose(self._wish())
        self.executor.run_once()
        self.clock.sleep(self.dice.choice((60, 200, 1_000)) if wishes else 1_000)
        self.verifier.run_once()
        self.pipeline.expire()

    def _hostility(self) -> None:
        """Limits are edited, listings seen, halts opened and lifted: by others, in commits of their own."""
        dice, sku = self.dice, self.dice.choice(SKUS)
        tables = self.ledger.tables
        if dice.random() < 0.3:
            self._fact(sku)
        scope = dice.choice(("all", f"account:{ACCOUNT}", f"sku:{ACCOUNT}/{MARKET}/{sku}"))
        if dice.random() < 0.05:
            level = dice.choice(list(HaltLevel))
            tables.halts.setdefault(scope, Halt(scope, "fuzz", "anna", self.clock.now(), level))
        for standing in [s for s in tables.halts if dice.random() < 0.3]:
            del tables.halts[standing]
            tables.lifted[standing] = self.clock.now()

    def _wish(self) -> Action:
        """What a wrong rule might wish: mostly a small step from the present price, at times anything."""
        dice, sku = self.dice, self.dice.choice(SKUS)
        now = self.platform.prices[sku]
        minor = now.minor * dice.randrange(85, 115) // 100 if dice.random() < 0.8 else dice.choice((0, 1, -5, 10**9))
        currency = now.currency if dice.random() < 0.95 else "EUR"
        before = now if dice.random() < 0.9 else dice.choice((None, Money(1, "USD")))
        by = BY if dice.random() < 0.95 else as_proposer("anna")
        return Action(
            Kind.PRICE_SET,
            ACCOUNT,
            MARKET,
            sku,
            before,
            Money(minor, currency),
            "fuzz",
            by,
            self.clock.now(),
            Mode.LIVE,
            1,
        )

    def _fact(self, sku: Sku) -> None:
        """What is known of a listing, sane or corrupt."""
        dice, now, tables = self.dice, self.clock.now(), self.ledger.tables
        place, price = (ACCOUNT, MARKET, sku), self.platform.prices[sku]

        def odd_or(*sane: Any) -> Any:
            return dice.choice(_ODD) if dice.random() < 0.08 else dice.choice(sane)

        tables.listings[place] = Listing(
            ACCOUNT, MARKET, sku, f"B-{sku}", None, "A mug", ListingStatus.ACTIVE, price, "new", "fba", now, now
        )
        tables.limits[place] = PriceLimits(
            *place,
            "EUR" if dice.random() < 0.05 else "USD",
            hard_min=odd_or(Money(500, "USD"), Money(max(1, price.minor - 100), "USD"), price),
            ceiling=odd_or(None, Money(10_000, "USD"), Money(price.minor + 50, "USD")),
            map_price=odd_or(None, None, Money(700, "USD")),
            unit_cost=odd_or(None, Money(300, "USD")),
            min_margin=None,
            version=1,
            updated_at=now,
            updated_by="fuzz",
        )
        tables.fees[place] = FeeQuote(ACCOUNT, MARKET, sku, price, Money(100, "USD"), Money(50, "USD"), now)
        if dice.random() < 0.05:
            del tables.limits[place]


_ODD: Final[tuple[Any, ...]] = (None, Money(0, "USD"), Money(-100, "USD"), Money(10**15, "USD"), Money(500, "EUR"))


def _policies() -> dict[str, Mapping[str, Any]]:
    """As shipped, but that the automation goes alone and may come back soon: the more reaches the platform."""
    shipped: dict[str, Mapping[str, Any]] = dict(shipped_policies())
    shipped["guards"] = {**shipped["guards"], "change_rate": {**shipped["guards"]["change_rate"], "cooldown_s": 0}}
    return {**shipped, "autonomy": {**shipped["autonomy"], "levels": {BY: {"*": "auto"}}}}
