"""Offers from the BUYBOX report: one report tells of all our items, so it is asked for once for any number of them.

A sweep that finds it still being made brings nothing, and the next one brings it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import orjson

from ecom_agent.connector import Page
from ecom_agent.records.catalog import Listing
from ecom_agent.records.offers import OfferSnapshot
from platforms.walmart import parse, reports
from platforms.walmart.client import WalmartClient

REPORT: Final = "BUYBOX"
ROWS: Final = 1000
"""Lines of the report in one page of records."""


def offers(client: WalmartClient, listings: Sequence[Listing]) -> Iterator[Page[OfferSnapshot]]:
    """Our own offer on each page, and the Buy Box's where another holds it. No other rivals: Walmart shows none."""
    if not listings:
        return
    file = reports.fetch(client, REPORT)
    if isinstance(file, reports.UnderWay):
        yield Page((), None, False, reports.CREATE, file.raw)
        return
    rows = parse.rows_of(file.content)
    for start in range(0, max(1, len(rows)), ROWS):
        part = rows[start : start + ROWS]
        read = parse.buy_box_offers(
            part,
            listings,
            account=client.account,
            seller_id=client.settings.seller_id,
            made_at=file.made_at,
            seen_at=client.clock.now(),
        )
        more = start + ROWS < len(rows)
        yield Page(read.records, None, more, reports.CREATE, orjson.dumps(part), read.poison, read.unknown_fields)
