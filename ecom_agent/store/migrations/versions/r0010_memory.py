"""What a strategy knows of a listing's rivals and of its own writes, so that a restart does not begin from nothing."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE strategy_memory (
        account varchar, marketplace varchar, sku varchar,
        at timestamptz NOT NULL, memory bytea NOT NULL,
        PRIMARY KEY (account, marketplace, sku))""")


def downgrade() -> None:
    op.execute("DROP TABLE strategy_memory")
