"""Audit events are sealed as in 0018, and written by one statement; of what is sealed each event's detail comes once.

`openings` is what is sealed before the detail: after the number, `,"<at>","<key>","<step>","<actor>",`. That no digest
stands twice needs no index: each is that of another number and of all before it, and `verify` reads the whole chain.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP FUNCTION audit_append(json)")
    op.execute("ALTER TABLE audit_event DROP CONSTRAINT audit_event_digest_key")
    op.execute("""
        CREATE FUNCTION audit_append(
            moments timestamptz[], keys text[], steps text[], actors text[], openings text[], details text[]
        ) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            head bigint;
            link varchar;
            links text[];
        BEGIN
            PERFORM pg_advisory_xact_lock(1635083369);
            SELECT seq, digest INTO head, link FROM audit_event ORDER BY seq DESC LIMIT 1;
            head := coalesce(head, 0);
            links := ARRAY[coalesce(link, repeat('0', 64))];
            FOR n IN 1 .. cardinality(details) LOOP
                link := links[n] || '[' || (head + n) || openings[n] || details[n] || ']';
                links := links || encode(sha256(convert_to(link, 'UTF8')), 'hex');
            END LOOP;
            INSERT INTO audit_event (seq, at, action_key, step, actor, detail, previous, digest)
            SELECT head + e.n, e.at, e.key, e.step, e.actor, e.detail::json, links[e.n], links[e.n + 1]
            FROM unnest(moments, keys, steps, actors, details) WITH ORDINALITY
                AS e (at, key, step, actor, detail, n)
            ORDER BY e.n;
        END $$""")


def downgrade() -> None:
    op.execute("DROP FUNCTION audit_append(timestamptz[], text[], text[], text[], text[], text[])")
    op.execute("ALTER TABLE audit_event ADD CONSTRAINT audit_event_digest_key UNIQUE (digest)")
    op.execute("""
        CREATE FUNCTION audit_append(events json) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            told record;
            head bigint;
            link varchar;
            before varchar;
        BEGIN
            PERFORM pg_advisory_xact_lock(1635083369);
            SELECT seq, digest INTO head, link FROM audit_event ORDER BY seq DESC LIMIT 1;
            head := coalesce(head, 0);
            link := coalesce(link, repeat('0', 64));
            FOR told IN
                SELECT e.* FROM json_array_elements(events) WITH ORDINALITY AS one (event, n)
                CROSS JOIN json_to_record(one.event)
                    AS e (at timestamptz, key varchar, step varchar, actor varchar, detail text, rest text)
                ORDER BY one.n
            LOOP
                head := head + 1;
                before := link;
                link := encode(sha256(convert_to(before || '[' || head || told.rest, 'UTF8')), 'hex');
                INSERT INTO audit_event (seq, at, action_key, step, actor, detail, previous, digest)
                VALUES (head, told.at, told.key, told.step, told.actor, told.detail::json, before, link);
            END LOOP;
        END $$""")
