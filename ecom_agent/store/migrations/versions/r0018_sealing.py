"""Audit events are sealed where the chain is: its head is locked, read and moved on in one call.

The digest is the one of `actions/audit.py` (sha256 of the digest before and the canonical event, which begins with its
number); there the chain is checked, in another language than it is written in. 1635083369 is "audi".
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
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


def downgrade() -> None:
    op.execute("DROP FUNCTION audit_append")
