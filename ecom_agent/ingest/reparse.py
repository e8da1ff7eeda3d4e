"""Raw payloads → records again, after a parser got better. Asks nobody outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ecom_agent.clock import Clock
from ecom_agent.connector import Page, Poison
from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId
from ecom_agent.ingest.land import land_page
from ecom_agent.records.views import PullReport
from ecom_agent.store.db import Database
from ecom_agent.store.quarantine import QuarantineStore
from ecom_agent.store.raw import RawPayload, RawStore


def reparse(
    stream: str, account: AccountId, parse: Callable[[RawPayload], Page[Any]], database: Database, clock: Clock
) -> PullReport:
    """Read every kept payload of a stream again, oldest first, one transaction each.

    Records are dated as they were seen then, so nothing newer is touched. What a payload had in quarantine is
    resolved once all of it can be read and stored. A payload `parse` cannot read (ParseFailed) is set aside whole.
    """
    started = clock.now()
    with database.unit() as unit:
        digests = RawStore(unit.session).digests(account, stream)
    written = unchanged = quarantined = 0
    for digest in digests:
        with database.unit() as unit:
            payload = RawStore(unit.session).get_one(digest)
            done = land_page(unit.session, account, stream, _read(parse, payload), at=payload.seen_at)
            if done.quarantined == 0:
                QuarantineStore(unit.session).resolve_payload(digest, at=clock.now())
        written, unchanged = written + done.written, unchanged + done.unchanged
        quarantined += done.quarantined
    seconds = (clock.now() - started).total_seconds()
    fetched = written + unchanged + quarantined
    return PullReport(account, stream, len(digests), fetched, written, unchanged, quarantined, None, seconds)


def _read(parse: Callable[[RawPayload], Page[Any]], payload: RawPayload) -> Page[Any]:
    try:
        return parse(payload)
    except ParseFailed as e:
        whole = Poison(None, str(e), f"the whole payload of {payload.operation}")
        return Page((), None, False, payload.operation, payload.body, (whole,))
