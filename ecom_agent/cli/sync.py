"""`ecom sync`: where every stream stands, its ledger, how often it is pulled, and a look back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from ecom_agent.cli import output
from ecom_agent.cli.pull import show
from ecom_agent.cli.shell import FAILED, By, Json, person
from ecom_agent.cli.shell import app as the_app
from ecom_agent.records.sync import Backfill, SyncStream, SyncWindow

commands = typer.Typer(
    no_args_is_help=True, help="Is it all here? The ledger of every stream, and what to do about it."
)
Account = Annotated[str, typer.Argument(help="The account, as in ECOM_ACCOUNTS.")]
Stream = Annotated[str, typer.Argument(help="The stream, as `ecom sync status` shows it.")]


@commands.command()
def status(
    account: Annotated[str | None, typer.Option(help="Only this account.")] = None, as_json: Json = False
) -> None:
    """Every stream: how fresh, told against came, gaps repaired, when due; what platforms do not offer; backfills.

    Exit 1 while a stream is not whole or fell silent.
    """
    found = the_app().sync_status()
    streams = [s for s in found.streams if account in (None, s.account)]
    if as_json:
        output.json({**asdict(found), "streams": [asdict(s) for s in streams]})
    else:
        columns = ["Account", "Stream", "Every", "Fresh to", "Due", "Told", "Came", "New", "Repaired", "Later", "Last"]
        output.table(columns, [_row(s) for s in streams], empty="No account is set up right.")
        for name, missing in found.missing:
            if missing and account in (None, name):
                typer.echo(output.clean(f"{name} does not offer: {', '.join(missing)}"))
        if found.backfills:
            titles = ["Backfill", "Account", "Stream", "From", "To", "State", "In", "Read", "Error"]
            output.table(titles, [_backfill(b) for b in found.backfills], empty="")
    alarms = [s for s in streams if s.alarm]
    for one in alarms:
        typer.echo(output.clean(f"ecom: {one.account}/{one.stream}: {one.alarm}"), err=True)
    if alarms:
        raise typer.Exit(FAILED)


@commands.command()
def windows(account: Account, stream: Stream, as_json: Json = False) -> None:
    """The last windows of one stream, newest first: what was asked for, told of, came, and what became of it."""
    found = the_app().sync_windows(account, stream)
    if as_json:
        output.json({"windows": [asdict(w) for w in found]})
        return
    columns = ["Started", "Kind", "From", "To", "Told", "Came", "New", "Set aside", "Outcome", "Why"]
    output.table(columns, [_window(w) for w in found], empty="No window yet.")


@commands.command()
def every(
    account: Account,
    stream: Stream,
    minutes: Annotated[int, typer.Argument(min=0, help="Minutes between two pulls; 0 = not by itself.")],
    by: By = None,
    as_json: Json = False,
) -> None:
    """Pull one stream of one account so often from now on: an edit of the policy `streams`, no restart."""
    version = the_app().set_interval(account, stream, minutes, person(by))
    if as_json:
        output.json({"account": account, "stream": stream, "every_minutes": minutes, "policy_version": version})
    else:
        when = f"every {minutes} min" if minutes else "not by itself any more"
        typer.echo(output.clean(f"{account}/{stream} is pulled {when} (policy streams, version {version})."))


@commands.command("look-back")
def look_back(account: Account, stream: Stream, as_json: Json = False) -> None:
    """Read the last days of a stream again now, as every night; the days are in the policy `streams`."""
    report = the_app().look_back(account, stream)
    if as_json:
        output.json(asdict(report))
    else:
        show([report])


def _row(s: SyncStream) -> tuple[object, ...]:
    last = s.last
    told = None if last is None else (last.expected, last.fetched, last.written)
    every_ = f"{s.every_minutes} min" if s.every_minutes else "off"
    outcome = None if last is None else last.outcome or "under way"
    return (s.account, s.stream, every_, s.fresh_at, s.next_due, *(told or (None, None, None)), s.repaired,
            s.found_later, outcome)  # fmt: skip


def _window(w: SyncWindow) -> tuple[object, ...]:
    return (w.started_at, w.kind, w.since, w.until, w.expected, w.fetched, w.written, w.quarantined,
            w.outcome or "under way", w.detail)  # fmt: skip


def _backfill(b: Backfill) -> tuple[object, ...]:
    return b.id, b.account, b.stream, b.since, b.until, b.state, f"{b.share:.0%}", b.fetched, b.error
