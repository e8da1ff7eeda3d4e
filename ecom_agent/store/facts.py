"""What rooms may ask of the store: fulfils `ports.reads.Facts` within one unit of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.bindings import Binding
from ecom_agent.records.catalog import Listing
from ecom_agent.records.costs import CostSheets
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import OfferSnapshot, PriceLimits
from ecom_agent.records.orders import Order
from ecom_agent.records.pools import PoolBook
from ecom_agent.records.rules import Circumstance, RuleBook
from ecom_agent.records.stock import StockLevel
from ecom_agent.records.strategies import StrategyBook, StrategyStanding
from ecom_agent.store.bindings import BindingStore
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.circumstances import circumstances
from ecom_agent.store.fees import FeeStore
from ecom_agent.store.lab import LabStore
from ecom_agent.store.limits import LimitsStore
from ecom_agent.store.minds import MindStore
from ecom_agent.store.offers import OfferStore
from ecom_agent.store.orders import OrderStore
from ecom_agent.store.policies import PolicyStore
from ecom_agent.store.pools import PoolStore
from ecom_agent.store.rules import RuleStore
from ecom_agent.store.sheets import cost_sheets
from ecom_agent.store.stock import StockStore
from ecom_agent.store.trials import TrialStore

_LAB: Final = "pricing.lab"
_AS_OF: Final = text(r"""
SELECT json_build_array(
  (SELECT json_build_array(count(*), max(seen_at), max(version_at)) FROM listing WHERE account = :account),
  (SELECT json_build_array(count(*), max(updated_at)) FROM price_limits WHERE account = :account),
  (SELECT json_build_array(count(*), max(quoted_at)) FROM fee_quote WHERE account = :account),
  (SELECT json_build_array(count(*), max(seen_at)) FROM stock_level WHERE account = :account),
  (SELECT sum(version) FROM policy), (SELECT count(*) FROM rule_assignment), (SELECT count(*) FROM listing_tag),
  CASE WHEN EXISTS (SELECT 1 FROM pricing_rule) THEN CAST(:now AS timestamptz)
  ELSE CAST(:day AS timestamptz) END)\:\:text""")


class FactStore:
    """Only reads."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def as_of(self, account: AccountId, now: datetime) -> str:
        """A text that is another one when what a lane is loaded with may be: nothing need be read again before.

        Where there are rules, time itself changes which of them holds; else only a new day does, by dated sheets.
        """
        asked = {"account": account, "now": now, "day": now.date()}
        return str(self._session.connection().execute(_AS_OF, asked).scalar_one())

    def listings(self, account: AccountId, marketplace: MarketplaceId | None = None) -> Sequence[Listing]:
        return ListingStore(self._session).all(account, marketplace)

    def listing(self, account: AccountId, marketplace: MarketplaceId, sku: Sku) -> Listing | None:
        return ListingStore(self._session).get(account, marketplace, sku)

    def bindings(self) -> Sequence[Binding]:
        return BindingStore(self._session).all(bound=True)

    def bound_listings(self, our_sku: Sku) -> Sequence[Listing]:
        return BindingStore(self._session).listings_of(our_sku)

    def price_limits(self, account: AccountId, marketplace: MarketplaceId) -> Sequence[PriceLimits]:
        return LimitsStore(self._session).all(account, marketplace)

    def fee_quotes(self, account: AccountId, marketplace: MarketplaceId) -> Sequence[FeeQuote]:
        return FeeStore(self._session).all(account, marketplace)

    def cost_sheets(self) -> CostSheets:
        return cost_sheets(self._session)

    def newest_offers(self, account: AccountId, marketplace: MarketplaceId) -> Sequence[OfferSnapshot]:
        return OfferStore(self._session).all(account, marketplace)

    def stock(self, account: AccountId) -> Sequence[StockLevel]:
        return StockStore(self._session).all(account)

    def pool_book(self, now: datetime, *, account: AccountId | None = None) -> PoolBook:
        return PoolStore(self._session).book(now, account=account)

    def orders_between(self, account: AccountId, start: datetime, end: datetime) -> Sequence[Order]:
        return OrderStore(self._session).purchased_between(account, start, end)

    def rule_book(self) -> RuleBook:
        return RuleStore(self._session).book()

    def strategy_standings(
        self, account: AccountId, marketplace: MarketplaceId, default: str
    ) -> Sequence[StrategyStanding]:
        return TrialStore(self._session).standings(account, marketplace, default)

    def strategies(self, account: AccountId, marketplace: MarketplaceId) -> StrategyBook:
        lab = LabStore(self._session)
        policies = PolicyStore(self._session)
        policy = policies.current(_LAB)[1] if _LAB in policies.names() else {}
        return StrategyBook(lab.places(account, marketplace), lab.members(), policy)

    def strategy_memories(self, account: AccountId, marketplace: MarketplaceId, now: datetime) -> Mapping[Sku, bytes]:
        return MindStore(self._session).of(account, marketplace, now)

    def circumstances(
        self, account: AccountId, marketplace: MarketplaceId, now: datetime, *, mode: str, usual: bool
    ) -> Mapping[Sku, Circumstance]:
        return circumstances(self._session, account, marketplace, now, mode=mode, usual=usual)
