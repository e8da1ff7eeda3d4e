"""The inbox: webhooks that were checked, kept and answered become records here, each once.

One may say that our authorisation ended: its account is paused at once, with the platform's words. A chat's call stays
as it came: nothing is done about what people say in it.

Some only say that an order moved: it is asked for when the webhooks are done with, so that no platform that is slow
or gone holds up the others. What cannot be had then, the next sweep of orders brings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ecom_agent.actions.model import HOUSE
from ecom_agent.clock import Clock
from ecom_agent.connector import Page, Poison
from ecom_agent.errors import NotFound, ParseFailed, PlatformError
from ecom_agent.ids import AccountId
from ecom_agent.ingest.land import land_page
from ecom_agent.ports.reads import ReceivesWebhooks
from ecom_agent.records.events import AuthorizationEnded, OrderChange
from ecom_agent.store.db import Database
from ecom_agent.store.events import InboxEvent, InboxStore
from ecom_agent.store.processes import PausedAccountStore
from ecom_agent.telemetry import log

STREAM = "webhooks"
_log = log("ingest.inbox")


def process(connectors: Mapping[AccountId, Any], database: Database, clock: Clock, limit: int = 100) -> dict[str, int]:
    """Land what waits in the inbox, oldest first; one webhook that cannot be read is set aside with its reason.

    Gives counts: processed, written, quarantined, `chats`, accounts `paused`, and `later` for orders that moved and
    could not be had.
    """
    counts: Counter[str] = Counter()
    moved: dict[tuple[AccountId, str], InboxEvent] = {}
    with database.unit() as unit:
        inbox = InboxStore(unit.session)
        for event in inbox.claim(limit=limit):
            if event.account == HOUSE:
                inbox.done(event, at=clock.now())
                counts.update(processed=1, chats=1)
                continue
            page, told = _read(connectors.get(event.account), event)
            landed = land_page(unit.session, event.account, STREAM, page, at=clock.now())
            inbox.done(event, at=clock.now(), error=page.poison[0].reason if page.poison else None)
            counts.update(processed=1, written=landed.written, quarantined=landed.quarantined)
            if isinstance(told, OrderChange):
                moved[event.account, told.order_id] = event
            elif told is not None:
                PausedAccountStore(unit.session).pause(event.account, told.why, at=clock.now())
                _log.warning("an account was paused: its authorisation ended", account=event.account, topic=event.topic)
                counts.update(paused=1)
    for (account, order_id), event in moved.items():
        counts.update(_ask(connectors[account], order_id, event, database, clock))
    return dict(counts)


def _ask(connector: Any, order_id: str, event: InboxEvent, database: Database, clock: Clock) -> dict[str, int]:
    """The order that a webhook named, as it is now."""
    try:
        order = connector.get_order(order_id)
    except (PlatformError, NotFound, ParseFailed) as error:
        _log.warning("an order that moved is left to the sweep", account=event.account, reason=str(error))
        return {"later": 1}
    page: Page[Any] = Page((order,), None, False, event.topic, event.body)
    with database.unit() as unit:
        landed = land_page(unit.session, event.account, STREAM, page, at=clock.now())
    return {"written": landed.written, "quarantined": landed.quarantined}


def _read(connector: Any, event: InboxEvent) -> tuple[Page[Any], OrderChange | AuthorizationEnded | None]:
    if not isinstance(connector, ReceivesWebhooks):
        poison = Poison(None, f"{event.account} takes no webhooks any more", None)
        return Page((), None, False, event.topic, event.body, (poison,)), None
    try:
        told = connector.read_webhook(event.topic, event.body)
    except ParseFailed as error:
        return Page((), None, False, event.topic, event.body, (Poison(None, str(error), None),)), None
    if isinstance(told, OrderChange | AuthorizationEnded):
        return Page((), None, False, event.topic, event.body), told
    return Page(() if told is None else (told,), None, False, event.topic, event.body), None
