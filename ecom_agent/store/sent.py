"""Prices that platforms took from us, for whoever must decide from the newest one."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from ecom_agent.actions.model import Mode
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money


class SentPrice(NamedTuple):
    """`before`: the price that it took the place of, as far as it was known when it was decided."""

    marketplace: MarketplaceId
    sku: Sku
    before: Money | None
    price: Money
    at: datetime


_TOOK: Final = text("""
SELECT marketplace, target, (before->>'minor')::bigint, before->>'currency', (after->>'minor')::bigint,
  after->>'currency', sent_at FROM action
WHERE account = :account AND mode = :mode AND kind = 'price.set' AND state IN ('applied', 'verified')
  AND sent_at > :since AND claimed_by IS DISTINCT FROM :without ORDER BY sent_at, key
""")


def sent_prices(
    session: Session, account: AccountId, mode: Mode, since: datetime, without: str | None = None
) -> list[SentPrice]:
    """Every price taken since then, oldest first; `without` those that this process sent under that name."""
    asked = {"account": account, "mode": mode.value, "since": since, "without": without}
    found = session.connection().execute(_TOOK, asked)
    return [
        SentPrice(MarketplaceId(m), Sku(sku), None if was is None else Money(was, was_in), Money(minor, currency), at)
        for m, sku, was, was_in, minor, currency, at in found
    ]
