"""What comes back, what platforms booked, what buyers wrote.

Texts of messages and buyers' ids are sealed (AES-256-GCM) before they come here: 37 bytes are the least that a sealed
value has. Lines have no foreign key, as those of orders.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = {
    "return_case": """
        account varchar, return_id varchar, marketplace varchar NOT NULL, order_id varchar,
        status varchar NOT NULL, status_raw varchar NOT NULL,
        opened_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
        refunded_minor bigint CHECK (refunded_minor >= 0), currency char(3) CHECK (currency ~ '^[A-Z]{3}$'),
        lines_sum bigint NOT NULL, lines_moved boolean NOT NULL DEFAULT true, seen_at timestamptz NOT NULL,
        PRIMARY KEY (account, return_id), CHECK ((refunded_minor IS NULL) = (currency IS NULL))""",
    "return_line": """
        account varchar, return_id varchar, line_id varchar,
        order_line_id varchar, sku varchar, quantity integer NOT NULL CHECK (quantity > 0), reason_raw varchar,
        refund_minor bigint CHECK (refund_minor >= 0), currency char(3) CHECK (currency ~ '^[A-Z]{3}$'),
        PRIMARY KEY (account, return_id, line_id), CHECK ((refund_minor IS NULL) = (currency IS NULL))""",
    "charge": """
        account varchar, charge_id varchar, marketplace varchar NOT NULL, order_id varchar, sku varchar,
        kind varchar NOT NULL, kind_raw varchar NOT NULL, amount_minor bigint NOT NULL,
        currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'), booked_at timestamptz NOT NULL,
        settlement_id varchar, PRIMARY KEY (account, charge_id)""",
    "message": """
        account varchar, message_id varchar, marketplace varchar NOT NULL, conversation_id varchar NOT NULL,
        from_buyer boolean NOT NULL, sent_at timestamptz NOT NULL,
        sealed_text bytea NOT NULL CHECK (octet_length(sealed_text) >= 37),
        sealed_buyer bytea CHECK (octet_length(sealed_buyer) >= 37),
        order_id varchar, listing_id varchar, read boolean, PRIMARY KEY (account, message_id)""",
}
INDEXES = {
    "return_case_by_opening": "return_case (account, opened_at)",
    "charge_by_booking": "charge (account, booked_at)",
    "message_by_time": "message (account, sent_at)",
}


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE {name} ({columns})")
    for name, on in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {on}")


def downgrade() -> None:
    for name in reversed(TABLES):
        op.execute(f"DROP TABLE {name}")
