"""Puts the facts of a small shop into PostgreSQL, so that both ledgers start from the same."""

from __future__ import annotations

from actions_kit import T0
from sqlmodel import Session

from ecom_agent.ids import AccountId
from ecom_agent.money import Money
from ecom_agent.records.offers import PriceLimits
from ecom_agent.store.advertising import AdvertisingStore
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Database
from ecom_agent.store.fees import FeeStore
from ecom_agent.store.limits import PriceLimitsRow
from ecom_agent.store.memory_tables import Tables
from ecom_agent.store.policies import PolicyStore
from ecom_agent.store.stock import StockStore


def fill(database: Database, tables: Tables) -> None:
    with database.unit() as unit:
        session = unit.session
        ListingStore(session).upsert(list(tables.listings.values()))
        FeeStore(session).upsert(list(tables.fees.values()))
        StockStore(session).upsert(list(tables.levels.values()))
        AdvertisingStore(session).upsert(list(tables.ad_targets.values()))
        for name, body in tables.policies.items():
            PolicyStore(session).set(name, body, "anna", at=T0)
        for limits in tables.limits.values():
            put_limits(session, limits)


def put_limits(session: Session, limits: PriceLimits) -> None:
    def minor(amount: Money | None) -> int | None:
        return None if amount is None else amount.minor

    session.add(
        PriceLimitsRow(
            account=AccountId(limits.account),
            marketplace=limits.marketplace,
            sku=limits.sku,
            version=limits.version,
            currency=limits.currency,
            hard_min_minor=minor(limits.hard_min),
            ceiling_minor=minor(limits.ceiling),
            map_minor=minor(limits.map_price),
            unit_cost_minor=minor(limits.unit_cost),
            min_margin_minor=minor(limits.min_margin),
            updated_at=limits.updated_at,
            updated_by=limits.updated_by,
            is_current=True,
        )
    )
