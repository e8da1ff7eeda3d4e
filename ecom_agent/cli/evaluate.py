"""`ecom evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import Json, wiring
from ecom_agent.errors import BadInput

KEYS = ("name", "figures", "baselines", "data", "seed", "seconds")


def evaluate(
    name: Annotated[str | None, typer.Argument(help="Which evaluation; `--list` names them all.")] = None,
    data: Annotated[Path | None, typer.Option(help="A folder of inputs; left out = the evaluation's own.")] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same inputs.")] = 7,
    seeds: Annotated[str | None, typer.Option(help="A range of seeds A:B, for evaluations over many.")] = None,
    days: Annotated[int | None, typer.Option(help="How many days, for evaluations over time.", min=1)] = None,
    events: Annotated[int | None, typer.Option(help="How many events, for evaluations over events.", min=1)] = None,
    seconds: Annotated[int | None, typer.Option(help="How long, for evaluations of a steady load.", min=1)] = None,
    crashes: Annotated[int | None, typer.Option(help="How many crashes, for evaluations of syncing.", min=0)] = None,
    cycles: Annotated[int | None, typer.Option(help="Five-minute cycles that are timed (sync).", min=1)] = None,
    chart: Annotated[Path | None, typer.Option(help="Draw it into this HTML file, where it can be drawn.")] = None,
    list_all: Annotated[bool, typer.Option("--list", help="Name all evaluations and what each figure means.")] = False,
    as_json: Json = False,
) -> None:
    """Measure, now: figures beside their baselines, from this run, on this machine."""
    if list_all:
        show_list(as_json)
        return
    if name is None:
        raise BadInput("the name of an evaluation", "none", "`ecom evaluate --list` names them")
    if data is not None and not data.is_dir():
        raise BadInput("--data with a folder", f"nothing at {data}", "correct the path")
    given = {
        "seeds": seeds, "days": days, "events": events, "seconds": seconds, "crashes": crashes, "cycles": cycles,
        "chart": chart,
    }  # fmt: skip
    arguments = {argument: str(value) for argument, value in given.items() if value is not None}
    with output.progress() as tell:
        result: dict[str, Any] = wiring().evaluate(name, data, seed, tell, arguments)
    details = result.get("details")
    if as_json:
        output.json({key: result[key] for key in KEYS} | ({"details": details} if details else {}))
        return
    typer.echo(f"{result['name']}: data {result['data']}, seed {result['seed']}, {result['seconds']:.1f} s")
    rows = [(kind, n, v) for kind in ("figures", "baselines") for n, v in result[kind].items()]
    output.table(["", "Name", "Value"], [(kind[:-1], n, v) for kind, n, v in rows], empty="no figures")
    for title, found in (details or {}).items():
        typer.echo(f"{title}:")
        for line in found if isinstance(found, list | tuple) else [found]:
            typer.echo(f"  {output.clean(str(line))}")


def show_list(as_json: bool) -> None:
    from ecom_agent.evaluate.base import evaluations

    every = evaluations().values()
    if as_json:
        fields = ("name", "title", "figures", "baselines")
        output.json({"evaluations": [{field: getattr(e, field) for field in fields} for e in every]})
        return
    rows = [
        (e.name if n == 0 else "", figure, meaning)
        for e in every
        for n, (figure, meaning) in enumerate([("", e.title), *e.figures.items(), *e.baselines.items()])
    ]
    output.table(["Evaluation", "Figure", "Meaning"], rows, empty="No evaluation is installed.")
