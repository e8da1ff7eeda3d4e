"""The seller of the lane's evaluation: thousands of alike listings, each with limits, fees and costs of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from ecom_agent.actions.model import Action, Kind, Mode, State
from ecom_agent.actions.record import ActionRecord
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.finance import FeeQuote
from ecom_agent.store.actions import ActionStore
from ecom_agent.store.bulk import as_text, copy_in
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Database
from ecom_agent.store.fees import FeeStore
from ecom_agent.store.line import driver
from ecom_agent.store.policies import PolicyStore, seed_policies, shipped_policies

MARKET: Final = MarketplaceId("ATVPDKIKX0DER")
OURS: Final = "A2LANESELLER01"
OUR_MINOR: Final = 2_500
RATE_PER_S: Final = 10_000.0
"""Writes a second that the stub grants."""
FLOOR_MINOR: Final = 1_200
CEILING_MINOR: Final = 4_000
COST_MINOR: Final = 800
_LIMITS: Final = (
    "account", "marketplace", "sku", "version", "currency", "hard_min_minor", "ceiling_minor", "unit_cost_minor",
    "updated_at", "updated_by", "is_current",
)  # fmt: skip


def asin(number: int) -> str:
    return f"B0L{number:07d}"


def sku(number: int) -> Sku:
    return Sku(f"LANE-{number:06d}")


def stock_up(database: Database, account: AccountId, numbers: range, now: datetime) -> None:
    """Listings, limits and fee quotes for these numbers, as pulled a moment ago; each was changed two days before.

    A database that has lived: its statistics, and so its plans, are those of one, and what it holds is on the disk.
    """
    listings = [_listing(account, n, now) for n in numbers]
    fees = [
        FeeQuote(account, MARKET, sku(n), _usd(OUR_MINOR), _usd(OUR_MINOR * 15 // 100), _usd(322), now) for n in numbers
    ]
    limits: Sequence[tuple[Any, ...]] = [
        (account, MARKET, sku(n), 1, "USD", FLOOR_MINOR, CEILING_MINOR, COST_MINOR + n % 100, now, "lane", True)
        for n in numbers
    ]
    former = [_former(account, n, now - timedelta(days=2)) for n in numbers]
    with database.unit() as unit:
        ListingStore(unit.session).upsert(listings)
        FeeStore(unit.session).upsert(fees)
        copy_in(driver(unit.session).cursor(), "price_limits", _LIMITS, as_text(limits))
        store = ActionStore(unit.session)
        for record in former:
            store.insert(record)
        store.flush()
        driver(unit.session).execute(b"ANALYZE")
    with database.unit() as unit:
        driver(unit.session).execute(b"CHECKPOINT")


def set_policies(database: Database, now: datetime) -> None:
    """The shipped ones, but that repricing goes alone and that a whole catalogue may move within a minute.

    Every guard is asked all the same, and counts what it has to count.
    """
    shipped = shipped_policies()
    guards, breakers = shipped["guards"], shipped["breakers"]
    guards["change_rate"] |= {"catalogue_minute_share": "1.00", "catalogue_hour_share": "1.00"}
    breakers["moved"]["most_share"] = "1.00"
    with database.unit() as unit:
        seed_policies(unit.session, at=now)
        store = PolicyStore(unit.session)
        for name, body in {
            "guards": guards,
            "breakers": breakers,
            "autonomy": {**shipped["autonomy"], "levels": {"pricing.repricing": {"*": "auto"}}},
        }.items():
            store.set(name, body, "lane", at=now)


def _former(account: AccountId, number: int, at: datetime) -> ActionRecord:
    action = Action(
        Kind.PRICE_SET, account, MARKET, sku(number), _usd(OUR_MINOR + 50), _usd(OUR_MINOR), "rival at 25.10",
        "pricing.repricing", at, Mode.LIVE, 1,
    )  # fmt: skip
    return ActionRecord(
        action, State.VERIFIED, "read back", at, at, claimed_by="lane@before", claimed_at=at, sent_at=at
    )


def _listing(account: AccountId, number: int, now: datetime) -> Listing:
    return Listing(
        account=account,
        marketplace=MARKET,
        sku=sku(number),
        external_id=asin(number),
        parent_id=None,
        title=f"Kitchen scale {number}",
        status=ListingStatus.ACTIVE,
        price=_usd(OUR_MINOR),
        condition="new",
        fulfilment="fba",
        updated_at=now,
        seen_at=now,
    )


def _usd(minor: int) -> Money:
    return Money(minor, "USD")
