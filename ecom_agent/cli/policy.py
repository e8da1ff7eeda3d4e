"""`ecom policy`: the business rules as data. Every edit is a new version, and in the audit."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import By, Json, person
from ecom_agent.cli.shell import app as the_app
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.records.policies import Lack, PolicyLine

commands = typer.Typer(
    no_args_is_help=True,
    help="Business policy: list, show one as YAML, set one from a YAML file, take over what a newer program ships.",
)
Name = Annotated[str, typer.Argument(help="The policy's name, as `ecom policy list` shows it.")]


@commands.command("list")
def list_(as_json: Json = False) -> None:
    """List the policies in force, with who wrote them. Version 0 came with the automation."""
    found = the_app().policies()
    if as_json:
        output.json({"policies": [{"name": name, "version": version, "by": by} for name, version, by in found]})
    else:
        output.table(["Policy", "Version", "By"], found, empty="There is no policy.")


@commands.command()
def show(name: Name, as_json: Json = False) -> None:
    """Print one policy as YAML, as `ecom policy set` reads it."""
    body = dict(the_app().policy(name))
    if as_json:
        output.json({"name": name, "body": body})
        return
    import yaml

    typer.echo(output.clean(yaml.safe_dump(body, allow_unicode=True).rstrip("\n")))


@commands.command("set")
def set_(
    name: Name,
    file: Annotated[Path, typer.Argument(help="A YAML file with the whole policy.")],
    by: By = None,
    as_json: Json = False,
) -> None:
    """Put one policy in force from a YAML file: checked first, and nothing is stored if a line is wrong."""
    body = read(file)
    try:
        version = the_app().set_policy(name, body, person(by))
    except BadInput as error:
        raise located(error, name, file) from None
    if as_json:
        output.json({"name": name, "version": version})
    else:
        typer.echo(output.clean(f"{name} is in force, version {version}."))


@commands.command()
def offers(as_json: Json = False) -> None:
    """Show what policies lack of those that this version of the program ships: wanted against found, line by line.

    Nothing changes by itself: `ecom policy take NAME` takes one over.
    """
    found = the_app().policy_offers()
    if as_json:
        output.json({"offers": [{**asdict(one), "says": one.says} for one in found]})
        return
    for one in found:
        typer.echo(output.clean(f"{one.name}, version {one.version} by {one.by}: {one.says}"))
        _lines(one.lines)
    if not found:
        typer.echo("Every policy has all lines that this version of the program ships.")


@commands.command()
def take(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: the lines were looked at.")] = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Take over what a newer program ships of one policy, as a new version; values that you set stay as they are."""
    app = the_app()
    one = next((one for one in app.policy_offers() if one.name == name), None)
    if one is None:
        raise NotFound(f"nothing is offered for a policy {name!r}; `ecom policy offers` shows what is")
    if not yes:
        if not sys.stdin.isatty():
            raise BadInput(
                "a person's confirmation", "no terminal to ask on", "look at `ecom policy offers`, add --yes"
            )
        _lines(one.lines)
        typer.confirm("Take these lines over?", abort=True, err=True)
    version = app.take_policy_offer(name, one.version, person(by))
    if as_json:
        output.json({"name": name, "version": version, "taken": [line.place for line in one.lines]})
    else:
        typer.echo(output.clean(f"{name} is in force, version {version}, with {one.says.partition(';')[0]}."))


def _lines(lines: Sequence[PolicyLine]) -> None:
    rows = [
        (line.place, _value(line, Lack.MISSING, line.found), _value(line, Lack.GONE, line.wanted)) for line in lines
    ]
    output.table(["Line", "Found", "Wanted"], rows, empty="")


def _value(line: PolicyLine, none: Lack, value: Any) -> str:
    return "no such line" if line.lack is none else repr(value)


def located(error: BadInput, name: str, file: Path) -> BadInput:
    """The same with the file's line, where the error names one of the policy's lines ("guards.verify.overdue_min")."""
    import yaml

    said = f"{error.wanted} {error.found}"
    places = numbered(yaml.compose(file.read_text(encoding="utf-8-sig")))
    named = [place for place in places if f"{name}.{place}" in said]
    if not named:
        return error
    return BadInput(error.wanted, f"{error.found} in {file} line {places[max(named, key=len)]}", error.fix)


def numbered(node: Any, above: str = "") -> dict[str, int]:
    """Dotted names of a YAML file's lines with their numbers, from 1."""
    found: dict[str, int] = {}
    for key, value in node.value if getattr(node, "id", None) == "mapping" else ():
        place = f"{above}{key.value}"
        found[place] = key.start_mark.line + 1
        found |= numbered(value, f"{place}.")
    return found


def read(file: Path) -> dict[str, Any]:
    """The file's lines. Raises BadInput naming the place where it is no YAML."""
    import yaml

    fix = "`ecom policy show NAME` prints one to start from"
    try:
        body = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as e:
        raise BadInput("a readable file", f"{file} ({e})", "correct the path") from e
    except yaml.YAMLError as e:
        raise BadInput(f"YAML in {file}", " ".join(str(e).split()), fix) from e
    if not isinstance(body, dict):
        raise BadInput(f"names with values in {file}", type(body).__name__, fix)
    return body
