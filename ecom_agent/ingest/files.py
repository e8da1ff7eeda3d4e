"""Files into the store: landed like any pull, and checked against the file's own figures where that is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ecom_agent.clock import Clock
from ecom_agent.ids import AccountId
from ecom_agent.ingest.pull import Progress, pull_pages
from ecom_agent.ingest.streams import Pages
from ecom_agent.security.vault import Vault
from ecom_agent.store.db import Database
from ecom_agent.store.order_figures import figures_of_store


def backfill_file(
    database: Database,
    clock: Clock,
    account: AccountId,
    open_pages: Callable[[str | None], Pages],
    figures_of_file: Callable[[], Mapping[str, Any]],
    *,
    name: str,
    check: bool,
    progress: Progress | None = None,
    vault: Vault | None = None,
) -> dict[str, Any]:
    """Land the pages of the file `name`, going on behind what an earlier run landed.

    Gives the run's counts; with `check` also `file` (from `figures_of_file`), `store` (all orders of `account`) and
    whether they are `equal`. Orders that were set aside make them differ: they are in the file and not in the store.
    """
    report = pull_pages(f"file:{name}", account, open_pages, database, clock, progress, vault, rereads=False)
    result: dict[str, Any] = {
        "account": account,
        "pages": report.pages,
        "fetched": report.fetched,
        "written": report.written,
        "unchanged": report.unchanged,
        "quarantined": report.quarantined,
        "seconds": report.seconds,
    }
    if not check:
        return result
    file = dict(figures_of_file())
    with database.unit() as unit:
        store = figures_of_store(unit.session, account)
    return {**result, "file": file, "store": store, "equal": file == store}
