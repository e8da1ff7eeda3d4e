"""No price was sent below its floor at the time.

Three witnesses: the floor written down when it was sent, the minimum of the limits named there, and the minimum of
the newest limits that stood before it was sent.
"""

from ecom_agent.invariants.model import Invariant

INVARIANT = Invariant(
    name="floor_held",
    says="every price that was sent was at or above its floor at the time",
    sql="""
SELECT sent.key AS subject,
       sent.target || ': sent ' || sent.minor || ' ' || sent.currency || ', least allowed '
       || coalesce(greatest(sent.floor, limits.least)::text, 'not known') AS detail
FROM (
  SELECT a.key, a.account, a.marketplace, a.target, a.sent_at,
         (a.after->>'minor')::bigint AS minor, a.after->>'currency' AS currency,
         (e.detail->'floor'->>'minor')::bigint AS floor, e.detail->'floor'->>'currency' AS floor_currency,
         (e.detail->>'limits_version')::int AS version
  FROM action a LEFT JOIN audit_event e ON e.action_key = a.key AND e.step = 'executing'
  WHERE a.kind = 'price.set' AND a.sent_at IS NOT NULL) AS sent
LEFT JOIN LATERAL (
  SELECT max(greatest(p.hard_min_minor, p.map_minor)) AS least,
         bool_and(p.hard_min_minor IS NOT NULL AND p.currency = sent.currency) AS usable
  FROM price_limits p
  WHERE p.account = sent.account AND p.marketplace = sent.marketplace AND p.sku = sent.target
    AND (p.version = sent.version OR p.version = (
      SELECT max(n.version) FROM price_limits n
      WHERE n.account = p.account AND n.marketplace = p.marketplace AND n.sku = p.sku AND n.updated_at < sent.sent_at
    ))) AS limits ON true
WHERE sent.floor IS NULL OR sent.floor_currency <> sent.currency OR limits.usable IS NOT TRUE
   OR sent.minor < sent.floor OR sent.minor < limits.least
""",
)
