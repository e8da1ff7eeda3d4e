"""`ecom`: the verbs, each from its own file. Heavy libraries are loaded by the commands that need them."""

from __future__ import annotations

from typing import Annotated

import typer

from ecom_agent.cli import (
    actions,
    attribution,
    audit,
    autonomy,
    backfill,
    bindings,
    breakers,
    customers,
    demo,
    evaluate,
    fx,
    halt,
    inbox,
    init,
    lab,
    lane,
    limits,
    policy,
    pull,
    quarantine,
    replay,
    resume,
    rules,
    run,
    stock,
    sync,
    up,
)
from ecom_agent.cli.shell import Shell

VERBS = (init, demo, up, pull, backfill, run, halt, resume, breakers, evaluate, quarantine, replay, attribution)
GROUPS = (actions, bindings, customers, fx, sync, stock, inbox, audit, limits, rules, autonomy, policy, lab)


def root(debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False) -> None:
    """Operations for sellers across borders: sync, price within limits, guard, act, audit.

    Start with `ecom demo`: a whole simulated market, no account needed. Then `ecom init` and `ecom up`.
    """


def built() -> typer.Typer:
    """All verbs under one roof; each is the function that its file is named after."""
    every = typer.Typer(
        cls=Shell,
        callback=root,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for module in VERBS:
        name = module.__name__.rpartition(".")[2]
        every.command(name)(getattr(module, name))
    for group in GROUPS:
        every.add_typer(group.commands, name=group.__name__.rpartition(".")[2])
    every.command("lane", hidden=True)(lane.lane)
    return every


cli = built()


def main() -> None:
    """The console script's entry."""
    cli(prog_name="ecom")


if __name__ == "__main__":
    main()
