"""`ecom policy`: the business rules as data. Every edit is a new version, and in the audit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ecom_agent.cli import output
from ecom_agent.cli.shell import By, Json, person
from ecom_agent.cli.shell import app as the_app
from ecom_agent.errors import BadInput

commands = typer.Typer(no_args_is_help=True, help="Business policy: list, show one as YAML, set one from a YAML file.")
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
