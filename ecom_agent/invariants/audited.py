"""No Action without its audit: the newest event of each tells the state it is in."""

from ecom_agent.invariants.model import Invariant

INVARIANT = Invariant(
    name="audited",
    says="every Action was entered in the audit, and its newest event tells its state",
    sql="""
SELECT a.key AS subject, a.state || ', the audit says ' || coalesce(newest.step, 'nothing') AS detail
FROM action a
LEFT JOIN LATERAL (
  SELECT e.step FROM audit_event e WHERE e.action_key = a.key AND e.step NOT IN ('halted', 'resumed')
  ORDER BY e.seq DESC LIMIT 1) AS newest ON true
WHERE (newest.step IS DISTINCT FROM a.state
       OR NOT EXISTS (SELECT FROM audit_event e WHERE e.action_key = a.key AND e.step = 'proposed'))
  AND (a.updated_at > CAST(:now AS timestamptz) - interval '2 days'
       OR a.state IN ('held', 'approved', 'executing', 'unknown', 'applied'))
""",
)
