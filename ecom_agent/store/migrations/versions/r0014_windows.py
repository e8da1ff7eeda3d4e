"""Windows of sync, backfills, and who waits for a token.

A window keeps what its source said there is, what came and what became of it. `since` and `until` are closed-open;
both NULL = a look at the present state. The index is for "the last windows of a stream".
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = {
    "sync_window": """
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run bigint NOT NULL,
        account varchar NOT NULL, stream varchar NOT NULL, kind varchar NOT NULL,
        since timestamptz, until timestamptz, pages integer NOT NULL,
        expected integer CHECK (expected >= 0), fetched integer NOT NULL CHECK (fetched >= 0),
        written integer NOT NULL CHECK (written >= 0), quarantined integer NOT NULL CHECK (quarantined >= 0),
        started_at timestamptz NOT NULL, finished_at timestamptz, outcome varchar, detail varchar,
        CHECK ((since IS NULL) = (until IS NULL)), CHECK (since <= until),
        CHECK ((finished_at IS NULL) = (outcome IS NULL))""",
    "backfill": """
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account varchar NOT NULL, stream varchar NOT NULL, since timestamptz NOT NULL, until timestamptz NOT NULL,
        state varchar NOT NULL, done_until timestamptz NOT NULL, fetched integer NOT NULL, written integer NOT NULL,
        by varchar NOT NULL, asked_at timestamptz NOT NULL, worked_at timestamptz, finished_at timestamptz,
        error varchar, CHECK (since < until), CHECK (done_until >= since AND done_until <= until),
        CONSTRAINT backfill_once UNIQUE (account, stream, since, until)""",
}


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE {name} ({columns})")
    op.execute("CREATE INDEX sync_window_by_stream ON sync_window (account, stream, started_at)")
    op.execute("ALTER TABLE quota_bucket ADD COLUMN waiting integer, ADD COLUMN waiting_until timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE quota_bucket DROP COLUMN waiting, DROP COLUMN waiting_until")
    for name in reversed(TABLES):
        op.execute(f"DROP TABLE {name}")
