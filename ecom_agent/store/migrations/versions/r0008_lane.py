"""What the event lane's sender keeps: the worth of waiting writes, when held ones are judged again, silent pages.

The outbox is the Actions that are approved: no second table that could disagree. Verdicts keep their answer's name,
so that a new answer between two old ones cannot change what was said.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NAMES = "CASE v->>1 WHEN '0' THEN 'allow' WHEN '1' THEN 'hold' WHEN '2' THEN 'deny' ELSE v->>1 END"
_NUMBERS = "CASE v->>1 WHEN 'allow' THEN 0 WHEN 'deny' THEN 2 ELSE 1 END"
_REWRITE = """
UPDATE action SET verdicts = (
  SELECT coalesce(jsonb_agg(jsonb_build_array(v->0, {answer}, v->2) ORDER BY n), '[]')
  FROM jsonb_array_elements(verdicts) WITH ORDINALITY AS told (v, n))
WHERE verdicts <> '[]'"""
_UNFINISHED = "state IN ('proposed','held','approved','executing','unknown','applied')"


def upgrade() -> None:
    op.execute("ALTER TABLE action ADD COLUMN worth bigint NOT NULL DEFAULT 0 CHECK (worth >= 0)")
    op.execute(
        "ALTER TABLE action ADD COLUMN judge_again_at timestamptz"
        " CONSTRAINT action_judged_again CHECK (judge_again_at IS NULL OR state = 'held')"
    )
    op.execute(_REWRITE.format(answer=_NAMES))
    op.execute("DROP INDEX action_waiting")
    op.execute(
        "CREATE INDEX action_waiting ON action (mode, account, worth DESC, created_at, key) WHERE state = 'approved'"
    )
    op.execute("CREATE INDEX action_later ON action (mode, judge_again_at) WHERE judge_again_at IS NOT NULL")
    op.execute(f"CREATE INDEX action_unfinished ON action (account, marketplace, target) WHERE {_UNFINISHED}")
    # a catalogue's first changes come within minutes: plans made for an empty table would read it whole each time
    op.execute("ALTER TABLE action SET (autovacuum_analyze_threshold = 200, autovacuum_analyze_scale_factor = 0.02)")
    op.execute("""
        CREATE TABLE page_heard (
        account varchar, marketplace varchar, external_id varchar, condition varchar,
        digest varchar NOT NULL, event_at timestamptz, swept_at timestamptz, changed_at timestamptz,
        changes integer NOT NULL DEFAULT 0 CHECK (changes >= 0),
        PRIMARY KEY (account, marketplace, external_id, condition),
        CHECK (event_at IS NOT NULL OR swept_at IS NOT NULL),
        CHECK ((changed_at IS NULL) = (changes = 0)))""")


def downgrade() -> None:
    op.execute("DROP TABLE page_heard")
    op.execute("ALTER TABLE action RESET (autovacuum_analyze_threshold, autovacuum_analyze_scale_factor)")
    op.execute("DROP INDEX action_unfinished")
    op.execute("DROP INDEX action_later")
    op.execute("DROP INDEX action_waiting")
    op.execute("CREATE INDEX action_waiting ON action (mode, created_at, key) WHERE state = 'approved'")
    op.execute(_REWRITE.format(answer=_NUMBERS))
    op.execute("ALTER TABLE action DROP COLUMN judge_again_at")
    op.execute("ALTER TABLE action DROP COLUMN worth")
