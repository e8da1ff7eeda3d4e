"""Pricing rules: every version of every rule, of who has which, of tags; and since when a listing is known.

Nothing is ever changed or deleted here: an edit is a row with the next version. `document` NULL = the rule was
withdrawn then, `rule` NULL = the scope has none of its own, `given` false = the tag was taken off.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_EDIT = """
        version integer CHECK (version > 0), by varchar NOT NULL CHECK (by <> ''), at timestamptz NOT NULL,
        note varchar NOT NULL"""
TABLES = {
    "pricing_rule": f"""
        name varchar CHECK (name ~ '^[a-z0-9][a-z0-9-]{{0,47}}$'),
        document varchar CHECK (document <> ''),{_EDIT}, PRIMARY KEY (name, version)""",
    "rule_assignment": f"""
        scope varchar CHECK (scope = 'default' OR scope ~ '^(marketplace|brand|tag|sku):.'),
        rule varchar CHECK (rule <> ''),{_EDIT}, PRIMARY KEY (scope, version)""",
    "listing_tag": f"""
        account varchar, marketplace varchar, sku varchar, tag varchar CHECK (tag <> ''),
        given boolean NOT NULL,{_EDIT}, PRIMARY KEY (account, marketplace, sku, tag, version)""",
}


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE {name} ({columns})")
    op.execute("ALTER TABLE listing ADD COLUMN first_seen_at timestamptz")
    op.execute("UPDATE listing SET first_seen_at = seen_at")
    op.execute("""
        CREATE FUNCTION listing_first_seen() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.first_seen_at := coalesce(NEW.first_seen_at, NEW.seen_at); RETURN NEW; END $$""")
    op.execute(
        "CREATE TRIGGER listing_first_seen BEFORE INSERT ON listing FOR EACH ROW EXECUTE FUNCTION listing_first_seen()"
    )
    # A CHECK, since NOT NULL would be copied to the temporary table that rows come in by.
    op.execute("ALTER TABLE listing ADD CHECK (first_seen_at IS NOT NULL)")


def downgrade() -> None:
    op.execute("DROP TRIGGER listing_first_seen ON listing")
    op.execute("DROP FUNCTION listing_first_seen()")
    op.execute("ALTER TABLE listing DROP COLUMN first_seen_at")
    for name in reversed(TABLES):
        op.execute(f"DROP TABLE {name}")
