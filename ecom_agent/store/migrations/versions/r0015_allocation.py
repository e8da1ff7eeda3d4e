"""Our own stock book: what was counted on the shelf and what came or went since. Append-only: nothing is corrected
but by a later entry. How pools are shared out is policy (`allocation`), bundles included."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE pool_entry (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        sku varchar NOT NULL, kind varchar NOT NULL CHECK (kind IN ('count','move')), units integer NOT NULL,
        at timestamptz NOT NULL, by varchar NOT NULL, note varchar NOT NULL,
        CHECK (kind <> 'count' OR units >= 0))""")
    op.execute("CREATE INDEX pool_entry_by_sku ON pool_entry (sku, at, id)")


def downgrade() -> None:
    op.execute("DROP TABLE pool_entry")
