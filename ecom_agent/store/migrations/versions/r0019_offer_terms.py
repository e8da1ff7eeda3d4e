"""What a listing's offer is beside its price: a sale price with its time, and the prices for companies.

`business` is one line of text, "USD 1:950 5:900" (least units:minor units) or "none"; NULL = none can be set there.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        ALTER TABLE listing
            ADD sale_minor bigint CHECK (sale_minor >= 0), ADD sale_currency char(3),
            ADD sale_since timestamptz, ADD sale_until timestamptz,
            ADD business varchar CHECK (business ~ '^(none|[A-Z]{3}( [0-9]+:[0-9]+)+)$'),
            ADD CONSTRAINT listing_sale CHECK ((sale_minor IS NULL) = (sale_currency IS NULL))""")


def downgrade() -> None:
    op.execute("""
        ALTER TABLE listing DROP CONSTRAINT listing_sale, DROP sale_minor, DROP sale_currency, DROP sale_since,
            DROP sale_until, DROP business""")
