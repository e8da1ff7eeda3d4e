"""Prices that platforms took from us, for whoever must decide from the newest one."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from ecom_agent.actions.model import Mode
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money

_TOOK: Final = text("""
SELECT marketplace, target, (after->>'minor')::bigint, after->>'currency', sent_at FROM action
WHERE account = :account AND mode = :mode AND kind = 'price.set' AND state IN ('applied', 'verified')
  AND sent_at > :since ORDER BY sent_at, key
""")


def sent_prices(
    session: Session, account: AccountId, mode: Mode, since: datetime
) -> list[tuple[MarketplaceId, Sku, Money, datetime]]:
    """(marketplace, SKU, price, sent at) of every price taken since then, oldest first."""
    found = session.connection().execute(_TOOK, {"account": account, "mode": mode.value, "since": since})
    return [(MarketplaceId(m), Sku(sku), Money(minor, currency), at) for m, sku, minor, currency, at in found]
