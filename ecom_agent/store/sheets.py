"""The dated sheets costs are reckoned with, from the policies in force."""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import Session

from ecom_agent.economics.sheets import sheets
from ecom_agent.records.costs import CostSheets

_NEWEST = text("""
SELECT DISTINCT ON (name) name, body FROM policy WHERE name IN ('fx', 'fees', 'guards') ORDER BY name, version DESC
""")


def cost_sheets(session: Session) -> CostSheets:
    """As of now in this unit of work. What no policy says is not known, and nothing is made up for it."""
    bodies = {row.name: row.body for row in session.connection().execute(_NEWEST)}
    return sheets(bodies.get("fx", {}), bodies.get("fees", {}), bodies.get("guards", {}))
