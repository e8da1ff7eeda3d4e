"""`ecom replay`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from ecom_agent.cli import output
from ecom_agent.cli.shell import FAILED, Json
from ecom_agent.cli.shell import app as the_app
from ecom_agent.errors import BadInput

DAY = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


def replay(
    account: Annotated[str, typer.Option(help="Whose events.")],
    start: Annotated[datetime, typer.Option("--from", formats=DAY, metavar="WHEN", help="First moment, UTC.")],
    end: Annotated[datetime | None, typer.Option("--to", formats=DAY, metavar="WHEN", help="Left out: now.")] = None,
    sku: Annotated[str | None, typer.Option(help="Only this listing.")] = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="What would this policy (YAML) have decided? Left out: the same again."),
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="What would this rule (YAML, as `ecom rules` has them) have decided?")
    ] = None,
    as_json: Json = False,
) -> None:
    """Decide again on recorded events. The same rules must give identical decisions: exit 1 if one differs.

    With --policy or --rules the question is what would have been decided on each event: differences are the answer.
    """
    app = the_app()
    until = app.clock.now() if end is None else end.replace(tzinfo=UTC)
    other = None if policy is None else read(policy)
    rule = None if rules is None else text_of(rules, "--rules")
    report = app.replay(account, start.replace(tzinfo=UTC), until, sku=sku, policy=other, rules=rule)
    if as_json:
        output.json(asdict(report))
    else:
        counts = {name: value for name, value in asdict(report).items() if name not in ("first", "since", "until")}
        output.pairs(counts)
        rows = [
            (f"{p.at:%Y-%m-%d %H:%M:%S}", p.sku or "", p.then_code, p.then_minor, p.now_code, p.now_minor, p.why)
            for p in report.first
        ]
        head = ["When (UTC)", "SKU", "Then", "Price", "Now", "Price", "What differs"]
        output.table(head, rows, empty="Every decision came out the same.")
    if report.different and policy is None and rules is None:
        raise typer.Exit(FAILED)


def read(path: Path) -> dict[str, Any]:
    """The policy in the file. Raises BadInput where it is none."""
    try:
        body = yaml.safe_load(text_of(path, "--policy"))
    except yaml.YAMLError as error:
        raise BadInput("--policy with a YAML file", f"{path}: {error}", "correct the file or the path") from error
    if not isinstance(body, dict):
        raise BadInput("a mapping in the policy file", f"{type(body).__name__} in {path}", "see `ecom policy show`")
    return body


def text_of(path: Path, option: str) -> str:
    """The file's text. Raises BadInput where there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{option} with a YAML file", f"{path}: {error}", "correct the file or the path") from error
