"""Recorded orders of two shops, replayed through two simulated channels: do they end in exact totals?

Olist's come as eBay orders in BRL, the UCI retailer's as Shopify orders in GBP; each over the platform's own wire
format, pulled week by week as sync does. Counted twice: from the files, and in the database.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg

from ecom_agent.errors import BadInput
from ecom_agent.evaluate.base import Evaluation, Measured, Number, Options
from ecom_agent.evaluate.recorded.replay import Replay, stored
from ecom_agent.evaluate.recorded.sources import Recorded, olist, sums, uci
from ecom_agent.evaluate.sync.life import VAULT
from ecom_agent.runtime.postgres import postgres
from ecom_agent.store.db import Database

_WAYS: Final[dict[str, tuple[Callable[..., Recorded], Replay]]] = {
    "olist": (olist, Replay("ebay", "BRL")),
    "uci": (uci, Replay("shopify", "GBP")),
}
_WORDS: Final = {
    "orders": "orders that were not cancelled",
    "lines": "their lines",
    "units": "their units",
    "revenue_minor": "their lines' money in minor units of the currency",
    "cancelled": "cancelled orders",
    "cancelled_units": "their units",
}
FIGURES: Final = {
    "difference": "sum of all differences between the files and the database, over all figures below; wanted 0",
    **{f"{name}_{what}": f"{name}: {words}" for name in _WAYS for what, words in _WORDS.items()},
    **{f"{name}_left_out": f"{name}: rows of the file that are no order lines" for name in _WAYS},
}
BASELINES: Final = {
    f"{name}_as_it_stands_off_minor": f"{name}: how far off the money is when every row of the file counts as a sale"
    for name in _WAYS
}


def measure(folder: Path, progress: Callable[[str], None], until: dict[str, datetime] | None = None) -> Measured:
    """`until` leaves out what came later, by source."""
    figures: dict[str, Number | None] = {"difference": 0}
    baselines: dict[str, Number | None] = {}
    details: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="ecom-recorded-", ignore_cleanup_errors=True) as scratch:
        home = Path(scratch)
        with postgres(home / "postgres", durable=False) as server:
            database = Database(server.url, vault=lambda: VAULT)
            database.migrate()
            for name, (read, replay) in _WAYS.items():
                progress(f"reading {name}")
                recorded = read(folder, (until or {}).get(name))
                account = replay.run(recorded, database, home / name, progress)
                wanted = asdict(sums(recorded))
                with psycopg.connect(server.url) as connection:
                    found, currencies = stored(connection, account)
                off = sum(abs(wanted[what] - value) for what, value in asdict(found).items())
                off += sum(currency != replay.currency for currency in currencies)
                figures["difference"] = (figures["difference"] or 0) + off
                figures |= {f"{name}_{what}": value for what, value in asdict(found).items()}
                figures[f"{name}_left_out"] = sum(recorded.left_out.values())
                baselines[f"{name}_as_it_stands_off_minor"] = recorded.as_it_stands_minor - wanted["revenue_minor"]
                details[name] = [f"{count} × {why}" for why, count in recorded.left_out.items()]
                details[f"{name} in the file"] = wanted
            database.dispose()
    return Measured(
        figures, baselines, f"orders_olist as eBay orders, retail_uci_online as Shopify's, {folder}", details
    )


def _run(options: Options) -> Measured:
    if options.data is None:
        raise BadInput("--data with orders_olist and retail_uci_online in it", "no folder", "name it")
    return measure(options.data, options.progress)


EVALUATION: Final = Evaluation(
    name="recorded",
    title="Whether recorded orders of two shops, replayed through two simulated channels, end in exact totals",
    figures=FIGURES,
    baselines=BASELINES,
    run=_run,
)
