"""What must always hold, asked on a schedule: floors were kept, everything is in the audit, what was sent is read
back in time, streams move, channels promise only what is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text

from ecom_agent.invariants import audited, floors, mapped, pools, read_back, streams
from ecom_agent.invariants.model import Broken, Database, Invariant
from ecom_agent.telemetry import log

INVARIANTS: Final[tuple[Invariant, ...]] = (
    floors.INVARIANT,
    audited.INVARIANT,
    read_back.INVARIANT,
    streams.INVARIANT,
    mapped.INVARIANT,
    pools.INVARIANT,
)
_log = log(__name__)


def find(database: Database, now: datetime) -> Sequence[Broken]:
    """Every place where an invariant does not hold at `now`."""
    with database.unit() as unit:
        return [
            Broken(invariant.name, row.subject, row.detail, now)
            for invariant in INVARIANTS
            for row in unit.session.connection().execute(text(invariant.sql), {"now": now})
        ]


def check(database: Database, now: datetime) -> dict[str, int]:
    """How many places break each invariant, and their sum as `violations`; each is logged as an error."""
    broken = find(database, now)
    for found in broken:
        _log.error("an invariant does not hold", invariant=found.invariant, subject=found.subject, detail=found.detail)
    counts = Counter(found.invariant for found in broken)
    return {**{invariant.name: counts[invariant.name] for invariant in INVARIANTS}, "violations": len(broken)}
