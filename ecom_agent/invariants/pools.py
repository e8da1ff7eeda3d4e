"""Channels do not promise more than there is. Counted anew in SQL, from the book, the orders and what channels show.

Younger than half an hour, a change of orders, counts or writes is still being followed by the channels. What policy
holds back is left out: this asks only whether units are promised that we do not have.
"""

from ecom_agent.invariants.model import Invariant

INVARIANT = Invariant(
    name="pool_held",
    says="all channels together show no more units than there are, or than the policy's overlap allows",
    sql="""
WITH pol AS (SELECT body FROM policy WHERE name = 'allocation' ORDER BY version DESC LIMIT 1),
since AS (SELECT CAST(:now AS timestamptz) - interval '30 minutes' AS at),
part AS (
  SELECT b.key AS bundle, p.key AS own, p.value::int AS units
  FROM pol, jsonb_each(pol.body->'bundles') AS b, jsonb_each_text(b.value) AS p),
sold AS (
  SELECT n.account, n.marketplace, n.sku, coalesce(p.own, n.our_sku) AS own, coalesce(p.units, 1) AS units
  FROM binding n LEFT JOIN part p ON p.bundle = n.our_sku WHERE n.bound),
counted AS (
  SELECT DISTINCT ON (sku) sku, units, at, id FROM pool_entry WHERE kind = 'count' ORDER BY sku, at DESC, id DESC),
moved AS (
  SELECT e.sku, sum(e.units) AS units FROM pool_entry e JOIN counted c USING (sku), since
  WHERE e.kind = 'move' AND (e.at, e.id) > (c.at, c.id) AND (e.units > 0 OR e.at < since.at) GROUP BY e.sku),
taken AS (
  SELECT c.sku, sum(l.quantity * s.units) AS units
  FROM orders o JOIN order_line l USING (account, order_id)
  JOIN (SELECT DISTINCT account, sku, own, units FROM sold) AS s ON s.account = o.account AND s.sku = l.sku
  JOIN counted c ON c.sku = s.own CROSS JOIN since
  WHERE o.purchased_at BETWEEN c.at - interval '90 days' AND since.at AND l.quantity > 0
    AND (o.status NOT IN ('cancelled', 'shipped') OR (o.status = 'shipped' AND o.purchased_at > c.at))
    AND coalesce(o.fulfilment, 'fbm') NOT IN ('fba', 'wfs', '3pl')
  GROUP BY c.sku),
shown AS (
  SELECT s.own AS sku, sum(greatest(v.fulfillable, 0) * s.units) AS units, bool_or(w.here) AS moving
  FROM stock_level v JOIN sold s USING (account, marketplace, sku)
  JOIN listing i USING (account, marketplace, sku)
  CROSS JOIN LATERAL (SELECT EXISTS (
    SELECT FROM action a WHERE a.kind = 'stock.set' AND a.account = v.account AND a.marketplace = v.marketplace
      AND a.target = v.sku AND a.state IN ('approved', 'executing', 'unknown', 'applied')) AS here) AS w
  CROSS JOIN since
  WHERE i.status = 'active' AND v.location NOT IN ('fba', 'wfs', '3pl') AND v.seen_at > since.at - interval '7 days'
  GROUP BY s.own)
SELECT c.sku AS subject,
       'all channels show ' || shown.units || ', there are ' || greatest(0, pool.units) AS detail
FROM counted c
LEFT JOIN moved m USING (sku) LEFT JOIN taken t USING (sku) JOIN shown USING (sku)
CROSS JOIN LATERAL (SELECT c.units + coalesce(m.units, 0) - coalesce(t.units, 0) AS units) AS pool
CROSS JOIN since CROSS JOIN pol
WHERE c.at < since.at AND NOT shown.moving
  AND shown.units > greatest(0, pool.units)
      * CASE WHEN pol.body->>'mode' = 'shared' THEN (pol.body->>'overlap')::numeric ELSE 1 END
""",
)
