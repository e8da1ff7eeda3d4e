"""Buyers, bindings and dated exchange rates; payloads and webhooks sealed; words and fields that nobody knows.

What stands in the clear in raw_payload, event_inbox and quarantine is marked `sealed = false` here and sealed by the
program when it prepares the database: a migration knows no key. After a downgrade what was sealed stays so; the older
program cannot read it again, and nothing is lost.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = {
    "customer": """
        key varchar PRIMARY KEY CHECK (key ~ '^[0-9a-f]{32}$'), platform varchar NOT NULL,
        sealed_person bytea CHECK (octet_length(sealed_person) >= 37),
        first_seen_at timestamptz NOT NULL, last_seen_at timestamptz NOT NULL, forgotten_at timestamptz,
        CHECK (first_seen_at <= last_seen_at), CHECK (forgotten_at IS NULL OR sealed_person IS NULL)""",
    "unmapped": """
        account varchar, kind varchar CHECK (kind IN ('word', 'field')), field varchar, value varchar,
        seen bigint NOT NULL CHECK (seen > 0), first_seen_at timestamptz NOT NULL, last_seen_at timestamptz NOT NULL,
        PRIMARY KEY (account, kind, field, value)""",
    "fx_rate": """
        base char(3) CHECK (base ~ '^[A-Z]{3}$'), quote char(3) CHECK (quote ~ '^[A-Z]{3}$'), day date,
        rate numeric NOT NULL CHECK (rate > 0), source varchar NOT NULL, by varchar NOT NULL,
        entered_at timestamptz NOT NULL, PRIMARY KEY (base, quote, day), CHECK (base <> quote)""",
    "binding": """
        account varchar, marketplace varchar, sku varchar, our_sku varchar CHECK (our_sku <> ''),
        bound boolean NOT NULL, why varchar NOT NULL, by varchar NOT NULL, at timestamptz NOT NULL,
        PRIMARY KEY (account, marketplace, sku, our_sku)""",
}
COLUMNS = {
    "listing": ("gtin varchar CHECK (gtin ~ '^[0-9]{14}$')", "brand varchar", "status_raw varchar"),
    "orders": ("customer varchar",),
    "message": ("customer varchar",),
    "quarantine": ("sealed_payload bytea CHECK (octet_length(sealed_payload) >= 37)",),
}
SEALED = ("raw_payload", "event_inbox")
INDEXES = {
    "orders_by_customer": "orders (customer) WHERE customer IS NOT NULL",
    "message_by_customer": "message (customer) WHERE customer IS NOT NULL",
    "customer_by_last_seen": "customer (last_seen_at) WHERE sealed_person IS NOT NULL",
    "listing_by_gtin": "listing (gtin) WHERE gtin IS NOT NULL",
    "binding_of_ours": "binding (our_sku) WHERE bound",
    "quarantine_in_the_clear": "quarantine (id) WHERE payload IS NOT NULL",
    "raw_payload_in_the_clear": "raw_payload (digest) WHERE NOT sealed",
    "event_inbox_in_the_clear": "event_inbox (id) WHERE NOT sealed",
}


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE {name} ({columns})")
    for name, added in COLUMNS.items():
        for column in added:
            op.execute(f"ALTER TABLE {name} ADD COLUMN {column}")
    op.execute("ALTER TABLE quarantine ALTER COLUMN payload DROP NOT NULL")
    for name in SEALED:
        op.execute(f"ALTER TABLE {name} ADD COLUMN sealed boolean NOT NULL DEFAULT false")
        op.execute(f"ALTER TABLE {name} ALTER COLUMN sealed SET DEFAULT true")
    for name, on in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {on}")
    op.execute("CREATE UNIQUE INDEX binding_once ON binding (account, marketplace, sku) WHERE bound")


def downgrade() -> None:
    for name in reversed(TABLES):
        op.execute(f"DROP TABLE {name}")
    op.execute("DROP INDEX quarantine_in_the_clear")
    op.execute("UPDATE quarantine SET payload = '\"sealed\"' WHERE payload IS NULL")
    op.execute("ALTER TABLE quarantine ALTER COLUMN payload SET NOT NULL")
    for name, added in COLUMNS.items():
        for column in added:
            op.execute(f"ALTER TABLE {name} DROP COLUMN {column.split()[0]}")
    for name in SEALED:
        op.execute(f"ALTER TABLE {name} DROP COLUMN sealed")
