"""`ecom lab`: the strategies that compete, how sure their gains are, whose children they are."""

from __future__ import annotations

from typing import Annotated

import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import Json
from ecom_agent.cli.shell import app as the_app
from ecom_agent.records.strategies import StrategyScore, StrategyStanding, StrategyTrial, in_words

commands = typer.Typer(no_args_is_help=True, help="The strategy lab: list, week, look, pedigree.")


@commands.command("list")
def list_(
    account: Annotated[str, typer.Argument(help="The account.")],
    marketplace: Annotated[str, typer.Argument(help="The marketplace of that account.")],
    as_json: Json = False,
) -> None:
    """List every strategy with its stage there and what is known of its gain over the incumbent, a day.

    Steps up and down are Actions: `ecom run pricing.lab` proposes them, `ecom actions` lists them.
    """
    found = the_app().lab_standings(account, marketplace)
    if as_json:
        output.json({"strategies": [_as_data(s) for s in found]})
        return
    rows = [
        (s.member.id, s.stage.name.lower(), in_words(s.simulated), in_words(s.recorded), in_words(s.live), s.incumbent)
        for s in found
    ]
    head = ["Strategy", "Stage", "Gain simulated", "recorded", "on our listings", "Against"]
    output.table(head, rows, empty="No strategy yet: `ecom lab week` founds the pool.")


@commands.command("week")
def week(as_json: Json = False) -> None:
    """Play this week's tournament now, cull and breed. Minutes of work; nothing is sent."""
    with output.progress() as tell:
        counts = the_app().lab_week(tell)
    show(dict(counts), as_json)


@commands.command("look")
def look(as_json: Json = False) -> None:
    """Measure canaries on our own listings, and what simulation found better on our recorded days, now."""
    show(dict(the_app().lab_look()), as_json)


@commands.command("pedigree")
def pedigree(
    strategy: Annotated[str, typer.Argument(help="Its id, as in `ecom lab list`.")], as_json: Json = False
) -> None:
    """Tell whose child a strategy is, back to the founders; culled ancestors too."""
    found = the_app().lab_pedigree(strategy)
    if as_json:
        output.json(
            {
                "pedigree": [
                    {"back": back, "id": m.id, "genes": list(m.genes), "parents": list(m.parents), "born_at": m.born_at}
                    for back, m in found
                ]
            }
        )
        return
    rows = [(back, m.id, ", ".join(map(str, m.genes)), ", ".join(m.parents) or "founder") for back, m in found]
    output.table(["Back", "Strategy", "Genes", "Parents"], rows, empty="")


def show(counts: dict[str, int], as_json: bool) -> None:
    if as_json:
        output.json(counts)
    else:
        output.table(["What", "How many"], list(counts.items()), empty="")


def _as_data(s: StrategyStanding) -> dict[str, object]:
    def evidence(found: StrategyScore | StrategyTrial | None) -> dict[str, object] | None:
        if found is None:
            return None
        finite = {name: getattr(found, name) for name in ("gain", "gain_low", "gain_high")}
        return {name: value if abs(value) < 1e300 else None for name, value in finite.items()} | {"pairs": found.pairs}

    return {
        "id": s.member.id,
        "species": s.member.species,
        "genes": list(s.member.genes),
        "parents": list(s.member.parents),
        "stage": s.stage.name.lower(),
        "since": s.since,
        "incumbent": s.incumbent,
        "simulated": evidence(s.simulated),
        "recorded": evidence(s.recorded),
        "live": evidence(s.live),
    }
