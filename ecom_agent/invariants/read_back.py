"""Every sent Action is read back in time, and none stays in hand."""

from ecom_agent.invariants.model import Invariant

INVARIANT = Invariant(
    name="read_back",
    says="every sent Action is read back when due, and none is in hand for long",
    sql="""
SELECT a.key AS subject,
       CASE WHEN a.state = 'executing' THEN 'in hand of ' || a.claimed_by || ' since ' || a.claimed_at
            ELSE a.state || ', to be read back by ' || a.verify_due_at END AS detail
FROM action a
WHERE (a.state IN ('unknown', 'applied') AND a.verify_due_at < CAST(:now AS timestamptz) - overdue(a)) OR
      (a.state = 'executing' AND a.claimed_at < CAST(:now AS timestamptz) - overdue(a))
""".replace(
        "overdue(a)",
        "make_interval(mins => coalesce((SELECT CASE WHEN p.body->'verify'->>'overdue_min' ~ '^[0-9]{1,5}$'"
        " THEN (p.body->'verify'->>'overdue_min')::int END"
        " FROM policy p WHERE p.name = 'guards' ORDER BY p.version DESC LIMIT 1), 30))",
    ),
)
