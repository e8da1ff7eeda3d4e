"""`ecom backfill`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ecom_agent.cli import output
from ecom_agent.cli.pull import show
from ecom_agent.cli.shell import FAILED, By, Json
from ecom_agent.cli.shell import app as the_app
from ecom_agent.errors import BadInput

DAY = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
FROM = "First moment, UTC: 2026-01-31 or 2026-01-31T08:00:00."


def backfill(
    stream: Annotated[
        str, typer.Argument(help="What to load: orders, returns, charges, messages; from a file also reviews, costs.")
    ],
    file: Annotated[
        Path | None, typer.Argument(help="CSV, JSONL, Parquet or XLSX; left out = from the platform.")
    ] = None,
    mapping: Annotated[str | None, typer.Option("--map", help="How to read it: a shipped name or a YAML file.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Compare file and store; exit 1 if they differ.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Say what a file would do; write nothing.")] = False,
    by: By = None,
    account: Annotated[
        str | None, typer.Option(help="Load into or from this one; a file's mapping names another.")
    ] = None,
    start: Annotated[datetime | None, typer.Option("--from", formats=DAY, metavar="WHEN", help=FROM)] = None,
    end: Annotated[datetime | None, typer.Option("--to", formats=DAY, metavar="WHEN", help="Left out: now.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Also where this span of a platform is in already.")] = False,
    as_json: Json = False,
) -> None:
    """Load history: from a file, or from a platform.

    Running it twice changes nothing; killed in the middle, the next run goes on.
    """
    if file is not None:
        if mapping is None:
            raise BadInput("--map NAME for a file", "none", "name the mapping, e.g. --map uci_online_retail")
        if not file.is_file():
            raise BadInput("a readable file", f"nothing at {file}", "correct the path")
        if preview:
            look_at(stream, file, mapping, account, as_json)
        else:
            from_file(stream, file, mapping, account, check, by, as_json)
    else:
        from_platform(stream, account, start, end, again, as_json)


def look_at(stream: str, file: Path, mapping: str, account: str | None, as_json: bool) -> None:
    with output.progress() as tell:
        found = the_app().preview_file(stream, file, mapping, account=account, progress=tell)
    if as_json:
        output.json(asdict(found))
        return
    if found.sample:
        names = [name for name in found.sample[0] if any(row[name] is not None for row in found.sample)]
        output.table(names, [[row[name] for name in names] for row in found.sample], empty="")
    rows = [(name, why) for name, why in found.refused]
    output.table(("set aside", "why"), rows, empty="Nothing would be set aside.")
    counts = ("fetched", "new", "changed", "unchanged", "quarantined", "already")
    output.pairs({name: getattr(found, name) for name in counts})
    typer.echo("Nothing was written. The same command without --preview imports it.")


def from_file(
    stream: str, file: Path, mapping: str, account: str | None, check: bool, by: str | None, as_json: bool
) -> None:
    with output.progress() as tell:
        result: dict[str, Any] = the_app().backfill_file(
            stream, file, mapping, account=account, check=check, progress=tell, by=by
        )
    if as_json:
        output.json(result)
    else:
        output.pairs(result)
    if check and not result.get("equal"):
        raise typer.Exit(FAILED)


def from_platform(
    stream: str, account: str | None, start: datetime | None, end: datetime | None, again: bool, as_json: bool
) -> None:
    if account is None or start is None:
        raise BadInput("FILE and --map, or --account and --from", "neither", "name where the history comes from")
    app, begin = the_app(), start.replace(tzinfo=UTC)
    until = None if end is None else end.replace(tzinfo=UTC)
    if begin >= (until or app.clock.now()):
        raise BadInput(
            "--from before --to", f"{begin:%Y-%m-%d} to {until or app.clock.now():%Y-%m-%d}", "turn them round"
        )
    with output.progress() as tell:
        report = app.backfill(stream, account, begin, until, tell, again)
    if as_json:
        output.json(asdict(report))
    else:
        show([report])
