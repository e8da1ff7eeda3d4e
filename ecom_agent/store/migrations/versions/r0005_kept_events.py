"""What the engine was told and what it answered, as it came: the calls of one commit in one row.

`body` is compressed by the writer. `about` names the listings ("s:marketplace/sku") and pages ("p:marketplace/asin/
condition") that the calls touch, "*" = all. `starts`: replay of the run may begin here. `seq` has no holes unless
calls were lost.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE kept_events (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account varchar NOT NULL, run uuid NOT NULL, seq bigint NOT NULL CHECK (seq >= 0), starts boolean NOT NULL,
        first_at timestamptz NOT NULL, last_at timestamptz NOT NULL CHECK (last_at >= first_at),
        events integer NOT NULL CHECK (events >= 0), decisions integer NOT NULL CHECK (decisions >= 0),
        moves integer NOT NULL CHECK (moves BETWEEN 0 AND decisions),
        about varchar[] NOT NULL, body bytea NOT NULL,
        UNIQUE (run, seq))""")
    op.execute("ALTER TABLE kept_events ALTER COLUMN body SET STORAGE EXTERNAL")
    op.execute("CREATE INDEX kept_events_by_time ON kept_events (account, last_at)")


def downgrade() -> None:
    op.execute("DROP TABLE kept_events")
