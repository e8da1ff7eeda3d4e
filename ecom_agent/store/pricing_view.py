"""Listings as the pricing screen shows them: price, Buy Box, rivals, floor and why; and one listing's story."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session

from ecom_agent.economics.cost_lines import CostLine, cost_lines
from ecom_agent.economics.margin import Floor, floor
from ecom_agent.errors import NotFound
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import ExpectedPrice, PriceLimits
from ecom_agent.records.views import CostView, ListingStory, ListingView
from ecom_agent.store.actions import ActionStore
from ecom_agent.store.columns import money
from ecom_agent.store.expected_prices import ExpectedPriceStore
from ecom_agent.store.fees import FeeStore
from ecom_agent.store.limits import LimitsStore
from ecom_agent.store.offers import PriceStoryStore
from ecom_agent.store.sheets import cost_sheets

NO_LIMITS: Final = Floor(None, "no minimum set")
STORY: Final = timedelta(days=14)
EXPECTED_FOR: Final = timedelta(days=1)
"""An expected price older than this says nothing about the rivals of today."""
_STORY_ACTIONS: Final = 100

# The newest moment of each listing's story, found from its end; the page's own Buy Box where there is no story yet.
_LISTINGS: Final = text("""
SELECT l.account, l.marketplace, l.sku, l.title, l.price_minor, l.currency, l.seen_at,
       coalesce(p.buy_box_minor, s.buy_box_landed_minor) AS buy_box_minor,
       CASE WHEN p.buy_box_minor IS NULL THEN s.currency ELSE p.currency END AS box_currency,
       p.lowest_rival_minor, p.currency AS point_currency, p.we_hold_buy_box
FROM listing l
LEFT JOIN LATERAL (
  SELECT * FROM price_point p WHERE p.account = l.account AND p.marketplace = l.marketplace AND p.sku = l.sku
  ORDER BY p.at DESC LIMIT 1) AS p ON true
LEFT JOIN offer_snapshot s ON s.account = l.account AND s.marketplace = l.marketplace
  AND s.external_id = l.external_id AND s.condition = l.condition
WHERE l.status <> 'deleted' AND (CAST(:sku AS text) IS NULL
      OR (l.account = :account AND l.marketplace = :marketplace AND l.sku = :sku))
ORDER BY l.account, l.marketplace, l.sku
""")


class PricingViews:
    """Only reads."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session, self._now = session, now

    def listings(self) -> Sequence[ListingView]:
        """Every listing that was not deleted."""
        return self._views(None, None, None)

    def story(self, account: AccountId, marketplace: MarketplaceId, sku: Sku) -> ListingStory:
        """Two weeks of one listing. Raises NotFound."""
        found = self._views(account, marketplace, sku)
        if not found:
            raise NotFound(f"no listing {sku} in {marketplace} of {account}; `ecom pull` brings listings in")
        points = PriceStoryStore(self._session).of(account, marketplace, sku, since=self._now - STORY)
        actions = ActionStore(self._session).views(sku=sku, limit=_STORY_ACTIONS)
        here = (a for a in actions if (a.account, a.marketplace) == (account, marketplace))
        return ListingStory(found[0], tuple(points), tuple(here))

    def _views(
        self, account: AccountId | None, marketplace: MarketplaceId | None, sku: Sku | None
    ) -> Sequence[ListingView]:
        asked = {"account": account, "marketplace": marketplace, "sku": sku}
        rows = self._session.connection().execute(_LISTINGS, asked).all()
        limits: dict[tuple[str, ...], PriceLimits] = {}
        fees: dict[tuple[str, ...], FeeQuote] = {}
        expected: dict[tuple[str, ...], ExpectedPrice] = {}
        for place in {(row.account, row.marketplace) for row in rows}:
            limits |= {(*place, x.sku): x for x in LimitsStore(self._session).all(*place)}
            fees |= {(*place, x.sku): x for x in FeeStore(self._session).all(*place)}
            told = ExpectedPriceStore(self._session).all(*place)
            expected |= {(*place, x.sku): x for x in told if self._now - x.seen_at <= EXPECTED_FOR}
        sheets = cost_sheets(self._session)
        found = []
        for row in rows:
            key = (row.account, row.marketplace, row.sku)
            allowed = limits.get(key)
            least, lines = NO_LIMITS, tuple[CostLine, ...]()
            if allowed is not None:
                least = floor(allowed, fees.get(key), sheets, self._now)
                lines = cost_lines(least, allowed, fees.get(key), sheets, self._now)
            found.append(_view(row, allowed, least, lines, expected.get(key)))
        return found


def _view(
    row: Any, limits: PriceLimits | None, lowest: Floor, lines: Sequence[CostLine], expected: ExpectedPrice | None
) -> ListingView:
    ceiling: Money | None = None if limits is None else limits.ceiling
    return ListingView(
        account=row.account,
        marketplace=row.marketplace,
        sku=row.sku,
        title=row.title,
        price=money(row.price_minor, row.currency),
        buy_box=money(row.buy_box_minor, row.box_currency),
        lowest_rival=money(row.lowest_rival_minor, row.point_currency),
        we_hold_buy_box=row.we_hold_buy_box,
        floor=lowest.price,
        floor_reason=lowest.reason,
        ceiling=ceiling,
        seen_at=row.seen_at,
        expected_price=None if expected is None else expected.expected,
        expected_status=None if expected is None else expected.status,
        floor_parts=lowest.parts,
        floor_costs=tuple(CostView(line.name, line.amount, line.at, line.note) for line in lines),
    )
