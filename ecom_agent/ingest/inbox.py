"""The inbox: webhooks that were checked, kept and answered become records here, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ecom_agent.clock import Clock
from ecom_agent.connector import Page, Poison
from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId
from ecom_agent.ingest.land import land_page
from ecom_agent.ports.reads import ReceivesWebhooks
from ecom_agent.store.db import Database
from ecom_agent.store.events import InboxEvent, InboxStore

STREAM = "webhooks"


def process(connectors: Mapping[AccountId, Any], database: Database, clock: Clock, limit: int = 100) -> dict[str, int]:
    """Land what waits in the inbox, oldest first; gives counts: processed, written, quarantined.

    One webhook that cannot be read is set aside with its reason; the others go on.
    """
    counts: Counter[str] = Counter()
    with database.unit() as unit:
        inbox = InboxStore(unit.session)
        for event in inbox.claim(limit=limit):
            page = _read(connectors.get(event.account), event)
            landed = land_page(unit.session, event.account, STREAM, page, at=clock.now())
            inbox.done(event, at=clock.now(), error=page.poison[0].reason if page.poison else None)
            counts.update(processed=1, written=landed.written, quarantined=landed.quarantined)
    return dict(counts)


def _read(connector: Any, event: InboxEvent) -> Page[Any]:
    if not isinstance(connector, ReceivesWebhooks):
        poison = Poison(None, f"{event.account} takes no webhooks any more", None)
        return Page((), None, False, event.topic, event.body, (poison,))
    try:
        order = connector.read_webhook(event.topic, event.body)
    except ParseFailed as error:
        return Page((), None, False, event.topic, event.body, (Poison(None, str(error), None),))
    return Page(() if order is None else (order,), None, False, event.topic, event.body)
