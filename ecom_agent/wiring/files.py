"""Importing files: their pages, landed like any platform's, after a look at what that would do."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from ecom_agent.errors import BadInput
from ecom_agent.ids import AccountId
from ecom_agent.ingest.files import backfill_file
from ecom_agent.ingest.preview import Counted, preview_pages
from ecom_agent.records.imports import FilePreview
from ecom_agent.records.views import PullReport
from ecom_agent.store.pulls import CursorStore
from ecom_agent.wiring.costs_in import write_costs
from ecom_agent.wiring.showing import Showing
from platforms import files

Progress = Callable[[str], None]
_SEALED: Final = "messages"
_ACCOUNT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class Importing(Showing):
    """App's verbs for files."""

    def file_mappings(self) -> dict[str, Sequence[str]]:
        """What a file can hold, each with the mappings that are shipped for it."""
        return {kind: files.mapping_names(kind) for kind in files.MAPPINGS}

    def preview_file(
        self, stream: str, path: Path, mapping: str, *, account: str | None = None, progress: Progress | None = None
    ) -> FilePreview:
        """What `backfill_file` would do: the whole file is read, nothing is kept.

        Raises BadInput for a file, its columns or a mapping that cannot be read.
        """
        how, into = _how(stream, mapping, account)
        pages = files.read_file(path, how, account=into)
        if stream == "costs":
            by = self.parts.person
            counted = write_costs(self.parts, pages, into, _name(how), self.limits(), by=by, keep=False)
            return counted.done(stream, into, already=False)
        with self.parts.database.unit() as unit:
            cursor = CursorStore(unit.session).get(into, _name(how))
        vault = self.parts.vault() if stream == _SEALED else None
        said = None if progress is None else lambda counted: progress(_looked(counted, stream))
        return preview_pages(
            pages, stream, into, self.parts.database, self.parts.clock, cursor=cursor, vault=vault, progress=said
        )

    def backfill_file(
        self,
        stream: str,
        path: Path,
        mapping: str,
        *,
        account: str | None = None,
        check: bool,
        progress: Progress | None = None,
        by: str | None = None,
    ) -> dict[str, Any]:
        """Orders, reviews, messages or costs out of a file, by a mapping kept as data; `account` takes its place.

        A file that was imported before changes nothing, one that was cut off goes on. Gives the run's counts, and with
        `check` (orders only) the figures of "file" and "store", and whether they are "equal". `by` sets costs.
        Raises BadInput for a file, its columns or a mapping that cannot be read.
        """
        how, into = _how(stream, mapping, account)
        if check and not isinstance(how, files.OrderMapping):
            raise BadInput("--check with orders", stream, "leave it out: only orders have sums to compare")
        if stream == "costs":
            pages = files.read_file(path, how, account=into)
            person = by or self.parts.person
            counted = write_costs(self.parts, pages, into, _name(how), self.limits(), by=person, keep=True)
            return {
                "account": into,
                "fetched": counted.fetched,
                "written": counted.new + counted.changed,
                "unchanged": counted.unchanged,
                "quarantined": counted.quarantined,
            }
        return backfill_file(
            self.parts.database,
            self.parts.clock,
            into,
            lambda cursor: files.read_file(path, how, account=into, cursor=cursor),
            lambda: files.figures_of_file(path, how) if isinstance(how, files.OrderMapping) else {},
            name=how.name,
            check=check,
            progress=told(progress, stream),
            vault=self.parts.vault() if stream == _SEALED else None,
        )


def told(progress: Progress | None, what: str = "orders") -> Callable[[PullReport], None] | None:
    """A page's report as a line for people."""
    if progress is None:
        return None
    return lambda r: progress(f"{r.fetched:,} {what} read, {r.written:,} written, {r.quarantined:,} set aside")


def _looked(counted: Counted, what: str) -> str:
    return f"{counted.fetched:,} {what} looked at: {counted.new:,} new, {counted.changed:,} changed"


def _name(how: files.FileMapping) -> str:
    return f"file:{how.name}"


def _how(stream: str, mapping: str, account: str | None) -> tuple[files.FileMapping, AccountId]:
    how = files.load_mapping(mapping, stream)
    into = account or how.account
    if not _ACCOUNT.fullmatch(into):
        raise BadInput("an account: letters, digits, underscores", repr(into), "correct --account or the mapping")
    return how, AccountId(into)
