"""A cost sheet into the limits: the same door as the limits' editor, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ecom_agent.actions.audit import AuditEvent
from ecom_agent.connector import Page, Poison
from ecom_agent.errors import BadInput
from ecom_agent.ids import AccountId
from ecom_agent.ingest.preview import Counted
from ecom_agent.records.unit_costs import UnitCost
from ecom_agent.records.views import LimitsView
from ecom_agent.store.limits import LimitsStore
from ecom_agent.store.quarantine import QuarantineStore
from ecom_agent.store.raw import RawStore
from ecom_agent.wiring.parts import Parts

Place = tuple[str, str, str]


def write_costs(
    parts: Parts,
    pages: Iterable[Page[UnitCost]],
    account: AccountId,
    stream: str,
    present: Sequence[LimitsView],
    *,
    by: str,
    keep: bool,
) -> Counted:
    """Set what the rows name, and leave the listings' other limits as they are; all in one unit of work.

    A row that cannot be set is set aside, the others go on. Without `keep` all of it is rolled back.
    """
    now, counted = parts.clock.now(), Counted()
    limits = {(row.account, row.marketplace, row.sku): row for row in present}
    with parts.database.unit() as unit, parts.ledger.within(unit) as book:
        store, changed = LimitsStore(unit.session), []
        for page in pages:
            poison = list(page.poison)
            for record in page.records:
                if _set(store, record, limits, poison, counted, by, now):
                    changed.append(record.sku)
            counted.refuse(poison)
            digest = RawStore(unit.session).keep(account, stream, page.operation, page.raw, seen_at=now)
            QuarantineStore(unit.session).add(account, stream, poison, digest=digest, at=now)
        if not keep:
            unit.session.rollback()
        elif changed:
            told: Mapping[str, Any] = {"changed": len(changed), "skus": sorted(changed), "from": stream}
            book.audit.append(AuditEvent(now, None, "limits set", by, told))
    return counted


def _set(
    store: LimitsStore,
    record: UnitCost,
    limits: Mapping[Place, LimitsView],
    poison: list[Poison],
    counted: Counted,
    by: str,
    at: datetime,
) -> bool:
    """Whether anything changed."""
    name = f"{record.account}/{record.marketplace}/{record.sku}"
    stands = limits.get((record.account, record.marketplace, record.sku))
    try:
        if stands is None:
            raise BadInput("a listing that is known", name, "correct the row, or pull listings first")
        written = store.set([_over(stands, record)], by=by, at=at) > 0
    except BadInput as error:
        poison.append(Poison(name, str(error), {"sku": record.sku, "landed": str(record.landed)}))
        return False
    counted.show([record])
    if not written:
        counted.unchanged += 1
    elif stands.unit_cost is None and stands.foreign_cost is None:
        counted.new += 1
    else:
        counted.changed += 1
    return written


def _over(stands: LimitsView, told: UnitCost) -> LimitsView:
    """Amounts in another currency than the listing's can only be its landed cost; others are refused by its reader."""
    own = told.landed.currency == stands.currency
    given = {
        "ad_cost": None if told.ad_cost is None else str(told.ad_cost.major if own else told.ad_cost),
        "return_percent": told.returned_percent,
        "return_cost": None if told.return_cost is None else str(told.return_cost.major if own else told.return_cost),
        "costs_on": None if told.costs_on is None else told.costs_on.isoformat(),
    }
    return replace(
        stands,
        unit_cost=str(told.landed.major) if own else None,
        foreign_cost=None if own else f"{told.landed.major} {told.landed.currency}",
        **{name: value for name, value in given.items() if value is not None},  # type: ignore[arg-type]  # only texts
    )
