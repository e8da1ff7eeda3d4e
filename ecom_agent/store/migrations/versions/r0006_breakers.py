"""Breakers: how far a halt goes, how writes fared lately, and the ways to count it quickly."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        ALTER TABLE halt ADD COLUMN level varchar NOT NULL DEFAULT 'halted'
        CONSTRAINT halt_level CHECK (level IN ('reducing', 'halted'))""")
    op.execute("""
        CREATE TABLE breaker_count (
        account varchar, mode varchar CHECK (mode IN ('dry-run','sandbox','live')),
        at timestamptz NOT NULL, counts jsonb NOT NULL CHECK (jsonb_typeof(counts) = 'object'),
        PRIMARY KEY (account, mode))""")
    op.execute("CREATE INDEX action_claimed ON action (account, mode, claimed_at DESC) WHERE claimed_at IS NOT NULL")
    op.execute("CREATE INDEX halt_lifted ON halt (scope, lifted_at)")


def downgrade() -> None:
    op.execute("DROP INDEX halt_lifted")
    op.execute("DROP INDEX action_claimed")
    op.execute("DROP TABLE breaker_count")
    op.execute("ALTER TABLE halt DROP COLUMN level")
