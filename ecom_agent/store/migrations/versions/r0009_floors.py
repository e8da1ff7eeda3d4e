"""What a true floor needs of the seller: cost in other money, ads, returns, margins by share, class of fees, day.

Shares are in basis points. `foreign_cost_minor` is the landed cost in `foreign_currency`, and then `unit_cost_minor` is
NULL: a cost is told once.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        ALTER TABLE price_limits
        ADD foreign_cost_minor bigint CHECK (foreign_cost_minor >= 0),
        ADD foreign_currency char(3) CHECK (foreign_currency ~ '^[A-Z]{3}$'),
        ADD ad_cost_minor bigint CHECK (ad_cost_minor >= 0),
        ADD return_bp integer CHECK (return_bp BETWEEN 0 AND 10000),
        ADD return_cost_minor bigint CHECK (return_cost_minor >= 0),
        ADD margin_bp integer CHECK (margin_bp BETWEEN 0 AND 9999),
        ADD roi_bp integer CHECK (roi_bp >= 0),
        ADD fee_class varchar CHECK (fee_class <> ''),
        ADD costs_on date,
        ADD CONSTRAINT price_limits_one_cost CHECK (unit_cost_minor IS NULL OR foreign_cost_minor IS NULL),
        ADD CONSTRAINT price_limits_foreign CHECK (
          (foreign_cost_minor IS NULL) = (foreign_currency IS NULL) AND foreign_currency <> currency)""")


def downgrade() -> None:
    op.execute("""
        ALTER TABLE price_limits
        DROP foreign_cost_minor, DROP foreign_currency, DROP ad_cost_minor, DROP return_bp, DROP return_cost_minor,
        DROP margin_bp, DROP roi_bp, DROP fee_class, DROP costs_on""")
