"""At or below which price a platform may feature our offer: the newest it told, per listing.

`expected_minor` NULL = it gave no price; `status` says why, in its words.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE expected_price (
        account varchar, marketplace varchar, sku varchar,
        expected_minor bigint CHECK (expected_minor >= 0),
        competing_landed_minor bigint CHECK (competing_landed_minor >= 0),
        currency char(3) CHECK (currency ~ '^[A-Z]{3}$'), status varchar NOT NULL, seen_at timestamptz NOT NULL,
        PRIMARY KEY (account, marketplace, sku),
        CHECK ((expected_minor IS NULL AND competing_landed_minor IS NULL) = (currency IS NULL)))""")


def downgrade() -> None:
    op.execute("DROP TABLE expected_price")
