"""What is asked of the database for the guards: one statement for all Actions of one place, so one snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from ecom_agent.actions.halts import scopes_of
from ecom_agent.actions.model import Action

Place = tuple[str, ...]
"""Account, marketplace, kind and mode."""
_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
_MINE: Final = "account = %(account)s AND marketplace = %(marketplace)s"
_ALIKE: Final = f"{_MINE} AND kind = %(kind)s AND mode = %(mode)s"
_SAME: Final = f"{_ALIKE} AND target = asked.target"
MOVED: Final = f"""
  SELECT count(*) AS hour, count(*) FILTER (WHERE at > %(minute)s) AS minute,
         coalesce(%(catalogue)s::bigint,
                  (SELECT count(*) FROM listing WHERE {_MINE} AND status = 'active')) AS catalogue
  FROM (SELECT target, max(at) AS at FROM (
          SELECT target, sent_at AS at FROM action WHERE {_ALIKE} AND sent_at > %(hour)s
          UNION ALL SELECT target, %(now)s FROM action WHERE {_ALIKE} AND state = 'approved') AS moves
        GROUP BY target) AS moving"""
_AS_COUNTED: Final = """
  SELECT %(moved_hour)s::bigint AS hour, %(moved_minute)s::bigint AS minute, %(catalogue)s::bigint AS catalogue"""
_POLICY: Final = "SELECT {what} FROM policy WHERE name = '{name}' ORDER BY version DESC LIMIT 1"
# What is the same for all is told with the first row only.
_FACTS: Final = f"""
WITH moved AS MATERIALIZED ({{moved}}),
shared AS MATERIALIZED (
  SELECT (SELECT json_agg(json_build_array(scope, reason, by, since, level)) FROM halt
          WHERE lifted_at IS NULL AND scope = ANY(%(scopes)s)) AS halts,
         (SELECT why FROM paused_account WHERE account = %(account)s) AS paused,
         guards.body AS guards, guards.version AS guards_version,
         ({_POLICY.format(what="body", name="autonomy")}) AS autonomy,
         ({_POLICY.format(what="body", name="breakers")}) AS breakers,
         ({_POLICY.format(what="body", name="sending")}) AS sending,
         ({_POLICY.format(what="body", name="fx")}) AS fx,
         ({_POLICY.format(what="body", name="fees")}) AS fee_tables
  FROM (SELECT 1) AS one LEFT JOIN ({_POLICY.format(what="body, version", name="guards")}) AS guards ON true)
SELECT l.external_id, l.parent_id, l.title, l.status, l.price_minor, l.currency AS price_currency, l.condition,
       l.fulfilment, l.updated_at, l.seen_at,
       p.version, p.currency AS limits_currency, p.hard_min_minor, p.ceiling_minor, p.map_minor, p.unit_cost_minor,
       p.min_margin_minor, p.updated_at AS limits_at, p.updated_by, p.foreign_cost_minor, p.foreign_currency,
       p.ad_cost_minor, p.return_bp, p.return_cost_minor, p.margin_bp, p.roi_bp, p.fee_class, p.costs_on,
       f.at_price_minor, f.referral_minor, f.fulfilment_minor, f.currency AS fee_currency, f.quoted_at,
       s.location, s.item_ref, s.fulfillable, s.reserved, s.inbound, s.unfulfillable, s.updated_at AS stock_at,
       s.seen_at AS stock_seen_at,
       day.changes, day.last_at, day.start, written.today AS written,
       own.after AS own_value, own.sent_at AS own_at,
       moved.catalogue, moved.minute AS all_minute, moved.hour AS all_hour,
       moved.minute - (day.within_minute OR waits.here)::int AS minute,
       moved.hour - (day.within_hour OR waits.here)::int AS hour,
       shared.*
FROM unnest(%(targets)s::text[], %(keys)s::text[], %(locations)s::text[]) WITH ORDINALITY
     AS asked (target, key, location, n)
CROSS JOIN moved
LEFT JOIN shared ON asked.n = 1
LEFT JOIN listing l ON l.account = %(account)s AND l.marketplace = %(marketplace)s AND l.sku = asked.target
LEFT JOIN price_limits p
  ON p.account = %(account)s AND p.marketplace = %(marketplace)s AND p.sku = asked.target AND p.is_current
LEFT JOIN fee_quote f ON f.account = %(account)s AND f.marketplace = %(marketplace)s AND f.sku = asked.target
LEFT JOIN stock_level s ON s.account = %(account)s AND s.marketplace = %(marketplace)s AND s.sku = asked.target
  AND s.location = asked.location
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE key <> asked.key) AS changes, max(sent_at) FILTER (WHERE key <> asked.key) AS last_at,
         (array_agg(coalesce(before, after) ORDER BY sent_at) FILTER (WHERE key <> asked.key))[1] AS start,
         coalesce(bool_or(sent_at > %(minute)s), false) AS within_minute,
         coalesce(bool_or(sent_at > %(hour)s), false) AS within_hour
  FROM action WHERE {_SAME} AND sent_at > %(day)s) AS day
CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM action WHERE {_SAME} AND state = 'approved') AS here) AS waits
CROSS JOIN LATERAL (
  SELECT count(*) AS today FROM action
  WHERE {_MINE} AND target = asked.target AND mode = %(mode)s AND sent_at >= %(midnight)s) AS written
LEFT JOIN LATERAL (
  SELECT after, sent_at FROM action WHERE {_SAME} AND sent_at IS NOT NULL AND state IN ('applied', 'verified')
  ORDER BY sent_at DESC LIMIT 1) AS own ON true
ORDER BY asked.n
"""
COUNTING: Final = _FACTS.format(moved=MOVED)
HAVING_COUNTED: Final = _FACTS.format(moved=_AS_COUNTED)


def place_of(action: Action) -> Place:
    return action.account, action.marketplace, action.kind.value, action.mode.value


def counted(place: Place, now: datetime, catalogue: int | None) -> dict[str, Any]:
    """What `MOVED` is asked with. `catalogue`: its listings where they are known, else they are counted too."""
    account, marketplace, kind, mode = place
    since = {"now": now, "minute": now - _MINUTE, "hour": now - _HOUR}
    return {"account": account, "marketplace": marketplace, "kind": kind, "mode": mode, "catalogue": catalogue, **since}


def asked(actions: Sequence[Action], now: datetime) -> dict[str, Any]:
    """Actions of one account, marketplace, kind and mode."""
    one = actions[0]
    return {
        "account": one.account,
        "marketplace": one.marketplace,
        "kind": one.kind.value,
        "mode": one.mode.value,
        "targets": [action.target for action in actions],
        "keys": [action.key for action in actions],
        "locations": [str(action.evidence.get("location") or "") for action in actions],
        "scopes": sorted({scope for action in actions for scope in scopes_of(action)}),
        "now": now,
        "minute": now - _MINUTE,
        "hour": now - _HOUR,
        "day": now - _DAY,
        "midnight": now.replace(hour=0, minute=0, second=0, microsecond=0),
    }
