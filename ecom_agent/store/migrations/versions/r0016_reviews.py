"""What buyers say in public. Who wrote a review is not kept, so nothing here is sealed."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE review (
            account varchar, review_id varchar, marketplace varchar NOT NULL, product varchar, sku varchar,
            rating numeric(3, 2) CHECK (rating BETWEEN 1 AND 5), verdict varchar, title varchar, text varchar NOT NULL,
            written_at timestamptz, language varchar, country varchar, verified boolean,
            helpful integer CHECK (helpful >= 0), seen_at timestamptz NOT NULL,
            PRIMARY KEY (account, review_id))""")
    op.execute("CREATE INDEX review_by_product ON review (account, marketplace, product)")
    op.execute("CREATE INDEX review_by_sku ON review (account, sku) WHERE sku IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP TABLE review")
