"""Importing order files: the file's pages, landed like any platform's, and the check that nothing was lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ecom_agent.ids import AccountId
from ecom_agent.ingest.files import backfill_file
from ecom_agent.records.views import PullReport
from ecom_agent.wiring.parts import Parts
from platforms import files


def import_orders(
    parts: Parts,
    path: Path,
    mapping: str,
    account: str | None,
    *,
    check: bool,
    progress: Callable[[str], None] | None,
) -> dict[str, Any]:
    """Land every order of the file; one that was imported before changes nothing, one cut off goes on.

    Gives the run's counts, and with `check` the figures of "file" and "store", and whether they are "equal".
    Raises BadInput for a file, its columns or a mapping that cannot be read.
    """
    how = files.load_mapping(mapping)
    into = AccountId(account or how.account)
    return backfill_file(
        parts.database,
        parts.clock,
        into,
        lambda cursor: files.read_orders(path, how, account=into, cursor=cursor),
        lambda: files.figures_of_file(path, how),
        name=mapping,
        check=check,
        progress=told(progress),
    )


def told(progress: Callable[[str], None] | None) -> Callable[[PullReport], None] | None:
    """A page's report as a line for people."""
    if progress is None:
        return None
    return lambda r: progress(f"{r.fetched:,} orders read, {r.written:,} written, {r.quarantined:,} set aside")
