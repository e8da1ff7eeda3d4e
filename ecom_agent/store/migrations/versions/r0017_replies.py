"""What we wish to answer buyers. The text is sealed as those of `message` are; an Action knows it by its digest."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE reply (
            account varchar, conversation_id varchar, digest varchar CHECK (digest ~ '^[0-9a-f]{64}$'),
            answers varchar NOT NULL,
            sealed_text bytea NOT NULL CHECK (octet_length(sealed_text) >= 37),
            written_by varchar NOT NULL, written_at timestamptz NOT NULL,
            PRIMARY KEY (account, conversation_id, digest))""")
    op.execute("CREATE INDEX message_by_conversation ON message (account, conversation_id, sent_at)")


def downgrade() -> None:
    op.execute("DROP INDEX message_by_conversation")
    op.execute("DROP TABLE reply")
