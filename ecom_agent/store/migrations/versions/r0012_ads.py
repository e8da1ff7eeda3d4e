"""Advertising: what is advertised and bid, and what each day of it brought.

An id that a platform does not tell is '' where it is part of a key. Figures of a day are replaced by those of a report
that was made later: they grow for days, and clicks may be taken back.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_STATE = """
        state varchar NOT NULL, state_raw varchar NOT NULL, updated_at timestamptz,
        version_at timestamptz NOT NULL, seen_at timestamptz NOT NULL"""
_CURRENCY = "currency char(3) CHECK (currency ~ '^[A-Z]{3}$')"
_FIGURES = f"""
        impressions bigint CHECK (impressions >= 0), clicks bigint CHECK (clicks >= 0),
        cost_minor bigint CHECK (cost_minor >= 0), sales_minor bigint CHECK (sales_minor >= 0), {_CURRENCY},
        orders bigint CHECK (orders >= 0), units bigint CHECK (units >= 0),
        attribution_days integer CHECK (attribution_days > 0), told_at timestamptz NOT NULL,
        CHECK ((coalesce(cost_minor, sales_minor) IS NULL) = (currency IS NULL))"""

TABLES = {
    "ad_campaign": f"""
        account varchar, campaign_id varchar, marketplace varchar NOT NULL, name varchar NOT NULL,
        pays_for varchar NOT NULL, budget_minor bigint CHECK (budget_minor >= 0), {_CURRENCY},
        starts_on date, ends_on date, {_STATE},
        PRIMARY KEY (account, campaign_id), CHECK ((budget_minor IS NULL) = (currency IS NULL))""",
    "ad_group": f"""
        account varchar, ad_group_id varchar, marketplace varchar NOT NULL, campaign_id varchar NOT NULL,
        name varchar NOT NULL, bid_minor bigint CHECK (bid_minor >= 0), {_CURRENCY}, {_STATE},
        PRIMARY KEY (account, ad_group_id), CHECK ((bid_minor IS NULL) = (currency IS NULL))""",
    "product_ad": f"""
        account varchar, ad_id varchar, marketplace varchar NOT NULL, campaign_id varchar NOT NULL,
        ad_group_id varchar, sku varchar, external_id varchar, rate numeric CHECK (rate >= 0), {_STATE},
        PRIMARY KEY (account, ad_id)""",
    "ad_target": f"""
        account varchar, target_id varchar, marketplace varchar NOT NULL, campaign_id varchar NOT NULL,
        ad_group_id varchar, kind varchar NOT NULL, text varchar NOT NULL, match varchar,
        negative boolean NOT NULL, bid_minor bigint CHECK (bid_minor >= 0), {_CURRENCY}, {_STATE},
        PRIMARY KEY (account, target_id), CHECK ((bid_minor IS NULL) = (currency IS NULL)),
        CHECK (NOT negative OR bid_minor IS NULL)""",
    "ad_figure": f"""
        account varchar, day date, campaign_id varchar, ad_group_id varchar, target_id varchar, sku varchar,
        marketplace varchar NOT NULL, {_FIGURES},
        PRIMARY KEY (account, day, campaign_id, ad_group_id, target_id, sku)""",
    "search_term": f"""
        account varchar, day date, campaign_id varchar, ad_group_id varchar, target_id varchar, term varchar,
        marketplace varchar NOT NULL, {_FIGURES},
        PRIMARY KEY (account, day, campaign_id, ad_group_id, target_id, term)""",
}
INDEXES = {"product_ad_by_sku": "product_ad (account, sku)", "ad_target_by_group": "ad_target (account, ad_group_id)"}


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE {name} ({columns})")
    for name, on in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {on}")


def downgrade() -> None:
    for name in reversed(TABLES):
        op.execute(f"DROP TABLE {name}")
