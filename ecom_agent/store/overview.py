"""The landing screen's figures: what a person must look at, then how business goes, each number with its freshness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Row, text
from sqlmodel import Session

from ecom_agent.actions.halts import HaltLevel
from ecom_agent.actions.model import Mode, State
from ecom_agent.records.sync import Outcome
from ecom_agent.records.views import Exceptional, Overview, StreamHealth, Tile
from ecom_agent.records.zones import ZONES
from ecom_agent.records.zones import midnight as began
from ecom_agent.store.halts import HaltStore
from ecom_agent.store.processes import PausedAccountStore, ProcessStore
from ecom_agent.store.windows import WindowStore

_DAY: Final = timedelta(days=1)
_MANY: Final = 8  # exceptions of one kind that are told one by one
_GRACE_MIN: Final = 15  # a stream may be late by three intervals and this
_TROUBLE: Final = frozenset({"died", "failed"})

# An order whose total the platform does not tell yet counts by its lines.
_REVENUE: Final = "coalesce(o.total_minor, (SELECT sum(total_minor) FROM order_line l WHERE " + (
    "l.account = o.account AND l.order_id = o.order_id), 0)"
)
_TODAY: Final = text(f"""
SELECT o.currency, count(*) FILTER (WHERE o.purchased_at >= day.start) AS orders,
       coalesce(sum({_REVENUE}) FILTER (WHERE o.purchased_at >= day.start), 0)::bigint AS revenue
FROM orders o CROSS JOIN LATERAL (
  SELECT coalesce((CAST(:midnights AS jsonb)->>o.marketplace)::timestamptz, :midnight) AS start
) AS day WHERE o.purchased_at >= :week AND o.purchased_at <= :now AND o.status <> 'cancelled'
GROUP BY o.currency ORDER BY o.currency
""")
_BY_HOUR: Final = text(f"""
SELECT date_trunc('hour', o.purchased_at) AS hour, o.currency, count(*) AS orders, sum({_REVENUE})::bigint AS revenue
FROM orders o WHERE o.purchased_at >= :since AND o.purchased_at <= :now AND o.status <> 'cancelled'
  AND o.currency IS NOT NULL
GROUP BY 1, 2 ORDER BY 1, 2
""")
_LISTINGS: Final = text("""
SELECT count(*) AS active, max(l.seen_at) AS seen_at, max(p.at) AS point_at,
       count(p.we_hold_buy_box) AS known, count(*) FILTER (WHERE p.we_hold_buy_box) AS held,
       count(*) FILTER (WHERE m.hard_min_minor IS NULL) AS unlimited,
       count(*) FILTER (WHERE s.units <= 0) AS sold_out, max(s.seen_at) AS stock_at
FROM listing l
LEFT JOIN LATERAL (
  SELECT at, we_hold_buy_box FROM price_point p
  WHERE p.account = l.account AND p.marketplace = l.marketplace AND p.sku = l.sku ORDER BY p.at DESC LIMIT 1
) AS p ON true
LEFT JOIN price_limits m ON m.account = l.account AND m.marketplace = l.marketplace AND m.sku = l.sku AND m.is_current
LEFT JOIN LATERAL (
  SELECT sum(fulfillable) AS units, max(seen_at) AS seen_at FROM stock_level s
  WHERE s.account = l.account AND s.marketplace = l.marketplace AND s.sku = l.sku
) AS s ON true
WHERE l.status = 'active'
""")
_CHANGES: Final = text("""
SELECT count(*) FILTER (WHERE state = 'verified' AND created_at >= :midnight) AS verified,
       count(*) FILTER (WHERE state IN ('approved','executing','unknown','applied')) AS under_way,
       count(*) FILTER (WHERE state = 'denied' AND created_at >= :midnight) AS denied,
       count(*) FILTER (WHERE state = 'failed' AND created_at >= :midnight) AS failed,
       count(*) FILTER (WHERE state = 'held') AS held, min(created_at) FILTER (WHERE state = 'held') AS held_since,
       max(updated_at) AS changed_at
FROM action WHERE mode = :mode AND kind = 'price.set'
  AND (created_at >= :midnight OR state IN ('held','approved','executing','unknown','applied'))
""")
_FAILED: Final = text("""
SELECT target, why, updated_at FROM action WHERE mode = :mode AND state = :failed AND updated_at >= :since
ORDER BY updated_at DESC
""")
_HELD_OTHERS: Final = text("SELECT count(*), min(created_at) FROM action WHERE mode = :mode AND state = 'held'")
_SET_ASIDE: Final = text("SELECT count(*) AS n, min(seen_at) AS since FROM quarantine WHERE resolved_at IS NULL")
_ORDERS_READ: Final = text("SELECT max(finished_at) FROM pull_run WHERE stream = 'orders' AND error IS NULL")


class OverviewView:
    """Only reads. "Today" is for sales each marketplace's own day, by `zones`; for all else the UTC day of `now`."""

    def __init__(
        self,
        session: Session,
        now: datetime,
        mode: Mode,
        streams: Sequence[StreamHealth],
        zones: Mapping[str, str] = ZONES,
    ) -> None:
        self._session, self._now, self._mode, self._streams = session, now, mode, streams
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        self._asked = {
            "now": now, "midnight": midnight, "week": midnight - 6 * _DAY, "since": now - _DAY, "mode": mode.value,
            "failed": State.FAILED.value,
            "midnights": orjson.dumps({place: began(now, zone) for place, zone in zones.items()}).decode(),
        }  # fmt: skip
        self._listings = self._one(_LISTINGS)
        self._changes = self._one(_CHANGES)
        self._set_aside = self._one(_SET_ASIDE)

    def overview(self) -> Overview:
        hours = tuple((r.hour, r.currency, r.orders, r.revenue) for r in self._all(_BY_HOUR))
        return Overview(self._now, self._mode.value, tuple(self._exceptions()), tuple(self._tiles()), hours)

    def _tiles(self) -> Iterator[Tile]:
        yield from self._sales()
        seen, changes = self._listings, self._changes
        share = seen.held / seen.known if seen.known else None
        yield Tile("buy_box_share", "Buy Box held", share, "ratio", "offers", seen.point_at)
        for name in ("verified", "under_way", "denied", "failed"):
            label = f"Price changes {name.replace('_', ' ')}" + ("" if name == "under_way" else " today")
            yield Tile(f"changes_{name}", label, getattr(changes, name), "count", "actions", changes.changed_at)
        yield Tile("pending_approvals", "Waiting for approval", self._held()[0], "count", "actions", self._now)
        unlimited = seen.unlimited if seen.active else None
        yield Tile("no_minimum", "Listings without a minimum", unlimited, "count", "limits", seen.seen_at)
        sold_out = seen.sold_out if seen.stock_at else None
        yield Tile("sold_out", "Listings sold out", sold_out, "count", "stock", seen.stock_at)
        yield Tile("quarantined", "Records set aside", self._set_aside.n, "count", "quarantine", self._now)

    def _sales(self) -> Iterator[Tile]:
        read_at = self._session.connection().execute(_ORDERS_READ).scalar()
        rows = self._all(_TODAY)
        orders = sum(r.orders for r in rows) if read_at or rows else None
        yield Tile("orders_today", "Orders today", orders, "count", "orders", read_at)
        for row in rows:
            if row.currency is not None:
                label = f"Sales today, {row.currency}"
                yield Tile(f"revenue_today_{row.currency}", label, row.revenue, row.currency, "orders", read_at)

    def _exceptions(self) -> Iterator[Exceptional]:
        """What stops work first, then what waits for a person, then what should be tidied."""
        for halt in HaltStore(self._session).active():
            title = f"{'Halted' if halt.level is HaltLevel.HALTED else 'Raises only'}: {halt.scope}"
            yield Exceptional("error", title, f"{halt.reason} (by {halt.by})", "health", halt.since)
        for paused in PausedAccountStore(self._session).all():
            yield Exceptional("error", f"Account {paused.account} is paused", paused.why, "health", paused.since)
        for process in ProcessStore(self._session).all():
            if process.state in _TROUBLE:
                told = process.last_exit or "no exit told"
                yield Exceptional("error", f"{process.name} does not run", told, "health", process.since)
        yield from self._failures()
        yield from self._stale()
        yield from self._gaps()
        held, since = self._held()
        if held:
            yield Exceptional("warning", f"{held} waiting for approval", "approve or deny them", "approvals", since)
        aside = self._set_aside
        if aside.n:
            told = "`ecom quarantine` lists them with their reasons"
            yield Exceptional("warning", f"{_count(aside.n, 'record')} set aside", told, "health", aside.since)
        if self._listings.unlimited:
            told = "no price is ever written for them: set a minimum under Limits"
            yield Exceptional(
                "info", f"{_count(self._listings.unlimited, 'listing')} without a minimum", told, "pricing", None
            )

    def _failures(self) -> Iterator[Exceptional]:
        rows = self._all(_FAILED)
        for row in rows[:_MANY]:
            yield Exceptional("error", f"Change of {row.target} failed", row.why, "audit", row.updated_at)
        if len(rows) > _MANY:
            told = "the audit lists them all"
            yield Exceptional(
                "error", f"{_count(len(rows) - _MANY, 'more change')} failed", told, "audit", rows[-1].updated_at
            )

    def _stale(self) -> Iterator[Exceptional]:
        for s in self._streams:
            late = timedelta(minutes=3 * s.every_minutes + _GRACE_MIN)
            if s.last_run_at is not None and self._now - (s.last_ok_at or s.last_run_at) > late:
                told = s.last_error or "it has not run: see that the schedules do"
                title = f"{s.account}: {s.stream} is out of date"
                yield Exceptional("warning", title, told, "health", s.last_ok_at)
            elif s.last_ok_at is None and s.last_error is not None:
                title = f"{s.account}: {s.stream} fails"
                yield Exceptional("warning", title, s.last_error, "health", s.last_run_at)

    def _gaps(self) -> Iterator[Exceptional]:
        """Windows of which not all came, and streams that fell silent."""
        for account, stream, outcome, detail, since in WindowStore(self._session).alarms(self._now)[:_MANY]:
            what = "fell silent" if outcome is Outcome.SILENT else "is not whole"
            yield Exceptional("warning", f"{account}: {stream} {what}", detail, "sync", since)

    def _held(self) -> tuple[int, datetime | None]:
        count, since = self._one(_HELD_OTHERS)
        return count, since

    def _one(self, sql: Any) -> Row[Any]:
        return self._session.connection().execute(sql, self._asked).one()

    def _all(self, sql: Any) -> Sequence[Row[Any]]:
        return self._session.connection().execute(sql, self._asked).all()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
