"""`ecom customers`: who bought, masked; and how a person is forgotten."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import By, Json, app, person
from ecom_agent.records.people import Customer

commands = typer.Typer(no_args_is_help=True, help="Who bought: list, show, forget, retain.")
Key = Annotated[str, typer.Argument(help="The customer's key, as `ecom customers list` shows it.")]


@commands.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, help="At most so many, those seen last first.")] = 50,
    as_json: Json = False,
) -> None:
    """List customers, masked: one for each platform and buyer's id, over all accounts."""
    found = app().customers(most=limit)
    if as_json:
        output.json({"customers": [asdict(one) for one in found]})
        return
    columns = ["Customer", "Platform", "Who", "Orders", "Messages", "First seen (UTC)", "Last seen (UTC)"]
    output.table(columns, [_row(one) for one in found], empty="No platform told of a buyer yet.")


@commands.command()
def show(
    key: Key,
    plainly: Annotated[bool, typer.Option("--plainly", help="Unmasked. It goes into the audit who saw it.")] = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Show one customer: masked, or plainly on purpose."""
    found = asdict(app().customer(key, plainly=plainly, by=person(by)))
    if as_json:
        output.json(found)
        return
    output.pairs({**found, **(found.pop("buyer") or {"buyer": None})})


@commands.command()
def find(
    platform: Annotated[str, typer.Argument(help="Such as ebay.")],
    id: Annotated[str, typer.Argument(help="The buyer's id on that platform, in full.")],
    as_json: Json = False,
) -> None:
    """Find a customer by the id that a platform gives him."""
    found = app().customer(app().customer_key(platform, id))
    if as_json:
        output.json(asdict(found))
        return
    output.table(["Customer", "Platform", "Who", "Orders", "Messages", "First", "Last"], [_row(found)], empty="")


@commands.command()
def forget(key: Key, by: By = None, as_json: Json = False) -> None:
    """Erase what tells who a customer is, wherever it stands. His orders and their figures stay. There is no undo."""
    done = dict(app().forget_customer(key, person(by)))
    if as_json:
        output.json(done)
        return
    output.pairs(done)


@commands.command()
def retain(as_json: Json = False) -> None:
    """Erase what the policy `privacy` keeps no longer. Runs every day by itself."""
    done = dict(app().retain())
    if as_json:
        output.json(done)
        return
    output.pairs(done)


def _row(one: Customer) -> tuple[object, ...]:
    who = "forgotten" if one.forgotten_at else one.buyer and (one.buyer.name or one.buyer.id)
    return one.key, one.platform, who, one.orders, one.messages, one.first_seen_at, one.last_seen_at
