"""Evidence about strategies at one place: trials as kept, all standings together, and what our listings earned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, select

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.strategies import Stage, StrategyStanding, StrategyTrial
from ecom_agent.store.columns import MINOR, WHEN
from ecom_agent.store.lab import LabStore

# What a line leaves over: its amount less the referral share and, per unit, the fulfilment fee and the unit cost.
# Listings whose cost or fees nobody knows are left out; so are orders that were cancelled.
_EARNED: Final = text("""
SELECT l.sku, CAST(o.purchased_at AT TIME ZONE 'UTC' AS date) AS day,
       sum(l.total_minor - l.quantity * (p.unit_cost_minor + f.fulfilment_minor)
           - round(l.total_minor::numeric * f.referral_minor / nullif(f.at_price_minor, 0))) AS earned
FROM orders o JOIN order_line l USING (account, order_id)
JOIN price_limits p ON p.account = o.account AND p.marketplace = o.marketplace AND p.sku = l.sku AND p.is_current
  AND p.currency = l.currency AND p.unit_cost_minor IS NOT NULL
JOIN fee_quote f ON f.account = o.account AND f.marketplace = o.marketplace AND f.sku = l.sku
  AND f.currency = l.currency
WHERE o.account = :account AND o.marketplace = :marketplace AND o.purchased_at >= :since AND o.status <> 'cancelled'
GROUP BY l.sku, day
""")


class TrialRow(SQLModel, table=True):
    __tablename__ = "strategy_trial"
    account: str = Field(primary_key=True)
    marketplace: str = Field(primary_key=True)
    member: str = Field(primary_key=True)
    incumbent: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    at: datetime = Field(sa_type=WHEN)
    gain: float
    gain_low: float
    gain_high: float
    pairs: int
    looks: int
    lost_minor: int = Field(sa_type=MINOR)
    violations: int


_NAMES: Final = tuple(field.name for field in fields(StrategyTrial))
_KEY: Final = ("account", "marketplace", "member", "incumbent", "source")


class TrialStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, trial: StrategyTrial) -> None:
        """The newest trial of its kind takes the place of the former."""
        row: dict[str, Any] = {name: getattr(trial, name) for name in _NAMES}
        new = insert(TrialRow).values(row)
        changes = {name: new.excluded[name] for name in _NAMES if name not in _KEY}
        self._session.execute(new.on_conflict_do_update(index_elements=list(_KEY), set_=changes))

    def of(
        self, account: AccountId, marketplace: MarketplaceId, incumbent: str
    ) -> dict[tuple[str, str], StrategyTrial]:
        """(member, source) → its newest trial here against this incumbent."""
        found = self._session.exec(
            select(TrialRow).where(
                TrialRow.account == account, TrialRow.marketplace == marketplace, TrialRow.incumbent == incumbent
            )
        )
        return {
            (row.member, row.source): StrategyTrial(**{name: getattr(row, name) for name in _NAMES}) for row in found
        }

    def standings(self, account: AccountId, marketplace: MarketplaceId, default: str) -> list[StrategyStanding]:
        """Everyone in the pool at this place. The incumbent is the live strategy, else `default`."""
        lab = LabStore(self._session)
        places = {place.member: place for place in lab.places(account, marketplace)}
        incumbent = next((p.member for p in places.values() if p.stage is Stage.LIVE), default)
        scores = {score.member: score for score in lab.newest_scores(incumbent)}
        trials = self.of(account, marketplace, incumbent)
        return [
            StrategyStanding(
                member=member,
                stage=Stage.SHADOW if member.id not in places else places[member.id].stage,
                since=member.born_at if member.id not in places else places[member.id].since,
                incumbent=incumbent,
                simulated=scores.get(member.id),
                recorded=trials.get((member.id, "recorded")),
                live=trials.get((member.id, "live")),
            )
            for member in lab.members()
        ]

    def earned(
        self, account: AccountId, marketplace: MarketplaceId, since: datetime
    ) -> Mapping[Sku, Mapping[date, int]]:
        """Contribution by listing and day of purchase (UTC), minor units; days without a sale are left out."""
        asked = {"account": account, "marketplace": marketplace, "since": since}
        earned: dict[Sku, dict[date, int]] = {}
        for row in self._session.connection().execute(_EARNED, asked):
            if row.earned is not None:
                earned.setdefault(Sku(row.sku), {})[row.day] = int(row.earned)
        return earned
