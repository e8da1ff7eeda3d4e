"""What all commands share: errors as one line, the App behind a late import, the person who asks."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from ecom_agent.cli.output import clean
from ecom_agent.errors import BadInput, ConfigError, EcomError, NotFound

if TYPE_CHECKING:
    from types import ModuleType

    from ecom_agent.wiring import App

FAILED, WRONG_INPUT = 1, 2

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
By = Annotated[
    str | None, typer.Option("--by", help="Who decides; kept in the audit. Left out: ECOM_PERSON of the settings.")
]


class Shell(TyperGroup):
    """Turns every error into one line on stderr and an exit code; with --debug the traceback comes along."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except EcomError as e:
            self._say(ctx, e, clean(str(e)))
            wrong = isinstance(e, BadInput | ConfigError | NotFound)
            raise typer.Exit(WRONG_INPUT if wrong else FAILED) from None
        except Exception as e:
            if _is_the_parsers(e):
                raise
            self._say(ctx, e, f"unexpected {_where(e)}; run it again as `ecom --debug …` for the whole story")
            raise typer.Exit(FAILED) from None

    def _say(self, ctx: Any, error: Exception, line: str) -> None:
        if ctx.params.get("debug"):
            traceback.print_exception(error, file=sys.stderr)
        typer.echo(f"ecom: {line}", err=True)


def _is_the_parsers(error: Exception) -> bool:
    """Wrong usage, `Exit`, `Abort` and a closed pipe are answered by the parser itself."""
    return type(error).__module__.startswith(("typer", "click")) or isinstance(error, BrokenPipeError)


def _where(error: Exception) -> str:
    """Name and place of an unexpected error; its text stays out, it could hold what nobody should read."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {os.path.basename(last.filename)}:{last.lineno}"


def wiring(level: str = "WARNING") -> ModuleType:
    """The composition root, loaded when a command needs it. Logs go to stderr from `level` up."""
    from ecom_agent.telemetry import set_up

    set_up(level)
    from ecom_agent import wiring as root

    return root


def app() -> App:
    """The App of the settings in force."""
    built: App = wiring().app()
    return built


def person(by: str | None) -> str:
    """Who decides: the one who is named, else the person of the settings."""
    return app().person if by is None else by
