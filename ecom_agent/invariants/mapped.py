"""Every word of a platform's statuses is in a table of ours: a word nobody knows may mean anything."""

from ecom_agent.invariants.model import Invariant

INVARIANT = Invariant(
    name="words_are_known",
    says="no order, return or listing of the last day has a status or a fulfilment that no table maps",
    sql="""
SELECT account || ' ' || field AS subject,
       'unknown word ' || quote_literal(value) || ', ' || seen || ' times since ' || first_seen_at::text AS detail
FROM unmapped
WHERE kind = 'word' AND last_seen_at > CAST(:now AS timestamptz) - interval '1 day' AND last_seen_at <= :now
""",
)
