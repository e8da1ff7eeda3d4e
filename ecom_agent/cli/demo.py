"""`ecom demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import FAILED, Json, wiring

HOME = Path(".demo")


def demo(
    once: Annotated[bool, typer.Option("--once", help="Headless: live through --hours, print a report, end.")] = False,
    hours: Annotated[float, typer.Option(min=0.1, help="Simulated hours of --once.")] = 6.0,
    seed: Annotated[int, typer.Option(help="Same seed, same world, same result.")] = 7,
    faults: Annotated[str, typer.Option(help="How unreliable the platforms are: none, mild, all.")] = "mild",
    history: Annotated[float, typer.Option(min=0, help="Hours lived through at the first start without --once.")] = 6.0,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the data; left out: .demo, for --once none.")] = None,
    platforms: Annotated[str, typer.Option(help="Where to sell, by name with commas; all = everywhere.")] = "all",
    as_json: Json = False,
) -> None:
    """Run everything against a simulated market: no account, no key.

    Without --once: database, market, schedules, event lane, API and console, until Ctrl-C; the data stays.

    With --once: exit 0 only if no price went under its floor, every applied change was verified and the
    audit chain is intact.
    """
    chosen = wiring().demo_platforms(platforms)
    if not once:
        raise typer.Exit(wiring().run_demo_live(data_dir or HOME, seed, faults, history, output.say, chosen))
    with output.progress() as tell:
        report, ok = wiring().run_demo_once(hours, seed, data_dir, faults, tell, chosen)
    if as_json:
        output.json(report)
    else:
        output.pairs(flat(report))
        typer.echo("all conditions met" if ok else "conditions NOT met: see above")
    if not ok:
        raise typer.Exit(FAILED)


def flat(report: dict[str, Any]) -> dict[str, Any]:
    """Nested figures as "outer.inner"."""
    lines: dict[str, Any] = {}
    for name, value in report.items():
        inner = value if isinstance(value, dict) else None
        lines.update({f"{name}.{k}": v for k, v in inner.items()} if inner else {name: value})
    return lines
