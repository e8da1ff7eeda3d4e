"""A witness in the database: every row that ever went back, whatever stands there at the end."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import psycopg

VERSIONS: Final = {
    "orders": "updated_at",
    "return_case": "updated_at",
    "stock_level": "updated_at",
    "listing": "version_at",
    "ad_figure": "told_at",
    "search_term": "told_at",
}
"""Tables whose rows are replaced by newer versions, and the column that says how new one is."""
_KEPT: Final = ("orders", "return_case", "stock_level", "charge", "message")
"""What was there once is not taken away."""
_WITNESS: Final = """
CREATE TABLE evaluated_regress (what text, row_was text, row_became text);
CREATE FUNCTION evaluated_regress() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO evaluated_regress VALUES (TG_TABLE_NAME || ' ' || TG_OP || ' ' || TG_ARGV[0], OLD::text,
    CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE NEW::text END);
  RETURN COALESCE(NEW, OLD);
END $$;
CREATE FUNCTION evaluated_rank(status text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT array_position(ARRAY['pending', 'unshipped', 'partially_shipped', 'shipped'], status) $$;
"""
_OLDER: Final = """
CREATE TRIGGER evaluated_older BEFORE UPDATE ON {table} FOR EACH ROW WHEN (NEW.{version} < OLD.{version})
EXECUTE FUNCTION evaluated_regress('an older version')"""
_GONE: Final = """
CREATE TRIGGER evaluated_gone BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION evaluated_regress('gone')"""
_BACKWARDS: Final = """
CREATE TRIGGER evaluated_backwards BEFORE UPDATE ON orders FOR EACH ROW
WHEN (evaluated_rank(NEW.status) < evaluated_rank(OLD.status) OR (OLD.status = 'cancelled' AND NEW.status <> 'cancelled'
  AND NEW.status <> 'unmapped'))
EXECUTE FUNCTION evaluated_regress('an order went back')"""
_REOPENED: Final = """
CREATE TRIGGER evaluated_reopened BEFORE UPDATE ON charge FOR EACH ROW
WHEN (OLD.settlement_id IS NOT NULL AND NEW.settlement_id IS DISTINCT FROM OLD.settlement_id)
EXECUTE FUNCTION evaluated_regress('another settlement')"""


def set_up(connection: psycopg.Connection[Any]) -> None:
    """To be called on the migrated, empty database."""
    statements = [_WITNESS, _BACKWARDS, _REOPENED]
    statements += [_OLDER.format(table=table, version=version) for table, version in VERSIONS.items()]
    statements += [_GONE.format(table=table) for table in _KEPT]
    for statement in statements:
        connection.execute(statement.encode())


def went_back(connection: psycopg.Connection[Any]) -> tuple[Counter[str], list[str]]:
    """How often what went back, and some of the rows."""
    rows = connection.execute(b"SELECT what, row_was, row_became FROM evaluated_regress").fetchall()
    return Counter(str(what) for what, _, _ in rows), [f"{what}: {was} → {became}" for what, was, became in rows[:10]]
