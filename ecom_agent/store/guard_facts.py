"""What the guards may know about one Action, asked of the database in one statement: one snapshot, one round trip."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from psycopg.rows import dict_row
from sqlmodel import Session

from ecom_agent.actions import autonomy
from ecom_agent.actions.counts import Counts
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import PolicyGap
from ecom_agent.actions.halts import Halt, HaltLevel, scopes_of
from ecom_agent.actions.model import Action, Kind, Mode, Value, unwire
from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import PriceLimits
from ecom_agent.records.stock import StockLevel
from ecom_agent.store.breakers import BreakerStore
from ecom_agent.store.bulk import driver
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.stock import StockStore

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)

_MINE: Final = "account = %(account)s AND marketplace = %(marketplace)s"
_TARGET: Final = f"{_MINE} AND target = %(target)s AND kind = %(kind)s AND mode = %(mode)s"
_FACTS: Final = f"""
SELECT l.external_id, l.parent_id, l.title, l.status, l.price_minor, l.currency AS price_currency, l.condition,
       l.fulfilment, l.updated_at, l.seen_at,
       p.version, p.currency AS limits_currency, p.hard_min_minor, p.ceiling_minor, p.map_minor, p.unit_cost_minor,
       p.min_margin_minor, p.updated_at AS limits_at, p.updated_by,
       f.at_price_minor, f.referral_minor, f.fulfilment_minor, f.currency AS fee_currency, f.quoted_at,
       s.location, s.item_ref, s.fulfillable, s.reserved, s.inbound, s.unfulfillable, s.updated_at AS stock_at,
       s.seen_at AS stock_seen_at,
       day.changes, day.last_at, day.start,
       own.after AS own_value, own.sent_at AS own_at,
       moved.minute, moved.hour,
       (SELECT count(*) FROM listing WHERE {_MINE} AND status = 'active') AS catalogue,
       (SELECT json_agg(json_build_array(scope, reason, by, since, level)) FROM halt
        WHERE lifted_at IS NULL AND scope = ANY(%(scopes)s)) AS halts,
       (SELECT why FROM paused_account WHERE account = %(account)s) AS paused,
       guards.body AS guards, guards.version AS guards_version, auto.body AS autonomy, breakers.body AS breakers
FROM (SELECT 1) AS one
LEFT JOIN listing l
  ON l.account = %(account)s AND l.marketplace = %(marketplace)s AND l.sku = %(target)s
LEFT JOIN price_limits p
  ON p.account = %(account)s AND p.marketplace = %(marketplace)s AND p.sku = %(target)s AND p.is_current
LEFT JOIN fee_quote f
  ON f.account = %(account)s AND f.marketplace = %(marketplace)s AND f.sku = %(target)s
LEFT JOIN stock_level s
  ON s.account = %(account)s AND s.marketplace = %(marketplace)s AND s.sku = %(target)s AND s.location = %(location)s
CROSS JOIN LATERAL (
  SELECT count(*) AS changes, max(sent_at) AS last_at,
         (array_agg(coalesce(before, after) ORDER BY sent_at))[1] AS start
  FROM action WHERE {_TARGET} AND key <> %(key)s AND sent_at > %(day)s) AS day
LEFT JOIN LATERAL (
  SELECT after, sent_at FROM action WHERE {_TARGET} AND sent_at IS NOT NULL AND state IN ('applied', 'verified')
  ORDER BY sent_at DESC LIMIT 1) AS own ON true
CROSS JOIN LATERAL (
  SELECT count(DISTINCT target) AS hour,
         count(DISTINCT target) FILTER (WHERE at > %(minute)s) AS minute
  FROM (SELECT target, sent_at AS at FROM action
        WHERE {_MINE} AND kind = %(kind)s AND mode = %(mode)s AND sent_at > %(hour)s
        UNION ALL
        SELECT target, %(now)s FROM action
        WHERE {_MINE} AND kind = %(kind)s AND mode = %(mode)s AND state = 'approved') AS moves
  WHERE target <> %(target)s) AS moved
LEFT JOIN LATERAL (
  SELECT body, version FROM policy WHERE name = 'guards' ORDER BY version DESC LIMIT 1) AS guards ON true
LEFT JOIN LATERAL (
  SELECT body FROM policy WHERE name = 'autonomy' ORDER BY version DESC LIMIT 1) AS auto ON true
LEFT JOIN LATERAL (
  SELECT body FROM policy WHERE name = 'breakers' ORDER BY version DESC LIMIT 1) AS breakers ON true
"""


class GuardFactStore:
    """Never commits: the caller's unit of work does, once.

    `quoting` are the accounts whose platform quotes fees: there, a missing quote is missing knowledge.
    None = all of them.
    """

    def __init__(self, session: Session, quoting: Collection[AccountId] | None = None) -> None:
        self._session, self._quoting = session, quoting

    def of(self, action: Action, now: datetime, mode: Mode) -> GuardFacts:
        """All a guard may know about this Action. What cannot be read is None, which the guards refuse."""
        row = self._one(_FACTS, _asked(action, now))
        assert row is not None, "the question has one row whatever is there"
        auto = row["autonomy"] or {}
        level = autonomy.level_of(auto, action.proposed_by, action.account, action.marketplace)
        current, current_at = _current(action, row)
        return GuardFacts(
            now=now,
            mode=mode,
            policy=row["guards"] or {},
            policy_version=row["guards_version"] or 0,
            autonomy=level,
            autonomy_policy=auto,
            listing=_listing(action, row),
            level=_level(action, row),
            limits=_limits(action, row),
            fees=_fees(action, row),
            fees_expected=self._quoting is None or action.account in self._quoting,
            current=current,
            current_at=current_at,
            day_start=unwire(row["start"]) if row["changes"] else current,
            changes_today=row["changes"],
            last_change_at=row["last_at"],
            moved_minute=row["minute"],
            moved_hour=row["hour"],
            catalogue=row["catalogue"],
            halts=tuple(_halt(*told) for told in row["halts"] or ()),
            paused=row["paused"],
            breakers=row["breakers"] or {},
            counts=self._counts(action, now, mode, row["breakers"] or {}),
        )

    def policy(self) -> Mapping[str, Any]:
        """The guards' policy in force; empty where none is, and then the guards deny."""
        newest = self._one("SELECT body FROM policy WHERE name = 'guards' ORDER BY version DESC LIMIT 1", {})
        return newest["body"] if newest else {}

    def learn(self, action: Action, found: Value, at: datetime) -> None:
        """What a read-back showed is the newest fact about the target."""
        LEARN[action.kind](self._session, action, found, at)

    def _counts(self, action: Action, now: datetime, mode: Mode, policy: Mapping[str, Any]) -> Counts | None:
        """How writes fared lately; None where the policy does not say how to count, which the guard refuses."""
        try:
            return BreakerStore(self._session).recent(action.account, mode, now, policy)
        except PolicyGap:
            return None

    def _one(self, sql: str, asked: Mapping[str, Any]) -> dict[str, Any] | None:
        return driver(self._session).cursor(row_factory=dict_row).execute(sql.encode(), asked).fetchone()


def _saw_price(session: Session, action: Action, found: Value, at: datetime) -> None:
    if isinstance(found, Money):
        ListingStore(session).saw_price(action.account, action.marketplace, action.target, found, seen_at=at)


def _saw_stock(session: Session, action: Action, found: Value, at: datetime) -> None:
    levels = StockStore(session)
    level = levels.get(action.account, action.marketplace, action.target, str(action.evidence.get("location") or ""))
    if level is not None and isinstance(found, int):
        levels.saw_quantity(level, found, seen_at=at)


LEARN: Final[Mapping[Kind, Callable[[Session, Action, Value, datetime], None]]] = MappingProxyType(
    {Kind.PRICE_SET: _saw_price, Kind.STOCK_SET: _saw_stock}
)


def _asked(action: Action, now: datetime) -> dict[str, Any]:
    return {
        "key": action.key,
        "account": action.account,
        "marketplace": action.marketplace,
        "target": action.target,
        "kind": action.kind.value,
        "mode": action.mode.value,
        "location": str(action.evidence.get("location") or ""),
        "scopes": list(scopes_of(action)),
        "now": now,
        "minute": now - _MINUTE,
        "hour": now - _HOUR,
        "day": now - _DAY,
    }


def _current(action: Action, row: Mapping[str, Any]) -> tuple[Value | None, datetime | None]:
    """The newer of what was read and what we wrote since."""
    seen_at = row["seen_at"] if action.kind is Kind.PRICE_SET else row["stock_seen_at"]
    if row["own_at"] is not None and (seen_at is None or row["own_at"] >= seen_at):
        return unwire(row["own_value"]), row["own_at"]
    if action.kind is Kind.PRICE_SET:
        return _money(row["price_minor"], row["price_currency"]), seen_at
    return row["fulfillable"], seen_at


def _money(minor: int | None, currency: str | None) -> Money | None:
    """A currency nobody knows makes an amount unknown, not an error: the guards say no with a reason."""
    if minor is None or currency is None:
        return None
    try:
        return Money(minor, currency)
    except ParseFailed:
        return None


def _halt(scope: str, reason: str, by: str, since: str, level: str) -> Halt:
    return Halt(scope, reason, by, datetime.fromisoformat(since), HaltLevel(level))


def _listing(action: Action, row: Mapping[str, Any]) -> Listing | None:
    if row["external_id"] is None:
        return None
    return Listing(
        account=action.account,
        marketplace=action.marketplace,
        sku=action.target,
        external_id=row["external_id"],
        parent_id=row["parent_id"],
        title=row["title"],
        status=ListingStatus(row["status"]),
        price=_money(row["price_minor"], row["price_currency"]),
        condition=row["condition"],
        fulfilment=row["fulfilment"],
        updated_at=row["updated_at"],
        seen_at=row["seen_at"],
    )


def _limits(action: Action, row: Mapping[str, Any]) -> PriceLimits | None:
    if row["version"] is None:
        return None
    currency = row["limits_currency"]
    return PriceLimits(
        account=action.account,
        marketplace=action.marketplace,
        sku=action.target,
        currency=currency,
        hard_min=_money(row["hard_min_minor"], currency),
        ceiling=_money(row["ceiling_minor"], currency),
        map_price=_money(row["map_minor"], currency),
        unit_cost=_money(row["unit_cost_minor"], currency),
        min_margin=_money(row["min_margin_minor"], currency),
        version=row["version"],
        updated_at=row["limits_at"],
        updated_by=row["updated_by"],
    )


def _fees(action: Action, row: Mapping[str, Any]) -> FeeQuote | None:
    at_price, referral, fulfilment = (
        _money(row[name], row["fee_currency"]) for name in ("at_price_minor", "referral_minor", "fulfilment_minor")
    )
    if at_price is None or referral is None or fulfilment is None:
        return None
    return FeeQuote(action.account, action.marketplace, action.target, at_price, referral, fulfilment, row["quoted_at"])


def _level(action: Action, row: Mapping[str, Any]) -> StockLevel | None:
    if row["location"] is None:
        return None
    return StockLevel(
        account=action.account,
        marketplace=action.marketplace,
        sku=action.target,
        location=row["location"],
        item_ref=row["item_ref"],
        fulfillable=row["fulfillable"],
        reserved=row["reserved"],
        inbound=row["inbound"],
        unfulfillable=row["unfulfillable"],
        updated_at=row["stock_at"],
        seen_at=row["stock_seen_at"],
    )
