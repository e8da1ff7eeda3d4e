"""Every stream that is pulled on a schedule moves: its last good run is not older than three intervals."""

from ecom_agent.invariants.model import Invariant

INVARIANT = Invariant(
    name="streams_move",
    says="every scheduled stream had a good run within three of its intervals",
    sql="""
SELECT run.account || ' ' || run.stream AS subject,
       'last good run ' || coalesce(run.good_at::text, 'never') || ', every ' || run.every_min || ' min' AS detail
FROM (
  SELECT r.account, r.stream, min(r.started_at) AS first_at,
         max(r.finished_at) FILTER (WHERE r.error IS NULL) AS good_at,
         (SELECT coalesce(p.body->'accounts'->r.account->>r.stream, p.body->'streams'->>r.stream,
                          p.body->>'default', '5')::numeric
          FROM policy p WHERE p.name = 'streams' ORDER BY p.version DESC LIMIT 1) AS every_min
  FROM pull_run r WHERE r.stream NOT LIKE '%:%' GROUP BY r.account, r.stream) AS run
WHERE run.every_min > 0
  AND coalesce(run.good_at, run.first_at) < CAST(:now AS timestamptz)
      - make_interval(mins => (3 * run.every_min)::int + 15)
""",
)
