"""What is known: payloads, cursors, runs, quarantine, records, limits, events, policy, processes, quotas.

Amounts are minor units of the row's currency. `order_line` has no foreign key on purpose: an order and its lines
are written in one transaction, and the check would cost more than the insert.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = {
    "raw_payload": """
        digest varchar PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
        account varchar NOT NULL, stream varchar NOT NULL, operation varchar NOT NULL,
        body bytea NOT NULL, seen_at timestamptz NOT NULL""",
    "stream_cursor": """
        account varchar, stream varchar, value varchar NOT NULL, updated_at timestamptz NOT NULL,
        PRIMARY KEY (account, stream)""",
    "pull_run": """
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account varchar NOT NULL, stream varchar NOT NULL,
        started_at timestamptz NOT NULL, finished_at timestamptz,
        pages integer NOT NULL DEFAULT 0, fetched integer NOT NULL DEFAULT 0, written integer NOT NULL DEFAULT 0,
        unchanged integer NOT NULL DEFAULT 0, quarantined integer NOT NULL DEFAULT 0,
        unknown_fields jsonb NOT NULL DEFAULT '[]', error varchar, cursor varchar""",
    "quarantine": """
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account varchar NOT NULL, stream varchar NOT NULL, external_id varchar, reason varchar NOT NULL,
        raw_digest varchar NOT NULL, payload jsonb NOT NULL, seen_at timestamptz NOT NULL, resolved_at timestamptz,
        CONSTRAINT quarantine_once UNIQUE NULLS NOT DISTINCT (account, stream, external_id, reason, raw_digest)""",
    "orders": """
        account varchar, order_id varchar, marketplace varchar NOT NULL,
        status varchar NOT NULL, status_raw varchar NOT NULL,
        purchased_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
        currency char(3) CHECK (currency ~ '^[A-Z]{3}$'), total_minor bigint,
        country varchar, fulfilment varchar, lines_sum bigint NOT NULL,
        lines_moved boolean NOT NULL DEFAULT true, seen_at timestamptz NOT NULL,
        PRIMARY KEY (account, order_id), CHECK (total_minor IS NULL OR currency IS NOT NULL)""",
    "order_line": """
        account varchar, order_id varchar, line_id varchar,
        sku varchar, external_id varchar, title varchar NOT NULL, quantity integer NOT NULL,
        unit_price_minor bigint, total_minor bigint, currency char(3) CHECK (currency ~ '^[A-Z]{3}$'),
        PRIMARY KEY (account, order_id, line_id),
        CHECK (currency IS NOT NULL OR (unit_price_minor IS NULL AND total_minor IS NULL))""",
    "listing": """
        account varchar, marketplace varchar, sku varchar,
        external_id varchar NOT NULL, parent_id varchar, title varchar NOT NULL, status varchar NOT NULL,
        price_minor bigint CHECK (price_minor >= 0), currency char(3) CHECK (currency ~ '^[A-Z]{3}$'),
        condition varchar NOT NULL, fulfilment varchar,
        updated_at timestamptz, version_at timestamptz NOT NULL, seen_at timestamptz NOT NULL,
        PRIMARY KEY (account, marketplace, sku), CHECK ((price_minor IS NULL) = (currency IS NULL))""",
    "stock_level": """
        account varchar, marketplace varchar, sku varchar, location varchar,
        item_ref varchar, fulfillable integer NOT NULL,
        reserved integer CHECK (reserved >= 0), inbound integer CHECK (inbound >= 0),
        unfulfillable integer CHECK (unfulfillable >= 0),
        updated_at timestamptz NOT NULL, seen_at timestamptz NOT NULL,
        PRIMARY KEY (account, marketplace, sku, location)""",
    "fee_quote": """
        account varchar, marketplace varchar, sku varchar,
        at_price_minor bigint NOT NULL CHECK (at_price_minor > 0), referral_minor bigint NOT NULL
        CHECK (referral_minor >= 0), fulfilment_minor bigint NOT NULL CHECK (fulfilment_minor >= 0),
        currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'), quoted_at timestamptz NOT NULL,
        PRIMARY KEY (account, marketplace, sku)""",
    "offer_snapshot": """
        account varchar, marketplace varchar, external_id varchar, condition varchar,
        offers jsonb NOT NULL, buy_box_landed_minor bigint CHECK (buy_box_landed_minor >= 0),
        currency char(3) CHECK (currency ~ '^[A-Z]{3}$'), changed_at timestamptz NOT NULL, seen_at timestamptz NOT NULL,
        source varchar NOT NULL, event_id varchar,
        PRIMARY KEY (account, marketplace, external_id, condition)""",
    "price_point": """
        account varchar, marketplace varchar, sku varchar, at timestamptz,
        our_price_minor bigint CHECK (our_price_minor >= 0), lowest_rival_minor bigint CHECK (lowest_rival_minor >= 0),
        buy_box_minor bigint CHECK (buy_box_minor >= 0), we_hold_buy_box boolean,
        currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        PRIMARY KEY (account, marketplace, sku, at)""",
    "price_limits": """
        account varchar, marketplace varchar, sku varchar, version integer CHECK (version > 0),
        currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        hard_min_minor bigint CHECK (hard_min_minor >= 0), ceiling_minor bigint CHECK (ceiling_minor >= 0),
        map_minor bigint CHECK (map_minor >= 0), unit_cost_minor bigint CHECK (unit_cost_minor >= 0),
        min_margin_minor bigint CHECK (min_margin_minor >= 0),
        updated_at timestamptz NOT NULL, updated_by varchar NOT NULL, is_current boolean NOT NULL,
        PRIMARY KEY (account, marketplace, sku, version),
        CHECK (hard_min_minor <= ceiling_minor), CHECK (map_minor <= ceiling_minor)""",
    "event_seen": """
        notification_id varchar PRIMARY KEY, account varchar NOT NULL, type varchar NOT NULL,
        seen_at timestamptz NOT NULL""",
    "event_inbox": """
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account varchar NOT NULL, source varchar NOT NULL, topic varchar NOT NULL,
        dedupe_id varchar NOT NULL, body bytea NOT NULL, received_at timestamptz NOT NULL,
        processed_at timestamptz, error varchar,
        CONSTRAINT event_inbox_once UNIQUE (dedupe_id)""",
    "policy": """
        name varchar, version integer CHECK (version > 0), body jsonb NOT NULL, by varchar NOT NULL,
        at timestamptz NOT NULL, PRIMARY KEY (name, version)""",
    "process_status": """
        name varchar PRIMARY KEY, pid integer, state varchar NOT NULL,
        restarts integer NOT NULL CHECK (restarts >= 0), last_exit varchar, since timestamptz,
        updated_at timestamptz NOT NULL""",
    "paused_account": """
        account varchar PRIMARY KEY, why varchar NOT NULL, since timestamptz NOT NULL""",
    "quota_bucket": """
        account varchar, operation varchar,
        per_s double precision NOT NULL CHECK (per_s > 0), burst double precision NOT NULL CHECK (burst > 0),
        tokens double precision NOT NULL, throttled integer NOT NULL CHECK (throttled >= 0),
        updated_at timestamptz NOT NULL, PRIMARY KEY (account, operation)""",
}
INDEXES = {
    "raw_payload_by_stream": "raw_payload (account, stream, seen_at)",
    "pull_run_by_stream": "pull_run (account, stream, id)",
    "quarantine_open": "quarantine (seen_at) WHERE resolved_at IS NULL",
    "orders_by_purchase": "orders (purchased_at)",
    "listing_by_page": "listing (account, marketplace, external_id)",
    "event_inbox_open": "event_inbox (id) WHERE processed_at IS NULL",
}


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE {name} ({columns})")
    for name, on in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {on}")
    op.execute("CREATE UNIQUE INDEX price_limits_current ON price_limits (account, marketplace, sku) WHERE is_current")
    # Payloads are compressed before they come; PostgreSQL's own pglz would be tried in vain.
    op.execute("ALTER TABLE raw_payload ALTER COLUMN body SET STORAGE EXTERNAL")


def downgrade() -> None:
    for name in reversed(TABLES):
        op.execute(f"DROP TABLE {name}")
