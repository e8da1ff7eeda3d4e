"""`ecom run`."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import Json
from ecom_agent.cli.shell import app as the_app
from ecom_agent.errors import NotFound


def run(
    automation: Annotated[str, typer.Argument(help="Its name, e.g. pricing.repricing.")],
    account: Annotated[str | None, typer.Option(help="Only this account.")] = None,
    marketplace: Annotated[str | None, typer.Option(help="Only this marketplace.")] = None,
    as_json: Json = False,
) -> None:
    """Let an automation propose now, once.

    What it wishes still passes guards and approval; this command sends nothing. Exit 0 also when all were denied.
    """
    app = the_app()
    names = sorted(a.name for a in app.automations())
    if automation not in names:
        raise NotFound(f"no automation {automation!r}; there are: {', '.join(names) or 'none'}")
    places = [(a, m) for a, _, ms in app.accounts() for m in ms if account in (None, a) and marketplace in (None, m)]
    if not places:
        raise NotFound(f"no marketplace {marketplace or '*'} of account {account or '*'} in the settings")
    slot = app.clock.now()
    runs = [(a, m, app.propose(automation, a, m, slot)) for a, m in places]
    total: Counter[str] = Counter()
    for _, _, counts in runs:
        total.update(counts)
    if as_json:
        each = [{"account": a, "marketplace": m, "counts": counts} for a, m, counts in runs]
        output.json({"automation": automation, "slot": slot, "runs": each, "total": dict(total)})
    else:
        output.pairs({"automation": automation, "places": len(runs), **total})
