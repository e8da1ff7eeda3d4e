"""How writes fared lately, counted in SQL and kept for a moment, so that judging a change need not count.

The whole count reads every live listing's own changes: some tenths of a second at ten thousand listings. What one
failed write can change is counted by itself, in a millisecond.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from sqlmodel import Field, Session, SQLModel

from ecom_agent.actions.breakers import Windows
from ecom_agent.actions.counts import Counts, Feed, Runaway
from ecom_agent.actions.halts import account_scope
from ecom_agent.actions.model import Mode, unwire
from ecom_agent.actions.moves import Moved, price_counts
from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId
from ecom_agent.money import Money
from ecom_agent.store.columns import JSON, WHEN
from ecom_agent.store.journeys import Answer, ask
from ecom_agent.store.line import driver

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_MINE: Final = "account = %(account)s AND mode = %(mode)s"

# When a person last reset: no window begins before. The stored count is only good if it was taken after that.
_RESET: Final = "SELECT max(lifted_at) AS at FROM halt WHERE scope = %(scope)s"
_KEPT: Final = f"""SELECT at, counts FROM breaker_count
WHERE {_MINE} AND at > coalesce(({_RESET}), '-infinity'::timestamptz)"""
_KEEP: Final = """INSERT INTO breaker_count (account, mode, at, counts)
VALUES (%(account)s, %(mode)s, %(now)s, %(counts)s)
ON CONFLICT (account, mode) DO UPDATE SET at = excluded.at, counts = excluded.counts"""

# The newest tries until one that was taken. A throttle is no try: nothing was sent.
_ERRORS: Final = f"""
SELECT coalesce(min(n) FILTER (WHERE NOT refused) - 1, count(*)) AS errors_in_row FROM (
  SELECT state = 'unknown' OR (state = 'failed' AND sent_at IS NULL) AS refused,
         row_number() OVER (ORDER BY claimed_at DESC, key DESC) AS n
  FROM action WHERE {_MINE} AND claimed_at > %(errors_since)s AND state <> 'executing'
    AND NOT starts_with(why, 'not sent:')
  ORDER BY claimed_at DESC, key DESC LIMIT %(in_a_row)s) AS tries"""
_READ_BACK: Final = f"""
SELECT count(*) AS read_back, count(*) FILTER (WHERE state <> 'verified') AS mismatched
FROM action WHERE {_MINE} AND updated_at > %(back_since)s AND coalesce(sent_at, updated_at) > %(reset)s AND (
  state = 'verified' OR (state = 'failed' AND (sent_at IS NOT NULL OR starts_with(why, 'not done:')))
  OR (state = 'unknown' AND verify_tries > 0))"""
_MOVING: Final = f"""
SELECT count(DISTINCT (marketplace, target)) AS moved_minute FROM (
  SELECT marketplace, target FROM action
  WHERE {_MINE} AND kind = 'price.set' AND claimed_at > %(minute)s AND sent_at > %(minute)s AND sent_at > %(reset)s
  UNION ALL
  SELECT marketplace, target FROM action WHERE {_MINE} AND kind = 'price.set' AND state = 'approved'
    AND updated_at > %(reset)s) AS moving"""
_LISTINGS: Final = "SELECT count(*) AS listings FROM listing WHERE account = %(account)s AND status = 'active'"
_FEEDS: Final = """
SELECT s.stream, coalesce(good.finished_at, first.started_at) AS good_at, failed.n AS failed
FROM unnest(%(streams)s::text[]) AS s (stream)
CROSS JOIN LATERAL (SELECT started_at FROM pull_run WHERE account = %(account)s AND stream = s.stream
                    ORDER BY id LIMIT 1) AS first
LEFT JOIN LATERAL (SELECT id, finished_at FROM pull_run WHERE account = %(account)s AND stream = s.stream
                   AND error IS NULL AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1) AS good ON true
CROSS JOIN LATERAL (SELECT count(*) AS n FROM pull_run WHERE account = %(account)s AND stream = s.stream
                    AND id > coalesce(good.id, 0) AND error IS NOT NULL) AS failed
ORDER BY s.stream"""
_SENT: Final = f"""SELECT key, before, after, sent_at FROM action
  WHERE {_MINE} AND marketplace = l.marketplace AND target = l.sku AND kind = 'price.set'"""
# The floor is the one written down when the change was sent, whatever it was made of. Listings that cannot count for
# anything (shown as we set them, above their floor, near to where they began, sold once) are left out here already.
_MOVED: Final = f"""
WITH others AS MATERIALIZED (
  SELECT sku, json_agg(json_build_array(price_minor, currency)) AS prices FROM listing
  WHERE account <> %(account)s AND status = 'active' AND price_minor > 0 GROUP BY sku)
SELECT l.marketplace, l.sku, l.price_minor, l.currency, l.seen_at, first.before AS first, last.before, last.after,
       last.sent_at, told.floor, others.prices AS elsewhere
FROM listing l
CROSS JOIN LATERAL ({_SENT} AND sent_at > %(since)s ORDER BY sent_at DESC, key DESC LIMIT 1) AS last
LEFT JOIN LATERAL ({_SENT} AND sent_at > %(runaway_since)s ORDER BY sent_at, key LIMIT 1) AS first ON true
LEFT JOIN LATERAL (
  SELECT e.detail->'floor' AS floor FROM audit_event e WHERE e.action_key = last.key AND e.step = 'executing'
  ORDER BY e.seq DESC LIMIT 1) AS told ON true
LEFT JOIN others ON others.sku = l.sku
CROSS JOIN LATERAL (SELECT (last.after->>'minor')::bigint AS own, (told.floor->>'minor')::bigint AS floor,
                           (first.before->>'minor')::bigint AS first) AS minor
WHERE l.account = %(account)s AND l.status = 'active' AND (
  others.prices IS NOT NULL OR minor.own <= minor.floor OR l.price_minor IS DISTINCT FROM minor.own
  OR l.currency IS DISTINCT FROM last.after->>'currency'
  OR greatest(minor.first, minor.own) >= %(factor)s * least(minor.first, minor.own))"""


Kept = Answer


class BreakerCountRow(SQLModel, table=True):
    __tablename__ = "breaker_count"
    account: str = Field(primary_key=True)
    mode: str = Field(primary_key=True)
    at: datetime = Field(sa_type=WHEN)
    counts: dict[str, Any] = Field(sa_type=JSON)


class BreakerStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def policy(self) -> Mapping[str, Any]:
        """The breakers' policy in force; empty where there is none, and then nothing is written."""
        found = self._one("SELECT body FROM policy WHERE name = 'breakers' ORDER BY version DESC LIMIT 1", {})
        return found["body"] if found else {}

    def turn(self, account: AccountId) -> bool:
        """Whether it is ours to look at this account until the unit of work ends; never waits."""
        asked = {"lock": f"breakers {account}"}
        found = self._one("SELECT pg_try_advisory_xact_lock(hashtextextended(%(lock)s, 6)) AS ours", asked)
        return bool(found and found["ours"])

    def ask(self, account: AccountId, mode: Mode) -> Kept:
        """What was counted lately: for `recent`, asked for together with other things."""
        return ask(self._session, _KEPT, _asked(account, mode))

    def recent(
        self, account: AccountId, mode: Mode, now: datetime, policy: Mapping[str, Any], known: Kept | None = None
    ) -> Counts:
        """As counted lately; counted now where that is too long ago. Raises PolicyGap."""
        windows = Windows.read(policy)
        kept = (known or self.ask(account, mode)).first()
        if kept is not None and (abs(now - kept["at"]) < windows.recount or not self.turn(account)):
            return unpacked(kept["counts"])
        return self._count(account, mode, now, windows, None)

    def recount(self, account: AccountId, mode: Mode, now: datetime, *, whole: bool = True) -> Counts:
        """Count now; not `whole`: only what one write can change, the rest as kept. Raises PolicyGap."""
        windows = Windows.read(self.policy())
        kept = None if whole else self._one(_KEPT, _asked(account, mode))
        return self._count(account, mode, now, windows, kept)

    def _count(
        self, account: AccountId, mode: Mode, now: datetime, windows: Windows, kept: Mapping[str, Any] | None
    ) -> Counts:
        asked = _asked(account, mode)
        found = self._one(_RESET, asked)
        reset = found["at"] if found else None
        asked |= _since(now, windows, reset)
        quick: dict[str, Any] = {}
        for sql in (_ERRORS, _READ_BACK, _MOVING):
            quick |= self._one(sql, asked) or {}
        if kept is not None:
            counts, at = replace(unpacked(kept["counts"]), **quick), kept["at"]
        else:
            counts, at = Counts(**quick, **self._slow(account, asked, windows, now, reset)), now
        if self.turn(account):
            packed = Jsonb(asdict(counts), dumps=lambda told: orjson.dumps(told, default=tuple))
            driver(self._session).execute(_KEEP.encode(), {**asked, "now": at, "counts": packed})
        return counts

    def _slow(
        self, account: AccountId, asked: Mapping[str, Any], windows: Windows, now: datetime, reset: datetime | None
    ) -> dict[str, Any]:
        listings = self._one(_LISTINGS, asked) or {}
        feeds = tuple(_feed(row, now, reset) for row in self._all(_FEEDS, {**asked, "streams": list(windows.streams)}))
        moved = (one for row in self._all(_MOVED, asked) if (one := _moved(row)) is not None)
        return {
            "listings": listings["listings"],
            "feeds": feeds,
            **price_counts(moved, windows, now),
        }

    def _one(self, sql: str, asked: Mapping[str, Any]) -> dict[str, Any] | None:
        return driver(self._session).cursor(row_factory=dict_row).execute(sql.encode(), asked).fetchone()

    def _all(self, sql: str, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        yield from driver(self._session).cursor(row_factory=dict_row).execute(sql.encode(), asked)


def unpacked(counts: Mapping[str, Any]) -> Counts:
    """Counts as they were kept."""
    feeds = tuple(Feed(*feed) for feed in counts["feeds"])
    return Counts(**{**counts, "feeds": feeds, "runaways": tuple(Runaway(*one) for one in counts["runaways"])})


def _asked(account: AccountId, mode: Mode) -> dict[str, Any]:
    return {"account": account, "mode": mode.value, "scope": account_scope(account)}


def _since(now: datetime, windows: Windows, reset: datetime | None) -> dict[str, Any]:
    def after(window: timedelta) -> datetime:
        return now - window if reset is None else max(reset, now - window)

    return {
        "reset": reset or now - timedelta(days=36_500),
        "errors_since": after(_DAY),
        "in_a_row": windows.in_a_row,
        "back_since": now - windows.mismatches,
        "minute": now - _MINUTE,
        "since": after(windows.longest),
        "runaway_since": after(windows.runaway),
        "factor": windows.factor,
    }


def _feed(row: Mapping[str, Any], now: datetime, reset: datetime | None) -> Feed:
    good_at = row["good_at"] if reset is None else max(row["good_at"], reset)
    return Feed(row["stream"], int((now - good_at).total_seconds() // 60), row["failed"])


def _moved(row: Mapping[str, Any]) -> Moved | None:
    own = unwire(row["after"])
    if not isinstance(own, Money):
        return None
    first, before, floor = unwire(row["first"]), unwire(row["before"]), unwire(row["floor"])
    return Moved(
        marketplace=row["marketplace"],
        sku=row["sku"],
        first=first if isinstance(first, Money) else None,
        before=before if isinstance(before, Money) else None,
        own=own,
        own_at=row["sent_at"],
        live=_money(row["price_minor"], row["currency"]),
        live_at=row["seen_at"],
        floor=floor if isinstance(floor, Money) else None,
        elsewhere=tuple(m for minor, currency in row["elsewhere"] or () if (m := _money(minor, currency)) is not None),
    )


def _money(minor: int | None, currency: str | None) -> Money | None:
    """A currency nobody knows makes an amount unknown."""
    if minor is None or currency is None:
        return None
    try:
        return Money(minor, currency)
    except ParseFailed:
        return None
