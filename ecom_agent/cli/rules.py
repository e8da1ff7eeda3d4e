"""`ecom rules`: pricing rules as data. Write, check, assign, ask why, look ahead, go back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ecom_agent.cli import output, rules_tables
from ecom_agent.cli.shell import WRONG_INPUT, By, Json, person
from ecom_agent.cli.shell import app as the_app
from ecom_agent.errors import BadInput

commands = typer.Typer(
    no_args_is_help=True,
    help="Pricing rules: list, show, check, set, assign, why, preview, tables in and out, history, rollback.",
)
Name = Annotated[str, typer.Argument(help="The rule's name, as `ecom rules list` shows it.")]
File = Annotated[Path, typer.Argument(help="A YAML file with one rule; docs/rules.md teaches how to write it.")]
Scopes = Annotated[
    list[str],
    typer.Argument(
        help="One or more of default, marketplace:ACCOUNT/ID, brand:NAME, tag:NAME, sku:ACCOUNT/MARKETPLACE/SKU."
    ),
]
Note = Annotated[str, typer.Option("--note", help="Why; kept in the history.")]


@commands.command("list")
def list_(as_json: Json = False) -> None:
    """List rules and presets, with where they hold and for how many listings. Version 0 is a preset not taken yet."""
    found = the_app().rules()
    if as_json:
        output.json({"rules": [asdict(r) for r in found]})
        return
    rows = [[r.name, r.version, ", ".join(r.scopes) or None, r.listings, r.by, r.about] for r in found]
    output.table(["Rule", "Version", "Holds in", "Listings", "By", "About"], rows, empty="There is no rule.")


@commands.command()
def show(
    name: Name,
    version: Annotated[int | None, typer.Option("--version", help="A former version; left out: the newest.")] = None,
    as_json: Json = False,
) -> None:
    """Print a rule as it was written, as `ecom rules set` reads it."""
    found = the_app().rule(name, version)
    if as_json:
        output.json(asdict(found))
    else:
        typer.echo(output.clean((found.document or f"# {name} was withdrawn in version {found.version}").rstrip("\n")))


@commands.command()
def check(file: File, as_json: Json = False) -> None:
    """Check a rule and tell all that is wrong, each with its line. Nothing is stored. Exit 2 if anything is."""
    problems = the_app().check_rule(text(file))
    if as_json:
        output.json({"problems": [asdict(p) for p in problems]})
    else:
        for problem in problems:
            output.say(f"{file}: {problem.text}")
        if not problems:
            typer.echo(f"{file} is a rule.")
    if problems:
        raise typer.Exit(WRONG_INPUT)


@commands.command("set")
def set_(file: File, note: Note = "", by: By = None, as_json: Json = False) -> None:
    """Put a rule in force from a YAML file, under the name in it: checked first, nothing is stored if it is wrong."""
    found = the_app().set_rule(text(file), person(by), note)
    if as_json:
        output.json({"name": found.name, "version": found.version})
    else:
        typer.echo(output.clean(f"{found.name} is in force, version {found.version}."))


@commands.command()
def withdraw(name: Name, note: Note = "", by: By = None, as_json: Json = False) -> None:
    """Take a rule out of use. Its versions stay; refused while a scope has it."""
    the_app().withdraw_rule(name, person(by), note)
    if as_json:
        output.json({"withdrawn": name})
    else:
        typer.echo(output.clean(f"{name} is withdrawn."))


@commands.command()
def assign(
    rule: Annotated[str, typer.Argument(help="The rule, or a preset; `none` takes away the one that is there.")],
    scopes: Scopes,
    note: Note = "",
    by: By = None,
    as_json: Json = False,
) -> None:
    """Give scopes a rule, all or none. The narrowest scope decides: default, marketplace, brand, tag, SKU."""
    changed = the_app().assign_rule(scopes, None if rule == "none" else rule, person(by), note)
    if as_json:
        output.json({"changed": changed})
    else:
        typer.echo(f"{changed} assignments changed.")


@commands.command()
def assignments(as_json: Json = False) -> None:
    """List the scopes that have a rule, and for how many listings each decides."""
    found = the_app().assignments()
    if as_json:
        output.json({"assignments": [asdict(a) for a in found]})
        return
    rows = [[a.scope, a.rule, a.listings, a.by, a.at, a.note] for a in found]
    empty = "No rule is assigned: every listing follows the policy pricing.repricing."
    output.table(["Scope", "Rule", "Listings", "By", "Since (UTC)", "Note"], rows, empty=empty)


@commands.command()
def why(
    account: Annotated[str, typer.Argument(help="The account of the listing.")],
    marketplace: Annotated[str, typer.Argument(help="Its marketplace.")],
    sku: Annotated[str, typer.Argument(help="Its SKU.")],
    as_json: Json = False,
) -> None:
    """Tell which rule a listing has, over which others, and which part of it decides now."""
    found = the_app().why_rule(account, marketplace, sku)
    if as_json:
        output.json(asdict(found))
        return
    over = ", ".join(f"{rule} ({scope})" for scope, rule in found.overridden)
    output.pairs(
        {
            "Rule": "none: the policy pricing.repricing" if found.rule is None else f"{found.rule} v{found.version}",
            "From": found.scope,
            "Stands over": over or None,
            "Decides": found.clause,
            "Price": found.price,
            "Would become": found.wanted,
            "Because": found.decision or None,
            "Floor": found.floor or None,
            "Ceiling": found.ceiling or None,
            "Business": ", ".join(f"from {units}: {price}" for units, price in found.business) or None,
            "Problem": found.problem,
        }
    )
    for missed in found.missed:
        output.say(f"not {missed.clause}: {'; '.join(missed.lacked)}")
    output.table(["Looked at", "Seen"], found.seen, empty="")


@commands.command()
def preview(
    file: File,
    scope: Annotated[str | None, typer.Option("--scope", help="Where it would hold. Left out: where it holds.")] = None,
    hours: Annotated[int, typer.Option("--hours", min=1, help="How far back in recorded events.")] = 24,
    as_json: Json = False,
) -> None:
    """Show what a rule would have decided beside the rules in force. Nothing is stored."""
    found = the_app().preview_rule(text(file), scope, hours)
    if as_json:
        output.json(asdict(found))
        return
    typer.echo(
        f"On {found.source}: {found.different} of {found.decisions} decisions differ;"
        f" {found.moves_now} prices set by the rules in force, {found.moves_then} by this one."
    )
    rows = [[line.at, line.sku, line.before, line.now, line.then, line.clause] for line in found.lines]
    output.table(
        ["When (UTC)", "SKU", "Price", "In force", "This rule", "Clause"], rows, empty="No price would differ."
    )
    for sku, reason in found.skipped:
        output.say(f"{sku} is left alone: {reason}")


@commands.command()
def history(
    name: Annotated[str | None, typer.Argument(help="One rule; left out: all rules and assignments.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many at most.")] = 50,
    as_json: Json = False,
) -> None:
    """List edits, the newest first."""
    found = the_app().rule_history(name, limit)
    if as_json:
        output.json({"edits": [asdict(e) for e in found]})
        return
    rows = [[e.at, e.what, e.subject, e.version, e.becomes, e.by, e.note] for e in found]
    columns = ["When (UTC)", "What", "Of", "Version", "Becomes", "By", "Note"]
    output.table(columns, rows, empty="Nothing was edited yet.")


@commands.command()
def rollback(
    at: Annotated[datetime, typer.Argument(formats=["%Y-%m-%dT%H:%M:%S%z"], help="Like 2026-11-21T10:00:00Z.")],
    with_limits: Annotated[bool, typer.Option("--limits", help="Bring back price limits as well.")] = False,
    confirm: rules_tables.Confirm = None,
    yes: rules_tables.Yes = False,
    note: Note = "",
    by: By = None,
    as_json: Json = False,
) -> None:
    """Bring rules, assignments and tags back as they were at a moment. First shows what would change."""
    app = the_app()
    found = app.preview_rollback(at, with_limits)
    if rules_tables.confirmed(found, confirm, yes, as_json):
        changed = app.rollback_rules(at, found.digest, person(by), note, with_limits)
        rules_tables.told(changed, as_json)


commands.command("export")(rules_tables.export)
commands.command("import")(rules_tables.import_)


def text(file: Path) -> str:
    """The file's text. Raises BadInput."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise BadInput("a readable file in UTF-8", f"{file} ({e})", "correct the path") from e
