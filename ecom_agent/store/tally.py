"""What a whole run amounted to, counted from what was kept: the demo's report."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session

from ecom_agent.actions.model import OPEN, Mode, State

# By the audit, not by the Action's last state: an Action that was taken and drifted later was applied all the same.
_REACHED: Final = text("""
SELECT e.step, count(DISTINCT e.action_key)
FROM audit_event e JOIN action a ON a.key = e.action_key
WHERE a.kind = 'price.set' GROUP BY e.step
""")
_HELD: Final = text("SELECT count(*) FROM action WHERE kind = 'price.set' AND state = 'held'")
_OPEN: Final = text("SELECT count(*) FROM action WHERE mode = :mode AND state = ANY(:states)")
_EVENTS: Final = text("SELECT count(*) FROM event_seen")
_ORDERS: Final = text("SELECT order_id FROM orders WHERE account = ANY(:accounts) ORDER BY order_id")


def tally(session: Session, accounts: list[str]) -> dict[str, Any]:
    """{"order_ids", "events_in", "price_changes": {"proposed", "denied", "held", "executing", …}} of these accounts."""
    changes: dict[str, int] = {row[0]: row[1] for row in session.connection().execute(_REACHED)}
    changes["held"] = session.connection().execute(_HELD).scalar_one()
    return {
        "order_ids": list(session.connection().execute(_ORDERS, {"accounts": accounts}).scalars()),
        "events_in": session.connection().execute(_EVENTS).scalar_one(),
        "price_changes": changes,
    }


def count_under_way(session: Session, mode: Mode) -> int:
    """How many Actions of this mode are to be sent or read back. Those held wait for a person, not for us."""
    states = [state.value for state in OPEN - {State.PROPOSED, State.HELD}]
    return int(session.connection().execute(_OPEN, {"mode": mode.value, "states": states}).scalar_one())
