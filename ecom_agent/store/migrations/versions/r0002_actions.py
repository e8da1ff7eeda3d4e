"""What is changed: Actions, the chained audit, halts.

`audit_event.detail` is `json`, not `jsonb`: the text that was sealed is kept as it was written. The audit refuses
every UPDATE, DELETE and TRUNCATE, whoever asks.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATES = "'proposed','held','denied','approved','executing','unknown','applied','verified','previewed','failed'"

TABLES = {
    "action": f"""
        key varchar PRIMARY KEY CHECK (key ~ '^[0-9a-f]{{64}}$'),
        kind varchar NOT NULL, account varchar NOT NULL, marketplace varchar NOT NULL, target varchar NOT NULL,
        before jsonb, after jsonb NOT NULL, reason varchar NOT NULL, proposed_by varchar NOT NULL,
        slot timestamptz NOT NULL, mode varchar NOT NULL CHECK (mode IN ('dry-run','sandbox','live')),
        policy_version integer NOT NULL, evidence jsonb NOT NULL, undoes varchar REFERENCES action (key),
        state varchar NOT NULL CHECK (state IN ({_STATES})), why varchar NOT NULL, verdicts jsonb NOT NULL,
        held_by varchar, approved_by jsonb NOT NULL, approve_until timestamptz, receipt jsonb, sent_at timestamptz,
        verify_due_at timestamptz, verify_tries integer NOT NULL CHECK (verify_tries >= 0),
        claimed_by varchar, claimed_at timestamptz, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
        CHECK ((claimed_by IS NULL) = (claimed_at IS NULL)),
        CHECK (mode <> 'dry-run' OR sent_at IS NULL),
        CHECK (state NOT IN ('executing','unknown','applied','verified','previewed') OR claimed_by IS NOT NULL),
        CHECK (state NOT IN ('unknown','applied') OR verify_due_at IS NOT NULL)""",
    "audit_event": """
        seq bigint PRIMARY KEY CHECK (seq > 0), at timestamptz NOT NULL, action_key varchar,
        step varchar NOT NULL, actor varchar NOT NULL, detail json NOT NULL,
        previous varchar NOT NULL CHECK (length(previous) = 64),
        digest varchar NOT NULL UNIQUE CHECK (length(digest) = 64)""",
    "halt": """
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        scope varchar NOT NULL, reason varchar NOT NULL, by varchar NOT NULL, since timestamptz NOT NULL,
        lifted_at timestamptz, lifted_by varchar, CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))""",
}
INDEXES = {
    "action_waiting": "action (mode, created_at, key) WHERE state = 'approved'",
    "action_due": "action (mode, verify_due_at) WHERE state IN ('unknown','applied')",
    "action_open": "action (approve_until) WHERE state IN ('held','approved')",
    "action_by_target": "action (account, marketplace, target, kind, mode, sent_at)",
    "action_sent": "action (account, marketplace, kind, mode, sent_at) WHERE sent_at IS NOT NULL",
    "action_newest": "action (updated_at DESC, key)",
    "audit_event_by_action": "audit_event (action_key, seq)",
}


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE {name} ({columns})")
    for name, on in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {on}")
    op.execute(
        "CREATE UNIQUE INDEX action_one_under_way ON action (mode, kind, account, marketplace, target)"
        " WHERE state IN ('approved','executing','unknown','applied')"
    )
    op.execute("CREATE UNIQUE INDEX halt_in_force ON halt (scope) WHERE lifted_at IS NULL")
    op.execute("""
        CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the audit is append-only: % refused', TG_OP; END $$""")
    op.execute("""
        CREATE TRIGGER audit_rows_stay BEFORE UPDATE OR DELETE ON audit_event
        FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()""")
    op.execute("""
        CREATE TRIGGER audit_stays BEFORE TRUNCATE ON audit_event
        FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()""")


def downgrade() -> None:
    for name in reversed(TABLES):
        op.execute(f"DROP TABLE {name}")
    op.execute("DROP FUNCTION audit_is_append_only")
