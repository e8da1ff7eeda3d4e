"""The strategy pool: pedigree, tournaments, stages. Nothing is deleted: a culled strategy stays in the pedigree."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE strategy (
        id varchar PRIMARY KEY, species varchar NOT NULL, genes integer[] NOT NULL,
        parents varchar[] NOT NULL CHECK (cardinality(parents) <= 2),
        born_at timestamptz NOT NULL, culled_at timestamptz CHECK (culled_at >= born_at))""")
    op.execute("""
        CREATE TABLE strategy_score (
        at timestamptz, member varchar REFERENCES strategy, incumbent varchar NOT NULL REFERENCES strategy,
        profit_minor double precision NOT NULL, share double precision CHECK (share BETWEEN 0 AND 1),
        writes double precision NOT NULL CHECK (writes >= 0), gain double precision NOT NULL,
        gain_low double precision NOT NULL, gain_high double precision NOT NULL, pairs integer NOT NULL,
        worst_mix varchar NOT NULL, worst_gain double precision NOT NULL,
        PRIMARY KEY (at, incumbent, member), CHECK (gain_low <= gain AND gain <= gain_high))""")
    op.execute("""
        CREATE TABLE strategy_place (
        account varchar, marketplace varchar, member varchar REFERENCES strategy,
        stage smallint NOT NULL CHECK (stage BETWEEN 0 AND 3), since timestamptz NOT NULL,
        PRIMARY KEY (account, marketplace, member))""")
    op.execute("CREATE UNIQUE INDEX strategy_one_live ON strategy_place (account, marketplace) WHERE stage = 3")
    op.execute("""
        CREATE TABLE strategy_trial (
        account varchar, marketplace varchar, member varchar REFERENCES strategy, incumbent varchar REFERENCES strategy,
        source varchar CHECK (source IN ('recorded', 'live')), at timestamptz NOT NULL,
        gain double precision NOT NULL, gain_low double precision NOT NULL, gain_high double precision NOT NULL,
        pairs integer NOT NULL CHECK (pairs >= 0), looks integer NOT NULL CHECK (looks >= 1),
        lost_minor bigint NOT NULL CHECK (lost_minor >= 0), violations integer NOT NULL CHECK (violations >= 0),
        PRIMARY KEY (account, marketplace, member, incumbent, source),
        CHECK (gain_low <= gain AND gain <= gain_high))""")


def downgrade() -> None:
    op.execute("DROP TABLE strategy_trial")
    op.execute("DROP TABLE strategy_place")
    op.execute("DROP TABLE strategy_score")
    op.execute("DROP TABLE strategy")
